package io.buildledger.claiming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.attaching.WorkerCommands;
import io.buildledger.auditing.RequestAudit;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.claiming.RequestCommands.Answer;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCancelled;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCompleted;
import io.buildledger.log.Author;
import io.buildledger.log.GroupCommit;
import io.buildledger.log.GroupCommit.Outcome;
import io.buildledger.log.NewerProgramException;
import io.buildledger.log.Streams;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestOrders;
import io.buildledger.testing.TestStory;
import io.buildledger.testing.TestWorkers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What masters of this program do with requests, buildsets and workers to whose streams masters of
 * a newer one have written: nothing, and everything with all others.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
class NewerProgramTest {

    private static final Author SCHEDULER = TestStory.SCHEDULER;
    private static final Author B1 = new Author("b1", 1);
    private static final Author B2 = new Author("b2", 1);
    private static final String REQUEST = Streams.buildRequest(1);

    private final TestLog test = new TestLog();

    @AfterEach
    void close() {
        test.close();
    }

    private void submit(int requests, @Nullable Duration queueTimeout) {
        for (int i = 1; i <= requests; i++) {
            int firing = i;
            test.log.inTransaction(() ->
                    test.buildsets.submit(
                            SCHEDULER,
                            "scheduler/main@0",
                            TestOrders.of(firing, 0, queueTimeout, "linux"),
                            TestStory.NOON));
        }
    }

    private void submit(int requests) {
        submit(requests, null);
    }

    private List<Long> claim(String... workers) {
        return won(workers).stream().map(won -> won.claim().requestId()).toList();
    }

    private List<Won> won(String... workers) {
        return TestWorkers.claim(test.claims, B1, "linux", workers);
    }

    private long written() {
        return test.count("SELECT COUNT(*) FROM event");
    }

    /** As a newer program's master would read it. */
    private void understand() {
        test.jdbc.sql("DELETE FROM event WHERE type = 'build-request-held'").update();
        test.jdbc.sql("UPDATE event SET revision = '2' WHERE revision = '99'").update();
    }

    static Stream<Named<BiConsumer<NewerProgramTest, Long>>> newer() {
        return Stream.of(
                Named.of(
                        "an event of a new type on its stream",
                        (test, request) ->
                                test.test.appendOfNewerProgram(
                                        Streams.buildRequest(request), "build-request-held", "1")),
                Named.of(
                        "an event of a new revision on its stream",
                        (test, request) ->
                                test.test.appendOfNewerProgram(
                                        Streams.buildRequest(request),
                                        "build-request-priority-changed",
                                        "2")),
                Named.of(
                        "a buildset of a new revision",
                        (test, request) ->
                                test.test
                                        .jdbc
                                        .sql(
                                                "UPDATE event SET revision = '99' WHERE stream = :stream AND sequence_number = 0")
                                        .param("stream", Streams.buildset(request))
                                        .update()));
    }

    @ParameterizedTest
    @MethodSource("newer")
    void what_is_not_understood_is_left_on_offer_and_holds_up_nothing(
            BiConsumer<NewerProgramTest, Long> newer) {
        submit(5);
        for (long request = 1; request <= 3; request++) {
            newer.accept(this, request);
        }

        assertThat(claim("w")).containsExactly(4L);
        assertThat(claim("w", "w2")).containsExactly(5L);
        assertThat(claim("w")).isEmpty();

        assertThat(test.count("SELECT COUNT(*) FROM build_request_queue")).isEqualTo(3);
        assertThat(test.count("SELECT COUNT(*) FROM claim WHERE request_id <= 3")).isZero();
    }

    @Test
    void what_is_left_on_offer_is_claimed_as_soon_as_it_is_understood() {
        submit(2);
        test.appendOfNewerProgram(REQUEST, "build-request-held", "1");
        assertThat(claim("w", "w2")).containsExactly(2L);

        understand();
        Claims upgraded =
                new Claims(test.log, test.dataSource, test.numbers, test.queue, test.buildsets);

        assertThat(TestWorkers.claim(upgraded, B2, "linux", "w"))
                .extracting(won -> won.claim().requestId())
                .containsExactly(1L);
    }

    @Test
    void an_offer_that_another_master_has_taken_is_forgotten() {
        submit(1);
        test.appendOfNewerProgram(REQUEST, "build-request-held", "1");
        assertThat(claim("w")).isEmpty();
        test.jdbc.sql("DELETE FROM build_request_queue").update();
        assertThat(claim("w")).isEmpty();
        submit(1);

        assertThat(claim("w")).containsExactly(2L);
    }

