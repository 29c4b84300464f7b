package io.buildledger.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ReportTest {

    private record Run(int masters, double buildsPerSecond, String remark) {}

    private final Report report =
            new Report(
                    new Conditions(
                            "1.0",
                            "MySQL 9.7",
                            "1",
                            "1",
                            "ON",
                            "128 MiB",
                            2,
                            "a processor",
                            0.25,
                            "25",
                            Instant.EPOCH));

    @Test
    void programs_get_one_object_with_a_list_of_runs() {
        report.section("runs", List.of(new Run(1, 1234.5, "slow"), new Run(2, 9.87, "fast")));

        JsonNode json = JsonMapper.shared().readTree(report.json());

        assertThat(json.path("runs").path(1).path("buildsPerSecond").asDouble()).isEqualTo(9.87);
        assertThat(json.path("conditions").path("syncBinlog").asString()).isEqualTo("1");
    }

    @Test
    void people_get_columns_under_titles_of_several_lines() {
        report.section("runs", List.of(new Run(1, 1234.5, "slow"), new Run(12, 9.87, "fast")));

        assertThat(report.text())
                .contains("conditions\n", "sync binlog")
                .endsWith(
                        """
                        runs
                                   builds
                                      per
                          masters  second  remark
                                1   1,235  slow
                               12    9.87  fast\
                        """);
    }

    @Test
    void a_target_that_is_missed_says_by_how_much() {
        report.atLeast("builds a second", 2000, 1500);
        report.atMost("statements a build", 8, 7.5);

        assertThat(report.text())
                .contains(
                        "MISSED builds a second: at least 2,000: 1,500, missed by 25 %",
                        "met    statements a build: at most 8: 7.50");
    }
}
