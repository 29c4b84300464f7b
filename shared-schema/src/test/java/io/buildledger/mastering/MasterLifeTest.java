package io.buildledger.mastering;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.mastering.MasterEvent.MasterLost;
import io.buildledger.domain.mastering.MasterEvent.MasterStarted;
import io.buildledger.domain.mastering.MasterEvent.MasterStopped;
import io.buildledger.domain.scheduling.SchedulerEvent.ChangesScheduled;
import io.buildledger.log.Author;
import io.buildledger.log.Recorded;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestWorkers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class MasterLifeTest {

    private static final Duration LEASE = Duration.ofSeconds(30);

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

    private void leaseRunsOutWhileAllAreConnected(String name) {
        leaseRunsOut(name);
        monotonic.updateAndGet(now -> now.plus(LEASE));
    }

    private void claimOne(Author author) {
        test.log.inTransaction(() ->
                test.buildsets.submit(
                        author,
                        "cause",
                        new ChangesScheduled("main", 1, List.of(1L), "r", "main", "abc", "", ""),
                        List.of("linux"),
                        0,
                        null,
                        Instant.parse("2026-01-01T12:00:00Z")));
        assertThat(TestWorkers.claim(test.claims, author, "linux", "w")).hasSize(1);
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
        leaseRunsOutWhileAllAreConnected("b1");

        b2.runOnce();

        assertThat(eventsOf("b1").getLast()).isInstanceOf(MasterLost.class);
        assertThat(test.count("SELECT COUNT(*) FROM claim")).isZero();
        assertThat(test.queue.hasWork("linux")).isTrue();
    }

    @Test
    void the_lost_master_stops_as_soon_as_it_learns_of_it() {
        MasterLife b1 = life("b1");
        MasterLife b2 = life("b2");
        leaseRunsOutWhileAllAreConnected("b1");
        b2.runOnce();

        b1.runOnce();

        assertThat(lost).isTrue();
    }

    @Test
    void a_master_that_was_not_declared_lost_takes_its_lapsed_lease_up_again() {
        MasterLife b1 = life("b1");
        MasterLife b2 = life("b2");
        leaseRunsOutWhileAllAreConnected("b1");

        b1.runOnce();
        b2.runOnce();

        assertThat(lost).isFalse();
        assertThat(eventsOf("b1")).hasSize(1);
    }

    @Test
    void nobody_is_declared_lost_by_a_master_that_is_not_yet_connected_for_a_whole_lease() {
        life("b1");
        MasterLife b2 = life("b2");
        leaseRunsOut("b1");
        monotonic.updateAndGet(now -> now.plus(LEASE).minusMillis(1));

        b2.runOnce();

        assertThat(eventsOf("b1")).hasSize(1);
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
        leaseRunsOutWhileAllAreConnected("b1");

        b2.runOnce();

        assertThat(test.count("SELECT COUNT(*) FROM token WHERE owner IS NULL")).isEqualTo(1);
    }

    @Test
    void the_clock_is_the_database_s() {
        MasterLife b1 = life("b1");

        assertThat(Duration.between(b1.clock().instant(), registry.now()).abs())
                .isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void followers_that_a_dead_life_took_again_are_freed() {
        MasterLife b1 = life("b1");
        MasterLife b2 = life("b2");
        leaseRunsOutWhileAllAreConnected("b1");
        b2.runOnce();
        own("views", b1.author());
        own("scheduler/main", b2.author());

        b2.runOnce();

        assertThat(test.jdbc.sql("SELECT owner FROM token").query(String.class).list())
                .containsExactlyInAnyOrder(null, b2.author().owner());
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
}
