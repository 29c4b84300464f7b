package io.buildledger.scheduler.supposing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class AllowanceTest {

    @Test
    void what_is_more_than_it_has_is_told_by_the_time_that_was_asked_of() {
        Allowance allowance = new Allowance(10, 3);

        assertThatCode(() -> allowance.requireEvents(10)).doesNotThrowAnyException();
        assertThatThrownBy(() -> allowance.requireEvents(11))
                .isInstanceOfSatisfying(
                        TooMuchException.class,
                        e ->
                                assertThat(e.told(""))
                                        .isEqualTo(
                                                "since: in that time there are up to 11 events, and at most 10 are looked at here"));
        allowance.take(2);
        allowance.take(1);
        assertThatThrownBy(() -> allowance.take(1)).isInstanceOf(TooMuchException.class);
    }

    @Test
    void nothing_goes_on_of_which_the_thread_was_interrupted() {
        Agenda agenda = new Agenda(Instant.EPOCH);
        agenda.put(
                Instant.EPOCH, () -> agenda.put(agenda.now(), Thread.currentThread()::interrupt));
        // It would go on for ever.
        Runnable[] again = new Runnable[1];
        again[0] = () -> agenda.put(agenda.now(), again[0]);
        agenda.put(Instant.EPOCH, again[0]);

        try {
            assertThatThrownBy(agenda::passAll).isInstanceOf(CancellationException.class);
        } finally {
            boolean _ = Thread.interrupted();
        }
    }
}