    @Test
    void a_result_of_a_request_that_is_not_understood_any_more_is_dropped_and_its_claim_is_kept()
            throws Exception {
        submit(1);
        Won won = won("w").getFirst();
        test.appendOfNewerProgram(REQUEST, "build-request-held", "1");
        long before = written();

        try (GroupCommit commit = new GroupCommit(test.log, B1)) {
            assertThat(
                            commit.submit(
                                            test.claims.completion(
                                                    B1,
                                                    won,
                                                    won.nextSequence(),
                                                    new BuildRequestCompleted(
                                                            1, 1, Results.SUCCESS, "ok")))
                                    .get())
                    .isEqualTo(Outcome.CONFLICT);
        }
        assertThat(test.claims.nextPlace(1, won.nextSequence())).isEmpty();
        Claims.Recovered recovered =
                test.claims.recover(B1, _ -> false, Map.of(), "it can't be built here");

        assertThat(recovered.unheard()).isEmpty();
        assertThat(recovered.released()).isZero();
        assertThat(test.count("SELECT COUNT(*) FROM claim")).isEqualTo(1);
        assertThat(written()).isEqualTo(before);
    }

    @Test
    void of_the_claims_of_a_lost_master_those_that_are_understood_are_offered_again() {
        submit(3);
        assertThat(claim("w", "w2", "w3")).hasSize(3);
        test.appendOfNewerProgram(REQUEST, "build-request-held", "1");

        assertThat(test.claims.releaseAllOf(B2, B1, "b1 is gone")).isEqualTo(2);
        assertThat(test.claims.releaseAllOf(B2, B1, "b1 is gone")).isZero();

        assertThat(test.count("SELECT request_id FROM claim")).isEqualTo(1);
        assertThat(test.count("SELECT COUNT(*) FROM build_request_queue")).isEqualTo(2);
    }

    interface Command {
        Object give(NewerProgramTest test);
    }

    static Stream<Named<Command>> commands() {
        return Stream.of(
                Named.of("cancel", it -> it.test.commands.cancel(SCHEDULER, 1, "ann", "")),
                Named.of("priority", it -> it.test.commands.changePriority(SCHEDULER, 1, 9, "ann")),
                Named.of("stop", it -> it.test.commands.stop(SCHEDULER, "linux", 1, "ann", "")),
                Named.of("retry", it -> it.test.commands.retry(SCHEDULER, "linux", 1, "ann", "")));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void a_command_about_a_request_that_is_not_understood_is_refused_with_what_to_do(
            Command command) {
        submit(2);
        assertThat(claim("w")).containsExactly(1L);
        test.appendOfNewerProgram(REQUEST, "build-request-held", "1");
        long before = written();

        assertThatThrownBy(() -> command.give(this))
                .isInstanceOf(NewerProgramException.class)
                .hasMessage(
                        "build-request/1@2 is build-request-held, revision 1, which a newer program wrote and this master does not understand: upgrade this master");

        assertThat(written()).isEqualTo(before);
        assertThat(test.commands.cancel(SCHEDULER, 2, "ann", "")).isEqualTo(new Answer.Done());
    }

    @Test
    void a_rebuild_of_what_is_not_understood_is_refused() {
        submit(1);
        test.jdbc.sql("UPDATE event SET revision = '99' WHERE stream = 'buildset/1'").update();

        assertThatThrownBy(() -> test.rebuilds.buildset(SCHEDULER, 1, "ann", ""))
                .isInstanceOf(NewerProgramException.class)
                .hasMessageContaining("buildset/1@0 is buildset-submitted, revision 99");
    }

    @Test
    void a_canceller_ends_the_others_of_its_list() {
        submit(3);
        test.appendOfNewerProgram(REQUEST, "build-request-held", "1");

        test.log.inTransaction(() ->
                test.commands.cancel(
                        SCHEDULER,
                        "change/1@0",
                        List.of(
                                new BuildRequestCancelled(1, "canceller", ""),
                                new BuildRequestCancelled(2, "canceller", ""))));

        assertThat(
                        test.jdbc
                                .sql("SELECT request_id FROM build_request_queue")
                                .query(Long.class)
                                .list())
                .containsExactlyInAnyOrder(1L, 3L);
    }

    @Test
    void what_has_waited_too_long_expires_if_it_is_understood() {
        submit(2, Duration.ofMillis(1));
        test.appendOfNewerProgram(REQUEST, "build-request-held", "1");
        test.jdbc.sql("UPDATE build_request_queue SET expires_at = '2020-01-01 00:00:00'").update();

        assertThat(test.commands.expire(SCHEDULER)).isEqualTo(1);
        assertThat(test.count("SELECT request_id FROM build_request_queue")).isEqualTo(1);
    }

    @Test
    void the_audit_tells_what_it_understands() {
        submit(1);
        test.appendOfNewerProgram(REQUEST, "build-request-held", "1");

        assertThat(new RequestAudit(test.log).of(1)).isPresent();
    }

    @Test
    void a_worker_whose_stream_is_not_understood_is_left_alone_and_others_are_not() {
        WorkerCommands workers = new WorkerCommands(test.log, test.dataSource);
        test.appendOfNewerProgram(Streams.worker("w"), "worker-painted", "1");
        long before = written();

        assertThatThrownBy(() -> workers.pause(SCHEDULER, "w", "", "ann"))
                .isInstanceOf(NewerProgramException.class)
                .hasMessageContaining("worker/w@0 is worker-painted, revision 1");
        assertThat(written()).isEqualTo(before);
    }
}
