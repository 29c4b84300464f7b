package io.buildledger.scheduler.commandline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class GivenTimeTest {

    private final GivenTime times =
            new GivenTime(Instant.parse("2026-10-31T12:00:00Z"), ZoneId.of("Europe/Berlin"));

    @ParameterizedTest
    @CsvSource({
        "2026-10-01T03:12:00Z, 2026-10-01T03:12:00Z",
        "2026-10-01T03:12:00.123456Z, 2026-10-01T03:12:00.123456Z",
        "2026-10-01 03:12:00+02:00, 2026-10-01T01:12:00Z",
        "2026-10-01 03:12, 2026-10-01T01:12:00Z",
        "2026-10-01, 2026-09-30T22:00:00Z",
        "30d, 2026-10-01T12:00:00Z",
        "12h, 2026-10-31T00:00:00Z",
        "15m, 2026-10-31T11:45:00Z"
    })
    void a_time_is_read(String text, Instant at) {
        assertThat(times.read("--since", text)).isEqualTo(at);
    }

    @ParameterizedTest
    @CsvSource({
        "30d, 2026-11-30T12:00:00Z",
        "2027-01-31, 2027-01-30T23:00:00Z",
        "2026-10-31T12:00:00.001Z, 2026-10-31T12:00:00.001Z"
    })
    void a_time_to_come_is_read(String text, Instant at) {
        assertThat(times.readAhead("--expires", text)).isEqualTo(at);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0m", "2026-10-31T12:00:00Z", "2026-10-31"})
    void what_has_been_is_no_time_to_come(String text) {
        assertThatThrownBy(() -> times.readAhead("--expires", text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("--expires: " + text + " is over already");
    }

    @Test
    void what_is_no_time_to_come_is_refused_with_what_would_be_one() {
        assertThatThrownBy(() -> times.readAhead("--expires", "1s"))
                .hasMessageStartingWith("--expires: '1s' is no time: write it like 2026-10-01")
                .hasMessageEndingWith("or 30d for so long from now");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "yesterday", "3", "2026-13-01", "2026-10-01T25:00:00Z", "-1d", "5s"})
    void what_is_no_time_is_refused_with_what_would_be_one(String text) {
        assertThatThrownBy(() -> times.read("--since", text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        "--since: '" + text + "' is no time: write it like 2026-10-01");
    }
}
