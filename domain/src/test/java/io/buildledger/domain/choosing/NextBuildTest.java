package io.buildledger.domain.choosing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class NextBuildTest {

    /** As in {@code 7@3p1+}: request 7, submitted at second 3, with priority 1, preferred. */
    private static WaitingBuild build(String text) {
        List<String> parts = List.of(text.replace("+", "").split("[@p]"));
        return new WaitingBuild(
                Long.parseLong(parts.get(0)),
                parts.size() > 2 ? Integer.parseInt(parts.get(2)) : 0,
                Instant.ofEpochSecond(Long.parseLong(parts.get(1))),
                text.endsWith("+"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    IN_ORDER     | 1@1 2@2 3@3          | 1 2 3
                    IN_ORDER     | 1@3 2@2 3@1          | 3 2 1
                    IN_ORDER     | 2@1 1@1              | 1 2
                    IN_ORDER     | 1@1 2@2p1 3@3p-1     | 2 1 3
                    IN_ORDER     | 1@1 2@2+ 3@3+        | 2 3 1
                    IN_ORDER     | 1@1p1 2@2+ 3@3p1+    | 3 1 2
                    NEWEST_FIRST | 1@1 2@2 3@3          | 3 2 1
                    NEWEST_FIRST | 1@1 2@1              | 2 1
                    NEWEST_FIRST | 1@1p1 2@2 3@3p-1     | 1 2 3
                    NEWEST_FIRST | 1@1+ 2@2+ 3@3        | 2 1 3
                    """)
    void the_priority_goes_first_then_what_is_preferred_then_the_age(
            NextBuild next, String offered, String order) {
        List<WaitingBuild> builds =
                Stream.of(offered.split(" "))
                        .map(NextBuildTest::build)
                        .collect(Collectors.toList());
        for (int turn = 0; turn < builds.size(); turn++) {
            Collections.rotate(builds, 1);

            assertThat(
                            builds.stream()
                                    .sorted(next.order())
                                    .map(it -> Long.toString(it.requestId()))
                                    .collect(Collectors.joining(" ")))
                    .isEqualTo(order);
        }
    }
}
