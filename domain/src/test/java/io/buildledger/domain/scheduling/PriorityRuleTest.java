package io.buildledger.domain.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.changing.TextPattern;
import io.buildledger.domain.scheduling.PriorityRule.OfBranch;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PriorityRuleTest {

    private static final PriorityRule RULE =
            new PriorityRule(
                    1,
                    List.of(
                            new OfBranch(new TextPattern("release/.*"), 9),
                            new OfBranch(new TextPattern("release/1|main"), 5)));

    private static int of(@Nullable String... branches) {
        return RULE.of(
                Stream.of(branches)
                        .map(it -> new SourceStamp("r", it, null, "", it + ""))
                        .toList());
    }

    @Test
    void the_first_pattern_counts_that_any_stamps_branch_matches() {
        assertThat(of("release/1")).isEqualTo(9);
        assertThat(of("main", "release/2")).isEqualTo(9);
        assertThat(of("x", "main")).isEqualTo(5);
    }

    @Test
    void where_none_matches_as_a_whole_it_is_the_other() {
        assertThat(of("my-release/1")).isEqualTo(1);
        assertThat(of("main2")).isEqualTo(1);
        assertThat(of()).isEqualTo(1);
    }

    @Test
    void no_branch_is_the_empty_one() {
        PriorityRule rule = new PriorityRule(1, List.of(new OfBranch(new TextPattern(""), 3)));

        assertThat(rule.of(List.of(new SourceStamp("r", null, null, "", "")))).isEqualTo(3);
        assertThat(of((String) null)).isEqualTo(1);
    }
}
