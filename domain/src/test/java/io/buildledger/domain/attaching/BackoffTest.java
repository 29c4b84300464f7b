package io.buildledger.domain.attaching;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BackoffTest {

    @ParameterizedTest
    @CsvSource({
        "1, PT10S",
        "2, PT20S",
        "3, PT40S",
        "4, PT80S",
        "9, PT2560S",
        "10, PT1H",
        "11, PT1H",
        "1000000000, PT1H"
    })
    void it_doubles_with_each_failure_in_a_row_up_to_an_hour(int failures, Duration backoff) {
        assertThat(new Backoff(Duration.ofSeconds(10), Duration.ofHours(1)).after(failures))
                .isEqualTo(backoff);
    }

    @ParameterizedTest
    @CsvSource({"PT0S, PT1H, true", "PT1S, PT1H, false", "PT1H, PT1H, false"})
    void without_a_first_one_there_is_none(Duration first, Duration most, boolean none) {
        assertThat(new Backoff(first, most).isNone()).isEqualTo(none);
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "7"})
    void the_longest_may_be_the_first(int failures) {
        assertThat(new Backoff(Duration.ofMinutes(1), Duration.ofMinutes(1)).after(failures))
                .isEqualTo(Duration.ofMinutes(1));
    }
}
