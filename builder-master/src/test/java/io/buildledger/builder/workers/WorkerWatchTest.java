package io.buildledger.builder.workers;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.attaching.OpenCommands;
import io.buildledger.attaching.WorkerRegister;
import io.buildledger.attaching.WorkerRoster;
import io.buildledger.attaching.WorkerRoster.Listed;
import io.buildledger.builder.workers.WorkerWatch.Watched;
import io.buildledger.log.Author;
import io.buildledger.testing.TestLog;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class WorkerWatchTest {

    private static final Author B1 = new Author("b1", 1);
    private static final Author B2 = new Author("b2", 1);
    private static final Duration HOUR = Duration.ofHours(1);

    private final TestLog test = new TestLog();
    private final WorkerRoster roster = new WorkerRoster(test.log, test.dataSource);
    private final WorkerRegister register =
            new WorkerRegister(test.log, test.dataSource, new OpenCommands(test.dataSource));
    private final AtomicLong nanoTime = new AtomicLong();
    private final WorkerWatch watch = watch(B1);

    private WorkerWatch watch(Author master) {
        return new WorkerWatch(
                roster, register, master, List.of(watched("w", true, HOUR)), nanoTime::get);
    }

    private static Watched watched(String name, boolean attaches, Duration missingTimeout) {
        return new Watched(new Listed(name, attaches, false, 1), missingTimeout);
    }

    @AfterEach
    void close() {
        test.close();
    }

    private void pass(Duration time) {
        nanoTime.addAndGet(time.toNanos());
    }

    private long told() {
        return test.count("SELECT COUNT(*) FROM event WHERE type = 'worker-missing'");
    }

    /** Masters that nobody has registered live for ever; a row makes them known to queries. */
    private void live(Author master) {
        test.jdbc
                .sql(
                        """
                        INSERT INTO master (name, epoch, role, state, host, pid, lease_micros, started_at, leased_until)
                        VALUES (:name, 1, 'builder', 'live', 'host', 1, 30000000, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))
                        """)
                .param("name", master.master())
                .update();
    }

    @Test
    void a_worker_that_is_away_for_longer_than_it_may_be_is_told_of_once_by_one_master() {
        WorkerWatch other = watch(B2);
        watch.runOnce();
        other.runOnce();
        pass(HOUR.minusSeconds(1));
        watch.runOnce();
        assertThat(told()).isZero();
        pass(Duration.ofMinutes(1));
        watch.runOnce();
        watch.runOnce();
        other.runOnce();
        pass(HOUR.multipliedBy(3));
        watch.runOnce();
        other.runOnce();

        assertThat(told()).isEqualTo(1);
    }

    @Test
    void one_that_comes_back_has_its_time_again() {
        live(B2);
        watch.runOnce();
        pass(HOUR.minusSeconds(1));
        register.attach(B2, "w", "3.7.0", "posix");
        watch.runOnce();
        register.detach(B2, "w", "gone");
        pass(Duration.ofMinutes(1));
        watch.runOnce();
        assertThat(told()).isZero();

        pass(HOUR);
        watch.runOnce();
        assertThat(told()).isEqualTo(1);
        register.attach(B2, "w", "3.7.0", "posix");
        register.detach(B2, "w", "gone");
        watch.runOnce();
        pass(HOUR);
        watch.runOnce();
        assertThat(told()).isEqualTo(2);
    }

    @Test
    void nobody_looks_for_local_workers_nor_for_those_that_may_be_away_for_ever() {
        watch.use(List.of(watched("b1/local", false, HOUR), watched("w", true, Duration.ZERO)));
        watch.runOnce();
        pass(HOUR);
        watch.runOnce();

        assertThat(told()).isZero();
        assertThat(roster.has("b1/local")).isTrue();
    }

    @Test
    void other_workers_take_the_place_of_the_former_ones() {
        watch.runOnce();
        assertThat(roster.has("w")).isTrue();

        watch.use(List.of(watched("x", true, HOUR)));
        watch.runOnce();

        assertThat(roster.has("w")).isFalse();
        assertThat(roster.has("x")).isTrue();
    }
}
