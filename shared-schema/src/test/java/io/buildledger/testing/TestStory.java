package io.buildledger.testing;

import static org.awaitility.Awaitility.await;

import io.buildledger.artifacts.KeptArtifact;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.building.BuildEvent.ArtifactStored;
import io.buildledger.domain.building.BuildEvent.BuildDropped;
import io.buildledger.domain.building.BuildEvent.StepFinished;
import io.buildledger.domain.building.BuildEvent.StepStarted;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCompleted;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildStarted;
import io.buildledger.domain.scheduling.SchedulerEvent.ChangeTaken;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerFired;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.Follower;
import io.buildledger.log.GroupCommit.Submission;
import io.buildledger.log.Streams;
import io.buildledger.numbering.Numbers;
import io.buildledger.steplog.StepLogs;
import io.buildledger.steplog.StepLogs.Line;
import io.buildledger.viewing.ViewProjector;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Lets changes, firings, claims and builds happen in a {@link TestLog}, as the masters would. */
public final class TestStory {

    public static final Author SCHEDULER = new Author("s", 1);
    public static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private final TestLog test;
    private final StepLogs stepLogs;
    private int firings;
    private long nextOfScheduler;

    public TestStory(TestLog test) {
        this.test = test;
        this.stepLogs = new StepLogs(test.jdbc);
    }

    private void append(Author author, Entry... entries) {
        test.log.inTransaction(() -> test.log.append(author, null, List.of(entries)));
    }

    /** A change on branch main; returns its id. */
    public long change(String author, @Nullable String revision, String comments) {
        return change(author, revision, comments, "");
    }

    public long change(String author, @Nullable String revision, String comments, String codebase) {
        long id = test.numbers.take(Numbers.CHANGE, 1);
        append(
                SCHEDULER,
                new Entry(
                        Streams.change(id),
                        0,
                        new ChangeReceived(
                                id,
                                "https://example.org/app.git",
                                "main",
                                revision,
                                "",
                                codebase,
                                null,
                                author,
                                comments,
                                List.of("README.md"),
                                null,
                                NOON,
                                Map.of(),
                                "base")));
        return id;
    }

    /** Scheduler main takes a change, to be scheduled with the next firing. */
    public void take(long changeId, String revision) {
        append(
                SCHEDULER,
                new Entry(
                        Streams.scheduler("main"),
                        nextOfScheduler++,
                        new ChangeTaken(
                                "main",
                                changeId,
                                "https://example.org/app.git",
                                "main",
                                revision,
                                "",
                                "",
                                null,
                                null)));
    }

    /** Scheduler main takes these changes, fires, and asks for one build on each builder. */
    public void fire(List<Long> changeIds, String revision, String... builders) {
        changeIds.forEach(change -> take(change, revision));
        int firing = ++firings;
        Entry entry =
                new Entry(
                        Streams.scheduler("main"),
                        nextOfScheduler++,
                        new SchedulerFired("main", firing, changeIds, null));
        test.log.inTransaction(() -> {
            test.log.append(SCHEDULER, null, List.of(entry));
            test.buildsets.submit(
                    SCHEDULER,
                    entry.id(),
                    TestOrders.of(
                            firing,
                            changeIds,
                            new SourceStamp(
                                    "https://example.org/app.git", "main", revision, "", ""),
                            0,
                            null,
                            builders),
                    NOON);
        });
    }

    /** Has the views show all that has happened, as a scheduler master would. */
    public void project() {
        long head = test.count("SELECT MAX(global_index) FROM event");
        try (Follower follower =
                Follower.of(
                        ViewProjector.FOLLOWER,
                        Follower.Start.FIRST_EVENT,
                        test.log,
                        test.dataSource,
                        SCHEDULER,
                        new ViewProjector(test.dataSource))) {
            follower.start();
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> follower.position(ViewProjector.FOLLOWER).orElse(-1) >= head);
        }
        test.jdbc.sql("UPDATE token SET owner = NULL").update();
    }

    public Won claim(Author master, String builder) {
        return TestWorkers.claim(test.claims, master, builder, master.master() + "-worker")
                .getFirst();
    }

    public void start(Author master, Won won) {
        append(
                master,
                Entry.of(
                        won.nextSequence(),
                        new BuildStarted(won.claim().requestId(), won.claim().attempt())));
    }

    /** Starts a step and opens its log, whose id is returned. */
    public long startStep(Author master, Won won, int step, String name) {
        append(
                master,
                new Entry(
                        build(won),
                        next(won),
                        new StepStarted(
                                won.claim().builder(), won.claim().buildNumber(), step, name)));
        return stepLogs.open(won.claim().builder(), won.claim().buildNumber(), step, "stdio");
    }

    public void write(long logId, long firstLine, Line... lines) {
        stepLogs.append(logId, firstLine, List.of(lines));
    }

    public void finishStep(Author master, Won won, int step, long logId, Results results) {
        finishStep(master, won, step, logId, results, false);
    }

    public void finishStep(
            Author master, Won won, int step, long logId, Results results, boolean hidden) {
        stepLogs.finish(logId);
        append(
                master,
                new Entry(
                        build(won),
                        next(won),
                        new StepFinished(
                                won.claim().builder(),
                                won.claim().buildNumber(),
                                step,
                                results,
                                results == Results.SUCCESS ? 0 : 1,
                                results == Results.SUCCESS ? "ok" : "exit code 1",
                                hidden)));
    }

    /** The step that runs leaves a file behind. */
    public void store(Author master, Won won, int step, int artifact, KeptArtifact kept) {
        append(
                master,
                new Entry(
                        build(won),
                        next(won),
                        new ArtifactStored(
                                won.claim().builder(),
                                won.claim().buildNumber(),
                                step,
                                artifact,
                                kept.path().text(),
                                kept.size(),
                                kept.sha256(),
                                kept.store(),
                                kept.location())));
    }

    /** The master throws a build away. */
    public void drop(Author master, Won won, @Nullable Results results, String reason) {
        append(
                master,
                new Entry(
                        build(won),
                        next(won),
                        new BuildDropped(
                                won.claim().builder(),
                                won.claim().buildNumber(),
                                results,
                                reason)));
    }

    private long next(Won won) {
        return test.log.lastSequence(build(won)).orElse(-1) + 1;
    }

    private static String build(Won won) {
        return Streams.build(won.claim().builder(), won.claim().buildNumber());
    }

    /** Completes a build that was started. */
    public void complete(Author master, Won won, Results results, String summary) {
        long sequence = won.nextSequence() + 1;
        BuildRequestCompleted completed =
                new BuildRequestCompleted(
                        won.claim().requestId(), won.claim().attempt(), results, summary);
        test.log.inTransaction(
                () -> write(master, test.claims.completion(master, won, sequence, completed)));
    }

    private <T> void write(Author master, Submission<T> submission) {
        test.log.append(master, null, submission.entries());
        submission.rows().write(List.of(submission.item()));
    }

    /** A build of one step from its claim to its result. */
    public Won build(Author master, String builder, Results results) {
        Won won = claim(master, builder);
        start(master, won);
        long log = startStep(master, won, 1, "test");
        finishStep(master, won, 1, log, results);
        complete(master, won, results, results == Results.SUCCESS ? "build successful" : "test");
        return won;
    }
}
