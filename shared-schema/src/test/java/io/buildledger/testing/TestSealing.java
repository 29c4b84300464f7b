package io.buildledger.testing;

import io.buildledger.database.Database;
import io.buildledger.log.Author;
import io.buildledger.replaying.ReplayProgress;
import io.buildledger.sealing.ChainVerdict;
import io.buildledger.sealing.ChainVerification;
import io.buildledger.sealing.Checkpoint;
import io.buildledger.sealing.Sealing;
import java.util.List;

/** Seals a {@link TestLog} as a master would, by a clock that goes as fast as a test wants. */
public final class TestSealing {

    private final TestLog test;
    private final Sealing sealing;
    private long now;

    public TestSealing(TestLog test, Author master) {
        this.test = test;
        this.sealing = new Sealing(test.log, test.dataSource, master, () -> now);
    }

    /** Looks once. */
    public boolean look() {
        return sealing.sealNext();
    }

    /** Lets pass what a transaction may last at most. */
    public void passLongestTransaction() {
        now += Database.LONGEST_TRANSACTION.toNanos();
    }

    public void passNearlyLongestTransaction() {
        now += Database.LONGEST_TRANSACTION.toNanos() - 1;
    }

    /** Seals all that is there now. */
    public void seal() {
        lookUntilNothingIsLeft();
        passLongestTransaction();
        lookUntilNothingIsLeft();
    }

    private void lookUntilNothingIsLeft() {
        while (look()) {
            // Once more.
        }
    }

    public long blocks() {
        return test.count("SELECT COUNT(*) FROM event_chain");
    }

    public long sealedUpTo() {
        return test.count("SELECT COALESCE(MAX(last_index), -1) FROM event_chain");
    }

    public ChainVerdict verify(Checkpoint... checkpoints) {
        return ChainVerification.of(
                test.database, List.of(checkpoints), false, ReplayProgress.NONE);
    }

    public Checkpoint checkpoint() {
        return ChainVerification.checkpoint(test.database).orElseThrow();
    }
}
