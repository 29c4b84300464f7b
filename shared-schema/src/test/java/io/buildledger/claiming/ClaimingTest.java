package io.buildledger.claiming;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.requesting.BuildRequest;
import io.buildledger.domain.requesting.BuildRequestEvent;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCompleted;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildStarted;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetCompleted;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.GroupCommit;
import io.buildledger.log.GroupCommit.Outcome;
import io.buildledger.log.GroupCommit.Submission;
import io.buildledger.log.Streams;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestOrders;
import io.buildledger.testing.TestWorkers;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ClaimingTest {

    private static final Author SCHEDULER = new Author("s", 1);
    private static final Author B1 = new Author("b1", 1);
    private static final Author B2 = new Author("b2", 1);
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private final TestLog test = new TestLog();

    @AfterEach
    void close() {
        test.close();
    }

    private void submit(int firing, int priority, Instant at, String... builders) {
        test.log.inTransaction(() ->
                test.buildsets.submit(
                        SCHEDULER,
                        "scheduler/main@0",
                        TestOrders.of(firing, priority, null, builders),
                        at));
    }

    private List<Won> claim(Author master, String builder, String... workers) {
        return TestWorkers.claim(test.claims, master, builder, workers);
    }

    @Test
    void a_request_is_claimed_once_and_then_no_longer_on_offer() {
        submit(1, 0, NOON, "linux");

        List<Won> first = claim(B1, "linux", "w");
        List<Won> second = claim(B2, "linux", "w");

        assertThat(first).hasSize(1);
        assertThat(first.getFirst().claim().attempt()).isEqualTo(1);
        assertThat(first.getFirst().buildset().sourceStamps().getFirst().revision())
                .isEqualTo("abc");
        assertThat(second).isEmpty();
        assertThat(test.count("SELECT COUNT(*) FROM build_request_queue")).isZero();
    }

    @Test
    void no_more_is_claimed_than_workers_are_free() {
        submit(1, 0, NOON, "linux");
        submit(2, 0, NOON, "linux");
        submit(3, 0, NOON, "linux");

        assertThat(claim(B1, "linux", "w1", "w2")).hasSize(2);
        assertThat(test.hasWork("linux")).isTrue();
        assertThat(test.hasWork("docs")).isFalse();
    }

    @Test
    void the_highest_priority_goes_first_then_the_oldest() {
        submit(1, 0, NOON.plusSeconds(1), "linux");
        submit(2, 0, NOON, "linux");
        submit(3, 5, NOON.plusSeconds(2), "linux");

        List<Long> order =
                claim(B1, "linux", "w", "w", "w").stream()
                        .map(won -> won.claim().requestId())
                        .toList();

        assertThat(order).containsExactly(3L, 2L, 1L);
    }

    @Test
    void many_masters_that_race_win_each_request_once() throws Exception {
        int requests = 200;
        for (int i = 0; i < requests; i++) {
            submit(i, 0, NOON, "linux");
        }
        List<Callable<Integer>> masters = new ArrayList<>();
        for (int m = 0; m < 4; m++) {
            Author author = new Author("b" + m, 1);
            masters.add(() -> {
                int won = 0;
                while (test.hasWork("linux")) {
                    won += claim(author, "linux", "w", "w", "w").size();
                }
                return won;
            });
        }
        int won = 0;
        try (ExecutorService executor = Executors.newFixedThreadPool(4)) {
            for (Future<Integer> master : executor.invokeAll(masters)) {
                won += master.get();
            }
        }

        assertThat(won).isEqualTo(requests);
        assertThat(test.count("SELECT COUNT(*) FROM event WHERE type = 'build-request-claimed'"))
                .isEqualTo(requests);
        assertThat(
                        test.count(
                                "SELECT COUNT(DISTINCT stream) FROM event WHERE type = 'build-request-claimed'"))
                .isEqualTo(requests);
        assertThat(test.count("SELECT COUNT(DISTINCT build_number) FROM claim"))
                .isEqualTo(requests);
    }

    @Test
    void the_claims_of_a_lost_master_are_offered_again_and_its_late_result_is_refused()
            throws Exception {
        submit(1, 7, NOON, "linux");
        Won lost = claim(B1, "linux", "w").getFirst();
        long requestId = lost.claim().requestId();

        assertThat(test.claims.releaseAllOf(B2, B1, "master b1 is gone")).isEqualTo(1);
        Won taken = claim(B2, "linux", "w").getFirst();
        Outcome late;
        Outcome good;
        try (GroupCommit b1 = new GroupCommit(test.log, B1);
                GroupCommit b2 = new GroupCommit(test.log, B2)) {
            late =
                    b1.submit(
                                    Submission.of(
                                            Entry.of(
                                                    lost.nextSequence(),
                                                    new BuildStarted(requestId, 1))))
                            .get();
            b2.submit(Submission.of(Entry.of(taken.nextSequence(), new BuildStarted(requestId, 2))))
                    .get();
            good =
                    b2.submit(
                                    test.claims.completion(
                                            B2,
                                            taken,
                                            taken.nextSequence() + 1,
                                            new BuildRequestCompleted(
                                                    requestId, 2, Results.SUCCESS, "ok")))
                            .get();
        }

        assertThat(taken.claim().attempt()).isEqualTo(2);
        assertThat(late).isEqualTo(Outcome.CONFLICT);
        assertThat(good).isEqualTo(Outcome.APPENDED);
        BuildRequest state = BuildRequest.UNKNOWN;
        for (var recorded : test.log.read(Streams.buildRequest(requestId))) {
            state = BuildRequest.evolve(state, (BuildRequestEvent) recorded.event());
        }
        assertThat(state).isInstanceOf(BuildRequest.Completed.class);
        assertThat(test.count("SELECT COUNT(*) FROM claim")).isZero();
    }

    @Test
    void whoever_completes_the_last_request_completes_the_buildset_with_the_worst_result()
            throws Exception {
        submit(1, 0, NOON, "linux", "docs");
        Won linux = claim(B1, "linux", "w").getFirst();
        Won docs = claim(B2, "docs", "w").getFirst();
        try (GroupCommit b1 = new GroupCommit(test.log, B1);
                GroupCommit b2 = new GroupCommit(test.log, B2)) {
            complete(b1, B1, linux, Results.FAILURE);
            complete(b2, B2, docs, Results.SUCCESS);
        }

        assertThat(test.log.read(Streams.buildset(1)).getLast().event())
                .isEqualTo(new BuildsetCompleted(1, Results.FAILURE));
        assertThat(test.count("SELECT COUNT(*) FROM buildset_progress")).isZero();
    }

    private void complete(GroupCommit commit, Author author, Won won, Results results)
            throws Exception {
        long requestId = won.claim().requestId();
        commit.submit(Submission.of(Entry.of(won.nextSequence(), new BuildStarted(requestId, 1))))
                .get();
        Outcome outcome =
                commit.submit(
                                test.claims.completion(
                                        author,
                                        won,
                                        won.nextSequence() + 1,
                                        new BuildRequestCompleted(requestId, 1, results, "")))
                        .get();
        assertThat(outcome).isEqualTo(Outcome.APPENDED);
    }

    @Test
    void claiming_locks_the_rows_it_takes_and_no_others() {
        for (int i = 0; i < 50; i++) {
            submit(i, i % 3, NOON.plusSeconds(i % 7), "linux");
        }

        List<Won> nested = new ArrayList<>();
        test.log.inTransaction(() -> {
            assertThat(test.queue.take(Map.of("linux", 2))).hasSize(2);
            // Another master, at the same time, gets all the others.
            Thread other =
                    Thread.ofPlatform()
                            .start(() ->
                                    nested.addAll(
                                            claim(
                                                    B2,
                                                    "linux",
                                                    Collections.nCopies(60, "w")
                                                            .toArray(String[]::new))));
            try {
                other.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });

        assertThat(nested).hasSize(48);
    }
}
