package io.buildledger.scheduler.commandline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.buildledger.attaching.OpenCommands;
import io.buildledger.attaching.WorkerRegister;
import io.buildledger.attaching.WorkerRoster;
import io.buildledger.attaching.WorkerRoster.Listed;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.attaching.WorkerEvent.WorkerPaused;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.mastering.BuilderDescription;
import io.buildledger.domain.mastering.Descriptions;
import io.buildledger.domain.mastering.MasterEvent;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloadRefused;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloaded;
import io.buildledger.domain.mastering.MasterEvent.MasterDrained;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCancelled;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestPriorityChanged;
import io.buildledger.log.Author;
import io.buildledger.log.Recorded;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.scheduler.serving.ServedLog;
import io.buildledger.scheduler.serving.buildbot.DescribedAnswers;
import io.buildledger.steplog.StepLogs;
import io.buildledger.steplog.StepLogs.Line;
import io.buildledger.steplog.StepLogs.Source;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ClientCommandsTest {

    private static final Author B1 = new Author("b1", 1);
    private static final Author B2 = new Author("b2", 1);

    private static ServedLog served;

    private record Answer(int status, String out, String err) {}

    @Command(name = "bin/buildledger")
    static class Root {}

    @BeforeAll
    static void begin() {
        served = new ServedLog(0, SentForms.class);
        long change =
                served.story.change(
                        "a <a@example.org>",
                        "0123456789abcdef0123456789abcdef01234567",
                        "Mend\u001b[2J it\n\nat last");
        served.story.fire(List.of(change), "0123456789abcdef0123456789abcdef01234567", "linux/arm");
        Won lost = served.story.claim(B1, "linux/arm");
        served.story.start(B1, lost);
        long first = served.story.startStep(B1, lost, 1, "test");
        served.story.write(first, 0, new Line(Source.STDOUT, "one of two"));
        served.test.claims.releaseAllOf(B2, B1, "master b1 was lost");
        Won won = served.story.claim(B2, "linux/arm");
        served.story.start(B2, won);
        long log = served.story.startStep(B2, won, 1, "test");
        served.story.write(
                log,
                0,
                new Line(Source.HEADER, "make test"),
                new Line(Source.STDOUT, "all is well"));
        served.story.finishStep(B2, won, 1, log, Results.SUCCESS);
        served.story.complete(B2, won, Results.SUCCESS, "build successful");
        served.project();
    }

    @AfterAll
    static void end() {
        served.close();
    }

    private static Answer run(String... args) {
        return execute(ClientCommands.addTo(new CommandLine(new Root())), args);
    }

    private static Answer runAlone(ClientCommand command, String... args) {
        return execute(new CommandLine(command), args);
    }

    private static Answer execute(CommandLine commands, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status =
                commands.setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(args);
        return new Answer(status, out.toString(), err.toString());
    }

    private static Answer ask(String... args) {
        String[] all = Arrays.copyOf(args, args.length + 2);
        all[args.length] = "--master";
        all[args.length + 1] = served.url();
        return run(all);
    }

    private static JsonNode json(Answer answer) {
        assertThat(answer.status()).isZero();
        return new JsonMapper().readTree(answer.out());
    }

    /** Whatever it names besides is at {@code port}, or in {@code secrets} beside the file. */
    private static String candidate(String builders, int port) {
        return """
        db_url: jdbc:mysql://127.0.0.1:%1$d/other
        db_user: other
        db_password_file: %2$s
        traces: {endpoint: "http://127.0.0.1:%1$d/v1/traces", headers_file: %2$s}
        access:
          users_file: "jar:file:%2$s!/users"
          tokens_file: %2$s
          oidc: {issuer: "http://127.0.0.1:%1$d/", client_id: c, client_secret_file: %2$s}
          roles: [{name: all, who: everyone, may: [everything]}]
        change_hooks: {github: {secret_file: %2$s}}
        change_sources:
          - git_poller: {repourl: "http://127.0.0.1:%1$d/app.git", auth: {user: u, password_file: %2$s}}
          - git_poller: {repourl: "ssh://git@127.0.0.1:%1$d/app.git", ssh_private_key_file: %2$s}
        schedulers:
          - any_branch: {name: main, builder_names: %3$s}
        builders:
          - {name: linux/arm, worker_names: [linux-1, linux-2], factory: [shell: {command: "exit 1"}]}
          - {name: docs, worker_names: [linux-1], factory: []}
        workers:
          - {name: linux-1, password_file: %2$s}
          - {name: linux-2, password: secret}
        """
                .formatted(port, "/tmp/of-nobody/secrets", builders);
    }

    private static HttpResponse<String> whatIf(Map<String, Object> question) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> response =
                    http.send(
                            HttpRequest.newBuilder(URI.create(served.url() + "/api/what-if"))
                                    .header("Content-Type", "application/json")
                                    .POST(
                                            BodyPublishers.ofString(
                                                    new JsonMapper().writeValueAsString(question)))
                                    .build(),
                            BodyHandlers.ofString());
            new DescribedAnswers(served.url()).require("post", "/api/what-if", response);
            return response;
        }
    }

    @Test
    void what_if_is_answered_by_a_master_as_by_the_command(@TempDir Path directory)
            throws Exception {
        String candidate = candidate("[docs]", 1);
        Path file = Files.writeString(directory.resolve("new.yaml"), candidate);

        HttpResponse<String> answer =
                whatIf(
                        Map.of(
                                "configuration",
                                candidate,
                                "since",
                                "30d",
                                "workers",
                                Map.of("linux", 12)));

        RunCommand.Answer command =
                RunCommand.run(
                        served.test.database,
                        directory,
                        "what-if --since 30d --workers linux=12 --json",
                        "--config",
                        file.toString());
        assertThat(command.err()).isEmpty();
        JsonNode json = new JsonMapper().readTree(answer.body());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(json).isEqualTo(new JsonMapper().readTree(command.out()));
        assertThat(json.at("/wouldMake/0/missingBuilders/0").asString()).isEqualTo("linux/arm");
        assertThat(json.at("/workers/0/count").asInt()).isEqualTo(12);
    }

    @Test
    void nothing_that_a_sent_configuration_names_is_looked_for(@TempDir Path directory)
            throws Exception {
        try (ServerSocket other = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Path secrets = directory.resolve("secrets");
            Map<String, Object> question =
                    Map.of(
                            "configuration",
                            candidate("[docs]", other.getLocalPort())
                                    .replace("/tmp/of-nobody/secrets", secrets.toString()),
                            "since",
                            "30d");

            HttpResponse<String> absent = whatIf(question);
            Files.writeString(secrets, "");
            HttpResponse<String> empty = whatIf(question);

            assertThat(absent.statusCode()).as(absent.body()).isEqualTo(200);
            assertThat(empty.body()).isEqualTo(absent.body());
            other.setSoTimeout(1);
            assertThatThrownBy(other::accept).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "since         | yesterday            | since: 'yesterday' is no time",
                "since         | 0s                   | since: '0s' is no time at all",
                "since         | 2100-01-01T00:00:00Z | since: nothing was recorded after 2100-01-01T00:00:00Z",
                "until         | tomorrow             | until: 'tomorrow' is no time",
                "until         | 2000-01-01T00:00:00Z | until: the log begins after 2000-01-01T00:00:00Z",
                "workers       | {\"linux\": 0}       | workers: there can't be 0 of 'linux'",
                "workers       | {\"linux\": 100001}  | workers: 100001 are too many",
                "workers       | {\"linux\": \"a\"}   | workers: of 'linux' there is no whole number",
                "workers       | {\"\": 1}            | workers: a name is empty",
                "workers       | {\"mac\": 1}         | workers: no worker's name begins with 'mac'",
                "configuration | a: 1                 | configuration:1:1: a: there is no key",
                "configuration | {                    | configuration:"
            })
    void a_question_that_has_no_answer_is_told_by_its_field(
            String field, String value, String problem) throws Exception {
        Map<String, Object> question =
                new HashMap<>(Map.of("configuration", candidate("[docs]", 1), "since", "30d"));
        question.put(field, value);

        HttpResponse<String> answer = whatIf(question);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(new JsonMapper().readTree(answer.body()).path("detail").asString())
                .startsWith(problem);
    }

    @Test
    void changes_are_a_table_in_which_nobody_moves_the_cursor() {
        Answer answer = ask("changes");

        assertThat(answer.status()).isZero();
        List<String> lines = answer.out().lines().toList();
        assertThat(lines).hasSize(2);
        assertThat(lines.getFirst()).startsWith("CHANGE  RECEIVED");
        assertThat(lines.getLast())
                .contains("0123456789 ", "a <a@example.org>")
                .endsWith("Mend [2J it");
        assertThat(lines.getLast().indexOf("main")).isEqualTo(lines.getFirst().indexOf("BRANCH"));
    }

    @Test
    void requests_builds_and_masters_are_tables() {
        assertThat(ask("requests").out()).contains("linux/arm  completed  2", "SUCCESS");
        assertThat(ask("builds").out()).contains("linux/arm/2", "linux/arm/1  RETRY");
        assertThat(ask("masters").out()).isEqualTo("no master has registered yet\n");
        assertThat(ask("workers").out())
                .isEqualTo("no living builder master has a worker in its file yet\n");
    }

    @Test
    void json_is_the_answer_of_the_master_as_one_object() {
        assertThat(json(ask("changes", "--json")).path("changes")).hasSize(1);
        assertThat(json(ask("requests", "--json")).path("requests")).hasSize(1);
        assertThat(json(ask("builds", "--json", "--limit", "1")).path("builds")).hasSize(1);
        assertThat(json(ask("masters", "--json")).path("headOfLog").asLong()).isPositive();
        assertThat(json(ask("audit", "request", "1", "--json")).path("attempts").asInt())
                .isEqualTo(2);
        JsonNode log = json(ask("log", "linux/arm/2", "--json"));
        assertThat(log.path("finished").asBoolean()).isTrue();
        assertThat(log.path("logs").path(0).path("lines")).hasSize(2);
    }

    @Test
    void an_audit_tells_of_the_master_that_was_lost() {
        Answer answer = ask("audit", "request", "1");

        assertThat(answer.out())
                .contains("by b2: master b1 was lost", "build linux/arm/2, worker b2-worker");
        List<String> lines = answer.out().lines().toList();
        assertThat(lines.getFirst())
                .isEqualTo("request 1 for builder linux/arm: SUCCESS, 2 attempts");
        assertThat(lines.get(1)).startsWith("RECORDED (UTC)").endsWith("DETAILS");
        assertThat(lines.get(2)).endsWith(": Mend [2J it");
        assertThat(lines.subList(2, lines.size()))
                .allMatch(line ->
                        line.matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3}  .*"));
        String released =
                lines.stream().filter(line -> line.contains("released")).findFirst().orElseThrow();
        assertThat(released.indexOf("b2#1")).isEqualTo(lines.get(1).indexOf("BY"));
    }

    @Test
    void changes_and_requests_are_explained_line_by_line() {
        List<String> lines = ask("explain", "change", "1").out().lines().toList();
        assertThat(json(ask("explain", "change", "1", "--json")).path("changeId").asLong())
                .isEqualTo(1);
        assertThat(lines.getFirst()).isEqualTo("there is no scheduler");
        assertThat(ask("explain", "request", "1").out())
                .isEqualTo(
                        "request 1 for builder linux/arm: completed\nSUCCESS: build successful\n");
    }

    @Test
    void a_log_is_shown_step_by_step() {
        assertThat(ask("log", "linux/arm/2").out())
                .isEqualTo("--- step 1 test, stdio\nmake test\nall is well\n");
        assertThat(ask("log", "linux/arm/2", "--step", "1").status()).isZero();
        assertThat(ask("log", "linux/arm/2", "--step", "2").status()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                                             | --- step 1 test, stdio/one/--- step 1 test, warnings/w/--- step 2 more, stdio/two/
                    --step 1                 | --- step 1 test, stdio/one/--- step 1 test, warnings/w/
                    --name stdio             | --- step 1 test, stdio/one/--- step 2 more, stdio/two/
                    --step 1 --name warnings | --- step 1 test, warnings/w/
                    --step 2 --name warnings | step 2 of build linux/1 has no log warnings yet/
                    --name x                 | build linux/1 has no log x yet/
                    """)
    void the_logs_of_a_step_are_shown_each_or_by_name(@Nullable String options, String shown) {
        try (ServedLog running = new ServedLog()) {
            Won won = start(running);
            long one = running.story.startStep(B1, won, 1, "test");
            StepLogs logs = new StepLogs(running.test.jdbc);
            long warnings = logs.open("linux", 1, 1, "warnings");
            running.story.write(one, 0, new Line(Source.STDOUT, "one"));
            running.story.write(warnings, 0, new Line(Source.STDOUT, "w"));
            running.story.finishStep(B1, won, 1, one, Results.SUCCESS);
            long two = running.story.startStep(B1, won, 2, "more");
            running.story.write(two, 0, new Line(Source.STDOUT, "two"));
            running.project();

            Answer answer =
                    log(
                            running,
                            false,
                            () -> true,
                            options == null ? new String[0] : options.split(" "));

            assertThat((answer.out() + answer.err()).replace('\n', '/')).isEqualTo(shown);
        }
    }

    @Test
    void the_parts_of_a_line_are_shown_as_one_unless_another_line_comes_between() {
        try (ServedLog running = new ServedLog()) {
            Won won = start(running);
            running.project();
            long log = running.story.startStep(B1, won, 1, "test");
            running.story.write(
                    log,
                    0,
                    new Line(Source.STDOUT, "one ", true),
                    new Line(Source.STDOUT, "line"),
                    new Line(Source.STDOUT, "two ", true),
                    new Line(Source.STDERR, "err"),
                    new Line(Source.STDOUT, "lines"),
                    new Line(Source.STDOUT, "no end", true));

            assertThat(log(running, false, () -> true).out())
                    .isEqualTo("--- step 1 test, stdio\none line\ntwo \nerr\nlines\nno end\n");
            assertThat(json(log(running, false, () -> true, "--json")).at("/logs/0/lines/0"))
                    .hasToString("{\"source\":\"STDOUT\",\"text\":\"one \",\"partial\":true}");
        }
    }

    @Test
    void the_log_of_a_step_that_has_not_begun_yet_is_shown_without_its_name() {
        try (ServedLog running = new ServedLog()) {
            start(running);
            running.project();
            long log = new StepLogs(running.test.jdbc).open("linux", 1, 1, "stdio");
            running.story.write(log, 0, new Line(Source.STDOUT, "first"));

            assertThat(log(running, false, () -> true).out())
                    .isEqualTo("--- step 1, stdio\nfirst\n");
        }
    }

    @Test
    void following_an_ended_build_goes_on_until_its_log_is_complete() {
        try (ServedLog ended = new ServedLog()) {
            Won won = start(ended);
            long log = ended.story.startStep(B1, won, 1, "test");
            ended.story.write(log, 0, new Line(Source.STDOUT, "first"));
            ended.story.complete(B1, won, Results.FAILURE, "failed");
            ended.project();
            AtomicInteger pauses = new AtomicInteger();

            Answer answer =
                    log(
                            ended,
                            false,
                            () -> {
                                if (pauses.incrementAndGet() == 3) {
                                    ended.story.write(log, 1, new Line(Source.STDERR, "why"));
                                    new StepLogs(ended.test.jdbc).finish(log);
                                }
                                return true;
                            },
                            "--follow");

            assertThat(answer.out()).isEqualTo("--- step 1 test, stdio\nfirst\nwhy\n");
            assertThat(answer.err()).isEmpty();
            assertThat(pauses).hasValue(3);
        }
    }

    @Test
    void following_an_ended_build_waits_for_the_log_of_its_last_step_to_appear() {
        try (ServedLog ended = new ServedLog()) {
            Won won = start(ended);
            long log = ended.story.startStep(B1, won, 1, "test");
            ended.story.write(log, 0, new Line(Source.STDOUT, "why"));
            new StepLogs(ended.test.jdbc).finish(log);
            ended.story.complete(B1, won, Results.FAILURE, "failed");
            ended.project();
            ended.test.jdbc.sql("UPDATE step_log SET build_number = 99").update();

            Answer answer =
                    log(
                            ended,
                            false,
                            () ->
                                    ended.test
                                                    .jdbc
                                                    .sql("UPDATE step_log SET build_number = 1")
                                                    .update()
                                            == 1,
                            "--follow");

            assertThat(answer.out()).isEqualTo("--- step 1 test, stdio\nwhy\n");
        }
    }

    @Test
    void following_does_not_wait_for_ever_for_the_log_of_a_master_that_was_killed() {
        AtomicInteger pauses = new AtomicInteger();

        Answer answer =
                runAlone(
                        new LogCommand(() -> false, () -> pauses.incrementAndGet() > 0),
                        "linux/arm/1",
                        "--follow",
                        "--master",
                        served.url());

        assertThat(answer.status()).isZero();
        assertThat(answer.out()).isEqualTo("--- step 1 test, stdio\none of two\n");
        assertThat(answer.err().lines()).singleElement().asString().contains("incomplete");
        assertThat(pauses).hasValue(LogCommand.LOOKS_AFTER_END);
    }

    @Test
    void a_log_gives_a_terminal_its_colours_and_no_commands() {
        try (ServedLog running = new ServedLog()) {
            Won won = start(running);
            long log = running.story.startStep(B1, won, 1, "te\u009b2Jst");
            String printed = "\u001b[31mred\tand\u001b]52;c;eA==\u0007 no\u001b[2J more";
            running.story.write(log, 0, new Line(Source.STDOUT, printed));
            running.project();

            assertThat(log(running, true, () -> true).out())
                    .isEqualTo("--- step 1 te 2Jst, stdio\n\u001b[31mred\tand no more\n\u001b[0m");
            assertThat(log(running, false, () -> true).out())
                    .isEqualTo("--- step 1 te 2Jst, stdio\n" + printed + "\n");
        }
    }

    private static Won start(ServedLog served) {
        served.story.fire(List.of(served.story.change("a", "r", "c")), "r", "linux");
        Won won = served.story.claim(B1, "linux");
        served.story.start(B1, won);
        return won;
    }

    private static Answer log(
            ServedLog served, boolean terminal, BooleanSupplier pause, String... options) {
        String[] all = Arrays.copyOf(options, options.length + 3);
        all[options.length] = "linux/1";
        all[options.length + 1] = "--master";
        all[options.length + 2] = served.url();
        return runAlone(new LogCommand(() -> terminal, pause), all);
    }

    @Test
    void following_shows_what_is_written_later() {
        try (ServedLog running = new ServedLog()) {
            Won won = start(running);
            long log = running.story.startStep(B1, won, 1, "test");
            running.story.write(log, 0, new Line(Source.STDOUT, "first"));
            running.project();
            StringWriter out = new StringWriter();
            CommandLine commands =
                    ClientCommands.addTo(new CommandLine(new Root()))
                            .setOut(new PrintWriter(out))
                            .setErr(new PrintWriter(out));

            CompletableFuture<Integer> following =
                    CompletableFuture.supplyAsync(() ->
                            commands.execute(
                                    "log", "linux/1", "--follow", "--master", running.url()));
            await().until(() -> out.toString().contains("first"));
            running.story.write(log, 1, new Line(Source.STDOUT, "second"));
            running.story.finishStep(B1, won, 1, log, Results.SUCCESS);
            running.story.complete(B1, won, Results.SUCCESS, "");
            running.project();

            assertThat(following.join()).isZero();
            assertThat(out.toString()).isEqualTo("--- step 1 test, stdio\nfirst\nsecond\n");
        }
    }

    @Test
    void a_change_is_sent_with_the_names_of_Buildbot() {
        Answer answer =
                ask(
                        "sendchange",
                        "--author",
                        "a & b",
                        "--comments",
                        "ü",
                        "--branch",
                        "main",
                        "--revision",
                        "abc",
                        "--file",
                        "x.c",
                        "--file",
                        "y.c",
                        "--property",
                        "k=v");

        assertThat(answer.out()).isEqualTo("change 17\n");
        assertThat(SentForms.LAST)
                .containsEntry("author", "a & b")
                .containsEntry("comments", "ü")
                .containsEntry("files", "[\"x.c\",\"y.c\"]")
                .containsEntry("properties", "{\"k\":\"v\"}")
                .doesNotContainKey("project");
    }

    @Test
    void a_change_is_sent_as_a_user_with_the_password_of_a_file(@TempDir Path directory)
            throws Exception {
        Path file = Files.writeString(directory.resolve("password"), "pass\n");

        assertThat(
                        ask(
                                        "sendchange",
                                        "--author",
                                        "a",
                                        "--user",
                                        "ci",
                                        "--password-file",
                                        file.toString())
                                .status())
                .isZero();
        assertThat(SentForms.LAST).containsEntry("", "Basic Y2k6cGFzcw==");
        assertThat(ask("sendchange", "--author", "a", "--user", "ci"))
                .satisfies(answer -> {
                    assertThat(answer.status()).isEqualTo(2);
                    assertThat(answer.err()).contains("--user: its password is missing");
                });
    }

    private static Author register(ServedLog served, String name) {
        return served.registry.register(
                new Registration(
                        name,
                        "builder",
                        "host",
                        1,
                        Duration.ofSeconds(30),
                        Map.of("linux", "f00d"),
                        null));
    }

    private static Answer ask(ServedLog served, String... args) {
        String[] all = Arrays.copyOf(args, args.length + 2);
        all[args.length] = "--master";
        all[args.length + 1] = served.url();
        return run(all);
    }

    private static Answer drain(ServedLog served, BooleanSupplier pause, String... options) {
        String[] all = Arrays.copyOf(options, options.length + 3);
        all[options.length] = "b1";
        all[options.length + 1] = "--master";
        all[options.length + 2] = served.url();
        return runAlone(new DrainCommand(pause), all);
    }

    /** Each is done between two looks at the progress. */
    private static BooleanSupplier meanwhile(Runnable... done) {
        Iterator<Runnable> next = List.of(done).iterator();
        return () -> {
            next.next().run();
            return true;
        };
    }

    @Test
    void builders_are_a_table_that_says_where_masters_differ() {
        try (ServedLog running = new ServedLog()) {
            assertThat(ask(running, "builders").out())
                    .isEqualTo("no living master has a builder\n");
            register(running, "b1");
            running.registry.register(
                    new Registration(
                            "b2",
                            "builder",
                            "host",
                            1,
                            Duration.ofSeconds(30),
                            Map.of("linux", "cafe", "docs", "d0c5"),
                            new Descriptions(
                                    Map.of(
                                            "docs",
                                            new BuilderDescription(
                                                    List.of("slow", "web"),
                                                    "The manual",
                                                    "app",
                                                    null)),
                                    Map.of()),
                            null));

            assertThat(ask(running, "builders").out())
                    .isEqualTo(
                            """
                            BUILDER  TAGS       PROJECT  MASTERS  FINGERPRINT                 DESCRIPTION
                            docs     slow, web  app      b2       d0c5                        The manual
                            linux    -          -        b1, b2   DIVERGES: b1 f00d, b2 cafe  -
                            """);
            assertThat(ask(running, "builders", "--tag", "web").out())
                    .contains("docs")
                    .doesNotContain("linux");
            assertThat(ask(running, "builders", "--project", "lib").out())
                    .isEqualTo("no living master has such a builder\n");
            assertThat(json(ask(running, "builders", "--json")).path("builders")).hasSize(2);
            for (String list : List.of("masters", "requests", "builds")) {
                assertThat(ask(running, list).err())
                        .isEqualTo(
                                "masters build different things for builder linux: b1 f00d, b2 cafe\n");
            }
        }
    }

    @Test
    void draining_shows_how_many_builds_are_left_until_the_master_has_stopped() {
        try (ServedLog running = new ServedLog()) {
            Author b1 = register(running, "b1");
            running.story.fire(List.of(), "r", "linux");
            running.story.fire(List.of(), "r", "linux");
            Won first = running.story.claim(b1, "linux");
            Won second = running.story.claim(b1, "linux");
            running.story.start(b1, first);
            running.story.start(b1, second);

            Answer answer =
                    drain(
                            running,
                            meanwhile(
                                    () -> {},
                                    () -> running.story.complete(b1, first, Results.SUCCESS, ""),
                                    () -> running.story.complete(b1, second, Results.SUCCESS, ""),
                                    () -> running.registry.stop(b1)));

            assertThat(answer.status()).isZero();
            assertThat(answer.out())
                    .isEqualTo(
                            "b1: 2 builds to end\nb1: 1 build to end\nb1: no builds to end\nb1: stopped\n");
            assertThat(running.test.log.read("master/b1").stream().map(Recorded::event))
                    .contains(new MasterDrained("b1", 1, false, System.getProperty("user.name")));
        }
    }

    @Test
    void a_scheduler_master_that_served_the_address_itself_has_stopped_when_it_answers_no_more() {
        ServedLog running = new ServedLog();
        register(running, "s");

        Answer answer =
                runAlone(
                        new DrainCommand(meanwhile(() -> {}, running::close)),
                        "s",
                        "--master",
                        running.url());

        assertThat(answer.status()).isZero();
        assertThat(answer.out()).endsWith("s: stopped\n");
    }

    @Test
    void a_master_that_answers_nothing_for_a_moment_costs_a_drain_nothing() {
        try (ServedLog running = new ServedLog()) {
            Author b1 = register(running, "b1");

            Answer answer =
                    drain(
                            running,
                            meanwhile(
                                    () -> rename(running, "master", "away"),
                                    () -> rename(running, "away", "master"),
                                    () -> running.registry.stop(b1)));

            assertThat(answer.status()).isZero();
            assertThat(answer.out()).endsWith("b1: stopped\n");
        }
    }

    private static void rename(ServedLog served, String table, String name) {
        served.test.jdbc.sql("RENAME TABLE " + table + " TO " + name).update();
    }

    @Test
    void draining_as_json_is_one_object_at_the_end() {
        try (ServedLog running = new ServedLog()) {
            Author b1 = register(running, "b1");

            Answer answer =
                    drain(
                            running,
                            meanwhile(() -> {}, () -> running.registry.stop(b1)),
                            "--now",
                            "--json");

            assertThat(answer.out().lines()).hasSize(1);
            assertThat(json(answer).path("state").asString()).isEqualTo("stopped");
        }
    }

    @Test
    void draining_does_not_wait_where_nobody_wants_it_to() {
        try (ServedLog running = new ServedLog()) {
            register(running, "b1");

            assertThat(ask(running, "drain", "b1", "--no-wait").out())
                    .isEqualTo("b1: no builds to end\n");
            assertThat(ask(running, "masters").out()).contains("builder  draining");
            assertThat(ask(running, "drain", "b1", "--no-wait").out())
                    .isEqualTo("b1: is draining already\nb1: no builds to end\n");
            assertThat(ask(running, "drain", "b1", "--now", "--no-wait").status()).isZero();
            assertThat(ask(running, "masters").out()).contains("builder  stopping");
        }
    }

    @Test
    void draining_ends_with_1_if_the_master_is_undrained_or_lost_meanwhile() {
        try (ServedLog running = new ServedLog()) {
            Author b1 = register(running, "b1");

            Answer undrained =
                    drain(
                            running,
                            meanwhile(() ->
                                    assertThat(ask(running, "undrain", "b1").out())
                                            .isEqualTo("b1 goes on\n")));
            assertThat(undrained.status()).isEqualTo(1);
            assertThat(undrained.err()).isEqualTo("b1 was undrained and goes on\n");

            Answer restarted = drain(running, meanwhile(() -> register(running, "b1")));
            assertThat(restarted.status()).isZero();
            assertThat(restarted.out()).endsWith("b1: has been started again\n");
            assertThat(b1.epoch()).isEqualTo(1);

            Answer lost =
                    drain(
                            running,
                            meanwhile(() ->
                                    running.test
                                            .jdbc
                                            .sql("UPDATE master SET state = 'lost'")
                                            .update()));
            assertThat(lost.status()).isEqualTo(1);
            assertThat(lost.err().lines()).singleElement().asString().startsWith("b1 was lost");
        }
    }

    @Test
    void undraining_says_whether_it_came_in_time() {
        try (ServedLog running = new ServedLog()) {
            Author b1 = register(running, "b1");

            assertThat(ask(running, "undrain", "b1"))
                    .isEqualTo(new Answer(0, "b1 is not draining\n", ""));
            ask(running, "drain", "b1", "--no-wait");
            assertThat(ask(running, "undrain", "b1")).isEqualTo(new Answer(0, "b1 goes on\n", ""));

            ask(running, "drain", "b1", "--no-wait");
            assertThat(running.registry.endDrain(b1)).isTrue();
            Answer late = ask(running, "undrain", "b1");
            assertThat(late.status()).isEqualTo(1);
            assertThat(late.err()).startsWith("b1 is stopping already");
        }
    }

    private static void list(ServedLog running, Author master, String... workers) {
        new WorkerRoster(running.test.log, running.test.dataSource)
                .list(
                        master,
                        Arrays.stream(workers)
                                .map(name -> new Listed(name, !name.contains("/"), false, 2))
                                .toList());
    }

    @Test
    void a_worker_is_paused_unpaused_and_stopped_by_its_name() {
        try (ServedLog running = new ServedLog()) {
            Author b1 = register(running, "b1");
            list(running, b1, "b1-worker", "b1/local");
            WorkerRegister workers =
                    new WorkerRegister(
                            running.test.log,
                            running.test.dataSource,
                            new OpenCommands(running.test.dataSource));
            workers.attach(b1, "b1-worker", "3.7.0", "posix");
            running.story.fire(List.of(), "r", "linux");
            running.story.claim(b1, "linux");
            running.project();

            assertThat(
                            ask(
                                    running,
                                    "worker",
                                    "pause",
                                    "b1-worker",
                                    "--reason",
                                    "new disk",
                                    "--user",
                                    "ann"))
                    .isEqualTo(
                            new Answer(
                                    0,
                                    "b1-worker is paused; 1 build on it goes on to its end\n",
                                    ""));
            assertThat(ask(running, "worker", "pause", "b1-worker").out())
                    .isEqualTo("b1-worker is paused already\n");
            assertThat(ask(running, "worker", "pause", "b1/local").out())
                    .isEqualTo("b1/local is paused\n");
            assertThat(ask(running, "workers").out().lines())
                    .satisfiesExactly(
                            titles ->
                                    assertThat(titles)
                                            .startsWith("WORKER     STATE   MASTER  SINCE"),
                            one ->
                                    assertThat(one)
                                            .startsWith("b1-worker  paused  b1 ")
                                            .contains(" 3.7.0 ", " 1/2 linux/1 ", "by ann, ")
                                            .contains(": new disk")
                                            .endsWith("now"),
                            two -> assertThat(two).startsWith("b1/local   paused  b1 "));
            assertThat(ask(running, "worker", "unpause", "b1-worker").out())
                    .isEqualTo("b1-worker may build again\n");
            assertThat(ask(running, "worker", "unpause", "b1-worker").out())
                    .isEqualTo("b1-worker is neither paused, nor in quarantine, nor to stop\n");
            assertThat(ask(running, "worker", "stop", "b1-worker").out())
                    .isEqualTo("b1-worker is told to stop; 1 build on it goes on to its end\n");
            assertThat(ask(running, "worker", "stop", "b1-worker").out())
                    .isEqualTo("b1-worker is told to stop already\n");
            assertThat(
                            json(ask(running, "worker", "pause", "b1-worker", "--json"))
                                    .at("/worker/state")
                                    .asString())
                    .isEqualTo("stopping");
            assertThat(running.test.log.read("worker/b1-worker").get(1).event())
                    .isEqualTo(new WorkerPaused("b1-worker", "new disk", "ann"));
        }
    }

    @Test
    void a_worker_that_is_not_here_can_t_be_stopped() {
        try (ServedLog running = new ServedLog()) {
            list(running, register(running, "b1"), "w1");

            Answer answer = ask(running, "worker", "stop", "w1");

            assertThat(answer.status()).isEqualTo(1);
            assertThat(answer.err()).startsWith("worker w1 is not attached to any living master");
        }
    }

    @Test
    void a_request_is_cancelled_and_gets_another_priority_by_its_number() {
        try (ServedLog running = new ServedLog()) {
            running.story.fire(List.of(), "r", "linux");

            assertThat(ask(running, "priority", "1", "-5", "--user", "ann"))
                    .isEqualTo(new Answer(0, "request 1 has priority -5\n", ""));
            assertThat(
                            ask(
                                    running,
                                    "cancel",
                                    "request",
                                    "1",
                                    "--reason",
                                    "a typo",
                                    "--user",
                                    "ann"))
                    .isEqualTo(new Answer(0, "request 1 is cancelled\n", ""));

            assertThat(
                            running.test.log.read("build-request/1").stream()
                                    .map(Recorded::event)
                                    .skip(1))
                    .containsExactly(
                            new BuildRequestPriorityChanged(1, -5, "ann"),
                            new BuildRequestCancelled(1, "ann", "a typo"));
            Answer late = ask(running, "cancel", "request", "1");
            assertThat(late)
                    .isEqualTo(new Answer(1, "", "request 1 has ended already as CANCELLED\n"));
        }
    }

    @Test
    void a_build_is_retried_stopped_and_rebuilt_by_its_name() {
        try (ServedLog running = new ServedLog()) {
            running.story.fire(List.of(), "r", "linux/arm");
            running.story.claim(B1, "linux/arm");

            assertThat(ask(running, "retry", "build", "linux/arm/1", "--user", "ann"))
                    .isEqualTo(
                            new Answer(
                                    0,
                                    "build linux/arm/1 is stopped, and request 1 on offer again\n",
                                    ""));
            running.story.claim(B1, "linux/arm");
            assertThat(
                            ask(
                                    running,
                                    "stop",
                                    "build",
                                    "linux/arm/2",
                                    "--reason",
                                    "it hangs",
                                    "--user",
                                    "ann"))
                    .isEqualTo(
                            new Answer(
                                    0,
                                    "build linux/arm/2 is stopped, and request 1 cancelled\n",
                                    ""));
            running.project();
            assertThat(ask(running, "stop", "build", "linux/arm/1"))
                    .isEqualTo(
                            new Answer(
                                    1,
                                    "",
                                    "build linux/arm/1 has ended already as RETRY: retry asked for by ann\n"));
            assertThat(ask(running, "rebuild", "build", "linux/arm/2"))
                    .isEqualTo(new Answer(0, "buildset 2\nrequest 2 on linux/arm\n", ""));
            assertThat(ask(running, "rebuild", "buildset", "2"))
                    .isEqualTo(new Answer(0, "buildset 3\nrequest 3 on linux/arm\n", ""));
        }
    }

    @Test
    void requests_that_nobody_serves_are_listed_and_warned_about() {
        try (ServedLog running = new ServedLog()) {
            running.story.fire(List.of(), "r", "linux", "mac");
            running.project();
            register(running, "b1");

            Answer all = ask(running, "requests");
            assertThat(all.out().lines()).hasSize(3);
            assertThat(all.err())
                    .isEqualTo("no living master claims for builder mac: 1 request waits\n");
            Answer unserved = ask(running, "requests", "--unserved");
            assertThat(unserved.out().lines()).hasSize(2).last().asString().contains("mac");

            ask(running, "cancel", "request", "2");
            assertThat(ask(running, "requests", "--unserved"))
                    .isEqualTo(
                            new Answer(
                                    0,
                                    "every request on offer is for a builder that a living master serves\n",
                                    ""));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "log linux/99",
                "audit request 99",
                "explain change 99",
                "explain request 99",
                "cancel request 99",
                "stop build linux/99",
                "retry build linux/99",
                "rebuild build linux/99",
                "rebuild buildset 99",
                "priority 99 1",
                "drain b9",
                "undrain b9",
                "worker pause w9",
                "worker unpause w9",
                "worker stop b9/local"
            })
    void what_does_not_exist_is_status_1_and_one_line(String args) {
        Answer answer = ask(args.split(" "));

        assertThat(answer.status()).isEqualTo(1);
        assertThat(answer.out()).isEmpty();
        assertThat(answer.err().lines()).singleElement().asString().startsWith("there is no ");
    }

    @Test
    void a_master_that_does_not_answer_is_status_1_and_says_what_to_do() {
        Answer answer = run("builds", "--master", "http://127.0.0.1:1");

        assertThat(answer.status()).isEqualTo(1);
        assertThat(answer.err().lines())
                .singleElement()
                .asString()
                .contains("http://127.0.0.1:1", "bin/buildledger scheduler-master", "--master");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "log linux",
                "log linux/x",
                "audit",
                "audit request x",
                "explain",
                "explain change x",
                "cancel",
                "cancel request x",
                "stop",
                "stop build linux",
                "retry",
                "retry build 12",
                "rebuild",
                "rebuild build linux/x",
                "rebuild buildset linux/12",
                "priority 1",
                "priority 1 high",
                "priority 1 --colour",
                "drain",
                "worker",
                "worker pause",
                "worker kill w1",
                "builds --limit 0",
                "sendchange",
                "builds --master nowhere",
                "builds --colour"
            })
    void wrong_use_is_status_2_without_a_stack_trace(String args) {
        Answer answer = run(args.split(" "));

        assertThat(answer.status()).isEqualTo(2);
        assertThat(answer.err()).isNotBlank().doesNotContain("\tat ", "Exception");
    }

    @Test
    void a_table_gives_way_on_a_narrow_terminal() {
        Table table = new Table(1, "N", "COMMENTS", "STATE");
        table.row("1", "a very long comment that nobody reads", "done");

        List<String> lines = table.lines(30);

        assertThat(lines)
                .containsExactly("N  COMMENTS              STATE", "1  a very long comment…  done");
    }

    @Test
    void a_table_is_cut_between_characters() {
        Table table = new Table(0, "COMMENTS");
        table.row("a long 🦀🦀🦀🦀 comment");

        assertThat(table.lines(11).getLast()).isEqualTo("a long 🦀…");
    }

    @ParameterizedTest
    @CsvSource({
        "a\u001b]0;title\u0007b, ab",
        "a\u001b]8;;https://example.org\u001b\\b, ab",
        "a\u001bPq#0\u001b\\b, ab",
        "a\u009d52;c;eA==\u009cb, ab",
        "a\u001b]52;c;eA==, a",
        "a\u009b2Jb, ab",
        "a\u009b31mb, ab",
        "a\u001b[?1049hb, ab",
        "a\u001b[6nb, ab",
        "a\u001b[>4;2mb, ab",
        "a\u001bcb, ab",
        "a\u001b(0b, ab",
        "a\u001b[31, a31",
        "a\u001b\u001b[2Jb, ab",
        "a\bb\u0007c\u0085d\u007fe, abcde",
        "a\u202eb, ab",
        "a\u001b[1;31mb\u001b[mc, a\u001b[1;31mb\u001b[mc",
        "Grüße\t日本語 🦀, Grüße\t日本語 🦀"
    })
    void a_line_of_a_log_can_colour_a_terminal_and_nothing_else(String printed, String shown) {
        assertThat(TerminalText.of(printed)).isEqualTo(shown);
    }

    @Test
    void a_line_of_a_log_does_not_write_over_its_own_beginning() {
        assertThat(TerminalText.of("rm -rf /\rls")).isEqualTo("rm -rf /ls");
    }

    @Test
    void a_time_of_today_is_shown_without_its_day() {
        ShortTime time = new ShortTime(Instant.parse("2026-03-01T12:00:00Z"), ZoneOffset.UTC);

        assertThat(time.of(Instant.parse("2026-03-01T01:02:03Z"))).isEqualTo("01:02:03");
        assertThat(time.of(Instant.parse("2026-02-01T01:02:03Z"))).isEqualTo("02-01 01:02");
        assertThat(time.of(Instant.parse("2025-02-01T01:02:03Z"))).isEqualTo("2025-02-01");
    }

    private static void answerReloads(ServedLog running, Author master, MasterEvent outcome) {
        running.onReloadAsked =
                () -> {
                    String asked = running.test.log.read("master/b1").getLast().id();
                    if (outcome instanceof ConfigurationReloaded reloaded) {
                        running.registry.reloaded(master, asked, reloaded, Descriptions.NONE);
                    } else {
                        running.registry.reloadRefused(
                                master, asked, (ConfigurationReloadRefused) outcome);
                    }
                };
    }

    @Test
    void reloading_prints_what_differs_or_why_the_master_goes_on_as_before() {
        try (ServedLog running = new ServedLog()) {
            Author b1 = register(running, "b1");
            answerReloads(
                    running,
                    b1,
                    new ConfigurationReloaded(
                            "b1", 1, "ann", List.of("workers.w\u001b[2J: added"), Map.of()));
            Answer reloaded = ask(running, "reload", "b1", "--user", "ann");
            assertThat(reloaded.out()).isEqualTo("b1: reloaded\n  workers.w [2J: added\n");
            assertThat(reloaded.status()).isZero();
            assertThat(json(ask(running, "reload", "b1", "--json")).path("differences")).hasSize(1);

            answerReloads(
                    running, b1, new ConfigurationReloaded("b1", 1, "ann", List.of(), Map.of()));
            assertThat(ask(running, "reload", "b1").out())
                    .isEqualTo("b1: reloaded, nothing differs\n");

            answerReloads(
                    running,
                    b1,
                    new ConfigurationReloadRefused(
                            "b1", 1, "ann", List.of("c.yaml:1:1: one", "c.yaml:2:1: two")));
            Answer refused = ask(running, "reload", "b1");
            assertThat(refused.status()).isEqualTo(1);
            assertThat(refused.out()).isEqualTo("  c.yaml:1:1: one\n  c.yaml:2:1: two\n");
            assertThat(refused.err()).isEqualTo("b1 goes on as before: mend its file\n");

            running.registry.stop(b1);
            Answer gone = ask(running, "reload", "b1");
            assertThat(gone.status()).isEqualTo(1);
            assertThat(gone.err()).isEqualTo("there is no living master b1\n");
        }
    }
}
