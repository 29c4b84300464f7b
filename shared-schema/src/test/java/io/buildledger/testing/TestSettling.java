package io.buildledger.testing;

import io.buildledger.log.Author;
import io.buildledger.replaying.SnapshotKeeping;

/** Has all that follows a {@link TestLog} read it to its end, as masters would in some minutes. */
public final class TestSettling {

    private TestSettling() {}

    /**
     * Shows what has happened, keeps a state, and seals the log.
     *
     * @param sealing what has sealed the log so far
     */
    public static void settle(TestLog test, TestStory story, Author master, TestSealing sealing)
            throws InterruptedException {
        story.project();
        long head = test.log.head();
        new SnapshotKeeping(test.log, test.database, test.dataSource, master, head).next();
        sealing.seal();
    }

    /** Lets some days pass. */
    public static void age(TestLog test, int days) {
        test.jdbc
                .sql("UPDATE event SET recorded_at = recorded_at - INTERVAL :days DAY")
                .param("days", days)
                .update();
    }
}
