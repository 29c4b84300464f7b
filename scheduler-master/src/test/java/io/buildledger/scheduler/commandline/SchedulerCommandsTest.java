package io.buildledger.scheduler.commandline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.configuring.BoundScheduler;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.changing.SourceStamp.Patch;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.requesting.Property;
import io.buildledger.domain.scheduling.ForceScheduler;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerDisabled;
import io.buildledger.domain.scheduling.SchedulerSettings;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.scheduler.serving.ServedLog;
import io.buildledger.testing.GitRepository;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.annotation.Bean;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What people ask of schedulers on the command line, of a master that runs them. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SchedulerCommandsTest {

    private static ServedLog served;

    @TempDir Path directory;

    private record Answer(int status, String out, String err) {}

    @Command(name = "bin/buildledger")
    static class Root {}

    static class Schedulers {
        @Bean
        ConfigurationFile fileWithForms() {
            return ServedLog.file(
                    """
                    schedulers:
                      - single_branch: {name: main, branch: main, builder_names: [linux]}
                      - single_branch: {name: quiet, branch: main, tree_stable_timer: 1h, builder_names: [docs]}
                      - force:
                          name: deploy
                          builder_names: [linux, docs]
                          reason_required: true
                          parameters:
                            - string: {name: version, regex: "[0-9]+[.][0-9]+", required: true}
                            - choice: {name: target, choices: [staging, production], default: staging}
                            - nested:
                                name: tests
                                fields:
                                  - bool: {name: slow}
                                  - int: {name: shards, default: 4, min: 1, max: 16}
                                  - nested: {name: more, fields: [string: {name: filter}]}
                            - codebase: {name: "", fixed: [project]}
                      - force: {name: off, builder_names: [linux]}
                      - try: {name: try, builder_names: [linux, docs]}
                    builders:
                      - {name: linux, worker_names: [w1], factory: [shell: {command: make}]}
                      - {name: docs, worker_names: [w1], factory: [shell: {command: make}]}
                    workers: [name: w1]
                    """);
        }
    }

    @BeforeAll
    static void begin() {
        served = new ServedLog(0, Schedulers.class);
        // Whoever starts, ends or is lost: an event.
        served.test.insertRaw("master/s");
        await().until(() ->
                served.test.count("SELECT COUNT(*) FROM event WHERE type = 'scheduler-configured'")
                        == 5);
    }

    @AfterAll
    static void end() {
        served.close();
    }

    private static Answer run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status =
                ClientCommands.addTo(new CommandLine(new Root()))
                        .setOut(new PrintWriter(out))
                        .setErr(new PrintWriter(err))
                        .execute(args);
        return new Answer(status, out.toString(), err.toString());
    }

    private static Answer ask(String... args) {
        return run(
                Stream.concat(Stream.of(args), Stream.of("--master", served.url()))
                        .toArray(String[]::new));
    }

    private static JsonNode json(String... args) {
        Answer answer =
                ask(Stream.concat(Stream.of(args), Stream.of("--json")).toArray(String[]::new));
        assertThat(answer.status()).as(answer.err()).isZero();
        return new JsonMapper().readTree(answer.out());
    }

    private static BuildsetSubmitted buildset(JsonNode answer) {
        return (BuildsetSubmitted)
                served.test
                        .log
                        .read(Streams.buildset(answer.path("buildsetId").asLong()))
                        .getFirst()
                        .event();
    }

    private static void isRefused(Answer answer, String... messages) {
        assertThat(answer.status()).isEqualTo(1);
        assertThat(answer.out()).isEmpty();
        assertThat(answer.err().lines()).singleElement().asString().contains(messages);
    }

    @Test
    void schedulers_are_a_table_by_name() {
        Answer answer = ask("schedulers");

        assertThat(answer.status()).isZero();
        List<String> lines = answer.out().lines().toList();
        assertThat(lines.getFirst())
                .matches("SCHEDULER +TYPE +STATE +PENDING +FIRES +FIRINGS +MASTER");
        assertThat(lines.stream().map(it -> it.replaceFirst(" .*", "")))
                .containsExactly("SCHEDULER", "deploy", "main", "off", "quiet", "try");
        assertThat(lines.get(2)).matches("main +single_branch +enabled +\\d+ +- +\\d+ +s");
        assertThat(json("schedulers").path("schedulers")).hasSize(5);
    }

    @Test
    void what_is_disabled_says_so_and_refuses_until_it_is_enabled() {
        Answer disabled = ask("disable", "off", "--reason", "a freeze", "--user", "ann");
        assertThat(disabled.status()).as(disabled.err()).isZero();
        assertThat(disabled.out()).isEqualTo("off is disabled\n");
        assertThat(ask("schedulers").out()).containsPattern("off +force +disabled");
        assertThat(served.test.log.read(Streams.scheduler("off")).stream().map(Recorded::event))
                .contains(new SchedulerDisabled("off", "ann", "a freeze"));

        isRefused(ask("force", "off"), "off: the scheduler is disabled");
        assertThat(ask("disable", "off").out()).isEqualTo("off is disabled\n");

        assertThat(json("enable", "off").path("done").asBoolean()).isTrue();
        assertThat(ask("force", "off").out()).startsWith("buildset ");
    }

    @Test
    void a_form_is_filled_in_field_by_field() {
        BuildsetSubmitted submitted =
                buildset(
                        json(
                                "force",
                                "deploy",
                                "--user",
                                "ann",
                                "--reason",
                                "a release",
                                "-b",
                                "docs",
                                "-p",
                                "version=1.0",
                                "-p",
                                "target=production",
                                "-p",
                                "tests_slow=true",
                                "-p",
                                "tests_more_filter=a=b",
                                "-p",
                                "branch=stable"));

        assertThat(submitted.requestIds()).containsOnlyKeys("docs");
        assertThat(submitted.reason()).contains("a release");
        assertThat(submitted.sourceStamps())
                .containsExactly(new SourceStamp("", "stable", null, "", ""));
        assertThat(submitted.properties().keySet())
                .containsExactlyInAnyOrder("owner", "reason", "version", "target", "tests");
        assertThat(submitted.properties())
                .containsEntry("owner", form("ann"))
                .containsEntry("version", form("1.0"))
                .containsEntry("target", form("production"))
                .containsEntry(
                        "tests",
                        form(Map.of("slow", true, "shards", 4, "more", Map.of("filter", "a=b"))));
    }

    private static Property form(Object value) {
        return new Property(value, "Force Build Form");
    }

    @Test
    void what_was_asked_for_is_told_by_its_numbers() {
        Answer answer = ask("force", "deploy", "--reason", "x", "-p", "version=1.0");

        assertThat(answer.out())
                .matches("buildset \\d+\nrequest \\d+ on linux\nrequest \\d+ on docs\n");
    }

    @Test
    void all_that_is_wrong_with_a_form_is_told_at_once_field_by_field() {
        long before = served.test.count("SELECT COUNT(*) FROM event WHERE type = 'build-forced'");

        isRefused(
                ask(
                        "force",
                        "deploy",
                        "-b",
                        "moon",
                        "-p",
                        "version=one",
                        "-p",
                        "target=moon",
                        "-p",
                        "tests_shards=17",
                        "-p",
                        "tests_fast=true"),
                "version: ",
                "target: ",
                "tests_shards: ",
                "tests_fast: ",
                "reason: ",
                "builder_names: ");

        assertThat(served.test.count("SELECT COUNT(*) FROM event WHERE type = 'build-forced'"))
                .isEqualTo(before);
    }

    @Test
    void what_no_master_has_come_to_yet_says_that_it_will_be_done() {
        try (ServedLog alone =
                new ServedLog(
                        List.of(
                                new BoundScheduler(
                                        new ForceScheduler(
                                                SchedulerSettings.of("off", "linux"),
                                                "F",
                                                "F",
                                                List.of(),
                                                false),
                                        "d",
                                        "{}",
                                        null,
                                        null)))) {
            alone.test
                    .jdbc
                    .sql(
                            """
                            INSERT INTO scheduler_status (name, type, last_sequence, enabled, pending, firings, master)
                            VALUES ('off', 'force', 0, TRUE, 0, 0, 's')
                            """)
                    .update();

            assertThat(run("force", "off", "--master", alone.url()))
                    .isEqualTo(
                            new Answer(
                                    0,
                                    "it is in the log, and will be done when a master comes to it\n",
                                    ""));
            assertThat(run("disable", "off", "--master", alone.url()))
                    .isEqualTo(
                            new Answer(0, "off will be disabled when a master comes to it\n", ""));
        }
    }

    @Test
    void a_diff_of_a_file_is_tried_on_its_base() throws Exception {
        GitRepository repository = GitRepository.create(directory.resolve("app"), "main");
        String base = repository.commit("one\n", "a.txt");
        Files.writeString(repository.directory().resolve("a.txt"), "zwölf\n");
        Path diff =
                Files.writeString(
                        directory.resolve("a.diff"), repository.git("diff", "HEAD") + "\n");

        BuildsetSubmitted submitted =
                buildset(
                        json(
                                "try",
                                "try",
                                "--diff",
                                diff.toString(),
                                "--revision",
                                base,
                                "--branch",
                                "main",
                                "--comment",
                                "in German",
                                "--user",
                                "ann",
                                "-b",
                                "linux",
                                "-p",
                                "depth=3"));

        SourceStamp stamp = submitted.sourceStamps().getFirst();
        assertThat(stamp.revision()).isEqualTo(base);
        assertThat(stamp.branch()).isEqualTo("main");
        assertThat(stamp.patch())
                .isEqualTo(new Patch(Files.readString(diff), 1, "ann", "in German", ""));
        assertThat(submitted.requestIds()).containsOnlyKeys("linux");
        assertThat(submitted.properties()).containsEntry("depth", new Property("3", "try build"));
    }

    @Test
    void a_patch_that_can_t_be_tried_says_why() throws Exception {
        Path empty = Files.createFile(directory.resolve("empty"));
        String there = empty.toString();

        isRefused(ask("try", "try", "--diff", there), "patch: is missing or empty");
        Path diff = Files.writeString(directory.resolve("a.diff"), "--- a\n+++ b\n");
        isRefused(
                ask("try", "try", "--diff", diff.toString(), "-b", "moon"),
                "builder_names: 'moon' is not one of linux, docs");
        isRefused(ask("try", "main", "--diff", diff.toString()), "main is not of type try");
        Answer noFile = ask("try", "try", "--diff", directory.resolve("none").toString());
        assertThat(noFile.status()).isEqualTo(2);
        assertThat(noFile.err()).contains("--diff: can't read the patch");
    }

    @Test
    void a_change_is_explained_for_every_scheduler() {
        long change = served.story.change("ann", "abc", "Mend it");
        await().until(() ->
                ask("explain", "change", Long.toString(change))
                                .out()
                                .lines()
                                .filter(it -> it.contains(" yes "))
                                .count()
                        == 2);

        List<String> lines = ask("explain", "change", Long.toString(change)).out().lines().toList();

        assertThat(lines.getFirst()).matches("SCHEDULER +TAKEN +WHY");
        assertThat(lines.get(1))
                .matches(
                        "deploy +no +not taken, by the configuration of now: a scheduler of type force takes no changes");
        assertThat(lines.get(2)).matches("main +yes +built: buildset \\d+, request \\d+ for linux");
        assertThat(lines.get(4))
                .matches(
                        "quiet +yes +taken; waits for the scheduler's timers, of which the next ends at .*Z");
        assertThat(json("explain", "change", Long.toString(change)).path("schedulers")).hasSize(5);
    }

    @Test
    void a_request_is_explained_in_lines() {
        String request =
                json("force", "deploy", "--reason", "x", "-p", "version=1.0")
                        .path("requestIds")
                        .path("docs")
                        .asString();

        Answer answer = ask("explain", "request", request);

        assertThat(answer.status()).isZero();
        assertThat(answer.out().lines())
                .first()
                .isEqualTo("request %s for builder docs: unclaimed".formatted(request));
        assertThat(answer.out())
                .contains(
                        "no living master has builder docs: start a builder master whose file has it");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    enable nothing             | there is no scheduler nothing
                    disable no/thing           | there is no scheduler no/thing
                    force nothing              | there is no scheduler nothing
                    force main                 | scheduler main is not of type force
                    force deploy -p owner.x=1  | owner.x: there is no such field
                    explain change 999         | there is no change 999
                    explain request 999        | there is no request 999
                    """)
    void what_is_not_there_or_of_another_type_is_status_1_and_one_line(String args, String said) {
        isRefused(ask(args.split(" ")), said);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "schedulers",
                "enable main",
                "disable main",
                "force deploy",
                "try try --diff %s --revision abc",
                "explain change 1",
                "explain request 1"
            })
    void a_master_that_does_not_answer_is_status_1_and_says_what_to_do(String args)
            throws Exception {
        Path diff = Files.writeString(directory.resolve("a.diff"), "--- a\n");

        Answer answer = run((args.formatted(diff) + " --master http://127.0.0.1:1").split(" "));

        isRefused(answer, "no scheduler master answers at http://127.0.0.1:1", "--master URL");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "enable",
                "disable",
                "force",
                "force deploy -p version",
                "try",
                "try try --level high",
                "explain request",
                "schedulers --limit x"
            })
    void wrong_use_is_status_2_without_a_stack_trace(String args) {
        Answer answer = run(args.split(" "));

        assertThat(answer.status()).isEqualTo(2);
        assertThat(answer.err()).isNotBlank().doesNotContain("\tat ", "Exception");
    }
}
