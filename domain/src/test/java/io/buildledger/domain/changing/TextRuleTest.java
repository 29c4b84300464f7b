package io.buildledger.domain.changing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class TextRuleTest {

    private static TextRule equal(String... values) {
        return TextRule.oneOf(values);
    }

    private static TextRule notEqual(String... values) {
        return new TextRule(Set.of(), Set.of(values), List.of(), List.of());
    }

    private static TextRule matching(String... patterns) {
        return new TextRule(Set.of(), Set.of(), patterns(patterns), List.of());
    }

    private static TextRule notMatching(String... patterns) {
        return new TextRule(Set.of(), Set.of(), List.of(), patterns(patterns));
    }

    private static List<TextPattern> patterns(String... patterns) {
        return List.of(patterns).stream().map(TextPattern::new).toList();
    }

    @Test
    void a_rule_without_parts_lets_everything_pass() {
        assertThat(TextRule.ANY.accepts("a")).isTrue();
        assertThat(TextRule.ANY.accepts("")).isTrue();
        assertThat(TextRule.ANY.accepts(null)).isTrue();
    }

    @Test
    void equal_is_one_of() {
        assertThat(equal("a", "b").accepts("b")).isTrue();
        assertThat(equal("a", "b").accepts("c")).isFalse();
        assertThat(equal("a").accepts("A")).isFalse();
    }

    @Test
    void not_equal_is_none_of() {
        assertThat(notEqual("a", "b").accepts("b")).isFalse();
        assertThat(notEqual("a", "b").accepts("c")).isTrue();
    }

    @Test
    void a_pattern_matches_the_whole_value() {
        assertThat(matching("release/.*").accepts("release/1")).isTrue();
        assertThat(matching("release/.*").accepts("my-release/1")).isFalse();
        assertThat(matching("main").accepts("main2")).isFalse();
        assertThat(matching("a", "b.").accepts("bc")).isTrue();
        assertThat(matching("a|ab").accepts("ab")).isTrue();
        assertThat(matching("(?i)MAIN").accepts("main")).isTrue();
    }

    @Test
    void not_matching_is_matching_none() {
        assertThat(notMatching("a.*", "b.*").accepts("bc")).isFalse();
        assertThat(notMatching("a.*", "b.*").accepts("ca")).isTrue();
    }

    @Test
    void every_part_must_let_a_value_pass() {
        TextRule rule =
                new TextRule(
                        Set.of("ab", "ac", "b"), Set.of("ac"), patterns("a."), patterns(".*d"));

        assertThat(rule.accepts("ab")).isTrue();
        assertThat(rule.accepts("ac")).isFalse();
        assertThat(rule.accepts("b")).isFalse();
        assertThat(rule.accepts("ad")).isFalse();
    }

    @Test
    void an_absent_value_counts_as_the_empty_text() {
        assertThat(equal("").accepts(null)).isTrue();
        assertThat(equal("a").accepts(null)).isFalse();
        assertThat(notEqual("a").accepts(null)).isTrue();
        assertThat(notEqual("").accepts(null)).isFalse();
        assertThat(matching(".*").accepts(null)).isTrue();
        assertThat(matching(".+").accepts(null)).isFalse();
        assertThat(notMatching(".+").accepts(null)).isTrue();
    }

    @Test
    void a_value_of_several_lines_is_matched_as_a_whole_too() {
        assertThat(matching("a.*b").accepts("a\nb")).isTrue();
        assertThat(matching("a").accepts("a\n")).isFalse();
    }

    @Test
    void a_refusal_names_the_field_the_value_and_the_part() {
        assertThat(equal("b", "a").refusal("branch", "c")).contains("branch 'c' is not a or b");
        assertThat(notEqual("c").refusal("branch", "c")).contains("branch 'c' is excluded");
        assertThat(matching("a", "b").refusal("branch", "c"))
                .contains("branch 'c' does not match /a/ or /b/");
        assertThat(notMatching("c|d").refusal("branch", "c"))
                .contains("branch 'c' matches /c|d/, which is excluded");
        assertThat(equal("a").refusal("branch", null)).contains("branch '' is not a");
    }

    @Test
    void what_is_no_pattern_says_why() {
        assertThatThrownBy(() -> new TextPattern("a(b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'a(b' is not a regular expression")
                .hasMessageContaining("missing closing )");
        assertThatThrownBy(() -> new TextPattern("(?=a)"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TextPattern("(a)\\1"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_pattern_that_would_blow_up_elsewhere_is_matched_in_no_time() {
        TextPattern pattern = new TextPattern("(a+)+b");

        Assertions.assertTimeout(
                Duration.ofSeconds(5),
                () -> assertThat(pattern.matches("a".repeat(50_000))).isFalse());
    }

    @Test
    void a_monstrous_pattern_is_refused_as_any_that_is_none() {
        assertThatThrownBy(() -> new TextPattern("(".repeat(100_000) + ")".repeat(100_000)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TextPattern("((a{900}){900}){900}"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TextPattern("a".repeat(1_000_000)))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .hasSizeLessThan(500);
    }
}
