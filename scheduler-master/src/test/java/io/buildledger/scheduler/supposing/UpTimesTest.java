package io.buildledger.scheduler.supposing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Masters are written {@code +s@10} and {@code -s@20} for the start and the end of s, or {@code
 * +s@*} where it was up before.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
class UpTimesTest {

    @ParameterizedTest(name = "{0}: {1} is {2}")
    @CsvSource({
        "'', 5, 5",
        "+s@10, 5, 10",
        "+s@10, 10, 10",
        "+s@10, 12, 12",
        "+s@* -s@20 +s@30, 10, 10",
        "+s@* -s@20 +s@30, 20, 30",
        "+s@* -s@20 +s@30, 25, 30",
        "+s@* -s@20 +s@30, 31, 31",
        "+s@* +t@15 -s@20 -t@40 +s@50, 25, 25",
        "+s@* +t@15 -s@20 -t@40 +s@50, 45, 50",
        "+s@* -s@20 +s@30 -s@40 +t@60, 41, 60",
        "+s@* -s@20 +s@30 -s@40 +t@60, 21, 30",
        "+s@* -s@*, 5, never",
        "+s@* -s@20, 5, 5",
        "+s@* -s@20, 20, never"
    })
    void a_moment_at_which_no_master_is_up_is_when_the_next_one_starts(
            String masters, long moment, String up) {
        UpTimes times = new UpTimes();
        for (String text : masters.split(" ", -1)) {
            if (!text.isEmpty()) {
                String time = text.substring(text.indexOf('@') + 1);
                Instant at =
                        time.equals("*")
                                ? Instant.MIN
                                : Instant.ofEpochSecond(Long.parseLong(time));
                String name = text.substring(1, text.indexOf('@'));
                if (text.startsWith("+")) {
                    times.started(name, 1, at);
                } else {
                    times.ended(name, 1, at);
                }
            }
        }

        Instant at = times.upAt(Instant.ofEpochSecond(moment));
        assertThat(at.isBefore(times.downForGood()) ? "" + at.getEpochSecond() : "never")
                .isEqualTo(up);
    }
}
