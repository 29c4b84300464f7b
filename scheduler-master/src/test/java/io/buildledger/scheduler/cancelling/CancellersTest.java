package io.buildledger.scheduler.cancelling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.auditing.RequestAudit;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.configuring.ConfiguredService;
import io.buildledger.configuring.ConfiguredService.FailuresOf;
import io.buildledger.configuring.ConfiguredService.OldBuildsOf;
import io.buildledger.configuring.ConfiguredService.StampFilter;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCancelled;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCompleted;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildStarted;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetCompleted;
import io.buildledger.filtering.OneOrMore;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.GroupCommit;
import io.buildledger.log.GroupCommit.Outcome;
import io.buildledger.log.GroupCommit.Submission;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.scheduler.explaining.Explanations;
import io.buildledger.scheduler.explaining.WorkersOfBuilders;
import io.buildledger.scheduler.scheduling.ConfiguredSchedulers;
import io.buildledger.scheduler.scheduling.SchedulerStatuses;
import io.buildledger.scheduler.serving.ServedLog;
import io.buildledger.testing.TestLog;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.datasource.DelegatingDataSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class CancellersTest {

    private static final Duration LONG_ENOUGH = Duration.ofSeconds(60);
    private static final String LINUX = "linux";
    private static final String DOCS = "docs";
    private static final String MAC = "mac";

    private static final ConfiguredService NEWEST =
            new ConfiguredService.OldBuilds(
                    "newest", List.of(new OldBuildsOf(List.of(LINUX, DOCS), notOn("stable"))));

    private static final ConfiguredService FAIL_FAST =
            new ConfiguredService.FailingBuildsets(
                    "fail-fast", List.of(new FailuresOf(List.of(LINUX), null, null)));

    private final TestLog test = new TestLog();
    private final BranchStory story = new BranchStory(test);
    private final Author s1 = story.master("s1", "scheduler");
    private final Author s2 = story.master("s2", "scheduler");
    private final Author b1 = story.master("b1", "builder");
    private final Author b2 = story.master("b2", "builder");

    @AfterEach
    void close() {
        test.close();
    }

    private static StampFilter notOn(String branch) {
        return new StampFilter(
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                new OneOrMore(List.of(branch)),
                null,
                null,
                null,
                null,
                null,
                null);
    }

    private final class Life implements AutoCloseable {
        final Cancellers cancellers;

        Life(Author master, ConfiguredService... services) {
            this(master, test.dataSource, services);
        }

        Life(Author master, DataSource dataSource, ConfiguredService... services) {
            cancellers =
                    new Cancellers(List.of(services), test.log, dataSource, test.commands, master);
            cancellers.start();
        }

        @Override
        public void close() {
            cancellers.stop();
        }
    }

    private List<Long> cancelled() {
        return test.jdbc
                .sql(
                        """
                        SELECT CAST(SUBSTRING_INDEX(stream, '/', -1) AS UNSIGNED) AS request
                          FROM event WHERE type = 'build-request-cancelled'
                         ORDER BY request
                        """)
                .query(Long.class)
                .list();
    }

    private List<Long> watched() {
        return requests("SELECT request_id FROM cancellable_request ORDER BY request_id");
    }

    private List<Long> onOffer() {
        return requests("SELECT request_id FROM build_request_queue ORDER BY request_id");
    }

    private List<Long> requests(String sql) {
        return test.jdbc.sql(sql).query(Long.class).list();
    }

    private void awaitCancelled(Long... requests) {
        await().atMost(LONG_ENOUGH)
                .untilAsserted(() -> assertThat(cancelled()).containsExactly(requests));
    }

    private void awaitWatched(Long... requests) {
        await().atMost(LONG_ENOUGH)
                .untilAsserted(() -> assertThat(watched()).containsExactly(requests));
    }

    private Recorded last(long requestId) {
        return test.log.read(Streams.buildRequest(requestId)).getLast();
    }

    @Test
    void a_newer_change_ends_what_is_pending_and_what_is_claimed_on_its_branch_and_nothing_else() {
        try (Life _ = new Life(s1, NEWEST)) {
            story.build("main", LINUX, DOCS, MAC);
            story.build("dev", LINUX);
            story.build("stable", LINUX);
            story.force("main", true, LINUX);
            Won claimed = story.claim(b1, LINUX).getFirst();
            assertThat(claimed.claim().requestId()).isEqualTo(1);
            story.build("main", LINUX, DOCS, MAC);
            story.build("stable", LINUX);
            awaitCancelled(1L, 2L);
            awaitWatched(4L, 7L, 8L);
        }

        assertThat(onOffer()).containsExactly(3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L);
        assertThat(test.count("SELECT COUNT(*) FROM claim")).isZero();
        assertThat(last(1).event())
                .isEqualTo(
                        new BuildRequestCancelled(
                                1,
                                "old_build_canceller newest",
                                "change 4 on branch main of %s came after change 1, and request 7 builds it"
                                        .formatted(BranchStory.REPOSITORY)));
        assertThat(last(1).metadata())
                .containsEntry("cause", "buildset/5@0")
                .containsEntry("master", "s1");
        assertThat(story.violations()).isEmpty();
    }

    @Test
    void who_cancelled_a_request_and_why_is_told_by_the_audit_and_the_explanation() {
        try (Life _ = new Life(s1, NEWEST)) {
            story.build("main", LINUX);
            story.build("main", LINUX);
            awaitCancelled(1L);
        }

        String told =
                "by old_build_canceller newest: change 2 on branch main of %s came after change 1, and request 2 builds it"
                        .formatted(BranchStory.REPOSITORY);
        assertThat(new RequestAudit(test.log).of(1).orElseThrow().entries())
                .anySatisfy(entry -> {
                    assertThat(entry.what()).isEqualTo("cancelled");
                    assertThat(entry.details()).isEqualTo(told);
                });
        assertThat(
                        new Explanations(
                                        test.log,
                                        test.jdbc,
                                        new ConfiguredSchedulers(List.of()),
                                        new SchedulerStatuses(test.log, test.dataSource),
                                        new WorkersOfBuilders(ServedLog.file("")))
                                .ofRequest(1)
                                .orElseThrow()
                                .reasons())
                .containsExactly("cancelled " + told);
    }

    @Test
    void what_comes_while_no_master_runs_the_canceller_is_done_when_one_does() {
        try (Life _ = new Life(s1, NEWEST)) {
            story.build("main", LINUX);
            awaitWatched(1L);
        }
        story.build("main", LINUX);
        story.build("dev", LINUX);
        story.build("main", LINUX);
        assertThat(cancelled()).isEmpty();

        try (Life _ = new Life(s2, NEWEST)) {
            awaitCancelled(1L, 2L);
            awaitWatched(3L, 4L);
        }
        assertThat(onOffer()).containsExactly(3L, 4L);
        assertThat(story.violations()).isEmpty();
    }

    @Test
    void a_new_canceller_leaves_alone_what_was_asked_for_before_it() {
        story.build("main", LINUX);
        try (Life _ = new Life(s1, NEWEST)) {
            story.build("main", LINUX);
            story.build("main", LINUX);
            awaitCancelled(2L);
            awaitWatched(3L);
        }
        assertThat(onOffer()).containsExactly(1L, 3L);
    }

    @Test
    void what_has_ended_is_not_watched_over_any_more_however_it_ended() {
        try (Life _ = new Life(s1, NEWEST)) {
            story.build("main", LINUX);
            story.build("dev", LINUX, DOCS);
            story.build("try", LINUX);
            awaitWatched(1L, 2L, 3L, 4L);

            assertThat(story.buildAll(b1, LINUX, Results.SUCCESS)).containsExactly(1L, 2L, 4L);
            test.commands.cancel(s1, 3, "ann", "a typo");
            awaitWatched();
            story.build("main", LINUX);
            story.build("dev", LINUX, DOCS);
            awaitWatched(5L, 6L, 7L);
        }
        assertThat(cancelled()).containsExactly(3L);
        assertThat(story.violations()).isEmpty();
    }

    @Test
    void a_forced_build_is_ended_by_a_change_that_came_after_it_and_not_by_one_that_came_before() {
        try (Life _ = new Life(s1, NEWEST)) {
            story.force("main", false, LINUX);
            long change = story.change("main");
            story.force("main", false, LINUX);
            story.build("main", List.of(change), LINUX);
            awaitCancelled(1L);
            awaitWatched(2L, 3L);
        }
        assertThat(last(1).event())
                .isInstanceOfSatisfying(
                        BuildRequestCancelled.class,
                        it -> assertThat(it.reason()).contains("came after this request"));
    }

    @Test
    void the_newest_change_of_a_branch_is_found_among_many_of_others() {
        List<Long> changes = new ArrayList<>();
        try (Life _ = new Life(s1, NEWEST)) {
            story.build("main", LINUX);
            changes.add(story.change("main"));
            for (int i = 0; i < 120; i++) {
                changes.add(story.change("dev"));
            }
            story.build("main", changes, LINUX);
            awaitCancelled(1L);
        }
        assertThat(last(1).event())
                .isInstanceOfSatisfying(
                        BuildRequestCancelled.class,
                        it -> assertThat(it.reason()).startsWith("change 2 on branch main "));
    }

    @Test
    void a_failure_ends_the_others_of_its_buildset_once_and_completes_it() {
        try (Life _ = new Life(s1, FAIL_FAST);
                Life _ = new Life(s2, FAIL_FAST)) {
            story.build("main", LINUX, DOCS, MAC);
            story.build("main", LINUX, DOCS);
            Won docs = story.claim(b1, DOCS).getFirst();
            story.finish(b1, docs, Results.FAILURE);
            story.claim(b1, MAC);
            story.finish(b2, story.claim(b2, LINUX).getFirst(), Results.FAILURE);
            awaitCancelled(3L);
            story.finish(b2, story.claim(b2, LINUX).getFirst(), Results.FAILURE);
            awaitCancelled(3L, 5L);
        }

        assertThat(last(3).event())
                .isEqualTo(
                        new BuildRequestCancelled(
                                3,
                                "failing_buildset_canceller fail-fast",
                                "request 1 of buildset 1, on builder linux, has failed"));
        assertThat(last(3).metadata()).containsEntry("cause", "build-request/1@3");
        assertThat(last(2).event()).isNotInstanceOf(BuildRequestCancelled.class);
        assertThat(test.log.read(Streams.buildset(1)).getLast().event())
                .isEqualTo(new BuildsetCompleted(1, Results.CANCELLED));
        assertThat(onOffer()).isEmpty();
        assertThat(test.count("SELECT COUNT(*) FROM claim")).isZero();
        assertThat(test.count("SELECT COUNT(*) FROM buildset_progress")).isZero();
        assertThat(story.violations()).isEmpty();
    }

    @Test
    void failures_that_come_while_no_master_runs_the_canceller_count_when_one_does() {
        new Life(s1, FAIL_FAST).close();
        story.build("main", LINUX, DOCS);
        story.build("main", LINUX, DOCS);
        story.build("main", LINUX, DOCS);
        story.finish(b1, story.claim(b1, LINUX).getFirst(), Results.FAILURE);
        story.finish(b1, story.claim(b1, LINUX).getFirst(), Results.SUCCESS);
        story.finish(b1, story.claim(b1, LINUX).getFirst(), Results.EXCEPTION);
        story.finish(b1, story.claim(b1, DOCS).getFirst(), Results.FAILURE);
        story.build("main", LINUX, DOCS);
        story.finish(b1, story.claim(b1, LINUX).getFirst(), Results.FAILURE);

        try (Life _ = new Life(s2, FAIL_FAST)) {
            awaitCancelled(8L);
        }
        assertThat(onOffer()).containsExactly(4L, 6L);
        assertThat(story.violations()).isEmpty();
    }

    @Test
    void what_two_cancellers_of_two_masters_end_while_others_build_ends_once() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int changes = 60;
        AtomicInteger submitted = new AtomicInteger();
        try (Life _ = new Life(s1, NEWEST, FAIL_FAST);
                Life _ = new Life(s2, NEWEST, FAIL_FAST);
                ExecutorService masters = Executors.newFixedThreadPool(3)) {
            List<Callable<@Nullable Void>> work = new ArrayList<>();
            work.add(() -> {
                for (int i = 0; i < changes; i++) {
                    story.build(random.nextBoolean() ? "main" : "dev", LINUX, DOCS);
                    submitted.incrementAndGet();
                }
                return null;
            });
            for (Author master : List.of(b1, b2)) {
                work.add(() -> {
                    // Fast builders leave a slow canceller nothing to end.
                    await().atMost(LONG_ENOUGH).until(() -> !cancelled().isEmpty());
                    try (GroupCommit commit = new GroupCommit(test.log, master)) {
                        while (submitted.get() < changes || !onOffer().isEmpty()) {
                            for (Won won : story.claim(master, LINUX, DOCS)) {
                                build(commit, master, won);
                            }
                        }
                    }
                    return null;
                });
            }
            for (Future<@Nullable Void> done : masters.invokeAll(work)) {
                done.get();
            }
            await().atMost(LONG_ENOUGH).until(() -> watched().isEmpty());
        }

        assertThat(
                        test.count(
                                """
                                SELECT COUNT(*) FROM (
                                  SELECT stream FROM event
                                   WHERE type IN ('build-request-completed', 'build-request-cancelled')
                                   GROUP BY stream HAVING COUNT(*) = 1) AS ended
                                """))
                .as("seed %d", seed)
                .isEqualTo(2L * changes);
        assertThat(test.count("SELECT COUNT(*) FROM event WHERE type = 'buildset-completed'"))
                .isEqualTo(changes);
        assertThat(cancelled()).isNotEmpty();
        assertThat(story.violations()).as("seed %d", seed).isEmpty();
    }

    /** As builder masters do, to which a lost race is a value. */
    private void build(GroupCommit commit, Author master, Won won) throws Exception {
        long requestId = won.claim().requestId();
        int attempt = won.claim().attempt();
        Results results = requestId % 3 == 0 ? Results.FAILURE : Results.SUCCESS;
        Entry started = Entry.of(won.nextSequence(), new BuildStarted(requestId, attempt));
        if (commit.submit(Submission.of(started)).get() == Outcome.APPENDED) {
            commit.submit(
                            test.claims.completion(
                                    master,
                                    won,
                                    won.nextSequence() + 1,
                                    new BuildRequestCompleted(requestId, attempt, results, "")))
                    .get();
        }
    }

    @Test
    void other_filters_are_used_from_then_on_and_what_is_not_wanted_any_more_ends() {
        ConfiguredService onlyDocs =
                new ConfiguredService.OldBuilds(
                        "newest", List.of(new OldBuildsOf(List.of(DOCS), null)));
        try (Life life = new Life(s1, NEWEST)) {
            story.build("main", LINUX, DOCS);
            awaitWatched(1L, 2L);

            life.cancellers.use(List.of(onlyDocs, FAIL_FAST));
            story.build("main", LINUX, DOCS);
            awaitCancelled(2L);

            life.cancellers.use(List.of(FAIL_FAST));
            story.build("main", LINUX, DOCS);
            story.finish(b1, story.claim(b1, LINUX).getFirst(), Results.FAILURE);
            story.finish(b1, story.claim(b1, LINUX).getFirst(), Results.FAILURE);
            awaitCancelled(2L, 4L);
            assertThat(onOffer()).containsExactly(5L, 6L);

            life.cancellers.use(List.of(onlyDocs));
            awaitWatched(6L);
        }
        assertThat(story.violations()).isEmpty();
    }

    @Test
    void a_canceller_waits_for_a_database_that_is_away() {
        AtomicInteger refusals = new AtomicInteger();
        DataSource away =
                new DelegatingDataSource(test.dataSource) {
                    @Override
                    public Connection getConnection() throws SQLException {
                        if (refusals.getAndDecrement() > 0) {
                            throw new SQLTransientConnectionException("away");
                        }
                        return super.getConnection();
                    }
                };
        try (Life life = new Life(s1, away)) {
            refusals.set(3);
            life.cancellers.use(List.of(NEWEST));
            await().until(() -> positionsOfServices() == 1);
            story.build("main", LINUX);
            story.build("main", LINUX);
            awaitCancelled(1L);
        }
    }

    private long positionsOfServices() {
        return test.count("SELECT COUNT(*) FROM token WHERE processor_name LIKE '%canceller/%'");
    }

    @Test
    void what_is_wanted_no_more_need_not_wait_for_the_database() {
        AtomicBoolean isAway = new AtomicBoolean();
        DataSource away =
                new DelegatingDataSource(test.dataSource) {
                    @Override
                    public Connection getConnection() throws SQLException {
                        if (isAway.get()) {
                            throw new SQLTransientConnectionException("away");
                        }
                        return super.getConnection();
                    }
                };
        Life life = new Life(s1, away);
        isAway.set(true);

        life.cancellers.use(List.of(NEWEST));
        life.cancellers.use(List.of());
        life.close();

        assertThat(positionsOfServices()).isZero();
    }
}
