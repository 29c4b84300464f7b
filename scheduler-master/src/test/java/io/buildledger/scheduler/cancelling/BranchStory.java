package io.buildledger.scheduler.cancelling;

import io.buildledger.claiming.Claims.Won;
import io.buildledger.database.UtcColumn;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.requesting.BuildsetOrder;
import io.buildledger.domain.scheduling.SchedulerEvent.ChangeTaken;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerFired;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.Streams;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.numbering.Numbers;
import io.buildledger.replaying.ReplayProgress;
import io.buildledger.replaying.StateMending;
import io.buildledger.replaying.StateTable;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestStory;
import io.buildledger.testing.TestWorkers;
import io.buildledger.verifying.Verdict;
import io.buildledger.verifying.Verification;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Lets changes come on branches, scheduler main fire for them, and registered masters build. */
final class BranchStory {

    static final String REPOSITORY = "https://example.org/app.git";

    private final TestLog test;
    private final TestStory story;
    private final MasterRegistry registry;
    private long firings;
    private long sequence;

    BranchStory(TestLog test) {
        this.test = test;
        this.story = new TestStory(test);
        this.registry = new MasterRegistry(test.log, test.dataSource, test.dataSource);
    }

    Author master(String name, String role) {
        return registry.register(
                new Registration(name, role, "host", 1, Duration.ofSeconds(30), Map.of(), null));
    }

    long change(String branch) {
        long id = test.numbers.take(Numbers.CHANGE, 1);
        append(
                new Entry(
                        Streams.change(id),
                        0,
                        new ChangeReceived(
                                id,
                                REPOSITORY,
                                branch,
                                "rev" + id,
                                "",
                                "",
                                null,
                                "ann",
                                "",
                                List.of(),
                                null,
                                TestStory.NOON,
                                Map.of(),
                                "base")));
        return id;
    }

    /** A change comes on a branch, and is built; returns the buildset's number. */
    long build(String branch, String... builders) {
        return build(branch, List.of(change(branch)), builders);
    }

    long build(String branch, List<Long> changes, String... builders) {
        for (long change : changes) {
            append(
                    ofScheduler(
                            new ChangeTaken(
                                    "main",
                                    change,
                                    REPOSITORY,
                                    branch,
                                    "rev" + change,
                                    "",
                                    "",
                                    null,
                                    null)));
        }
        return fire(branch, changes, false, builders);
    }

    /** A build of no change, which another may wait for. */
    long force(String branch, boolean waitedFor, String... builders) {
        return fire(branch, List.of(), waitedFor, builders);
    }

    private long fire(String branch, List<Long> changes, boolean waitedFor, String... builders) {
        Entry fired = ofScheduler(new SchedulerFired("main", ++firings, changes, null));
        BuildsetOrder order =
                new BuildsetOrder(
                        "main",
                        firings,
                        "",
                        List.of(new SourceStamp(REPOSITORY, branch, "rev" + changes, "", "")),
                        changes,
                        Map.of(),
                        List.of(builders),
                        0,
                        null,
                        waitedFor,
                        null,
                        null,
                        null);
        test.log.inTransaction(() -> {
            test.log.append(TestStory.SCHEDULER, null, List.of(fired));
            test.buildsets.submit(TestStory.SCHEDULER, fired.id(), order, now());
        });
        return test.count(
                "SELECT MAX(CAST(SUBSTRING(stream, 10) AS SIGNED)) FROM event WHERE type = 'buildset-submitted'");
    }

    private Instant now() {
        return test.jdbc
                .sql("SELECT UTC_TIMESTAMP(6) AS now")
                .query((row, _) -> UtcColumn.read(row, "now"))
                .single();
    }

    private Entry ofScheduler(Object event) {
        return new Entry(Streams.scheduler("main"), sequence++, event);
    }

    private void append(Entry entry) {
        test.log.inTransaction(() -> test.log.append(TestStory.SCHEDULER, null, List.of(entry)));
    }

    List<Won> claim(Author master, String... builders) {
        return TestWorkers.claim(
                test.claims, master, new TestWorkers(List.of(builders), List.of("w")));
    }

    /** Builds all that is on offer for a builder; returns the numbers of the requests. */
    List<Long> buildAll(Author master, String builder, Results results) {
        List<Long> built = new ArrayList<>();
        for (List<Won> won = claim(master, builder); !won.isEmpty(); won = claim(master, builder)) {
            finish(master, won.getFirst(), results);
            built.add(won.getFirst().claim().requestId());
        }
        return built;
    }

    void finish(Author master, Won won, Results results) {
        story.start(master, won);
        story.complete(master, won, results, "done");
    }

    List<Verdict.Violation> violations() {
        try {
            // Whoever runs a scheduler keeps its row; here nobody does.
            StateMending.of(
                    test.database,
                    it -> it.table() == StateTable.SCHEDULERS,
                    false,
                    ReplayProgress.NONE);
            return Verification.of(test.database).violations();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
