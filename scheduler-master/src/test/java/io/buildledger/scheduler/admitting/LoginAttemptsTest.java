package io.buildledger.scheduler.admitting;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LoginAttemptsTest {

    private static final String HERE = "192.0.2.1";
    private static final String THERE = "192.0.2.2";

    private final AtomicLong nanos = new AtomicLong();
    private final LoginAttempts attempts = new LoginAttempts(nanos::get);

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    private int tries(String address, String name, int most) {
        int looked = 0;
        for (int i = 0; i < most; i++) {
            looked += attempts.begin(address, name) ? 1 : 0;
        }
        return looked;
    }

    @Test
    void one_address_tries_one_name_ten_times_and_others_go_on() {
        assertThat(tries(HERE, "ann", 50)).isEqualTo(LoginAttempts.MOST_OF_NAME);

        assertThat(attempts.begin(HERE, "bob")).isTrue();
        assertThat(attempts.begin(THERE, "ann")).isTrue();
    }

    @Test
    void one_address_tries_a_hundred_times_whatever_the_names() {
        int looked = 0;
        for (int i = 0; i < 150; i++) {
            looked += attempts.begin(HERE, "user" + i) ? 1 : 0;
        }

        assertThat(looked).isEqualTo(LoginAttempts.MOST_OF_ADDRESS);
        assertThat(attempts.begin(HERE, "ann")).isFalse();
        assertThat(attempts.begin(THERE, "user1")).isTrue();
    }

    @Test
    void they_are_forgotten_after_a_while_without_one_however_often_somebody_asks_meanwhile() {
        tries(HERE, "ann", 20);
        pass(LoginAttempts.WHILE.minusSeconds(1));
        assertThat(attempts.begin(HERE, "ann")).isFalse();

        pass(Duration.ofSeconds(2));

        assertThat(tries(HERE, "ann", 20)).isEqualTo(LoginAttempts.MOST_OF_NAME);
    }

    @Test
    void a_password_that_was_right_makes_up_for_those_that_were_wrong() {
        tries(HERE, "ann", LoginAttempts.MOST_OF_NAME - 1);
        assertThat(attempts.begin(HERE, "ann")).isTrue();

        attempts.succeed(HERE, "ann");

        assertThat(tries(HERE, "ann", 20)).isEqualTo(LoginAttempts.MOST_OF_NAME);
    }

    @Test
    void somebody_who_knows_one_password_gets_no_more_tries_for_others() {
        int looked = 0;
        for (int i = 0; i < 300; i++) {
            if (attempts.begin(HERE, "own")) {
                attempts.succeed(HERE, "own");
            }
            looked += attempts.begin(HERE, "user" + i) ? 1 : 0;
        }

        assertThat(looked).isEqualTo(LoginAttempts.MOST_OF_ADDRESS);
    }
}
