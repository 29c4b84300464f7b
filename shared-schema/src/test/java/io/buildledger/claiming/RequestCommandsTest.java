package io.buildledger.claiming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.claiming.Claims.Won;
import io.buildledger.claiming.RequestCommands.Answer;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.requesting.BuildRequest;
import io.buildledger.domain.requesting.BuildRequestEvent;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCancelled;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCompleted;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestExpired;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestGivenUp;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestPriorityChanged;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestReleased;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildStarted;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetCompleted;
import io.buildledger.log.Author;
import io.buildledger.log.ConflictException;
import io.buildledger.log.Entry;
import io.buildledger.log.GroupCommit;
import io.buildledger.log.GroupCommit.Outcome;
import io.buildledger.log.GroupCommit.Submission;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.testing.Race;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestOrders;
import io.buildledger.testing.TestStory;
import io.buildledger.testing.TestWorkers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RequestCommandsTest {

    private static final Author SCHEDULER = TestStory.SCHEDULER;
    private static final Author B1 = new Author("b1", 1);
    private static final Author B2 = new Author("b2", 1);

    private final TestLog test = new TestLog();
    private final GroupCommit commit = new GroupCommit(test.log, B1);

    @AfterEach
    void close() {
        commit.close();
        test.close();
    }

    private void submit(int priority, @Nullable Duration queueTimeout, String... builders) {
        test.log.inTransaction(() ->
                test.buildsets.submit(
                        SCHEDULER,
                        "scheduler/main@0",
                        TestOrders.of(1, priority, queueTimeout, builders),
                        TestStory.NOON));
    }

    private Won claim(Author master) {
        return TestWorkers.claim(test.claims, master, "linux", "w").getFirst();
    }

    private Outcome start(Won won) throws Exception {
        return commit.submit(
                        Submission.of(
                                Entry.of(
                                        won.nextSequence(),
                                        new BuildStarted(
                                                won.claim().requestId(), won.claim().attempt()))))
                .get();
    }

    private Outcome complete(Won won, long place) throws Exception {
        return commit.submit(
                        test.claims.completion(
                                B1,
                                won,
                                place,
                                new BuildRequestCompleted(
                                        won.claim().requestId(),
                                        won.claim().attempt(),
                                        Results.SUCCESS,
                                        "ok")))
                .get();
    }

    private Answer cancel(long requestId) {
        return test.commands.cancel(SCHEDULER, requestId, "ann", "a typo");
    }

    private Answer prioritize(long requestId, int priority) {
        return test.commands.changePriority(SCHEDULER, requestId, priority, "ann");
    }

    private List<Object> eventsOf(long requestId) {
        return test.log.read(Streams.buildRequest(requestId)).stream()
                .map(Recorded::event)
                .toList();
    }

    /** Also shows that the events can follow on each other. */
    private BuildRequest stateOf(long requestId) {
        BuildRequest state = BuildRequest.UNKNOWN;
        for (Object event : eventsOf(requestId)) {
            state = BuildRequest.evolve(state, (BuildRequestEvent) event);
        }
        return state;
    }

    private Object lastOfBuildset(long buildsetId) {
        return test.log.read(Streams.buildset(buildsetId)).getLast().event();
    }

    private void nothingIsOpen() {
        assertThat(test.count("SELECT COUNT(*) FROM build_request_queue")).isZero();
        assertThat(test.count("SELECT COUNT(*) FROM claim")).isZero();
        assertThat(test.count("SELECT COUNT(*) FROM buildset_progress")).isZero();
    }

    @Test
    void a_request_on_offer_is_cancelled_and_its_buildset_with_it() {
        submit(0, null, "linux");

        assertThat(cancel(1)).isEqualTo(new Answer.Done());

        assertThat(eventsOf(1).getLast()).isEqualTo(new BuildRequestCancelled(1, "ann", "a typo"));
        assertThat(lastOfBuildset(1)).isEqualTo(new BuildsetCompleted(1, Results.CANCELLED));
        nothingIsOpen();
    }

    @Test
    void a_cancelled_request_leaves_the_others_of_its_buildset_open() {
        submit(0, null, "docs", "linux");

        cancel(1);

        assertThat(test.hasWork("linux")).isTrue();
        assertThat(test.count("SELECT remaining FROM buildset_progress")).isEqualTo(1);
    }

    @Test
    void a_claimed_request_is_cancelled_and_its_build_does_not_begin() throws Exception {
        submit(0, null, "linux");
        Won won = claim(B1);

        assertThat(cancel(1)).isEqualTo(new Answer.Done());

        assertThat(start(won)).isEqualTo(Outcome.CONFLICT);
        assertThat(test.claims.nextPlace(1, won.nextSequence())).isEmpty();
        assertThat(stateOf(1)).isInstanceOf(BuildRequest.Completed.class);
        nothingIsOpen();
    }

    @Test
    void a_running_request_is_cancelled_and_its_result_refused() throws Exception {
        submit(0, null, "linux");
        Won won = claim(B1);
        start(won);

        assertThat(cancel(1)).isEqualTo(new Answer.Done());

        assertThat(complete(won, won.nextSequence() + 1)).isEqualTo(Outcome.CONFLICT);
        assertThat(test.claims.nextPlace(1, won.nextSequence() + 1)).isEmpty();
        assertThat(lastOfBuildset(1)).isEqualTo(new BuildsetCompleted(1, Results.CANCELLED));
        nothingIsOpen();
    }

    @Test
    void what_has_ended_or_never_was_is_answered_and_not_written() throws Exception {
        submit(0, null, "linux");
        Won won = claim(B1);
        start(won);
        complete(won, won.nextSequence() + 1);
        long before = test.count("SELECT COUNT(*) FROM event");

        assertThat(cancel(1)).isEqualTo(new Answer.Over(Results.SUCCESS));
        assertThat(prioritize(1, 5)).isEqualTo(new Answer.Over(Results.SUCCESS));
        assertThat(cancel(2)).isEqualTo(new Answer.Unknown());
        assertThat(prioritize(2, 5)).isEqualTo(new Answer.Unknown());

        assertThat(test.count("SELECT COUNT(*) FROM event")).isEqualTo(before);
    }

    @Test
    void a_higher_priority_brings_a_request_before_the_others() {
        submit(3, null, "linux");
        submit(0, null, "linux");
        submit(0, null, "linux");

        assertThat(prioritize(3, 7)).isEqualTo(new Answer.Done());
        assertThat(prioritize(1, -1)).isEqualTo(new Answer.Done());

        assertThat(List.of(claim(B1), claim(B1), claim(B1)))
                .extracting(won -> won.claim().requestId())
                .containsExactly(3L, 2L, 1L);
        assertThat(stateOf(3)).isInstanceOf(BuildRequest.Claimed.class);
    }

    @Test
    void a_build_that_runs_survives_a_change_of_priority_and_completes_at_the_next_place()
            throws Exception {
        submit(0, null, "linux");
        Won won = claim(B1);
        assertThat(prioritize(1, 1)).isEqualTo(new Answer.Done());
        assertThat(start(won)).isEqualTo(Outcome.CONFLICT);
        long started = test.claims.nextPlace(1, won.nextSequence()).orElseThrow();
        commit.submit(Submission.of(Entry.of(started, new BuildStarted(1, 1)))).get();
        prioritize(1, 2);
        prioritize(1, 3);

        assertThat(complete(won, started + 1)).isEqualTo(Outcome.CONFLICT);
        long place = test.claims.nextPlace(1, started + 1).orElseThrow();

        assertThat(complete(won, place)).isEqualTo(Outcome.APPENDED);
        assertThat(eventsOf(1))
                .hasSize(7)
                .contains(
                        new BuildRequestPriorityChanged(1, 1, "ann"),
                        new BuildRequestPriorityChanged(1, 2, "ann"),
                        new BuildRequestPriorityChanged(1, 3, "ann"));
        assertThat(stateOf(1)).isInstanceOf(BuildRequest.Completed.class);
        assertThat(lastOfBuildset(1)).isEqualTo(new BuildsetCompleted(1, Results.SUCCESS));
        nothingIsOpen();
    }

    @Test
    void a_priority_that_changed_under_a_claim_counts_when_the_request_is_offered_again() {
        submit(0, null, "linux");
        submit(5, null, "linux");
        Won low = TestWorkers.claim(test.claims, B1, "linux", "w", "w").getLast();
        assertThat(low.claim().requestId()).isEqualTo(1);
        prioritize(1, 9);

        test.claims.releaseAllOf(B2, B1, "master b1 is gone");

        assertThat(claim(B2).claim().requestId()).isEqualTo(1);
    }

    @Test
    void a_request_that_waits_longer_than_its_queue_timeout_expires_and_no_other() {
        submit(0, Duration.ofHours(1), "linux");
        submit(0, Duration.ofHours(1), "linux");
        submit(0, null, "linux");
        assertThat(eventsOf(1).getFirst())
                .isInstanceOfSatisfying(
                        BuildRequested.class,
                        requested ->
                                assertThat(requested.queueTimeoutMillis()).isEqualTo(3_600_000));
        assertThat(test.commands.expire(SCHEDULER)).isZero();
        test.jdbc
                .sql(
                        "UPDATE build_request_queue SET expires_at = expires_at - INTERVAL 1 HOUR WHERE request_id = 1")
                .update();

        assertThat(test.commands.expire(SCHEDULER)).isEqualTo(1);

        assertThat(eventsOf(1).getLast()).isEqualTo(new BuildRequestExpired(1, 3_600_000));
        assertThat(stateOf(1)).isInstanceOf(BuildRequest.Completed.class);
        assertThat(lastOfBuildset(1)).isEqualTo(new BuildsetCompleted(1, Results.EXCEPTION));
        assertThat(test.count("SELECT COUNT(*) FROM build_request_queue")).isEqualTo(2);
        assertThat(cancel(1)).isEqualTo(new Answer.Over(Results.EXCEPTION));
    }

    @Test
    void a_claim_stops_the_queue_timeout_and_a_release_begins_it_again() {
        submit(0, Duration.ofHours(1), "linux");
        test.jdbc.sql("UPDATE build_request_queue SET expires_at = UTC_TIMESTAMP(6)").update();
        claim(B1);
        assertThat(test.commands.expire(SCHEDULER)).isZero();

        test.claims.releaseAllOf(B2, B1, "master b1 is gone");

        assertThat(test.commands.expire(SCHEDULER)).isZero();
        assertThat(
                        test.count(
                                """
                                SELECT expires_at > UTC_TIMESTAMP(6) + INTERVAL 50 MINUTE FROM build_request_queue
                                """))
                .isEqualTo(1);
    }

    @Test
    void a_request_whose_last_attempt_came_to_nothing_is_given_up() {
        submit(0, null, "linux");
        for (int attempt = 1; attempt <= 3; attempt++) {
            assertThat(claim(B1).claim().attempt()).isEqualTo(attempt);
            test.claims.releaseAllOf(B2, B1, "master b1 is gone");
        }

        assertThat(eventsOf(1))
                .endsWith(
                        new BuildRequestReleased(1, 3, "b2", "master b1 is gone", null),
                        new BuildRequestGivenUp(1, 3, "master b1 is gone"));
        assertThat(stateOf(1)).isInstanceOf(BuildRequest.Completed.class);
        assertThat(lastOfBuildset(1)).isEqualTo(new BuildsetCompleted(1, Results.EXCEPTION));
        nothingIsOpen();
        assertThat(cancel(1)).isEqualTo(new Answer.Over(Results.EXCEPTION));
    }

    private static BuildRequestCancelled superseded(long requestId) {
        return new BuildRequestCancelled(requestId, "old_build_canceller a", "superseded");
    }

    private void cancelTogether(Long... requests) {
        test.commands.cancel(
                SCHEDULER,
                "buildset/9@0",
                Stream.of(requests).map(RequestCommandsTest::superseded).toList());
    }

    @Test
    void requests_are_cancelled_together_with_what_else_a_transaction_does() {
        submit(0, null, "linux", "docs");
        submit(0, null, "linux");
        submit(0, null, "linux");
        claim(B1);
        cancel(4);

        test.log.inTransaction(() -> cancelTogether(4L, 3L, 2L, 1L, 77L));

        for (long request = 1; request <= 3; request++) {
            assertThat(eventsOf(request)).endsWith(superseded(request));
            assertThat(stateOf(request)).isInstanceOf(BuildRequest.Completed.class);
            assertThat(test.log.read(Streams.buildRequest(request)).getLast().metadata())
                    .containsEntry("cause", "buildset/9@0");
        }
        assertThat(eventsOf(4)).endsWith(new BuildRequestCancelled(4, "ann", "a typo"));
        assertThat(eventsOf(77)).isEmpty();
        assertThat(events("buildset-completed")).isEqualTo(3);
        nothingIsOpen();
    }

    @Test
    void a_holder_that_writes_at_the_same_moment_keeps_its_claim_and_can_be_cancelled_next() {
        submit(0, null, "linux", "docs");
        Won won = claim(B1);

        assertThatThrownBy(() ->
                        test.log.inTransaction(() -> {
                            cancelTogether(1L, 2L);
                            assertThat(startNow(won)).isEqualTo(Outcome.APPENDED);
                        }))
                .isInstanceOf(ConflictException.class);
        assertThat(stateOf(1)).isInstanceOf(BuildRequest.Running.class);
        assertThat(stateOf(2)).isInstanceOf(BuildRequest.Unclaimed.class);
        assertThat(test.count("SELECT COUNT(*) FROM claim")).isEqualTo(1);
        assertThat(test.count("SELECT COUNT(*) FROM build_request_queue")).isEqualTo(1);

        test.log.inTransaction(() -> cancelTogether(1L, 2L));
        assertThat(stateOf(1)).isInstanceOf(BuildRequest.Completed.class);
        nothingIsOpen();
    }

    private Outcome startNow(Won won) {
        try {
            return start(won);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private long streamsWithOneEndEach() {
        return test.count(
                """
                SELECT COUNT(*) FROM (
                  SELECT stream FROM event
                   WHERE type IN ('build-request-completed', 'build-request-cancelled')
                   GROUP BY stream HAVING COUNT(*) = 1) AS ended
                """);
    }

    private long events(String type) {
        return test.count("SELECT COUNT(*) FROM event WHERE type = '" + type + "'");
    }

    @Test
    void of_a_cancel_and_a_completion_at_the_same_moment_one_ends_the_request() throws Exception {
        int requests = 100;
        List<Won> running = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            submit(0, null, "linux");
            running.add(claim(B1));
            start(running.getLast());
        }

        Race<Answer, Outcome> race =
                Race.of(
                        requests,
                        i -> cancel(running.get(i).claim().requestId()),
                        i -> complete(running.get(i), running.get(i).nextSequence() + 1));

        assertThat(streamsWithOneEndEach()).isEqualTo(requests);
        assertThat(events("buildset-completed")).isEqualTo(requests);
        assertThat(events("build-request-cancelled"))
                .isEqualTo(race.left().stream().filter(new Answer.Done()::equals).count());
        assertThat(events("build-request-completed"))
                .isEqualTo(race.right().stream().filter(Outcome.APPENDED::equals).count());
        nothingIsOpen();
        for (Won won : running) {
            assertThat(stateOf(won.claim().requestId())).isInstanceOf(BuildRequest.Completed.class);
        }
    }

    @Test
    void of_a_cancel_and_a_claim_at_the_same_moment_no_claim_survives() throws Exception {
        int requests = 100;
        for (int i = 0; i < requests; i++) {
            submit(0, null, "linux");
        }

        Race<Answer, List<Won>> race =
                Race.of(
                        requests,
                        i -> cancel(i + 1L),
                        _ -> TestWorkers.claim(test.claims, B1, "linux", "w"));

        assertThat(race.left()).containsOnly(new Answer.Done());
        assertThat(streamsWithOneEndEach()).isEqualTo(requests);
        nothingIsOpen();
        for (long request = 1; request <= requests; request++) {
            assertThat(stateOf(request)).isInstanceOf(BuildRequest.Completed.class);
        }
    }
}
