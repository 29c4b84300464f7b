package io.buildledger.scheduler.changing;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.configuring.Codebase;
import io.buildledger.scheduler.serving.ServedLog;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class CodebaseRulesTest {

    private static final CodebaseRules RULES =
            new CodebaseRules(
                    List.of(
                            new Codebase("app", List.of("https://host/app.git"), null, null),
                            new Codebase("docs", List.of(), "https://host/docs-[a-z]+", null),
                            new Codebase("mine", List.of(), "https://host/.*", "mine"),
                            new Codebase("rest", List.of(), "https://host/.*", null)));

    private static NewChange change(String repository, String project, String codebase) {
        return new NewChange(
                repository,
                "main",
                "abc",
                project,
                codebase,
                null,
                "a",
                "",
                List.of(),
                null,
                Instant.EPOCH,
                Map.of(),
                "base");
    }

    @ParameterizedTest
    @CsvSource({
        "git@host:app,               '',   '', app",
        "https://host/app,           mine, '', app",
        "https://host/docs-en,       '',   '', docs",
        "https://host/docs-en.git,   '',   '', rest",
        "https://host/docs-en2,      '',   '', rest",
        "https://host/other,         mine, '', mine",
        "https://host/other,         '',   '', rest",
        "https://elsewhere/app,      '',   '', ''",
        "x https://host/other,       '',   '', ''",
        "https://host/app,           '',   named, named",
    })
    void a_change_is_of_the_first_codebase_whose_every_condition_it_meets(
            String repository, String project, String given, String codebase) {
        NewChange change = RULES.applyTo(change(repository, project, given));

        assertThat(change.codebase()).isEqualTo(codebase);
        assertThat(change).isEqualTo(change(repository, project, codebase));
    }

    @Test
    void a_regular_expression_that_others_take_for_ever_with_is_matched_at_once() {
        CodebaseRules rules =
                new CodebaseRules(List.of(new Codebase("evil", List.of(), "(a+)+(a*)*b", null)));
        NewChange change = change("a".repeat(NewChange.LONGEST_TEXT), "", "");

        Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(10), () -> assertThat(rules.applyTo(change)).isEqualTo(change));
    }

    @Test
    void other_rules_are_gone_by_once_they_are_in_force_and_not_before() {
        CodebaseRules rules =
                new CodebaseRules(
                        List.of(new Codebase("app", List.of("https://host/app.git"), null, null)));

        Runnable inForce =
                rules.prepare(
                        ServedLog.file(
                                "codebases: [{name: lib, repositories: [\"https://host/app.git\"]}]"));
        assertThat(rules.applyTo(change("https://host/app.git", "", "")).codebase())
                .isEqualTo("app");

        inForce.run();
        assertThat(rules.applyTo(change("https://host/app.git", "", "")).codebase())
                .isEqualTo("lib");
    }
}
