package io.buildledger.configuring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What steps of each type can have wrong. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class StepConfigurationTest {

    @TempDir Path directory;

    private ConfigurationFile read(String step, String more) throws IOException {
        return ConfigurationFile.read(
                Files.writeString(
                        directory.resolve("c.yaml"),
                        """
                        db_url: jdbc:mysql://db/buildledger
                        db_user: buildledger
                        builders: [{name: linux, worker_names: [w], factory: [%s]}]
                        workers: [{name: w}]
                        %s
                        """
                                .formatted(step, more)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    shell_sequence: {}                                     | a shell_sequence step lacks its commands: add commands: [...]
                    shell_sequence: {commands: []}                         | a shell_sequence step lacks its commands
                    shell_sequence: {commands: [{log_name: x}]}            | a part of a shell_sequence lacks its command: add command: ...
                    shell_sequence: {commands: [{command: x, logname: y}]} | there is no key 'logname' here: did you mean 'log_name'?
                    shell_sequence: {commands: [{command: x, log_name: ' '}]} | a log_name of a shell_sequence has 1 to 100 characters
                    shell_sequence: {commands: [make]}                     | this must be a group of keys such as {command: ...}
                    shell: {command: x, workdir: /tmp}                     | builder linux: workdir: '/tmp' is outside the builder's directory: write a path that is relative to it
                    shell: {command: x, workdir: a/../../b}                | 'a/../../b' is outside the builder's directory
                    shell: {command: x, env: {'A=B': c}}                   | builder linux: env: 'A=B' can't be the name of a variable
                    shell: {command: x, log_files: {stdio: x.log}}         | builder linux: log_files: 'stdio' can't be the name of a log: 1 to 100 characters, and not stdio
                    make_directory: {dir: /etc}                            | builder linux: dir: '/etc' is outside the builder's directory
                    copy_directory: {src: a, dest: ../b}                   | builder linux: dest: '../b' is outside the builder's directory
                    file_upload: {workersrc: /etc/passwd, masterdest: x}   | builder linux: workersrc: '/etc/passwd' is absolute: write a path that is relative to workdir
                    multiple_file_upload: {workersrcs: [a, /b], masterdest: x} | builder linux: workersrcs: '/b' is absolute
                    file_download: {mastersrc: ../x, workerdest: x}        | builder linux: mastersrc: '../x' is outside the directory of the configuration file
                    set_property: {value: 1}                               | a set_property step lacks its property: add property: NAME
                    set_property: {property: x}                            | a set_property step lacks its value: add value: ...
                    set_property: {property: ' ', value: 1}                | a set_property step has an empty property: write property: NAME
                    set_properties: {}                                     | a set_properties step lacks its properties: add properties: {NAME: VALUE}
                    set_properties: {properties: {'': x}}                  | a set_properties step has a property without a name
                    set_properties_from_env: {}                            | a set_properties_from_env step lacks its variables: add variables: [NAME]
                    set_property_from_command: {property: x}               | a set_property_from_command step lacks its command: add command: ...
                    set_property_from_command: {command: x}                | a set_property_from_command step lacks its property: add property: NAME
                    set_property_from_command: {command: x, property: p, extract: json}   | has property and extract: keep one
                    set_property_from_command: {command: x, extract: '[0-9]+'}            | '[0-9]+' names no property: write json, or a regular expression with a group (?P<NAME>...)
                    set_property_from_command: {command: x, extract: '(?P<a>'}            | '(?P<a>' is not a regular expression: missing closing )
                    set_property_from_command: {command: x, property: p, include_stdout: false} | takes neither stdout nor stderr: set include_stderr: true
                    compile: {warning_pattern: '['}                        | a compile step: '[' is not a regular expression: missing closing ]
                    compile: {max_warn_count: -1}                          | a compile step: max_warn_count must be at least 0
                    compile: {max_warn_count: few}                         | 'few' is not a whole number
                    compile: {suppression_file: ''}                        | a compile step has an empty suppression_file: name a file
                    compile: {suppression_list: [{warn_re: '('}]}          | a compile step: '(' is not a regular expression
                    compile: {suppression_list: [{file: x}]}               | there is no key 'file' here: did you mean 'file_re'?
                    test: {directory_enter_pattern: Entering}              | a test step: 'Entering' has no group for the directory: put parentheses around what names it
                    http: {method: GET}                                    | an http step lacks its url: add url: https://...
                    http: {url: example.org}                               | 'example.org' is not an address: write http://HOST/... or https://HOST/...
                    http: {url: 'ftp://example.org/'}                      | 'ftp://example.org/' is not an address
                    http: {url: 'https://me:pw@example.org/'}              | 'https://***@example.org/' has credentials, which are not sent: give the header Authorization
                    http: {url: 'http://h/', method: PATCH}                | 'PATCH' is not one of POST, GET, PUT, DELETE, HEAD, OPTIONS
                    http: {url: 'http://h/', headers: {Host: x}}           | an http step can't set the header 'Host': it is none, or the client sets it itself
                    http: {url: 'http://h/', headers: {'a b': x}}          | an http step can't set the header 'a b'
                    http: {url: 'http://h/', data: x, json: y}             | an http step has data and json: keep one of them
                    http: {url: 'http://h/', data: [x]}                    | an http step's data is a list: write text, or {KEY: VALUE} for a form
                    http: {url: 'http://h/', timeout: 0}                   | a step's timeout must be more than 0
                    http: {url: 'http://h/', expected_status: [20]}        | 20 is no HTTP status: 100 to 599
                    trigger: {}                                            | a trigger step lacks its scheduler_names: add scheduler_names: [NAME, ...]
                    trigger: {scheduler_names: []}                         | a trigger step lacks its scheduler_names
                    trigger: {scheduler_names: ['%(prop:a)s', '%(prop:a)s']} | a trigger step names scheduler '%(prop:a)s' twice: name it once
                    trigger: {scheduler_names: ['%(prop:a)s', '']}         | a trigger step names a scheduler without a name
                    trigger: {scheduler_names: [nobody]}                   | builder linux: a trigger step triggers scheduler 'nobody', which is not in this file: add it to schedulers, or set multi_master: true if another master's file has it
                    trigger: {scheduler_names: ['%(prop:a)s'], wait: true} | there is no key 'wait' here
                    trigger: {scheduler_names: ['%(prop:a)s'], wait_for_finish: perhaps} | 'perhaps' is not true or false
                    trigger: {scheduler_names: ['%(prop:a)s'], source_stamps: []} | a trigger step's source_stamps are none: name one, or leave them out
                    trigger: {scheduler_names: ['%(prop:a)s'], source_stamp: {branch: x}, source_stamps: [{branch: y}]} | a trigger step has source_stamp and source_stamps: keep one of them
                    trigger: {scheduler_names: ['%(prop:a)s'], source_stamps: [{branch: y}, {revision: z}]} | a trigger step has two source stamps of codebase '', where one is wanted
                    trigger: {scheduler_names: ['%(prop:a)s'], source_stamp: {branch: x}, always_use_latest: true} | a trigger step has source stamps and always_use_latest: keep one of them
                    trigger: {scheduler_names: ['%(prop:a)s'], source_stamp: {branch: x}, update_source_stamp: true} | a trigger step has update_source_stamp and source stamps, which leaves no source stamp to update
                    trigger: {scheduler_names: ['%(prop:a)s'], always_use_latest: true, update_source_stamp: false} | a trigger step has update_source_stamp and always_use_latest, which leaves
                    trigger: {scheduler_names: ['%(prop:a)s'], set_properties: {'': 1}} | a trigger step sets a property without a name: give it one
                    trigger: {scheduler_names: ['%(prop:a)s'], copy_properties: [a, a]} | a trigger step names property 'a' twice: name it once
                    master_shell: {command: x}                             | builder linux: a master_shell step runs on the builder master itself, as its user: if whoever can change this file, or what the step is told, may do that, set allow_master_shell: true
                    """)
    void what_is_wrong_is_told_in_its_line(String step, String problem) throws IOException {
        InvalidConfigurationException refusal =
                catchThrowableOfType(InvalidConfigurationException.class, () -> read(step, ""));

        assertThat(refusal.problems())
                .singleElement()
                .asString()
                .startsWith(directory + "/c.yaml:3:")
                .contains(problem);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "shell: {command: x, workdir: .}",
                "shell: {command: x, workdir: '/%(prop:x)s'}",
                "make_directory: {dir: a/../b}",
                "make_directory: {dir: '../%(prop:x)s'}",
                "file_upload: {workersrc: ../other/x, masterdest: x}"
            })
    void a_path_that_may_be_within_is_for_the_worker_to_judge(String step) throws IOException {
        assertThat(read(step, "").configuration().builders()).hasSize(1);
    }

    @Test
    void a_step_may_run_on_the_master_where_the_file_says_so() {
        String step = "master_shell: {command: x}";

        assertThatCode(() -> read(step, "allow_master_shell: true")).doesNotThrowAnyException();
        assertThat(
                        catchThrowableOfType(
                                        InvalidConfigurationException.class,
                                        () -> read(step, "allow_master_shell: perhaps"))
                                .problems())
                .singleElement()
                .asString()
                .contains("'perhaps' is not true or false");
    }

    private static final String SCHEDULERS =
            """
            schedulers:
              - triggerable: {name: tests, builder_names: [linux]}
              - nightly_triggerable: {name: nightly, builder_names: [linux], hour: 3}
              - force: {name: by-hand, builder_names: [linux]}
            """;

    @Test
    void schedulers_that_can_be_triggered_are_those_of_the_file_or_of_another_masters() {
        assertThatCode(
                        () -> {
                            read("trigger: {scheduler_names: [tests, nightly]}", SCHEDULERS);
                            read("trigger: {scheduler_names: [others]}", "multi_master: true");
                            read(
                                    "trigger: {scheduler_names: ['%(prop:a)s', x%(kw:b)s], kw: {b: 1}}",
                                    "");
                        })
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    trigger: {scheduler_names: [tests, by-hand]} | builder linux: a trigger step triggers scheduler 'by-hand', which is of type force: name one of type triggerable or nightly_triggerable
                    trigger: {scheduler_names: [test]}           | builder linux: a trigger step triggers scheduler 'test', which is not in this file
                    trigger: {scheduler_names: [tests], unimportant_scheduler_names: [nightly]} | scheduler 'nightly' is unimportant to a trigger step that does not trigger it: name it in scheduler_names, too
                    """)
    void a_scheduler_that_can_not_be_triggered_is_told_in_its_line(String step, String problem) {
        InvalidConfigurationException refusal =
                catchThrowableOfType(
                        InvalidConfigurationException.class, () -> read(step, SCHEDULERS));

        assertThat(refusal.problems())
                .singleElement()
                .asString()
                .startsWith(directory + "/c.yaml:3:")
                .contains(problem);
    }

    @Test
    void an_address_that_is_interpolated_is_looked_at_when_the_step_runs() {
        assertThatCode(() -> read("http: {url: '%%(prop:site)s/x'}".formatted(), ""))
                .doesNotThrowAnyException();
    }
}
