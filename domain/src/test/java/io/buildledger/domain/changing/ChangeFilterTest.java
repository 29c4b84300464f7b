package io.buildledger.domain.changing;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ChangeFilterTest {

    private static final TextRule ANY = TextRule.ANY;

    private static ChangeReceived change(
            @Nullable String branch, Map<String, String> properties, String... files) {
        return new ChangeReceived(
                1,
                "repo",
                branch,
                "abc",
                "project",
                "lib",
                null,
                "me",
                "",
                List.of(files),
                null,
                Instant.EPOCH,
                properties,
                "base");
    }

    private static ChangeReceived change() {
        return change("main", Map.of());
    }

    private static TextRule not(String value) {
        return new TextRule(Set.of(), Set.of(value), List.of(), List.of());
    }

    private static ChangeFilter onProperty(String name, TextRule rule) {
        return new ChangeFilter(ANY, ANY, ANY, ANY, ANY, new TreeMap<>(Map.of(name, rule)));
    }

    @Test
    void it_takes_everything_by_default() {
        assertThat(ChangeFilter.ALL.accepts(change())).isTrue();
        assertThat(ChangeFilter.ALL.accepts(change(null, Map.of()))).isTrue();
    }

    @Test
    void each_field_has_its_rule_and_all_must_hold() {
        TextRule other = TextRule.oneOf("other");
        TreeMap<String, TextRule> none = new TreeMap<>();

        assertThat(new ChangeFilter(other, ANY, ANY, ANY, ANY, none).refusal(change()))
                .contains("project 'project' is not other");
        assertThat(new ChangeFilter(ANY, other, ANY, ANY, ANY, none).refusal(change()))
                .contains("repository 'repo' is not other");
        assertThat(new ChangeFilter(ANY, ANY, other, ANY, ANY, none).refusal(change()))
                .contains("branch 'main' is not other");
        assertThat(new ChangeFilter(ANY, ANY, ANY, other, ANY, none).refusal(change()))
                .contains("category '' is not other");
        assertThat(new ChangeFilter(ANY, ANY, ANY, ANY, other, none).refusal(change()))
                .contains("codebase 'lib' is not other");
        assertThat(
                        new ChangeFilter(
                                        TextRule.oneOf("project"),
                                        TextRule.oneOf("repo"),
                                        TextRule.oneOf("main"),
                                        TextRule.oneOf(""),
                                        TextRule.oneOf("lib"),
                                        none)
                                .accepts(change()))
                .isTrue();
    }

    @Test
    void no_branch_is_the_empty_one() {
        assertThat(ChangeFilter.onBranch(TextRule.oneOf("")).accepts(change(null, Map.of())))
                .isTrue();
        assertThat(ChangeFilter.onBranch(TextRule.oneOf("", "main")).accepts(change())).isTrue();
        assertThat(ChangeFilter.onBranch(TextRule.oneOf("main")).accepts(change(null, Map.of())))
                .isFalse();
        assertThat(ChangeFilter.onBranch(not("main")).accepts(change(null, Map.of()))).isTrue();
    }

    @Test
    void an_absent_category_can_be_asked_for() {
        TreeMap<String, TextRule> none = new TreeMap<>();

        assertThat(new ChangeFilter(ANY, ANY, ANY, TextRule.oneOf(""), ANY, none).accepts(change()))
                .isTrue();
        assertThat(new ChangeFilter(ANY, ANY, ANY, not(""), ANY, none).accepts(change())).isFalse();
    }

    @Test
    void properties_have_rules_by_their_names_and_an_absent_one_is_empty() {
        ChangeReceived x = change("main", Map.of("p", "x"));

        assertThat(onProperty("p", TextRule.oneOf("x")).accepts(x)).isTrue();
        assertThat(onProperty("p", TextRule.oneOf("y")).refusal(x))
                .contains("property p 'x' is not y");
        assertThat(onProperty("q", TextRule.oneOf("x")).accepts(x)).isFalse();
        assertThat(onProperty("q", not("x")).accepts(x)).isTrue();
        assertThat(onProperty("q", TextRule.oneOf("")).accepts(x)).isTrue();
    }

    @Test
    void important_is_a_change_with_an_important_file() {
        ImportantFiles code =
                new ImportantFiles(
                        List.of(new PathGlob("src/"), new PathGlob("pom.xml")),
                        List.of(new PathGlob("src/**/*.md")));

        assertThat(code.areIn(change("main", Map.of(), "docs/a.md", "src/A.java"))).isTrue();
        assertThat(code.areIn(change("main", Map.of(), "pom.xml"))).isTrue();
        assertThat(code.areIn(change("main", Map.of(), "src/a/b.md", "docs/a.md"))).isFalse();
        assertThat(code.areIn(change("main", Map.of(), "other"))).isFalse();
    }

    @Test
    void important_is_a_change_whose_files_nobody_knows() {
        ImportantFiles code = new ImportantFiles(List.of(new PathGlob("src/")), List.of());

        assertThat(code.areIn(change("main", Map.of()))).isTrue();
    }

    @Test
    void without_a_list_to_include_every_file_is_important_that_is_not_excluded() {
        ImportantFiles noDocs = new ImportantFiles(List.of(), List.of(new PathGlob("docs/")));

        assertThat(noDocs.areIn(change("main", Map.of(), "a"))).isTrue();
        assertThat(noDocs.areIn(change("main", Map.of(), "docs/a"))).isFalse();
        assertThat(ImportantFiles.ALL.areIn(change("main", Map.of(), "docs/a"))).isTrue();
    }
}
