package io.buildledger.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class StatementCountTest {

    @Test
    void what_is_of_no_kind_is_told_as_other() {
        StatementCount before =
                new StatementCount(Map.of("Questions", 100L, "Com_select", 40L, "Com_commit", 1L));
        StatementCount after =
                new StatementCount(
                        Map.of(
                                "Questions", 140L,
                                "Com_select", 50L,
                                "Com_commit", 11L,
                                "Com_delete_multi", 10L,
                                "Com_set_option", 10L));

        StatementCount.PerUnit perBuild = after.since(before).per(10);

        assertThat(perBuild).isEqualTo(new StatementCount.PerUnit(4, 1, 0, 0, 1, 1, 1));
    }
}
