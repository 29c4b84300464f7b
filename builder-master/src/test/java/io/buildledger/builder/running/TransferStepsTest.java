package io.buildledger.builder.running;

import static io.buildledger.builder.running.ScriptStep.script;
import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.artifacts.ArtifactContents;
import io.buildledger.artifacts.ArtifactStore;
import io.buildledger.artifacts.DatabaseArtifacts;
import io.buildledger.artifacts.DiskArtifacts;
import io.buildledger.artifacts.KeptArtifact;
import io.buildledger.builder.running.BuildBench.Finished;
import io.buildledger.configuring.ConfiguredStep;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.log.Author;
import io.buildledger.stepping.Step;
import io.buildledger.steps.Compression;
import io.buildledger.steps.CopyDirectoryStep;
import io.buildledger.steps.DirectoryUploadStep;
import io.buildledger.steps.FileDownloadStep;
import io.buildledger.steps.FileExistsStep;
import io.buildledger.steps.FileUploadStep;
import io.buildledger.steps.JsonPropertiesDownloadStep;
import io.buildledger.steps.MakeDirectoryStep;
import io.buildledger.steps.MultipleFileUploadStep;
import io.buildledger.steps.RemoveDirectoryStep;
import io.buildledger.steps.StringDownloadStep;
import io.buildledger.testing.TestLog;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class TransferStepsTest {

    private static final TestLog DATABASE = new TestLog();

    @TempDir Path directory;
    private BuildBench bench;

    @BeforeEach
    void open() throws IOException {
        bench = new BuildBench(DATABASE, directory);
        Files.createDirectories(bench.files);
    }

    private void use(String kind) {
        bench.close();
        ArtifactStore store =
                kind.equals("disk")
                        ? new DiskArtifacts(directory.resolve("artifacts"), "b1")
                        : new DatabaseArtifacts(DATABASE.jdbc, new Author("b1", 1));
        bench = new BuildBench(DATABASE, directory, store);
    }

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private static ConfiguredStep configured(Step step) {
        return new ConfiguredStep(step, ScriptStep.NOTHING_SAID);
    }

    /** Runs a script in {@code build}, and then the step; what the step came to. */
    private Finished run(String script, Step step) {
        BuildOutcome _ =
                bench.run(
                        BuildBench.HEAD,
                        script("prepare", "mkdir -p build && cd build && " + script).in(".").step(),
                        configured(step));
        assertThat(bench.finished.getFirst().results()).isEqualTo(Results.SUCCESS);
        return bench.finished.getLast();
    }

    private Path built(String path) {
        return bench.builderDirectory().resolve(path);
    }

    private Path write(String path, byte[] bytes) throws IOException {
        Path file = built(path);
        Files.createDirectories(file.getParent());
        return Files.write(file, bytes);
    }

    private byte[] kept(KeptArtifact artifact) throws Exception {
        try (InputStream from =
                new ArtifactContents(DATABASE.jdbc, directory.resolve("artifacts"))
                        .open(artifact.store(), artifact.location(), artifact.size())) {
            return from.readAllBytes();
        }
    }

    private List<String> paths() {
        return bench.artifacts.stream().map(it -> it.path().text()).sorted().toList();
    }

    /** Whatever an upload that came to nothing could have left. */
    private void assertNothingIsLeft() throws IOException {
        assertThat(bench.artifacts).isEmpty();
        for (Path place : List.of(directory.resolve("artifacts"), bench.uploads)) {
            if (Files.exists(place)) {
                try (Stream<Path> files = Files.walk(place)) {
                    assertThat(files.filter(Files::isRegularFile)).isEmpty();
                }
            }
        }
        assertThat(DATABASE.count("SELECT COUNT(*) FROM artifact_content WHERE kept = FALSE"))
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"disk", "database"})
    void a_file_is_kept_as_it_is(String kind) throws Exception {
        use(kind);
        byte[] bytes = new byte[5_000_001];
        new Random(1).nextBytes(bytes);
        write("build/out/app.bin", bytes);

        Finished end =
                run("true", new FileUploadStep("out/app.bin", "dist/app.bin", 5_000_001L, null));

        assertThat(end.results()).isEqualTo(Results.SUCCESS);
        assertThat(end.summary())
                .isEqualTo("uploaded out/app.bin as dist/app.bin, 1 file, 5,000,001 bytes");
        KeptArtifact artifact = bench.artifacts.getFirst();
        assertThat(artifact.path().text()).isEqualTo("dist/app.bin");
        assertThat(artifact.store()).isEqualTo(kind);
        assertThat(kept(artifact)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "disk | out | x | -1 | FAILURE | failed file_upload (out is a directory: use directory_upload)",
                "disk | no | x | -1 | FAILURE | failed file_upload (can't read build/no:",
                "disk | big | x | 9 | FAILURE | failed file_upload (build/big has more than 9 bytes)",
                "database | big | x | 9 | FAILURE | failed file_upload (build/big has more than 9 bytes)",
                "disk | big | ../x | -1 | FAILURE | can't be the path of an artifact: it leads out by ..",
                "disk | ../../../x | x | -1 | EXCEPTION | is outside the builder's directory",
                "disk | /etc/passwd | x | -1 | EXCEPTION | '/etc/passwd' is outside the builder's directory"
            })
    void what_can_not_be_uploaded_leaves_nothing(
            String kind, String source, String dest, long max, Results results, String summary)
            throws Exception {
        use(kind);
        write("build/out/a", new byte[10]);
        write("build/big", new byte[10]);

        Finished end = run("true", new FileUploadStep(source, dest, max < 0 ? null : max, null));

        assertThat(end.results()).isEqualTo(results);
        assertThat(end.summary()).contains(summary);
        assertNothingIsLeft();
    }

    @ParameterizedTest
    @CsvSource({"disk, false", "disk, true", "database, false", "database, true"})
    void a_directory_is_kept_file_by_file(String kind, boolean compressed) throws Exception {
        use(kind);
        byte[] bytes = new byte[700_000];
        new Random(2).nextBytes(bytes);
        write("build/docs/api/ü b.bin", bytes);

        Finished end =
                run(
                        "cd docs && echo hello > index.html && ln -s index.html latest && mkdir empty"
                                + " && ln -s api a",
                        new DirectoryUploadStep(
                                "docs",
                                "site",
                                null,
                                compressed ? Compression.GZ : null,
                                "https://example.org/site"));

        assertThat(end.results()).as(end.summary()).isEqualTo(Results.SUCCESS);
        assertThat(end.summary())
                .isEqualTo(
                        "uploaded docs to site, 3 files, 700,012 bytes: https://example.org/site");
        assertThat(paths()).containsExactly("site/api/ü b.bin", "site/index.html", "site/latest");
        for (KeptArtifact artifact : bench.artifacts) {
            assertThat(kept(artifact))
                    .isEqualTo(
                            artifact.path().text().endsWith("bin")
                                    ? bytes
                                    : "hello\n".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(bench.text(2))
                .contains("a is a link to api, which is no file of the directory: left out");
        assertThat(bench.uploads).isEmptyDirectory();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "ln -s /etc/passwd docs/p | -1 | the link 'p' leads out of the directory",
                "mkfifo docs/p | -1 | 'p' is neither a file, nor a directory, nor a link",
                "true | 100 | more than 100 bytes",
                "rm -r docs | -1 | there is no directory build/docs"
            })
    void a_directory_that_is_no_set_of_files_leaves_nothing(String script, long max, String why)
            throws Exception {
        write("build/docs/a", new byte[10]);

        Finished end =
                run(script, new DirectoryUploadStep("docs", ".", max < 0 ? null : max, null, null));

        assertThat(end.results()).isEqualTo(Results.FAILURE);
        assertThat(end.summary()).contains(why);
        assertNothingIsLeft();
    }

    @Test
    void several_files_and_directories_are_kept_together() {
        Finished end =
                run(
                        "mkdir -p reports/unit dist && touch reports/unit/a.xml dist/app.tgz",
                        new MultipleFileUploadStep(
                                List.of("reports/", "dist/app.tgz"),
                                "out",
                                false,
                                null,
                                null,
                                null));

        assertThat(end.summary()).isEqualTo("uploaded to out, 2 files, 0 bytes");
        assertThat(paths()).containsExactly("out/app.tgz", "out/reports/unit/a.xml");
    }

    @Test
    void patterns_are_matched_on_the_worker() {
        Finished end =
                run(
                        "mkdir -p sub && touch one.xml two.xml sub/three.xml no.txt",
                        new MultipleFileUploadStep(
                                List.of("*.xml", "**/*.xml", "t*.xml"),
                                ".",
                                true,
                                null,
                                null,
                                null));

        assertThat(end.results()).isEqualTo(Results.SUCCESS);
        assertThat(paths()).containsExactly("one.xml", "three.xml", "two.xml");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "*.xml     | true  | SKIPPED | skipped multiple_file_upload: no such files",
                "no        | false | FAILURE | there is no build/no on the worker",
                "a/x b/x   | false | FAILURE | there are two files for 'x'",
                "a/x pipe  | false | FAILURE | build/pipe is neither a file nor a directory"
            })
    void several_files_are_kept_all_or_none(
            String sources, boolean glob, Results results, String summary) throws Exception {
        Finished end =
                run(
                        "mkdir -p a b && touch a/x b/x && mkfifo pipe",
                        new MultipleFileUploadStep(
                                List.of(sources.split(" ")), ".", glob, null, null, null));

        assertThat(end.results()).isEqualTo(results);
        assertThat(end.summary()).contains(summary);
        assertNothingIsLeft();
    }

    @Test
    void a_file_of_the_master_is_brought_to_the_worker_with_its_mode() throws Exception {
        byte[] bytes = new byte[1_000_000];
        new Random(3).nextBytes(bytes);
        Files.write(bench.files.resolve("tool"), bytes);

        Finished end = run("true", new FileDownloadStep("tool", "bin/tool", null, "0751"));

        assertThat(end.summary()).isEqualTo("downloaded tool to bin/tool");
        assertThat(built("build/bin/tool")).hasBinaryContent(bytes);
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(built("build/bin/tool"))))
                .isEqualTo("rwxr-x--x");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "no          | x       | 9 | FAILURE   | master b1 has no file",
                ".           | x       | 9 | FAILURE   | master b1 has no file",
                "big         | x       | 9 | FAILURE   | big has more than 9 bytes",
                "../secret   | x       | 9 | EXCEPTION | is outside the directory of the master's configuration file",
                "/etc/passwd | x       | 9 | EXCEPTION | is outside the directory of the master's configuration file",
                "small       | ../../x | 9 | EXCEPTION | is outside the builder's directory",
                "small       | /x      | 9 | EXCEPTION | '/x' is outside the builder's directory"
            })
    void what_can_not_be_downloaded_is_told(
            String source, String dest, long max, Results results, String summary)
            throws Exception {
        Files.write(bench.files.resolve("big"), new byte[10]);
        Files.write(bench.files.resolve("small"), new byte[9]);
        Files.write(directory.resolve("secret"), new byte[9]);

        Finished end = run("true", new FileDownloadStep(source, dest, max, null));

        assertThat(end.results()).isEqualTo(results);
        assertThat(end.summary()).contains(summary);
    }

    @Test
    void a_text_becomes_a_file() {
        Finished end = run("true", new StringDownloadStep("grüße\n", "id.txt", "600"));

        assertThat(end.summary()).isEqualTo("downloaded to id.txt");
        assertThat(built("build/id.txt")).hasContent("grüße\n");
        assertThat(run("true", new StringDownloadStep("x", "y", "%9")).results())
                .isEqualTo(Results.EXCEPTION);
    }

    @Test
    void properties_and_source_stamps_become_a_file() {
        SourceStamp stamp = new SourceStamp("https://example.org/app.git", "main", "abc", "p", "");
        BuildOutcome _ =
                bench.run(stamp, configured(new JsonPropertiesDownloadStep("build.json", null)));

        JsonNode file = JsonMapper.shared().readTree(built("build/build.json").toFile());
        assertThat(file.path("properties").isObject()).isTrue();
        assertThat(file.path("sourcestamps")).hasSize(1);
        JsonNode of = file.path("sourcestamps").path(0);
        assertThat(of.path("repository").asString()).isEqualTo("https://example.org/app.git");
        assertThat(of.path("branch").asString()).isEqualTo("main");
        assertThat(of.path("revision").asString()).isEqualTo("abc");
        assertThat(of.path("codebase").asString()).isEmpty();
    }

    static Stream<Arguments> onTheWorker() {
        return Stream.of(
                of(new FileExistsStep("build/a/x"), Results.SUCCESS, "there is a file build/a/x"),
                of(
                        new FileExistsStep("a/x"),
                        Results.FAILURE,
                        "failed file_exists (there is no file a/x)"),
                of(
                        new FileExistsStep("build/a"),
                        Results.FAILURE,
                        "failed file_exists (build/a is not a file)"),
                of(
                        new CopyDirectoryStep("build/a", "c/d"),
                        Results.SUCCESS,
                        "copied build/a to c/d"),
                of(
                        new CopyDirectoryStep("build/no", "c"),
                        Results.FAILURE,
                        "failed copy_directory (there is no directory build/no)"),
                of(new RemoveDirectoryStep("build/a"), Results.SUCCESS, "removed build/a"),
                of(new RemoveDirectoryStep("build/no"), Results.SUCCESS, "removed build/no"),
                of(
                        new RemoveDirectoryStep("../.."),
                        Results.EXCEPTION,
                        "'../..' is outside the builder's directory"),
                of(new MakeDirectoryStep("build/m/n"), Results.SUCCESS, "made build/m/n"),
                of(new MakeDirectoryStep("build/a"), Results.SUCCESS, "made build/a"),
                of(
                        new MakeDirectoryStep("build/a/x/y"),
                        Results.FAILURE,
                        "failed make_directory (can't make build/a/x/y"));
    }

    private static Arguments of(Step step, Results results, String summary) {
        return Arguments.of(step, results, summary);
    }

    @ParameterizedTest
    @MethodSource("onTheWorker")
    void directories_of_the_worker_are_handled_from_the_builders_directory(
            Step step, Results results, String summary) throws Exception {
        write("build/a/x", "x".getBytes(StandardCharsets.UTF_8));

        Finished end = run("true", step);

        assertThat(end.results()).isEqualTo(results);
        assertThat(end.summary()).contains(summary);
        assertThat(Files.exists(built("build/a/x")))
                .isEqualTo(!end.summary().equals("removed build/a"));
        assertThat(Files.exists(built("c/d/x"))).isEqualTo(end.summary().startsWith("copied"));
        assertThat(Files.isDirectory(built("build/m/n"))).isEqualTo(end.summary().endsWith("m/n"));
    }

    @Test
    void a_step_that_fails_to_transfer_halts_the_build_unless_told_otherwise() {
        BuildOutcome outcome =
                bench.run(
                        BuildBench.HEAD,
                        configured(new FileExistsStep("no")),
                        script("after", "true").step());

        assertThat(outcome.results()).isEqualTo(Results.FAILURE);
        assertThat(bench.started).containsExactly("file_exists");
    }
}
