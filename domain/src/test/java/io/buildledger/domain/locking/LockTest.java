package io.buildledger.domain.locking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.domain.IllegalTransition;
import io.buildledger.domain.locking.LockEvent.LockGranted;
import io.buildledger.domain.locking.LockEvent.LockReleased;
import io.buildledger.domain.locking.LockEvent.LockRequested;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LockTest {

    private static LockEvent asked(long ticket, LockMode mode, int count) {
        return new LockRequested(
                "deploy", ticket, "linux", ticket, 40 + ticket, 1, null, mode, count, 2, "b1", 1);
    }

    private static LockEvent granted(long ticket) {
        return new LockGranted("deploy", ticket, "linux", ticket, null);
    }

    private static LockEvent released(long ticket) {
        return new LockReleased("deploy", ticket, "linux", ticket, null, "the build has ended");
    }

    private static Lock after(LockEvent... events) {
        Lock lock = Lock.FREE;
        for (LockEvent event : events) {
            lock = Lock.evolve(lock, event);
        }
        return lock;
    }

    @Test
    void what_is_released_is_free_again() {
        assertThat(after(asked(0, LockMode.EXCLUSIVE, 1), granted(0), released(0)))
                .isEqualTo(Lock.FREE);
        assertThat(after(asked(0, LockMode.EXCLUSIVE, 1), released(0))).isEqualTo(Lock.FREE);
    }

    @Test
    void it_knows_who_holds_it_and_who_waits() {
        Lock lock =
                after(asked(0, LockMode.COUNTING, 2), granted(0), asked(1, LockMode.COUNTING, 1));

        assertThat(lock.tickets().values().stream().map(Lock.Ticket::held))
                .containsExactly(true, false);
        assertThat(lock.tickets()).containsOnlyKeys(0L, 1L);
    }

    @Test
    void more_than_there_is_can_t_be_given() {
        Lock full =
                after(asked(0, LockMode.COUNTING, 2), granted(0), asked(1, LockMode.COUNTING, 1));

        assertThatThrownBy(() -> Lock.evolve(full, granted(1)))
                .isInstanceOf(IllegalTransition.class);
        assertThat(Lock.evolve(Lock.evolve(full, released(0)), granted(1)).tickets())
                .isEqualTo(
                        Map.of(
                                1L,
                                new Lock.Ticket(
                                        (LockRequested) asked(1, LockMode.COUNTING, 1), true)));
    }

    @Test
    void nobody_is_passed() {
        Lock lock =
                after(
                        asked(0, LockMode.COUNTING, 1),
                        granted(0),
                        asked(1, LockMode.EXCLUSIVE, 1),
                        asked(2, LockMode.COUNTING, 1));

        assertThatThrownBy(() -> Lock.evolve(lock, granted(2)))
                .isInstanceOf(IllegalTransition.class);
    }

    @Test
    void only_those_who_have_come_are_given_it_or_let_it_go() {
        assertThatThrownBy(() -> after(granted(0))).isInstanceOf(IllegalTransition.class);
        assertThatThrownBy(() -> after(released(0))).isInstanceOf(IllegalTransition.class);
        assertThatThrownBy(
                        () -> after(asked(0, LockMode.COUNTING, 1), asked(0, LockMode.COUNTING, 1)))
                .isInstanceOf(IllegalTransition.class);
        assertThatThrownBy(() -> after(asked(0, LockMode.COUNTING, 1), granted(0), granted(0)))
                .isInstanceOf(IllegalTransition.class);
    }
}
