package io.buildledger.locking;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.locking.LockEvent.LockGranted;
import io.buildledger.domain.locking.LockMode;
import io.buildledger.domain.locking.LockUse;
import io.buildledger.locking.Locks.Answer;
import io.buildledger.locking.Locks.Answer.Granted;
import io.buildledger.locking.Locks.Answer.Over;
import io.buildledger.locking.Locks.Answer.Waiting;
import io.buildledger.log.Author;
import io.buildledger.log.Streams;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestMasters;
import io.buildledger.verifying.Verdict;
import io.buildledger.verifying.Verification;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LocksTest {

    private final TestLog test = new TestLog();
    private final Locks locks = new Locks(test.log, test.dataSource);
    private final MasterRegistry registry =
            new MasterRegistry(test.log, test.dataSource, test.dataSource);
    private Author b1;
    private Author b2;

    @BeforeEach
    void register() {
        b1 = register("b1");
        b2 = register("b2");
    }

    private Author register(String name) {
        return registry.register(TestMasters.builder(name));
    }

    @AfterEach
    void close() throws Exception {
        Verdict verdict = Verification.of(test.database);
        test.close();
        assertThat(verdict.violations()).isEmpty();
    }

    private static Holder step(long build, int step) {
        return new Holder("linux", build, 40 + build, 1, step);
    }

    private static LockUse all(String lock) {
        return new LockUse(lock, LockMode.EXCLUSIVE, 1, 1);
    }

    private static LockUse some(String lock, int count, int max) {
        return new LockUse(lock, LockMode.COUNTING, count, max);
    }

    private Answer request(Author master, Holder holder, LockUse... uses) {
        return locks.request(master, holder, List.of(uses));
    }

    @Test
    void steps_of_two_masters_have_a_lock_one_after_the_other_and_the_log_tells_whose_turn_it_is() {
        assertThat(request(b1, step(1, 2), all("port"))).isEqualTo(new Granted());

        assertThat(request(b2, step(2, 3), all("port")))
                .isEqualTo(
                        new Waiting(
                                List.of("lock port: held by build linux/1, step 2 on master b1")));
        locks.release(b1, step(1, 2), "the step has ended");

        assertThat(test.log.read(Streams.lock("port")).getLast().event())
                .isEqualTo(new LockGranted("port", 1, "linux", 2, 3));
        assertThat(request(b2, step(2, 3), all("port"))).isEqualTo(new Granted());
    }

    @Test
    void who_asks_again_has_its_place_of_the_first_time() {
        request(b1, step(1, 1), all("port"));
        request(b1, step(2, 1), all("port"));
        request(b2, step(3, 1), all("port"));

        assertThat(request(b1, step(2, 1), all("port"))).isInstanceOf(Waiting.class);
        locks.release(b1, step(1, 1), "the step has ended");

        assertThat(request(b2, step(3, 1), all("port"))).isInstanceOf(Waiting.class);
        assertThat(request(b1, step(2, 1), all("port"))).isEqualTo(new Granted());
        assertThat(test.count("SELECT COUNT(*) FROM lock_ticket")).isEqualTo(2);
    }

    @Test
    void one_who_waits_no_more_holds_up_nobody() {
        request(b1, step(1, 1), some("licences", 1, 2));
        request(b1, step(2, 1), all("licences"));
        assertThat(request(b2, step(3, 1), some("licences", 1, 2))).isInstanceOf(Waiting.class);

        locks.release(b1, step(2, 1), "the build was stopped");

        assertThat(request(b2, step(3, 1), some("licences", 1, 2))).isEqualTo(new Granted());
    }

    @Test
    void a_step_waits_until_it_has_all_of_its_locks() {
        request(b1, step(1, 1), all("left"));
        request(b1, step(2, 1), all("right"));

        assertThat(request(b2, step(3, 1), all("left"), all("right")))
                .isInstanceOfSatisfying(
                        Waiting.class, waiting -> assertThat(waiting.reasons()).hasSize(2));
        locks.release(b1, step(1, 1), "the step has ended");
        assertThat(request(b2, step(3, 1), all("left"), all("right")))
                .isEqualTo(
                        new Waiting(
                                List.of("lock right: held by build linux/2, step 1 on master b1")));
        locks.release(b1, step(2, 1), "the step has ended");
        assertThat(request(b2, step(3, 1), all("left"), all("right"))).isEqualTo(new Granted());
    }

    @Test
    void two_who_want_the_same_locks_in_other_orders_do_not_wait_for_each_other() {
        assertThat(request(b1, step(1, 1), all("left"), all("right"))).isEqualTo(new Granted());
        assertThat(request(b2, step(2, 1), all("right"), all("left"))).isInstanceOf(Waiting.class);

        locks.release(b1, step(1, 1), "the step has ended");

        assertThat(request(b2, step(2, 1), all("right"), all("left"))).isEqualTo(new Granted());
    }

    @Test
    void a_life_that_is_over_takes_no_lock_and_what_it_had_goes_to_the_next() {
        request(b1, step(1, 1), all("port"));
        request(b2, step(2, 1), all("port"));
        register("b1");

        assertThat(request(b1, step(3, 1), all("port"))).isEqualTo(new Over());
        assertThat(test.claims.holdersThatAreGone()).containsExactly(b1);
        test.claims.releaseAllOf(b2, b1, "master b1 is gone");

        assertThat(request(b2, step(2, 1), all("port"))).isEqualTo(new Granted());
    }

    @Test
    void what_nobody_has_is_released_without_a_word() {
        locks.release(b1, step(1, 1), "the step has ended");

        assertThat(test.count("SELECT COUNT(*) FROM event WHERE type LIKE 'lock-%'")).isZero();
    }

    @Test
    void a_line_that_says_something_else_than_the_log_is_told_of() throws Exception {
        request(b1, step(1, 1), all("port"));
        test.jdbc.sql("UPDATE lock_ticket SET held = FALSE").update();

        Verdict verdict = Verification.of(test.database);

        assertThat(verdict.violations())
                .singleElement()
                .satisfies(it -> assertThat(it.check()).isEqualTo("lock-table"));
        test.jdbc.sql("UPDATE lock_ticket SET held = TRUE").update();
    }

    @Test
    void a_lock_that_two_held_at_once_is_told_of() throws Exception {
        request(b1, step(1, 1), all("port"));
        test.jdbc.sql("DELETE FROM lock_ticket").update();
        request(b2, step(2, 1), all("port"));

        Verdict verdict = Verification.of(test.database);

        assertThat(verdict.violations())
                .anySatisfy(it -> {
                    assertThat(it.check()).isEqualTo("locks");
                    assertThat(it.what())
                            .isEqualTo(
                                    "lock port: ticket 1 was given it, which can't be after ticket 0 held EXCLUSIVE 1 of 1, ticket 1 waited for EXCLUSIVE 1 of 1");
                });
        test.jdbc.sql("DELETE FROM lock_ticket").update();
        test.jdbc.sql("DELETE FROM event WHERE type LIKE 'lock-%'").update();
    }
}
