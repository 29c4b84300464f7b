package io.buildledger.configuring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.buildledger.configuring.Configuration.Artifacts;
import io.buildledger.configuring.Configuration.GitPoller;
import io.buildledger.configuring.Configuration.OnLeaseLapse;
import io.buildledger.configuring.ConfiguredScheduler.SingleBranch;
import io.buildledger.filtering.OneOrMore;
import io.buildledger.stepping.Command;
import io.buildledger.steps.ShellStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ConfigurationFileTest {

    private static final String GOOD =
            """
            db_url: jdbc:mysql://db/buildledger
            db_user: buildledger
            db_password_file: pw
            db_poll_interval: 0.5
            web: {port: 8020}
            change_sources:
              - git_poller: {repourl: https://example.org/app.git, branches: [main], poll_interval: 30s}
            schedulers:
              - single_branch: {name: main, change_filter: {branch: main}, tree_stable_timer: 5s, builder_names: [linux]}
            builders:
              - name: linux
                worker_names: [w1]
                env: {CC: gcc, JOBS: 4}
                factory:
                  - git: {repourl: https://example.org/app.git, mode: full}
                  - shell: {name: test, command: [make, test], halt_on_failure: true, max_time: 1h, decode_rc: {3: WARNINGS}}
                  - shell: {command: "echo done"}
            workers:
              - {name: w1, max_builds: 2}
            """;

    @TempDir Path directory;

    private ConfigurationFile read(String text) throws IOException {
        return ConfigurationFile.read(Files.writeString(directory.resolve("c.yaml"), text));
    }

    private List<String> problems(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("c.yaml"), text);
        InvalidConfigurationException problem =
                catchThrowableOfType(
                        InvalidConfigurationException.class, () -> ConfigurationFile.read(file));
        assertThat(problem).as("the file is refused").isNotNull();
        return problem.problems().stream().map(line -> line.replace(directory + "/", "")).toList();
    }

    @Test
    void a_file_says_all_that_a_cluster_needs() throws IOException {
        Configuration configuration = read(GOOD).configuration();

        assertThat(configuration.dbPollInterval()).isEqualTo(Duration.ofMillis(500));
        assertThat(configuration.lease()).isEqualTo(Duration.ofSeconds(30));
        assertThat(configuration.web().port()).isEqualTo(8020);
        assertThat(configuration.web().address()).isEqualTo("127.0.0.1");
        assertThat(configuration.changeSources().getFirst())
                .isInstanceOfSatisfying(
                        GitPoller.class,
                        poller ->
                                assertThat(poller.pollInterval())
                                        .isEqualTo(Duration.ofSeconds(30)));
        SingleBranch scheduler = (SingleBranch) configuration.schedulers().getFirst();
        assertThat(scheduler.changeFilter())
                .extracting(ConfiguredScheduler.Filter::branch)
                .isEqualTo(new OneOrMore(List.of("main")));
        ConfiguredStep test = configuration.builders().getFirst().factory().get(1);
        assertThat(test.step()).isEqualTo(new ShellStep(new Command(List.of("make", "test"))));
        assertThat(test.policy().haltOnFailure()).isTrue();
        assertThat(test.policy().flunkOnFailure()).isTrue();
        assertThat(configuration.builders().getFirst().env())
                .containsEntry("CC", "gcc")
                .containsEntry("JOBS", "4");
        ConfiguredStep echo = configuration.builders().getFirst().factory().get(2);
        assertThat(echo.name()).isEqualTo("echo");
        assertThat(echo.step())
                .isEqualTo(new ShellStep(new Command(List.of("/bin/sh", "-c", "echo done"))));
    }

    @Test
    void what_is_like_an_address_is_a_path_all_the_same() throws IOException {
        String access =
                "access: {users_file: \"jar:file:/etc/hosts!/x\", roles: [{name: r, who: everyone, may: [view]}]}\n";

        assertThat(read(GOOD + access).configuration().access())
                .extracting(Access::usersFile)
                .isEqualTo(Path.of("jar:file:/etc/hosts!/x"));
    }

    private static List<String> problemsOfSent(String text) {
        InvalidConfigurationException problem =
                catchThrowableOfType(
                        InvalidConfigurationException.class,
                        () -> ConfigurationFile.ofSent("configuration", text));
        assertThat(problem).as("the text is refused").isNotNull();
        return problem.problems();
    }

    @Test
    void a_text_that_was_sent_is_read_as_a_file_is() {
        assertThat(ConfigurationFile.ofSent("configuration", GOOD).configuration().dbUser())
                .isEqualTo("buildledger");
        assertThat(problemsOfSent(GOOD.replace("w1]", "w2]")))
                .singleElement()
                .asString()
                .startsWith("configuration:12:20: builder linux: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"key-%d: 1%n", "workers: []%n", "&a%1$d k%1$d: *a%1$d%n"})
    void of_a_text_that_was_sent_no_more_is_told_than_can_be_found_quickly(String line) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            text.append(line.formatted(i));
        }

        assertThat(problemsOfSent(text.toString())).hasSizeLessThanOrEqualTo(20);
    }

    @Test
    void expressions_that_would_take_all_memory_are_refused() throws IOException {
        String poller =
                GOOD.replace("branches: [main]", "branches_re: '((((a{99}){99}){99}){99}){99}'");
        assertThat(problems(poller))
                .singleElement()
                .asString()
                .contains("branches_re: '((((a{99}){99}){99}){99}){99}' repeats too much");
        String filter = "      - any_branch: {name: s%d, branch_re: '(a{999}){99}'}%n";
        assertThat(
                        problemsOfSent(
                                "schedulers:\n"
                                        + filter.formatted(1)
                                        + filter.formatted(2)
                                        + filter.formatted(3)))
                .singleElement()
                .asString()
                .contains("repetitions such as {8,40}");
    }

    @Test
    void the_password_is_read_from_its_file_beside_the_configuration() throws IOException {
        Files.writeString(directory.resolve("pw"), "secret\n");

        assertThat(read(GOOD).database().password()).isEqualTo("secret");
        assertThat(read(GOOD).database().toString()).doesNotContain("secret");
    }

    @Test
    void digests_depend_on_what_is_said_and_not_on_how() throws IOException {
        ConfigurationFile one = read(GOOD);
        ConfigurationFile two = read(GOOD.replace("tree_stable_timer: 5s", "tree_stable_timer: 5"));
        ConfigurationFile three =
                read(GOOD.replace("tree_stable_timer: 5s", "tree_stable_timer: 6"));
        ConfigurationFile other = read(GOOD.replace("echo done", "echo ready"));

        assertThat(digest(one)).isEqualTo(digest(two)).isNotEqualTo(digest(three));
        assertThat(fingerprint(one))
                .hasSize(12)
                .isEqualTo(fingerprint(three))
                .isNotEqualTo(fingerprint(other));
    }

    private static String digest(ConfigurationFile file) {
        return file.schedulers().getFirst().digest();
    }

    private static String fingerprint(ConfigurationFile file) {
        return ConfigurationFile.fingerprint(file.configuration().builders().getFirst());
    }

    /**
     * The values are in the log and in other masters' memory: they must not change, whatever keys
     * are added. A master of a new version would else seem to have other builders than one of the
     * old, and every scheduler would be told as configured anew.
     */
    @Test
    void digests_are_those_of_earlier_versions() throws IOException {
        ConfigurationFile good = read(GOOD);
        ConfigurationFile least =
                read(
                        """
                        db_url: jdbc:mysql://db/buildledger
                        db_user: buildledger
                        schedulers: [single_branch: {name: main, change_filter: {}, builder_names: [linux]}]
                        builders:
                          - {name: linux, worker_names: [w1], factory: [shell: {command: make}]}
                        workers: [name: w1]
                        """);

        assertThat(digest(good))
                .isEqualTo("c8d0e660d9b121167c1f19d63a90032e63178e8b969b2b257fa605e8f35bcbdc");
        assertThat(digest(least))
                .isEqualTo("cf279277a13e95c025989092f0c176b1b90974d62ebe729c4014bd40762fd35c");
        assertThat(fingerprint(good)).isEqualTo("58feba735977");
        assertThat(fingerprint(least)).isEqualTo("05f65c88db72");
    }

    @Test
    void artifacts_are_kept_beside_the_file_unless_it_says_otherwise() throws IOException {
        assertThat(read(GOOD).artifactDirectory()).isEqualTo(directory.resolve("artifacts"));
        assertThat(read(GOOD + "artifacts: {directory: /srv/ci}\n").artifactDirectory())
                .isEqualTo(Path.of("/srv/ci"));
        assertThat(read(GOOD + "artifacts: {store: database}\n").configuration().artifacts())
                .isEqualTo(new Artifacts(Artifacts.Store.DATABASE, null));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    artifacts: {store: tape}                         | artifacts.store: 'tape' is not one of disk, database
                    artifacts: {store: database, directory: /srv/ci} | artifacts.directory is where store: disk keeps artifacts
                    """)
    void a_store_that_there_is_not_is_refused(String key, String problem) throws IOException {
        assertThat(problems(GOOD + key + "\n")).singleElement().asString().contains(problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    file_upload: {masterdest: a}                          | a file_upload step lacks its workersrc: add workersrc: ...
                    file_upload: {workersrc: a}                           | a file_upload step lacks its masterdest
                    file_upload: {workersrc: ' ', masterdest: a}          | workersrc is empty: name what is meant
                    file_upload: {workersrc: a, masterdest: /srv/a}       | masterdest: '/srv/a' can't be the path of an artifact: it is absolute: write a path relative to the build's artifacts
                    file_upload: {workersrc: a, masterdest: ../a}         | it leads out by ..
                    file_upload: {workersrc: a, masterdest: .}            | it names no file
                    file_upload: {workersrc: a, masterdest: a, maxsize: -1} | maxsize: -1 is no number of bytes
                    directory_upload: {workersrc: a}                      | a directory_upload step lacks its masterdest
                    directory_upload: {workersrc: a, masterdest: a/../..} | it leads out by ..
                    directory_upload: {workersrc: a, masterdest: a, compress: bz2} | compress: 'bz2' is not one of gz
                    multiple_file_upload: {masterdest: a}                 | a multiple_file_upload step lacks its workersrcs
                    multiple_file_upload: {workersrcs: ['a', ''], masterdest: a} | workersrcs has an empty one
                    multiple_file_upload: {workersrcs: a, masterdest: a}  | workersrcs: this must be a list
                    file_download: {workerdest: a}                        | a file_download step lacks its mastersrc
                    file_download: {mastersrc: a, workerdest: a, mode: '0844'} | mode: '0844' is not a mode: write three octal digits
                    string_download: {workerdest: a}                      | a string_download step lacks its s
                    string_download: {s: x}                               | a string_download step lacks its workerdest
                    json_properties_download: {mode: '0644'}              | a json_properties_download step lacks its workerdest
                    file_exists: {}                                       | a file_exists step lacks its file
                    copy_directory: {src: a}                              | a copy_directory step lacks its dest
                    remove_directory: {dir: ''}                           | dir is empty
                    make_directory: {}                                    | a make_directory step lacks its dir
                    """)
    void what_a_step_lacks_is_told(String step, String problem) throws IOException {
        assertThat(problems(GOOD.replace("shell: {command: \"echo done\"}", step)))
                .singleElement()
                .asString()
                .contains(problem);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file_upload: {workersrc: a, masterdest: '%(prop:where)s', maxsize: 0}",
                "directory_upload: {workersrc: a, masterdest: ., compress: gz, url: x}",
                "multiple_file_upload: {workersrcs: ['*.xml'], glob: true, masterdest: reports/}",
                "file_download: {mastersrc: a, workerdest: b, mode: '%(prop:mode)s'}",
                "string_download: {s: '', workerdest: a, mode: 0600}",
                "json_properties_download: {workerdest: a, mode: 0o644}"
            })
    void steps_that_transfer_are_read(String step) throws IOException {
        assertThat(read(GOOD.replace("shell: {command: \"echo done\"}", step)).configuration())
                .isNotNull();
    }

    @Test
    void builds_are_stopped_with_a_lapsing_lease_only_if_the_lease_is_long_enough_to_stop_them()
            throws IOException {
        assertThat(read(GOOD + "lease: 20s\non_lease_lapse: stop\n").configuration().onLeaseLapse())
                .isEqualTo(OnLeaseLapse.STOP);
        assertThat(read(GOOD).configuration().onLeaseLapse()).isEqualTo(OnLeaseLapse.CONTINUE);
        assertThat(problems(GOOD + "lease: 19s\non_lease_lapse: stop\n"))
                .singleElement()
                .asString()
                .contains("on_lease_lapse: stop needs a lease of at least 20 s");
        assertThat(problems(GOOD + "on_lease_lapse: abort\n"))
                .singleElement()
                .asString()
                .contains("on_lease_lapse: 'abort'", "continue", "stop");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    env: {CC: gcc, JOBS: 4} | env: {JOBS: 4, CC: gcc}
                    {command: "echo done"}  | {command: "echo done", workdir: build, timeout: 1200, flunk_on_failure: true, env: {}, max_time: null, do_step_if: true, hide_step_if: false}
                    mode: full              | mode: full, name: git, branch: null
                    builder_names: [linux]  | builder_names: [linux], priority: 0
                    {branch: main}          | {branch: [main], project: null}
                    """)
    void digests_leave_out_what_has_its_default(String one, String other) throws IOException {
        assertThat(GOOD).contains(one);
        ConfigurationFile with = read(GOOD);
        ConfigurationFile without = read(GOOD.replace(one, other));

        assertThat(digest(with)).isEqualTo(digest(without));
        assertThat(fingerprint(with)).isEqualTo(fingerprint(without));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "flunk_on_failure: false",
                "halt_on_failure: true",
                "env: {CC: ''}",
                "decode_rc: {0: FAILURE}",
                "workdir: ''",
                "do_step_if: false",
                "do_step_if: {branch: main}",
                "hide_step_if: {step_results: [SKIPPED]}"
            })
    void what_differs_from_its_default_counts(String key) throws IOException {
        Configuration without = read(GOOD).configuration();
        Configuration with =
                read(GOOD.replace("\"echo done\"", "\"echo done\", " + key)).configuration();

        assertThat(ConfigurationFile.fingerprint(with.builders().getFirst()))
                .isNotEqualTo(ConfigurationFile.fingerprint(without.builders().getFirst()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    web: {port: 8020}           | web: {prot: 8020}         | c.yaml:5:7: web.prot: there is no key 'prot' here: did you mean 'port'? Known are address, host_names, port, url
                    web: {port: 8020}           | web: {colour: red}        | c.yaml:5:7: web.colour: there is no key 'colour' here; known are address, host_names, port, url
                    web: {port: 8020}           | web: {port: http}         | c.yaml:5:7: web.port: 'http' is not a whole number
                    web: {port: 8020}           | web: {port: 80200}        | c.yaml:5:7: web.port: 80200 is not a port: 0 to 65535
                    poll_interval: 30s          | poll_interval: soon       | 'soon' is not a duration, such as 30, 500ms, 5s, 2m or 1h
                    poll_interval: 30s          | poll_interval: 0          | poll_interval must be at least 100ms
                    tree_stable_timer: 5s       | tree_stable_timer: 9999d  | '9999d' is not a duration
                    max_time: 1h                | max_time: 0               | c.yaml:16:75: builder linux: a step's max_time must be more than 0
                    - {name: w1, max_builds: 2} | - {name: w1, max_builds: 0} | max_builds must be at least 1
                    - {name: w1, max_builds: 2} | - {name: w1, counts_as: {linux: 2}} | a build of linux can't count as 2: 1 to the worker's max_builds, 1
                    - {name: w1, max_builds: 2} | - {name: w1, counts_as: {linux: 0}} | a build of linux can't count as 0: 1 to the worker's max_builds, 1
                    - {name: w1, max_builds: 2} | - {name: w1, counts_as: {linus: 1}} | there is no builder 'linus' in this file: add it to builders
                    - {name: w1, max_builds: 2} | - {name: w1, counts_as: {linux: two}} | workers[0].counts_as.linux: 'two' is not a whole number
                    - {name: w1, max_builds: 2} | - {name: w1, missing_timeout: soon} | 'soon' is not a duration, such as 30, 500ms, 5s, 2m or 1h
                    - {name: w1, max_builds: 2} | - {name: w1, quarantine_initial_timeout: 2h} | quarantine_initial_timeout: 7200 s is longer than quarantine_max_timeout, 3600 s
                    worker_names: [w1]          | worker_names: [w2]        | builder linux: there is no worker 'w2' in this file: add it to workers
                    builder_names: [linux]      | builder_names: [linus]    | scheduler main names builder 'linus', which no master has: add it to builders, or set multi_master: true if another master's file has it
                    builder_names: [linux]      | builder_names: linux      | this must be a list
                    mode: full                  | mode: fast                | c.yaml:15:53: builders[0].factory[0].git.mode: 'fast' is not one of incremental, full
                    3: WARNINGS                 | 3: warnings               | 'warnings' is not one of SKIPPED, SUCCESS, WARNINGS, FAILURE, EXCEPTION, RETRY, CANCELLED
                    3: WARNINGS                 | three: WARNINGS           | 'three' is not a whole number
                    single_branch: {name        | nightly: {name            | there is no key 'tree_stable_timer' here; known are branch, builder_names
                    - git_poller: {             | - gitpoller: {            | there is no type 'gitpoller' here: did you mean 'git_poller'? Known are git_poller
                    - shell: {command           | - shel: {command          | c.yaml:17:9: builders[0].factory[2].shel: there is no type 'shel' here: did you mean 'shell'? Known are
                    - shell: {command: "echo done"} | - echo done            | builders[0].factory[2]: this must be a type as the only key, with what belongs to it below:
                    - shell: {command: "echo done"} | - {shell: {command: ls}, name: x} | a type as the only key, with what belongs to it below
                    - shell: {command: "echo done"} | - {shell:, command: ls}          | c.yaml:17:10: builders[0].factory[2].shell: this must be a group of keys
                    halt_on_failure: true       | halt_on_failure: perhaps  | 'perhaps' is not true or false
                    db_url: jdbc:mysql://db     | db_url: postgres://db     | db_url: 'postgres://db/buildledger' is not a MySQL address: write jdbc:mysql://HOST/DATABASE
                    db_user: buildledger        | multi_master: false       | db_user is missing: name the database user
                    command: [make, test]       | command: {make: test}     | expected a command: text for /bin/sh, or a list of words
                    command: [make, test]       | command: [make, null]        | expected a command: text for /bin/sh, or a list of words
                    {CC: gcc, JOBS: 4}          | {CC: gcc, CC: clang}      | c.yaml:13:20: builders[0].env.CC is given twice, first in line 13: keep one of them
                    port: 8020                  | port: 99999999999         | web.port: this is too large a number: give one of at most 9 digits
                    """)
    void what_is_wrong_is_told_with_its_place_and_the_remedy(
            String good, String bad, String problem) throws IOException {
        assertThat(GOOD).contains(good);

        assertThat(problems(GOOD.replace(good, bad)))
                .singleElement()
                .asString()
                .startsWith("c.yaml:")
                .contains(problem.replaceFirst("^c.yaml:", ""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    drain_timeout: soon       | c.yaml:1:1: drain_timeout: 'soon' is not a duration, such as 30, 500ms, 5s, 2m or 1h
                    drain_timeout: -1         | c.yaml:1:1: drain_timeout: '-1' is not a duration
                    drain_timeouts: 1h        | c.yaml:1:1: drain_timeouts: there is no key 'drain_timeouts' here: did you mean 'drain_timeout'?
                    log_max_size: 50MB        | c.yaml:1:1: log_max_size: '50MB' is not a size, such as 65536, 512KiB, 50MiB or 1GiB, and at most 1024GiB
                    log_max_size: -1          | c.yaml:1:1: log_max_size: '-1' is not a size
                    log_max_size: 1025GiB     | c.yaml:1:1: log_max_size: '1025GiB' is not a size
                    log_max_size: [1MiB]      | c.yaml:1:1: log_max_size:
                    log_max_size: 4095        | c.yaml:1:1: log_max_size: 4095 is too little to say what a step came to: at least 4KiB
                    log_max_tail_size: 0      | c.yaml:1:1: log_max_tail_size: 0 is too little to say what a step came to: at least 4KiB
                    hints: false              | c.yaml:1:1: hints: this must be a group of keys
                    hints: {enabled: perhaps} | c.yaml:1:9: hints.enabled: 'perhaps' is not true or false
                    hints: {port: 65536}      | c.yaml:1:9: hints.port: 65536 is not a port: 0 to 65535
                    hints: {port: any}        | c.yaml:1:9: hints.port: 'any' is not a whole number
                    hints: {adress: x}        | c.yaml:1:9: hints.adress: there is no key 'adress' here: did you mean 'address'?
                    hints: {address: 0.0.0.0} | c.yaml:1:9: hints.address: the other masters can't reach this one by '0.0.0.0': give this machine's own address
                    hints: {address: "::"}    | c.yaml:1:9: hints.address: the other masters can't reach this one by '::'
                    metrics: {port: 70000}    | c.yaml:1:11: metrics.port: 70000 is not a port: 0 to 65535
                    metrics: {ports: {b1: -1}} | c.yaml:1:11: metrics.ports: -1 of master b1 is not a port: 0 to 65535
                    metrics: {ports: {b1: x}} | c.yaml:1:19: metrics.ports.b1: 'x' is not a whole number
                    traces: {}                | c.yaml:1:1: traces lacks its endpoint: add endpoint: http://HOST:4318/v1/traces
                    traces: {endpoint: "collector:4318"} | c.yaml:1:10: traces.endpoint: 'collector:4318' is no address of a collector: write http://HOST:4318/v1/traces
                    traces: {endpoint: "http://me:s3cret@h/v1/traces"} | c.yaml:1:10: traces.endpoint: 'http://***@h/v1/traces' is no address of a collector: write http://HOST:4318/v1/traces, without a user, a query or a fragment
                    traces: {endpoint: "http://h/v1/traces", give_up_after: 0} | c.yaml:1:42: traces.give_up_after must be more than 0
                    traces: {endpoint: "http://h/v1/traces", headers: {a: b}} | c.yaml:1:42: traces.headers: there is no key 'headers' here; known are endpoint, give_up_after, headers_file
                    """)
    void a_key_of_all_masters_that_is_wrong_is_told_with_its_place_and_the_remedy(
            String key, String problem) throws IOException {
        assertThat(problems(key + "\n" + GOOD)).singleElement().asString().startsWith(problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    builder_names: [linux]} | builder_names: [linux], queue_timeout: 0}    | c.yaml:9:111: scheduler main: queue_timeout must be more than 0; leave it out to wait for ever
                    builder_names: [linux]} | builder_names: [linux], queue_timeout: soon} | schedulers[0].single_branch.queue_timeout: 'soon' is not a duration
                    """)
    void time_and_attempts_that_a_request_has_are_checked(String good, String bad, String problem)
            throws IOException {
        assertThat(problems(GOOD.replace(good, bad))).singleElement().asString().contains(problem);
    }

    @Test
    void the_attempts_of_a_builder_are_at_least_one() throws IOException {
        assertThat(
                        problems(
                                GOOD.replace(
                                        "  - name: linux", "  - max_attempts: 0\n    name: linux")))
                .containsExactly("c.yaml:11:5: builder linux: max_attempts must be at least 1");
        assertThat(
                        problems(
                                GOOD.replace(
                                        "  - name: linux",
                                        "  - max_attempts: many\n    name: linux")))
                .containsExactly(
                        "c.yaml:11:5: builders[0].max_attempts: 'many' is not a whole number");
    }

    @Test
    void what_is_not_said_of_waiting_draining_logs_and_hints_has_its_default() throws IOException {
        Configuration silent = read(GOOD).configuration();
        Configuration wordy =
                read("""
                drain_timeout: 0s
                log_max_size: 8KiB
                log_max_tail_size: 4096
                hints: {enabled: false, port: 9000, address: 192.0.2.1}
                """
                                + GOOD.replace(
                                                "builder_names: [linux]",
                                                "builder_names: [linux], queue_timeout: 2h")
                                        .replace(
                                                "  - name: linux",
                                                "  - max_attempts: 1\n    name: linux"))
                        .configuration();

        assertThat(silent.drainTimeout()).isEqualTo(Duration.ofHours(1));
        assertThat(silent.logMaxSize()).isEqualTo(Size.ofMib(50));
        assertThat(silent.logMaxTailSize()).isEqualTo(Size.ofMib(1));
        assertThat(silent.hints()).isEqualTo(new Configuration.Hints(true, 0, "127.0.0.1"));
        assertThat(silent.builders().getFirst().maxAttempts()).isEqualTo(3);
        assertThat(((SingleBranch) silent.schedulers().getFirst()).queueTimeout()).isNull();
        assertThat(wordy.drainTimeout()).isZero();
        assertThat(wordy.logMaxSize()).isEqualTo(Size.ofKib(8));
        assertThat(wordy.logMaxTailSize()).isEqualTo(Size.ofKib(4));
        assertThat(wordy.hints()).isEqualTo(new Configuration.Hints(false, 9000, "192.0.2.1"));
        assertThat(wordy.builders().getFirst().maxAttempts()).isEqualTo(1);
        assertThat(((SingleBranch) wordy.schedulers().getFirst()).queueTimeout())
                .isEqualTo(Duration.ofHours(2));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    metrics: {port: 8020} | c.yaml:1:11: metrics.port and web.port are both 8020 at the same address: a master can't listen twice, give one of them another
                    metrics: {port: 8020, address: 0.0.0.0} | c.yaml:1:11: metrics.port and web.port are both 8020
                    hints: {port: 8020} | c.yaml:1:9: hints.port and web.port are both 8020
                    `{hints: {port: 9310}, metrics: {}}` | metrics.port and hints.port are both 9310
                    `{hints: {port: 7}, metrics: {ports: {b1: 7}}}` | metrics.ports.b1 and hints.port are both 7
                    """)
    void two_listeners_of_a_master_have_not_one_port(String keys, String problem)
            throws IOException {
        assertThat(problems(lines(keys) + GOOD)).singleElement().asString().contains(problem);
    }

    /** Of several keys, each on a line. */
    private static String lines(String keys) {
        return keys.startsWith("{")
                ? keys.substring(1, keys.length() - 1).replace(", metrics", "\nmetrics") + "\n"
                : keys + "\n";
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "metrics: {port: 8020, address: 192.0.2.1}",
                "metrics: {port: 8020, ports: {s1: 9310, b1: 9311}}",
                "metrics: {ports: {b1: 8020}}",
                "metrics: {port: 0}",
                "hints: {enabled: false, port: 8020}",
                // No worker attaches.
                "worker_protocol: {port: 8020}",
                "metrics: {port: 9989}"
            })
    void listeners_of_two_masters_or_at_two_addresses_may_have_one_port(String keys)
            throws IOException {
        assertThat(read(keys + "\n" + GOOD)).isNotNull();
    }

    @Test
    void metrics_are_off_unless_they_are_named_and_masters_of_one_machine_have_their_own_ports()
            throws IOException {
        assertThat(read(GOOD).configuration().metrics()).isNull();
        assertThat(read("metrics: {}\n" + GOOD).configuration().metrics())
                .isEqualTo(new Configuration.Metrics(9310, "127.0.0.1", Map.of()));

        Configuration.Metrics several =
                Objects.requireNonNull(
                        read("metrics: {port: 9000, ports: {b1: 9001}}\n" + GOOD)
                                .configuration()
                                .metrics());

        assertThat(several.portOf("b1")).isEqualTo(9001);
        assertThat(several.portOf("b2")).isEqualTo(9000);
    }

    @Test
    void traces_are_off_unless_they_are_named_and_the_file_of_headers_has_to_be_there()
            throws IOException {
        assertThat(read(GOOD).configuration().traces()).isNull();
        assertThat(
                        read("traces: {endpoint: 'https://h/v1/traces', headers_file: none}\n"
                                        + GOOD)
                                .configuration()
                                .traces())
                .isEqualTo(
                        new Configuration.Traces(
                                "https://h/v1/traces", Path.of("none"), Duration.ofHours(24)));
        assertThatThrownBy(() ->
                        read("traces: {endpoint: 'https://h/v1/traces', headers_file: none}\n"
                                        + GOOD)
                                .check())
                .hasMessageContaining("c.yaml:1:43: headers_file: there is no file ");
    }

    @Test
    void all_that_is_wrong_is_told_at_once() throws IOException {
        assertThat(
                        problems(
                                """
                                db_url: jdbc:mysql://db/buildledger
                                db_user: buildledger
                                leese: 20s
                                basedir: [a, b]
                                web: {port: 80200}
                                change_sources:
                                  - git_poller: {repourl: -x, poll_interval: soon}
                                schedulers:
                                  - single_branch: {name: main, branch: main, tree_stable_timer: 10 parsecs, builder_names: [linux, linus]}
                                builders:
                                  - name: linux
                                    worker_names: [w1]
                                    factory:
                                      - shel: {command: make}
                                      - shell: {command: make, timeout: 0}
                                      - shell: {halt_on_failure: perhaps}
                                workers:
                                  - {name: w1, max_builds: none}
                                lease: 1h
                                """))
                .containsExactly(
                        "c.yaml:3:1: leese: there is no key 'leese' here: did you mean 'lease'?"
                                + " Known are access, allow_master_shell, artifacts, basedir, builder_fingerprint, builders, change_hooks, change_sources,"
                                + " codebases, collapse_requests, db_password, db_password_file, db_poll_interval, db_url, db_user,"
                                + " drain_timeout, hints, lease, locks, log_max_size, log_max_tail_size, metrics, multi_master, on_lease_lapse, projects, properties, schedulers, secrets, services, traces, web,"
                                + " worker_protocol, workers",
                        "c.yaml:4:1: basedir: this must be a path",
                        "c.yaml:5:7: web.port: 80200 is not a port: 0 to 65535",
                        "c.yaml:7:18: repourl: '-x' begins with a dash",
                        "c.yaml:7:31: change_sources[0].git_poller.poll_interval: 'soon' is not a"
                                + " duration, such as 30, 500ms, 5s, 2m or 1h, and at most 3650d",
                        "c.yaml:9:47: schedulers[0].single_branch.tree_stable_timer: '10 parsecs'"
                                + " is not a duration, such as 30, 500ms, 5s, 2m or 1h, and at most"
                                + " 3650d",
                        "c.yaml:9:101: scheduler main names builder 'linus', which no master has:"
                                + " add it to builders, or set multi_master: true if another"
                                + " master's file has it",
                        "c.yaml:14:9: builders[0].factory[0].shel: there is no type 'shel' here:"
                                + " did you mean 'shell'? Known are "
                                + String.join(", ", StepTypes.names()),
                        "c.yaml:15:32: builder linux: a step's timeout must be more than 0",
                        "c.yaml:16:9: builder linux: a shell step lacks its command: add command:"
                                + " ...",
                        "c.yaml:16:17: builders[0].factory[2].shell.halt_on_failure: 'perhaps' is"
                                + " not true or false",
                        "c.yaml:18:16: workers[0].max_builds: 'none' is not a whole number",
                        "c.yaml:19:1: lease: 3600 s is out of range: 5s to 10m");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    command: "echo done" | comand: make
                    command: "echo done" | cmd: make
                    command: "echo done" | command: [make, {}]
                    - shell: {command    | - shel: {command
                    db_user: buildledger | user: buildledger
                    - name: linux        | - nmae: linux
                    - name: linux        | - name: [linux]
                    {name: w1,           | {nom: w1,
                    - {name: w1, max_builds: 2} | - w1
                    worker_names: [w1]   | workers: [w1]
                    worker_names: [w1]   | worker_names: [[w1]]
                    worker_names: [w1]   | worker_names: [[w1], w1]
                    builder_names: [linux] | builders: [linux]
                    workers:             | wrokers:
                    builders:            | bilders:
                    db_url: jdbc:mysql://db/buildledger | dbUri: x
                    """)
    void what_is_only_missing_because_of_a_mistake_is_not_told(String good, String bad)
            throws IOException {
        assertThat(GOOD).contains(good);

        assertThat(problems(GOOD.replace(good, bad))).hasSize(1);
    }

    @Test
    void what_is_missing_beside_a_mistake_is_told() throws IOException {
        assertThat(problems(GOOD.replace("db_user: buildledger", "leese: 30s"))).hasSize(2);
        assertThat(problems(GOOD.replace("db_user: buildledger", "lease: long"))).hasSize(2);
    }

    @Test
    void places_behind_what_could_not_be_read_are_those_of_the_file() throws IOException {
        assertThat(problems(GOOD.replace("- {name: w1,", "- w0\n  - w1\n  - {name: ' w1',")))
                .satisfiesExactly(
                        first -> assertThat(first).startsWith("c.yaml:19:5: workers[0]: "),
                        second -> assertThat(second).startsWith("c.yaml:20:5: workers[1]: "),
                        third -> assertThat(third).startsWith("c.yaml:21:6: worker ' w1': "));
    }

    @Test
    void values_that_are_given_twice_are_told_with_what_else_is_wrong() throws IOException {
        assertThat(problems(GOOD.replace("db_user: buildledger", "db_url: twice")))
                .containsExactly(
                        "c.yaml:1:1: db_user is missing: name the database user",
                        "c.yaml:2:1: db_url is given twice, first in line 1: keep one of them");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    max_builds: 2        | max_builds: 2.5         | c.yaml:19:16: workers[0].max_builds: '2.5' is not a whole number
                    max_builds: 2        | max_builds: ''          | c.yaml:19:16: workers[0].max_builds: '' is not a whole number
                    max_builds: 2        | max_builds: 99999999999 | c.yaml:19:16: workers[0].max_builds: this is too large a number: give one of at most 9 digits
                    halt_on_failure: true | halt_on_failure: 1     | c.yaml:16:52: builders[0].factory[1].shell.halt_on_failure: '1' is not true or false
                    mode: full           | mode: 1                 | c.yaml:15:53: builders[0].factory[0].git.mode: '1' is not one of incremental, full
                    mode: full           | mode: ''                | c.yaml:15:53: builders[0].factory[0].git.mode: '' is not one of incremental, full
                    CC: gcc              | CC:                     | c.yaml:13:11: builders[0].env.CC: this must be text
                    3: WARNINGS          | 3:                      | builders[0].factory[1].shell.decode_rc[3]: this must be one of SKIPPED, SUCCESS
                    """)
    void what_is_not_quite_a_value_is_not_taken_for_one(String good, String bad, String problem)
            throws IOException {
        assertThat(GOOD).contains(good);

        assertThat(problems(GOOD.replace(good, bad))).singleElement().asString().contains(problem);
    }

    @Test
    void an_alias_is_told_and_not_taken_for_a_text() throws IOException {
        String step = "- shell: {name: test";
        String elsewhere =
                GOOD.replace("https://example.org/app.git, mode", "*url, mode")
                        .replace("{repourl: https", "{repourl: &url https")
                        .replace("  - name: linux", "  - <<: *base");

        assertThat(problems(elsewhere))
                .containsExactly(
                        "c.yaml:11:9: builders[0].<<: '*base' stands for what is at '&base', which"
                                + " is not followed here: write that out",
                        "c.yaml:15:24: builders[0].factory[0].git.repourl: '*url' stands for what"
                                + " is at '&url', which is not followed here: write that out");
        assertThat(problems(GOOD.replace(step, "- *test\n      " + step))).hasSize(1);
    }

    @Test
    void text_that_looks_like_a_number_keeps_its_characters() throws IOException {
        assertThat(
                        read(GOOD.replace("JOBS: 4", "PYTHON: 3.10"))
                                .configuration()
                                .builders()
                                .getFirst()
                                .env())
                .containsEntry("PYTHON", "3.10");
    }

    @Test
    void empty_entries_are_told() throws IOException {
        assertThat(problems(GOOD + "  -\n"))
                .singleElement()
                .asString()
                .contains("a worker is empty");
    }

    @Test
    void names_that_are_given_twice_are_told() throws IOException {
        assertThat(problems(GOOD + "  - {name: w1}\n"))
                .containsExactly("c.yaml:20:6: there are two workers named 'w1': rename one");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void names_that_are_only_referred_to_obey_the_rule_of_names(boolean multiMaster)
            throws IOException {
        String longest = "x".repeat(100);
        String file = "multi_master: " + multiMaster + "\n" + GOOD;

        assertThat(problems(file.replace("[linux]", "[linux, " + longest + "x]")))
                .containsExactly(
                        "c.yaml:10:110: scheduler main names builder '"
                                + longest
                                + "x': a name has 1 to 100 characters and no space around it");
        assertThat(problems(file.replace("[linux]", "[linux, ' linux', '', null]"))).hasSize(3);
        assertThat(problems(file.replace("[w1]", "[w1, 'w1 ', '" + longest + "x']")))
                .satisfiesExactly(
                        first -> assertThat(first).contains("names worker 'w1 ': a name has"),
                        second -> assertThat(second).contains("x': a name has 1 to 100"));
        assertThat(read(file.replace("linux", longest).replace("w1", longest))).isNotNull();
    }

    @Test
    void with_multi_master_a_scheduler_may_name_a_builder_of_another_master() throws IOException {
        assertThat(
                        read(
                                "multi_master: true\n"
                                        + GOOD.replace(
                                                "builder_names: [linux]",
                                                "builder_names: [elsewhere]")))
                .isNotNull();
    }

    @Test
    void a_missing_file_and_an_empty_one_are_told() throws IOException {
        InvalidConfigurationException missing =
                catchThrowableOfType(
                        InvalidConfigurationException.class,
                        () -> ConfigurationFile.read(directory.resolve("none.yaml")));
        assertThat(missing).hasMessageEndingWith("none.yaml: there is no such file");
        String needs =
                ": a file needs at least db_url: jdbc:mysql://HOST/DATABASE and db_user: NAME";
        assertThat(problems("")).containsExactly("c.yaml:1:1: the file is empty" + needs);
        assertThat(problems("# later\n")).containsExactly("c.yaml:1:1: the file is empty" + needs);
        assertThat(problems("---\n")).containsExactly("c.yaml:1:1: the file is empty" + needs);
        assertThat(problems("- a\n- b\n")).containsExactly("c.yaml:1:1: this must be keys" + needs);
        assertThat(problems("db_url\n")).containsExactly("c.yaml:1:1: this must be keys" + needs);
    }

    @Test
    void what_is_not_yaml_is_told_with_what_was_expected() throws IOException {
        assertThat(problems("db_user: me\nbuilders: [a, {b: c]\n"))
                .containsExactly(
                        "c.yaml:2:20: this is not YAML: expected ',' or '}', but got ], while"
                                + " parsing a flow mapping that begins in line 2");
        assertThat(problems("workers:\n  - name: w1\n   max_builds: 2\n"))
                .containsExactly(
                        "c.yaml:3:4: this is not YAML: expected <block end>, but found '<block"
                                + " mapping start>', while parsing a block collection that begins"
                                + " in line 2: indent this line as those that it belongs to");
        assertThat(problems("web:\n\tport: 1\n"))
                .singleElement()
                .asString()
                .startsWith("c.yaml:2:1: this is not YAML: found character '\\t(TAB)'");
        assertThat(problems(GOOD + "---\n" + GOOD))
                .singleElement()
                .asString()
                .contains(": a second document begins here: one file holds one");
    }

    @Test
    void a_check_reads_the_password_too() throws IOException {
        ConfigurationFile file = read(GOOD);
        assertThatThrownBy(file::check)
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageEndingWith(
                        "c.yaml:3:1: db_password_file: there is no file "
                                + directory.resolve("pw")
                                + ": write the password to it");

        Files.createDirectory(directory.resolve("pw"));
        assertThatThrownBy(file::check)
                .hasMessageContaining("c.yaml:3:1: db_password_file: ")
                .hasMessageContaining("can't be read");

        Files.delete(directory.resolve("pw"));
        Files.write(directory.resolve("pw"), new byte[] {(byte) 0xff});
        assertThatThrownBy(file::check).hasMessageContaining("is not UTF-8 text");

        Files.writeString(directory.resolve("pw"), "secret\n");
        assertThatCode(file::check).doesNotThrowAnyException();
        assertThatCode(read(GOOD.replace("db_password_file: pw", "db_password: x"))::check)
                .doesNotThrowAnyException();
    }

    @Test
    void the_page_on_the_file_shows_errors_as_they_are_told() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "configuration.md"));
        Matcher example =
                Pattern.compile("(?s)```yaml broken\n(.*?)```.*?```\n(.*?)```").matcher(page);
        assertThat(example.find()).isTrue();

        assertThat(problems(example.group(1)))
                .containsExactlyElementsOf(
                        example.group(2).replace("cluster.yaml:", "c.yaml:").lines().toList());
    }
}
