package io.buildledger.configuring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.buildledger.domain.scheduling.ForceForm;
import io.buildledger.domain.scheduling.ForceScheduler;
import io.buildledger.domain.scheduling.Scheduler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SchedulerConfigurationTest {

    @TempDir Path directory;

    private ConfigurationFile read(String schedulers) throws IOException {
        return ConfigurationFile.read(
                Files.writeString(
                        directory.resolve("c.yaml"),
                        """
                        db_url: jdbc:mysql://db/buildledger
                        db_user: buildledger
                        builders: [{name: linux, worker_names: [w], factory: []}]
                        workers: [{name: w}]
                        codebases: [{name: app, repositories: [r]}]
                        schedulers:
                        """
                                + schedulers.indent(2)));
    }

    private List<String> problems(String schedulers) {
        return catchThrowableOfType(InvalidConfigurationException.class, () -> read(schedulers))
                .problems();
    }

    @Test
    void a_scheduler_goes_on_under_one_name_and_only_if_it_is_gone() {
        assertThat(
                        problems(
                                """
                                - any_branch: {name: a, builder_names: [linux]}
                                - any_branch: {name: b, renamed_from: a, builder_names: [linux]}
                                - any_branch: {name: c, renamed_from: old, builder_names: [linux]}
                                - any_branch: {name: d, renamed_from: old, builder_names: [linux]}
                                """))
                .satisfiesExactly(
                        b ->
                                assertThat(b)
                                        .contains(
                                                "b: renamed_from names a, which is a scheduler of this file"),
                        d ->
                                assertThat(d)
                                        .contains(
                                                "d: renamed_from names old, as another scheduler does"));
    }

    @Test
    void each_type_is_bound_to_the_scheduler_that_decides() throws IOException {
        ConfigurationFile file =
                read(
                        """
                        - single_branch: {name: a, branch: main, builder_names: [linux]}
                        - any_branch: {name: b, builder_names: [linux], tree_stable_timer: 5s}
                        - dependent: {name: c, upstream: a, builder_names: [linux]}
                        - periodic: {name: d, periodic_build_timer: 1h, builder_names: [linux]}
                        - nightly: {name: e, hour: [3, 15], day_of_week: mon-fri, builder_names: [linux]}
                        - triggerable: {name: f, codebases: [app], builder_names: [linux]}
                        - nightly_triggerable: {name: g, cron: "@daily", builder_names: [linux]}
                        - force: {name: h, builder_names: [linux]}
                        - try: {name: i, builder_names: [linux]}
                        """);

        assertThat(file.schedulers())
                .extracting(it -> it.name() + " " + it.scheduler().type())
                .containsExactly(
                        "a single_branch",
                        "b any_branch",
                        "c dependent",
                        "d periodic",
                        "e nightly",
                        "f triggerable",
                        "g nightly_triggerable",
                        "h force",
                        "i try");
        assertThat(file.schedulers()).extracting(BoundScheduler::digest).doesNotHaveDuplicates();
    }

    /** So that a replay needs nothing but the log to decide as it was decided. */
    @Test
    void what_the_log_has_of_a_scheduler_is_read_back_as_it_was() throws IOException {
        List<BoundScheduler> bound =
                read("""
                - single_branch:
                    name: a
                    builder_names: [linux]
                    codebases: {app: {repository: r, branch: main, revision: "1"}}
                    properties: {jobs: 4, flags: [x, y], nested: {a: true}}
                    reason: "%(name)s"
                    priority: {default: 1, by_branch: [{branch: "release/.*", priority: 9}]}
                    queue_timeout: 1.5s
                    start_at_change: 7
                    change_filter: {branch: [main, x], project_re: a.*, property: {p: q}}
                    file_is_important: {include: [src/], exclude: docs/}
                    only_important: true
                    tree_stable_timer: 90s
                - any_branch: {name: b, renamed_from: old, builder_names: [linux], priority: 3}
                - dependent: {name: c, upstream: b, builder_names: [linux]}
                - periodic: {name: d, periodic_build_timer: 400d, builder_names: [linux]}
                - nightly: {name: e, hour: [3, 15], day_of_week: mon-fri, catch_up: none, builder_names: [linux]}
                - triggerable: {name: f, codebases: [app], builder_names: [linux]}
                - nightly_triggerable: {name: g, cron: "@daily", time_zone: Europe/Berlin, builder_names: [linux]}
                - force:
                    name: h
                    builder_names: [linux]
                    codebases: [app]
                    parameters:
                      - string: {name: version, regex: "[0-9]+", required: true}
                      - text: {name: notes, default: none}
                      - choice: {name: target, choices: [staging, production], default: staging}
                      - nested: {name: tests, fields: [bool: {name: slow}, int: {name: shards, max: 8}]}
                      - user_name: {need_email: false}
                      - fixed: {name: kind, value: [1, two]}
                      - codebase: {name: app, fixed: [branch]}
                - try: {name: i, builder_names: [linux]}
                """)
                        .schedulers();

        List<BoundScheduler> recorded =
                BoundScheduler.recorded(bound.stream().map(BoundScheduler::configuration).toList());

        assertThat(recorded)
                .usingRecursiveComparison()
                .ignoringFieldsMatchingRegexes(".*[pP]attern.*")
                .isEqualTo(bound);
    }

    @Test
    void what_no_scheduler_wrote_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> BoundScheduler.recorded(List.of("{\"cronjob\":{\"name\":\"a\"}}")))
                .withMessageStartingWith("not a ConfiguredScheduler: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BoundScheduler.recorded(List.of("{")));
    }

    @Test
    void a_form_takes_what_its_parameters_say() throws IOException {
        Scheduler scheduler =
                read("""
                - force:
                    name: force
                    builder_names: [linux]
                    parameters:
                      - string: {name: version, regex: "[0-9]+", required: true}
                      - choice: {name: target, choices: [staging, production], default: staging}
                      - nested: {name: tests, fields: [bool: {name: slow}]}
                """)
                        .schedulers()
                        .getFirst()
                        .scheduler();

        ForceForm.Answer refused =
                ((ForceScheduler) scheduler).read("ann", Map.of("version", "x", "target", "moon"));

        assertThat(refused)
                .isInstanceOfSatisfying(
                        ForceForm.Answer.Refused.class,
                        it -> assertThat(it.problems()).containsOnlyKeys("version", "target"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    single_branch: {name: a, B}                                        | neither branch nor change_filter says which changes it takes
                    single_branch: {name: a, branch: main, change_filter: {branch: x}, B} | give branch or a change_filter on branches, not both
                    any_branch: {name: a, change_filter: {branch_re: "("}, B}           | '(' is not a regular expression
                    any_branch: {name: a, change_filter: {branch_re: "(?!x)"}, B}       | '(?!x)' is not a regular expression
                    any_branch: {name: a, file_is_important: {include: "[a"}, B}        | '[a' is not a pattern of paths
                    any_branch: {name: a, only_important: true, B}                      | only_important needs file_is_important
                    any_branch: {name: a, codebases: [lib], B}                          | there is no codebase 'lib' in this file
                    any_branch: {name: a, codebases: [], B}                             | expected names of codebases
                    any_branch: {name: a, renamed_from: a, B}                           | renamed_from is its name
                    any_branch: {name: a, start_at_change: 0, B}                        | start_at_change is a change's number
                    any_branch: {name: a, priority: {by_branch: [{priority: 1}]}, B}    | a priority lacks its branch
                    dependent: {name: a, B}                                             | upstream is missing
                    dependent: {name: a, upstream: b, B}                                | follows scheduler 'b', which is not in this file
                    dependent: {name: a, upstream: a, B}                                | follows itself
                    periodic: {name: a, B}                                              | periodic_build_timer is missing
                    periodic: {name: a, periodic_build_timer: 0, B}                     | periodic_build_timer must be more than 0
                    nightly: {name: a, hour: 25, B}                                     | hour: '25' is out of range
                    nightly: {name: a, cron: "0 3 * *", B}                              | is not five fields
                    nightly: {name: a, cron: "0 3 * * *", minute: 5, B}                 | give cron or fields such as minute and hour, not both
                    nightly: {name: a, cron: "0 3 30 2 *", B}                           | there is never such a moment
                    nightly: {name: a, time_zone: Mars/Base, B}                         | there is no time zone 'Mars/Base'
                    nightly: {name: a, force_at: "x", B}                                | is not five fields
                    force: {name: a, parameters: [string: {}], B}                       | a parameter has no name
                    force: {name: a, parameters: [string: {name: reason}], B}           | parameter 'reason' is taken already
                    force: {name: a, parameters: [string: {name: requestedBy}], B}      | parameter 'requestedBy' is taken already
                    force: {name: a, parameters: [int: {name: n, min: 1}], B}           | the default of parameter 'n' is not from 1
                    force: {name: a, parameters: [choice: {name: c}], B}                | parameter 'c' has no choices
                    force: {name: a, parameters: [codebase: {name: app}], B}            | which is not one of its codebases
                    force: {name: a, parameters: [codebase: {fixed: [size]}], B}        | a codebase has no field 'size'
                    """)
    void what_is_wrong_with_a_scheduler_is_told_with_its_place_and_the_remedy(
            String scheduler, String problem) {
        assertThat(problems("- " + scheduler.replace("B}", "builder_names: [linux]}")))
                .singleElement()
                .asString()
                .startsWith(directory.resolve("c.yaml") + ":")
                .contains(problem);
    }
}
