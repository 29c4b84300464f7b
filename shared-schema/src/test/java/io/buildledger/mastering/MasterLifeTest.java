package io.buildledger.mastering;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.mastering.MasterEvent.MasterDrained;
import io.buildledger.domain.mastering.MasterEvent.MasterLost;
import io.buildledger.domain.mastering.MasterEvent.MasterStarted;
import io.buildledger.domain.mastering.MasterEvent.MasterStopped;
import io.buildledger.domain.mastering.MasterEvent.MasterUndrained;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestExpired;
import io.buildledger.log.Author;
import io.buildledger.log.OwnLife;
import io.buildledger.log.Recorded;
import io.buildledger.mastering.MasterRegistry.Answer;
import io.buildledger.mastering.MasterRegistry.Drain;
import io.buildledger.mastering.MasterRegistry.Expired;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.mastering.MasterRegistry.Unserved;
import io.buildledger.testing.CountedSession;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestOrders;
import io.buildledger.testing.TestWorkers;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class MasterLifeTest {

    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Author PEOPLE = new Author("s", 1);

    private final TestLog test = new TestLog();
    private final MasterRegistry registry =
            new MasterRegistry(test.log, test.dataSource, test.dataSource);
    private final AtomicReference<Instant> monotonic = new AtomicReference<>(Instant.EPOCH);
    private final AtomicBoolean lost = new AtomicBoolean();

    @AfterEach
    void close() {
        test.close();
    }

    private MasterLife life(String name) {
        return new MasterLife(
                registry,
                test.claims,
                test.commands,
                new Registration(name, "builder", "host", 1, LEASE, Map.of("linux", "f"), null),
                monotonic::get,
                () -> {},
                () -> lost.set(true));
    }

    private void leaseRunsOut(String name) {
        test.jdbc
                .sql(
                        "UPDATE master SET leased_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE name = :name")
                .param("name", name)
                .update();
    }

    private void leaseRunsOutWhileConnected(String name, MasterLife judge) {
        leaseRunsOut(name);
        passes(LEASE, judge);
    }

    /** Time, of which the others hear nothing, while this one renews its lease. */
    private void passes(Duration time, MasterLife renewing) {
        for (int i = 0; i < 4; i++) {
            monotonic.updateAndGet(now -> now.plus(time.dividedBy(4)));
            renewing.look();
        }
    }

    private void claimOne(Author author) {
        submitOne(author);
        assertThat(TestWorkers.claim(test.claims, author, "linux", "w")).hasSize(1);
    }

    private void submitOne(Author author) {
        test.log.inTransaction(() ->
                test.buildsets.submit(
                        author,
                        "cause",
                        TestOrders.of(1, "linux"),
                        Instant.parse("2026-01-01T12:00:00Z")));
    }

    private List<Object> eventsOf(String name) {
        return test.log.read("master/" + name).stream().map(Recorded::event).toList();
    }

    @Test
    void each_start_is_a_new_epoch() {
        MasterLife first = life("b1");
        first.close();
        MasterLife second = life("b1");

        assertThat(first.author()).isEqualTo(new Author("b1", 1));
        assertThat(second.author()).isEqualTo(new Author("b1", 2));
        assertThat(eventsOf("b1"))
                .containsExactly(
                        new MasterStarted("b1", 1, "builder", "host", 1, Map.of("linux", "f")),
                        new MasterStopped("b1", 1),
                        new MasterStarted("b1", 2, "builder", "host", 1, Map.of("linux", "f")));
    }

    @Test
    void a_master_whose_lease_has_run_out_is_declared_lost_and_its_claims_are_offered_again() {
        MasterLife b1 = life("b1");
        MasterLife b2 = life("b2");
        claimOne(b1.author());
        leaseRunsOutWhileConnected("b1", b2);

        b2.runOnce();

        assertThat(eventsOf("b1").getLast()).isInstanceOf(MasterLost.class);
        assertThat(test.count("SELECT COUNT(*) FROM claim")).isZero();
        assertThat(test.hasWork("linux")).isTrue();
    }

    @Test
    void a_master_that_was_declared_lost_claims_nothing_even_before_it_knows() {
        MasterLife b1 = life("b1");
        MasterLife b2 = life("b2");
        submitOne(b2.author());
        leaseRunsOutWhileConnected("b1", b2);
        b2.runOnce();

        assertThat(TestWorkers.claim(test.claims, b1.author(), "linux", "w")).isEmpty();
        assertThat(TestWorkers.claim(test.claims, b2.author(), "linux", "w")).hasSize(1);
    }

    @Test
    void a_life_whose_name_another_has_claims_nothing() {
        Author first = life("b1").author();
        Author second = life("b1").author();
        submitOne(second);

        assertThat(TestWorkers.claim(test.claims, first, "linux", "w")).isEmpty();
        assertThat(TestWorkers.claim(test.claims, second, "linux", "w")).hasSize(1);
    }

    @Test
    void the_lost_master_stops_as_soon_as_it_learns_of_it() {
        MasterLife b1 = life("b1");
        MasterLife b2 = life("b2");
        leaseRunsOutWhileConnected("b1", b2);
        b2.runOnce();

        b1.runOnce();

        assertThat(lost).isTrue();
    }

    @Test
    void a_master_that_was_not_declared_lost_takes_its_lapsed_lease_up_again() {
        MasterLife b1 = life("b1");
        MasterLife b2 = life("b2");
        leaseRunsOutWhileConnected("b1", b2);

        b1.runOnce();
        b2.runOnce();

        assertThat(lost).isFalse();
        assertThat(eventsOf("b1")).hasSize(1);
    }

    @Test
    void a_lease_that_can_t_be_renewed_is_told_of_once_before_its_end_and_again_when_it_is() {
        Duration before = Duration.ofSeconds(8);
        Instant soon = Instant.EPOCH.plus(LEASE).minus(before);
        List<String> told = new ArrayList<>();
        LeaseWatch watch =
                new LeaseWatch(
                        LEASE,
                        before,
                        monotonic::get,
                        Instant.EPOCH,
                        () -> told.add("lapse"),
                        () -> told.add("renewed"));

        monotonic.set(soon.minusMillis(1));
        watch.look();
        assertThat(told).isEmpty();
        monotonic.set(soon);
        watch.look();
        watch.look();
        assertThat(told).containsExactly("lapse");
        watch.renewed(soon);
        watch.look();
        assertThat(told).containsExactly("lapse", "renewed");
    }

    @Test
    void nobody_is_declared_lost_by_a_master_that_is_not_yet_connected_for_a_whole_lease() {
        life("b1");
        MasterLife b2 = life("b2");
        leaseRunsOut("b1");
        passes(LEASE.minusMillis(4), b2);

        b2.runOnce();

        assertThat(eventsOf("b1")).hasSize(1);
    }

    @Test
    void whoever_finds_its_own_lease_run_out_judges_nobody_for_a_whole_lease() {
        life("b1");
        MasterLife b2 = life("b2");
        leaseRunsOutWhileConnected("b1", b2);
        leaseRunsOut("b2");

        b2.lookAfterTheDead();
        b2.runOnce();
        assertThat(eventsOf("b1")).hasSize(1);
        assertThat(eventsOf("b2")).hasSize(1);

        passes(LEASE, b2);
        b2.runOnce();
        assertThat(eventsOf("b1").getLast()).isInstanceOf(MasterLost.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_database_that_hung_and_went_on_is_no_reason_to_judge_others(boolean renewsFirst) {
        life("b1");
        MasterLife b2 = life("b2");
        leaseRunsOutWhileConnected("b1", b2);
        monotonic.updateAndGet(now -> now.plus(LEASE.dividedBy(2)).plusMillis(1));

        if (renewsFirst) {
            b2.look();
        }
        b2.lookAfterTheDead();
        b2.runOnce();
        assertThat(eventsOf("b1")).hasSize(1);

        passes(LEASE, b2);
        b2.runOnce();
        assertThat(eventsOf("b1").getLast()).isInstanceOf(MasterLost.class);
    }

    @Test
    void a_clock_that_jumps_is_no_reason_to_judge_others() {
        life("b1");
        MasterLife b2 = life("b2");
        leaseRunsOutWhileConnected("b1", b2);
        b2.clock().set(registry.now().minus(LEASE));

        b2.runOnce();

        assertThat(eventsOf("b1")).hasSize(1);
    }

    @Test
    void a_suspect_whose_row_is_locked_holds_up_nobody() throws Exception {
        MasterLife b1 = life("b1");
        life("b2");
        MasterLife b3 = life("b3");
        claimOne(b1.author());
        leaseRunsOut("b2");
        leaseRunsOutWhileConnected("b1", b3);
        try (Connection other = test.dataSource.getConnection()) {
            other.setAutoCommit(false);
            try (var statement = other.createStatement()) {
                statement.execute("SELECT 1 FROM master WHERE name = 'b1' LOCK IN SHARE MODE");
            }

            b3.runOnce();

            assertThat(eventsOf("b2").getLast()).isInstanceOf(MasterLost.class);
            assertThat(eventsOf("b1")).hasSize(1);
            other.rollback();
        }
        b3.runOnce();
        assertThat(eventsOf("b1").getLast()).isInstanceOf(MasterLost.class);
        assertThat(test.count("SELECT COUNT(*) FROM claim")).isZero();
    }

    @Test
    void who_has_asked_for_its_own_life_keeps_it_to_the_end_of_the_transaction() {
        Author b1 = life("b1").author();
        Author b2 = life("b2").author();
        leaseRunsOut("b1");
        Expired suspect = registry.expired().getFirst();

        test.transactionTemplate()
                .executeWithoutResult(_ -> {
                    assertThat(OwnLife.isOver(test.jdbc, b1)).isFalse();
                    assertThat(
                                    CompletableFuture.supplyAsync(
                                                    () -> registry.declareLost(b2, suspect))
                                            .join())
                            .isFalse();
                });

        assertThat(registry.declareLost(b2, suspect)).isTrue();
        assertThat(OwnLife.isOver(test.jdbc, b1)).isTrue();
    }

    @Test
    void a_claim_that_is_locked_holds_up_the_release_of_no_other() throws Exception {
        MasterLife b1 = life("b1");
        MasterLife b2 = life("b2");
        claimOne(b1.author());
        claimOne(b1.author());
        leaseRunsOutWhileConnected("b1", b2);
        try (Connection other = test.dataSource.getConnection()) {
            other.setAutoCommit(false);
            try (var statement = other.createStatement()) {
                statement.execute("SELECT 1 FROM claim WHERE request_id = 1 FOR UPDATE");
            }

            b2.runOnce();

            assertThat(test.jdbc.sql("SELECT request_id FROM claim").query(Long.class).list())
                    .containsExactly(1L);
            other.rollback();
        }
        b2.runOnce();
        assertThat(test.count("SELECT COUNT(*) FROM claim")).isZero();
    }

    @Test
    void a_second_start_under_the_same_name_fences_the_first_and_releases_its_claims() {
        MasterLife first = life("b1");
        claimOne(first.author());

        MasterLife second = life("b1");
        second.runOnce();
        first.runOnce();

        assertThat(lost).isTrue();
        assertThat(second.author().epoch()).isEqualTo(2);
        assertThat(eventsOf("b1").get(1)).isInstanceOf(MasterLost.class);
        assertThat(test.count("SELECT COUNT(*) FROM claim")).isZero();
    }

    @Test
    void the_followers_that_a_master_owned_are_free_when_it_is_lost() {
        MasterLife b1 = life("b1");
        own("views", b1.author());
        MasterLife b2 = life("b2");
        leaseRunsOutWhileConnected("b1", b2);

        b2.runOnce();

        assertThat(test.count("SELECT COUNT(*) FROM token WHERE owner IS NULL")).isEqualTo(1);
    }

    @Test
    void the_clock_is_the_database_s() {
        MasterLife b1 = life("b1");

        assertThat(Duration.between(b1.clock().instant(), registry.now()).abs())
                .isLessThan(Duration.ofSeconds(5));
    }

    private void own(String follower, Author owner) {
        test.jdbc
                .sql("INSERT INTO token (processor_name, segment, owner) VALUES (:name, 0, :owner)")
                .param("name", follower)
                .param("owner", owner.owner())
                .update();
    }

    @Test
    void a_master_is_living_until_it_stops_or_its_lease_runs_out() {
        assertThat(registry.living("b1")).isEmpty();
        MasterLife b1 = life("b1");
        assertThat(registry.living("b1"))
                .hasValueSatisfying(living -> {
                    assertThat(living.host()).isEqualTo("host");
                    assertThat(living.pid()).isEqualTo(1);
                });

        leaseRunsOut("b1");
        assertThat(registry.living("b1")).isEmpty();
        b1.runOnce();
        assertThat(registry.living("b1")).isPresent();
        b1.close();

        assertThat(registry.living("b1")).isEmpty();
    }

    private MasterLife told(MasterLife life, List<Drain> told) {
        life.onDrain(told::add);
        return life;
    }

    @Test
    void a_drained_master_is_told_once_and_told_again_when_it_is_undrained() {
        List<Drain> told = new ArrayList<>();
        MasterLife b1 = told(life("b1"), told);

        assertThat(registry.drain(PEOPLE, "b1", false, "ann")).isEqualTo(Answer.DONE);
        b1.runOnce();
        b1.runOnce();
        assertThat(registry.undrain(PEOPLE, "b1", "ann")).isEqualTo(Answer.DONE);
        b1.look();

        assertThat(told).containsExactly(Drain.WHEN_DONE, Drain.NONE);
        assertThat(b1.drain()).isEqualTo(Drain.NONE);
        assertThat(eventsOf("b1"))
                .endsWith(
                        new MasterDrained("b1", 1, false, "ann"),
                        new MasterUndrained("b1", 1, "ann"));
    }

    @Test
    void a_master_that_was_drained_before_it_listens_is_told_at_once() {
        MasterLife b1 = life("b1");
        registry.drain(PEOPLE, "b1", true, "ann");
        b1.runOnce();
        List<Drain> told = new ArrayList<>();

        told(b1, told);

        assertThat(told).containsExactly(Drain.NOW);
    }

    @Test
    void a_drain_becomes_one_at_once_but_not_the_other_way() {
        life("b1");

        assertThat(registry.drain(PEOPLE, "b1", false, "ann")).isEqualTo(Answer.DONE);
        assertThat(registry.drain(PEOPLE, "b1", false, "ann")).isEqualTo(Answer.NO_CHANGE);
        assertThat(registry.drain(PEOPLE, "b1", true, "ann")).isEqualTo(Answer.DONE);
        assertThat(registry.drain(PEOPLE, "b1", false, "ann")).isEqualTo(Answer.NO_CHANGE);
        assertThat(registry.drain(PEOPLE, "b1", true, "ann")).isEqualTo(Answer.NO_CHANGE);
        assertThat(registry.undrain(PEOPLE, "b1", "ann")).isEqualTo(Answer.NO_CHANGE);
        assertThat(eventsOf("b1")).hasSize(3);
    }

    @Test
    void only_a_living_master_is_drained() {
        MasterLife b1 = life("b1");
        leaseRunsOut("b1");

        assertThat(registry.drain(PEOPLE, "b1", false, "ann")).isEqualTo(Answer.NOT_LIVING);
        assertThat(registry.drain(PEOPLE, "b2", false, "ann")).isEqualTo(Answer.NOT_LIVING);
        b1.runOnce();
        assertThat(registry.drain(PEOPLE, "b1", false, "ann")).isEqualTo(Answer.DONE);
        b1.close();
        assertThat(registry.undrain(PEOPLE, "b1", "ann")).isEqualTo(Answer.NOT_LIVING);
    }

    @Test
    void the_next_life_of_a_drained_master_is_not_drained() {
        life("b1");
        registry.drain(PEOPLE, "b1", false, "ann");

        MasterLife second = life("b1");
        second.runOnce();

        assertThat(second.drain()).isEqualTo(Drain.NONE);
    }

    @Test
    void a_drain_that_has_come_to_its_end_can_t_be_taken_back() {
        MasterLife b1 = life("b1");
        registry.drain(PEOPLE, "b1", false, "ann");
        b1.runOnce();

        assertThat(b1.endDrain()).isTrue();
        assertThat(b1.endDrain()).as("again, for the answer may have been lost").isTrue();

        assertThat(registry.undrain(PEOPLE, "b1", "ann")).isEqualTo(Answer.NO_CHANGE);
        assertThat(registry.drain(PEOPLE, "b1", true, "ann")).isEqualTo(Answer.DONE);
    }

    @Test
    void a_drain_that_was_taken_back_just_before_its_end_is_no_end() {
        List<Drain> told = new ArrayList<>();
        MasterLife b1 = told(life("b1"), told);
        registry.drain(PEOPLE, "b1", false, "ann");
        b1.runOnce();
        registry.undrain(PEOPLE, "b1", "ann");

        assertThat(b1.endDrain()).isFalse();

        assertThat(told).containsExactly(Drain.WHEN_DONE, Drain.NONE);
    }

    @Test
    void a_master_that_stops_by_itself_can_t_be_told_to_go_on_but_to_hurry() {
        MasterLife b1 = life("b1");
        b1.sayStopping("signal");
        b1.runOnce();

        assertThat(b1.drain()).isEqualTo(Drain.WHEN_DONE);
        assertThat(registry.undrain(PEOPLE, "b1", "ann")).isEqualTo(Answer.NO_CHANGE);
        assertThat(registry.drain(PEOPLE, "b1", true, "ann")).isEqualTo(Answer.DONE);
        b1.runOnce();
        assertThat(b1.drain()).isEqualTo(Drain.NOW);
    }

    @Test
    void a_fenced_life_that_stops_does_not_stop_the_one_that_has_fenced_it() {
        MasterLife first = life("b1");
        MasterLife second = life("b1");

        first.sayStopping("signal");
        second.runOnce();

        assertThat(second.drain()).isEqualTo(Drain.NONE);
        assertThat(eventsOf("b1")).noneMatch(MasterDrained.class::isInstance);
    }

    @Test
    void requests_that_have_waited_too_long_expire_while_a_master_lives() {
        MasterLife b1 = life("b1");
        test.log.inTransaction(() ->
                test.buildsets.submit(
                        b1.author(),
                        "cause",
                        TestOrders.of(1, 0, Duration.ofSeconds(1), "linux"),
                        Instant.parse("2026-01-01T12:00:00Z")));
        test.jdbc.sql("UPDATE build_request_queue SET expires_at = '2026-01-01'").update();

        b1.runOnce();

        assertThat(test.hasWork("linux")).isFalse();
        assertThat(test.log.read("build-request/1").getLast().event())
                .isEqualTo(new BuildRequestExpired(1, 1000));
    }

    @Test
    void a_builder_is_unserved_while_it_has_requests_and_no_living_master_that_claims() {
        MasterLife b1 = life("b1");
        assertThat(registry.unservedBuilders()).isEmpty();
        claimOne(b1.author());
        b1.close();
        assertThat(registry.unservedBuilders()).isEmpty();

        test.claims.releaseAllOf(PEOPLE, b1.author(), "for the test");

        assertThat(registry.unservedBuilders()).containsExactly(new Unserved("linux", 1));
        life("b2");
        assertThat(registry.unservedBuilders()).isEmpty();
        registry.drain(PEOPLE, "b2", false, "ann");
        assertThat(registry.unservedBuilders()).hasSize(1);
    }

    @Test
    void to_find_the_unserved_costs_the_same_however_many_requests_wait() {
        life("b1");
        test.jdbc
                .sql(
                        """
                        INSERT INTO build_request_queue
                               (request_id, buildset_id, builder, priority, submitted_at, attempts, next_sequence)
                        VALUES (1, 1, 'linux', 0, '2026-01-01', 0, 1), (2, 1, 'mac', 0, '2026-01-01', 0, 1)
                        """)
                .update();
        for (int rows = 2; rows < 30_000; rows *= 2) {
            test.jdbc
                    .sql(
                            """
                            INSERT INTO build_request_queue
                                   (request_id, buildset_id, builder, priority, submitted_at, attempts, next_sequence)
                            SELECT request_id + :rows, 1, builder, 0, '2026-01-01', 0, 1 FROM build_request_queue
                            """)
                    .param("rows", rows)
                    .update();
        }
        test.jdbc
                .sql("ANALYZE TABLE build_request_queue")
                .query((row, _) -> row.getString(1))
                .list();

        try (CountedSession session = new CountedSession(test)) {
            MasterRegistry counted =
                    new MasterRegistry(test.log, session.dataSource, session.dataSource);
            // What is counted, perhaps twice, and a few rows besides.
            assertThat(
                            session.rowsReadBy(() ->
                                    assertThat(counted.unservedBuilders())
                                            .containsExactly(
                                                    new Unserved("mac", Unserved.COUNTED))))
                    .isLessThan(3L * Unserved.COUNTED);
        }
    }
}
