package io.buildledger.domain.cancelling;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.cancelling.FailingBuildsetCanceller.Filter;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.changing.SourceStampFilter;
import io.buildledger.domain.changing.TextRule;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class FailingBuildsetCancellerTest {

    private static final FailingBuildsetCanceller CANCELLER =
            new FailingBuildsetCanceller(
                    "fail-fast",
                    List.of(
                            new Filter(
                                    Set.of("linux"),
                                    null,
                                    SourceStampFilter.onBranch(only("main"))),
                            new Filter(
                                    Set.of("linux", "docs"),
                                    Set.of("docs", "package"),
                                    SourceStampFilter.ALL),
                            new Filter(
                                    Set.of("docs"),
                                    Set.of("mac"),
                                    SourceStampFilter.onBranch(only("dev")))));

    private static TextRule only(String branch) {
        return TextRule.oneOf(branch);
    }

    /** For builders linux, docs, mac and package, whose requests are 1 to 4. */
    private static BuildsetSubmitted buildset(String branches) {
        return new BuildsetSubmitted(
                9,
                "main",
                1,
                "",
                Stream.of(branches.split(",", -1))
                        .map(it -> new SourceStamp("r", it, null, "", "of " + it))
                        .toList(),
                List.of(),
                Map.of(),
                Map.of("linux", 1L, "docs", 2L, "mac", 3L, "package", 4L),
                Instant.EPOCH,
                false,
                null,
                null,
                null);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    linux   | main     | 2, 3, 4
                    linux   | dev      | 2, 4
                    docs    | main     | 4
                    docs    | dev      | 3, 4
                    docs    | main,dev | 3, 4
                    linux   | dev,main | 2, 3, 4
                    mac     | main     |
                    package | main     |
                    """)
    void which_requests_of_a_buildset_end_when_a_builder_of_it_fails(
            String failed, String branches, String ended) {
        assertThat(CANCELLER.notWorthABuild(buildset(branches), failed))
                .extracting(String::valueOf)
                .containsExactly(ended == null ? new String[0] : ended.split(", ", -1));
    }

    @Test
    void it_heeds_the_builders_that_it_names_first() {
        assertThat(Stream.of("linux", "docs", "mac", "package").filter(CANCELLER::heeds))
                .containsExactly("linux", "docs");
    }

    @Test
    void the_reason_says_which_request_has_failed() {
        assertThat(FailingBuildsetCanceller.reason(buildset("main"), "linux", 1))
                .isEqualTo("request 1 of buildset 9, on builder linux, has failed");
    }
}
