package io.buildledger.builder.workers;

import static io.buildledger.builder.running.ScriptStep.script;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.buildledger.attaching.OpenCommands;
import io.buildledger.attaching.WorkerRegister;
import io.buildledger.builder.attaching.Credentials;
import io.buildledger.builder.attaching.ListenSettings;
import io.buildledger.builder.attaching.WorkerServer;
import io.buildledger.builder.running.BuildBench;
import io.buildledger.builder.running.BuildBench.Finished;
import io.buildledger.builder.running.BuildOutcome;
import io.buildledger.builder.running.GitStepMaker;
import io.buildledger.builder.running.RunningBuild;
import io.buildledger.builder.running.ScriptStep;
import io.buildledger.builder.running.WrittenSteps;
import io.buildledger.configuring.ConfiguredStep;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.requesting.Property;
import io.buildledger.log.Author;
import io.buildledger.steplog.StepLogs.Line;
import io.buildledger.steplog.StepLogs.Source;
import io.buildledger.stepping.Step;
import io.buildledger.steps.GitStep.Method;
import io.buildledger.testing.GitOverSsh;
import io.buildledger.testing.GitRepository;
import io.buildledger.testing.StockWorker;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestScheduler;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.io.support.PropertiesLoaderUtils;

/** Builds on a real {@code buildbot-worker}. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
class WorkerBuildsTest {

    private static final Author MASTER = new Author("b1", 1);
    private static final TestLog DATABASE = new TestLog();

    @TempDir Path directory;
    private AttachedWorkers workers;
    private WorkerServer server;
    private StockWorker worker;
    private BuildBench bench;

    @BeforeEach
    void attach() throws Exception {
        OpenCommands commands = new OpenCommands(DATABASE.dataSource);
        workers =
                new AttachedWorkers(
                        new WorkerRegister(DATABASE.log, DATABASE.dataSource, commands),
                        MASTER,
                        task -> Thread.ofVirtual().start(task),
                        System::nanoTime);
        server =
                WorkerServer.start(
                        new ListenSettings(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), null),
                        Credentials.of(Map.of("w", "pass")),
                        workers);
        worker =
                StockWorker.create(
                                directory.resolve("worker"),
                                "127.0.0.1:" + server.port(),
                                "w",
                                "pass")
                        .start();
        bench =
                new BuildBench(
                        DATABASE,
                        directory,
                        new AttachedWorkplaces(workers),
                        worker.directory().resolve("linux"));
        await().atMost(30, TimeUnit.SECONDS).until(() -> workers.find("w").isPresent());
    }

    @AfterEach
    void close() throws Exception {
        bench.close();
        worker.close();
        server.close();
    }

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    private List<String> output(int step) {
        return bench.lines(step).stream()
                .filter(line -> line.source() != Source.HEADER)
                .map(Line::text)
                .toList();
    }

    @Test
    void a_command_runs_in_its_directory_with_its_environment() {
        BuildOutcome outcome =
                bench.run(
                        script("test", "pwd; echo $A-$BUILDLEDGER_BUILDER; echo err >&2; exit 3")
                                .env(Map.of("A", "b")));

        assertThat(outcome)
                .isEqualTo(new BuildOutcome(Results.FAILURE, "failed test (exit code 3)"));
        assertThat(output(1))
                .contains(
                        worker.directory().resolve("linux").resolve("build").toString(), "b-linux");
        assertThat(bench.lines(1)).contains(new Line(Source.STDERR, "err"));
        assertThat(bench.text(1)).noneMatch(line -> line.contains("PATH="));
    }

    @Test
    void steps_get_their_logs_warnings_and_properties_from_it() {
        BuildOutcome outcome =
                bench.run(
                        BuildBench.HEAD,
                        WrittenSteps.of(
                                directory,
                                """
                                - shell_sequence: {commands: [{command: echo one, log_name: first}, {command: echo two}]}
                                - compile: {command: "echo 'a.c: warning: x'; echo fine; echo 'b.c: warning: y' >&2"}
                                - set_property_from_command: {command: echo 1.2, property: version}
                                - set_properties_from_env: {variables: PATH}
                                """));

        assertThat(outcome.results()).isEqualTo(Results.WARNINGS);
        assertThat(bench.lines(1, "first")).contains(new Line(Source.STDOUT, "one"));
        assertThat(output(1)).containsExactly("two");
        assertThat(bench.lines(2, "warnings (2)"))
                .extracting(Line::text)
                .containsExactlyInAnyOrder("a.c: warning: x", "b.c: warning: y");
        assertThat(bench.properties)
                .containsEntry("version", new Property("1.2", "set_property_from_command"))
                .containsKeys("PATH", "warnings-count");
    }

    @Test
    void a_line_of_10_000_characters_arrives_whole() {
        bench.run(script("long", "head -c 10000 /dev/zero | tr '\\0' x; echo; echo after"));

        assertThat(output(1)).containsExactly("x".repeat(10_000), "after");
    }

    @Test
    void a_program_that_there_is_not_is_an_exception_or_a_failure_but_never_success() {
        BuildOutcome outcome = bench.run(ScriptStep.command("none", "/no/such/program"));

        assertThat(outcome.results()).isIn(Results.EXCEPTION, Results.FAILURE);
    }

    @Test
    void a_command_without_output_times_out_and_one_that_takes_too_long_as_well() {
        assertThat(bench.run(script("mute", "sleep 60").timeout(Duration.ofSeconds(1))).summary())
                .isEqualTo("failed mute (timeout: no output for 1 s)");
        assertThat(bench.run(script("long", "sleep 60").maxTime(Duration.ofSeconds(1))).summary())
                .isEqualTo("failed long (max_time: not done after 1 s)");
    }

    @Test
    void a_build_that_is_interrupted_ends_its_command_on_the_worker() throws Exception {
        Path begun = directory.resolve("begun");
        RunningBuild running =
                bench.prepare(
                        BuildBench.HEAD,
                        Map.of(),
                        script("long", "echo $$ > '%s'; exec sleep 600".formatted(begun)).step());
        CompletableFuture<BuildOutcome> outcome = BuildBench.start(running);
        await().atMost(30, TimeUnit.SECONDS)
                .until(() -> Files.exists(begun) && Files.size(begun) > 0);
        long pid = Long.parseLong(Files.readString(begun).strip());

        running.interrupt("cancelled by joe");

        assertThat(outcome.get(30, TimeUnit.SECONDS).results()).isEqualTo(Results.CANCELLED);
        await().atMost(10, TimeUnit.SECONDS)
                .until(() -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
    }

    @Test
    void a_worker_that_is_killed_makes_the_build_a_retry() throws Exception {
        Path begun = directory.resolve("begun");
        RunningBuild running =
                bench.prepare(
                        BuildBench.HEAD,
                        Map.of(),
                        script("long", "echo > '%s'; exec sleep 600".formatted(begun)).step());
        CompletableFuture<BuildOutcome> outcome = BuildBench.start(running);
        await().atMost(30, TimeUnit.SECONDS).until(() -> Files.exists(begun));

        worker.process().destroyForcibly();

        BuildOutcome lost = outcome.get(30, TimeUnit.SECONDS);
        assertThat(lost.results()).isEqualTo(Results.RETRY);
        assertThat(lost.summary()).startsWith("retry: worker w");
        await().atMost(10, TimeUnit.SECONDS).until(() -> workers.find("w").isEmpty());
    }

    @Test
    void a_file_that_a_command_writes_is_followed_into_a_log_of_its_own() {
        bench.run(
                script("test", "echo one >> app.log; sleep 3; echo two >> app.log")
                        .following(Map.of("app", "app.log")));

        assertThat(bench.lines(1, "app").stream().map(Line::text)).containsExactly("one", "two");
    }

    @Test
    void a_git_step_checks_out_keeps_and_updates() throws Exception {
        GitRepository origin = GitRepository.create(directory.resolve("origin"), "main");
        String first = origin.commit("one", "a.txt");
        Path build = bench.builderDirectory().resolve("build");
        ConfiguredStep git = GitStepMaker.git(origin.directory().toString()).step();

        assertThat(bench.run(stamp(first), git).results()).isEqualTo(Results.SUCCESS);
        assertThat(build.resolve("a.txt")).hasContent("one");
        Files.createFile(build.resolve(".git/index.lock"));
        Files.createFile(build.resolve(".git/refs/remotes/origin/main.lock"));
        origin.commit("two", "a.txt");

        assertThat(bench.run(stamp(null), git))
                .isEqualTo(new BuildOutcome(Results.SUCCESS, "build successful"));
        assertThat(build.resolve("a.txt")).hasContent("two");
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void a_git_step_gets_in_by_a_key_that_is_gone_afterwards(Method method) throws Exception {
        GitRepository origin = GitRepository.create(directory.resolve("served/app"), "main");
        origin.commit("one", "a.txt");
        try (GitOverSsh ssh = GitOverSsh.start(directory.resolve("served"))) {
            String key = Files.readString(ssh.writeUserKey(directory.resolve("key")));
            GitStepMaker git =
                    GitStepMaker.git(ssh.url("app"))
                            .key(key)
                            .knownHosts(
                                    Files.readString(
                                            ssh.writeKnownHosts(directory.resolve("hosts"))))
                            .full(method)
                            .submodules();

            BuildOutcome outcome = bench.run(stamp(null), git.step());

            assertThat(outcome.results())
                    .as(() -> String.join("\n", bench.text(1)))
                    .isEqualTo(Results.SUCCESS);
            assertThat(bench.builderDirectory().resolve("build/a.txt")).hasContent("one");
            assertThat(bench.builderDirectory()).isDirectoryNotContaining("glob:**.buildledger*");
            assertThat(String.join("\n", bench.text(1)))
                    .doesNotContain(key.lines().toList().get(1));
        }
    }

    @Test
    void a_git_step_that_is_interrupted_leaves_no_key() throws Exception {
        Path bin = Files.createDirectories(directory.resolve("bin"));
        Path begun = directory.resolve("begun");
        Path ssh = bin.resolve("ssh");
        Files.writeString(
                ssh,
                "#!/bin/sh\nls -l ../.buildledger-git > '%1$s.new'; mv '%1$s.new' '%1$s'; exec sleep 600\n"
                        .formatted(begun));
        assertThat(ssh.toFile().setExecutable(true)).isTrue();
        RunningBuild running =
                bench.prepare(
                        stamp(null),
                        Map.of("PATH", bin + ":" + System.getenv("PATH")),
                        GitStepMaker.git("ssh://nowhere/app").key("the key").step());
        CompletableFuture<BuildOutcome> outcome = BuildBench.start(running);
        await().atMost(30, TimeUnit.SECONDS).until(() -> Files.exists(begun));
        assertThat(begun).content().contains("-rw------- ");

        running.interrupt("enough");

        assertThat(outcome.get(60, TimeUnit.SECONDS).results()).isEqualTo(Results.CANCELLED);
        assertThat(bench.builderDirectory()).isDirectoryNotContaining("glob:**.buildledger*");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file_upload: {workersrc: large, masterdest: large}",
                "file_download: {mastersrc: large, workerdest: got}"
            })
    void a_transfer_that_is_interrupted_ends_on_both_sides_and_is_nothing(String transfer)
            throws Exception {
        Path build = Files.createDirectories(bench.builderDirectory().resolve("build"));
        // Of no size on the disk, and of so much that it does not end by itself.
        for (Path large :
                List.of(
                        Files.createDirectories(bench.files).resolve("large"),
                        build.resolve("large"))) {
            try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
                file.setLength(100L * 1024 * 1024 * 1024);
            }
        }
        RunningBuild running =
                bench.prepare(
                        BuildBench.HEAD, Map.of(), WrittenSteps.of(directory, "- " + transfer));
        CompletableFuture<BuildOutcome> outcome = BuildBench.start(running);
        Path arrived =
                transfer.startsWith("file_download")
                        ? build.resolve("got")
                        : directory.resolve("artifacts");
        await().atMost(30, TimeUnit.SECONDS).until(() -> sizeOf(arrived) > 0);

        running.interrupt("cancelled by joe");

        assertThat(outcome.get(30, TimeUnit.SECONDS).results()).isEqualTo(Results.CANCELLED);
        assertThat(bench.artifacts).isEmpty();
        assertThat(sizeOf(directory.resolve("artifacts"))).isZero();
        assertThat(bench.run(script("next", "true")).results()).isEqualTo(Results.SUCCESS);
    }

    @Test
    void what_a_transfer_can_not_bring_is_a_failure_that_says_why() throws Exception {
        bench.run(
                BuildBench.HEAD,
                WrittenSteps.of(
                        directory,
                        """
                        - shell: {command: mkdir tree; echo 0123456789 | tee large tree/large}
                        - file_upload: {workersrc: large, masterdest: x, maxsize: 9, halt_on_failure: false}
                        - file_upload: {workersrc: none, masterdest: x, halt_on_failure: false}
                        - directory_upload: {workersrc: tree, masterdest: x, maxsize: 9, halt_on_failure: false}
                        - directory_upload: {workersrc: large, masterdest: x, halt_on_failure: false}
                        - copy_directory: {src: build/none, dest: x, halt_on_failure: false}
                        - shell: {command: echo on}
                        """));

        assertThat(bench.finished)
                .extracting(Finished::summary)
                .satisfiesExactly(
                        prepared -> assertThat(prepared).contains("successful"),
                        large ->
                                assertThat(large)
                                        .isEqualTo(
                                                "failed file_upload (build/large has more than 9 bytes)"),
                        none ->
                                assertThat(none)
                                        .startsWith("failed file_upload (can't read build/none: "),
                        tree ->
                                assertThat(tree)
                                        .isEqualTo(
                                                "failed directory_upload (build/tree has more than 9 bytes)"),
                        file ->
                                assertThat(file)
                                        .isEqualTo(
                                                "failed directory_upload (there is no directory build/large)"),
                        copy ->
                                assertThat(copy)
                                        .isEqualTo(
                                                "failed copy_directory (there is no directory build/none)"),
                        on -> assertThat(on).contains("successful"));
        assertThat(bench.artifacts).isEmpty();
    }

    private static long sizeOf(Path place) throws IOException {
        if (!Files.exists(place)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(place)) {
            return files.map(Path::toFile).filter(File::isFile).mapToLong(File::length).sum();
        }
    }

    /** Each type once at least; what a type does in each case is its own test's. */
    @Test
    void a_build_of_every_type_of_step() throws Exception {
        GitRepository origin = GitRepository.create(directory.resolve("origin"), "main");
        String revision = origin.commit("one", "a.txt");
        Files.createDirectories(bench.files);
        Files.writeString(bench.files.resolve("tool"), "#!/bin/sh\necho used\n");
        bench.masterShellAllowed = true;
        TestScheduler tests = TestScheduler.triggerable(DATABASE, "tests", "docs");
        HttpServer web =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        web.createContext(
                "/",
                exchange -> {
                    exchange.sendResponseHeaders(204, -1);
                    exchange.close();
                });
        web.start();
        String factory =
                """
                - git: {repourl: '%s'}
                - shell: {command: cat a.txt}
                - shell_sequence: {commands: [{command: echo one, log_name: first}, {command: echo two}]}
                - compile: {command: "echo 'a.c: warning: x'"}
                - test: {command: echo tested}
                - set_property: {property: colour, value: green}
                - set_properties: {properties: {arches: [amd64, arm64]}}
                - set_property_from_command: {command: echo 1.2, property: version}
                - set_properties_from_env: {variables: PATH}
                - assert: {check: {property: {version: '1.2', colour: green}}}
                - file_download: {mastersrc: tool, workerdest: bin/tool, mode: '0755'}
                - string_download: {s: "%%(prop:version)s\\n", workerdest: out/version}
                - json_properties_download: {workerdest: out/build.json}
                - shell: {name: use, command: bin/tool}
                - make_directory: {dir: build/made}
                - copy_directory: {src: build/out, dest: build/copy}
                - file_exists: {file: build/copy/version}
                - remove_directory: {dir: build/made}
                - file_upload: {workersrc: copy/version, masterdest: version}
                - directory_upload: {workersrc: out, masterdest: all, compress: gz}
                - multiple_file_upload: {workersrcs: ['o*/v*', '*.txt'], glob: true, masterdest: some}
                - master_shell: {command: echo here}
                - http: {url: 'http://127.0.0.1:%d/hook'}
                - trigger: {scheduler_names: [tests]}
                """
                        .formatted(origin.directory(), web.getAddress().getPort());
        ConfiguredStep[] steps = WrittenSteps.of(directory, factory);
        try {
            CompletableFuture<BuildOutcome> outcome =
                    BuildBench.start(bench.prepare(stamp(revision), Map.of(), steps));
            await().atMost(30, TimeUnit.SECONDS).until(() -> tests.act() == 1 || outcome.isDone());

            assertThat(outcome.get(30, TimeUnit.SECONDS).results())
                    .as(() -> bench.finished.toString())
                    .isEqualTo(Results.WARNINGS);
        } finally {
            web.stop(0);
        }
        assertThat(bench.finished)
                .hasSize(steps.length)
                .allMatch(it ->
                        it.results() == (it.step() == 4 ? Results.WARNINGS : Results.SUCCESS));
        assertThat(Stream.of(steps).map(it -> it.step().getClass().getName()).distinct())
                .as("each type that the masters have is here")
                .containsExactlyInAnyOrder(
                        PropertiesLoaderUtils.loadAllProperties("META-INF/spring.factories")
                                .getProperty(Step.class.getName())
                                .split(","));
        assertThat(output(2)).containsExactly("one");
        assertThat(output(3)).containsExactly("two");
        assertThat(output(14)).containsExactly("used");
        assertThat(output(22)).containsExactly("here");
        assertThat(bench.artifacts.stream().map(it -> it.path().text()))
                .containsExactlyInAnyOrder(
                        "version", "all/version", "all/build.json", "some/version", "some/a.txt");
        Path build = bench.builderDirectory().resolve("build");
        assertThat(build.resolve("copy/version")).hasContent("1.2\n");
        assertThat(build.resolve("made")).doesNotExist();
        assertThat(build.resolve("out/build.json")).content().contains("\"green\"", revision);
    }

    private static SourceStamp stamp(@Nullable String revision) {
        return new SourceStamp("origin", "main", revision, "", "");
    }
}
