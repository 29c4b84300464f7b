package io.buildledger.scheduler.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.scheduler.serving.ServedLog;
import io.buildledger.scheduler.serving.StoredFiles;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ArtifactsCommandTest {

    private static final byte[] BYTES = new byte[700_000];

    private static ServedLog served;

    @TempDir Path directory;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void begin() throws Exception {
        new Random(6).nextBytes(BYTES);
        served = new ServedLog(0, StoredFiles.class);
        StoredFiles.build(served, "cli/arm", "database", BYTES, "dist/app ü.bin", "a.txt");
        StoredFiles.build(served, "empty", "disk", BYTES);
        StoredFiles.build(served, "changed", "disk", BYTES, "a.bin");
        byte[] others = BYTES.clone();
        others[0]++;
        Files.write(StoredFiles.DIRECTORY.resolve("changed/1/a.bin"), others);
        served.project();
    }

    @AfterAll
    static void end() throws Exception {
        served.close();
        StoredFiles.remove();
    }

    private int run(String... args) {
        List<String> all = new ArrayList<>(List.of(args));
        all.addAll(List.of("--master", served.url()));
        return new CommandLine(new ArtifactsCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(all.toArray(String[]::new));
    }

    @Test
    void artifacts_are_a_table() {
        assertThat(run("cli/arm/1")).isZero();

        List<String> lines = out.toString().lines().toList();
        assertThat(lines.getFirst()).startsWith("PATH            BYTES   SHA-256");
        assertThat(lines.get(1)).startsWith("dist/app ü.bin  700000  ");
        assertThat(lines).hasSize(3);
    }

    @Test
    void json_is_one_object() {
        assertThat(run("cli/arm/1", "--json")).isZero();

        JsonNode answer = new JsonMapper().readTree(out.toString());
        assertThat(answer.path("artifacts")).hasSize(2);
    }

    @Test
    void a_build_may_have_none() {
        assertThat(run("empty/1")).isZero();
        assertThat(out.toString()).isEqualTo("build empty/1 has no artifacts\n");
    }

    @Test
    void one_is_fetched_as_it_was() throws Exception {
        Path file = Files.writeString(directory.resolve("app.bin"), "what was there");

        assertThat(run("cli/arm/1", "dist/app ü.bin", "--output", file.toString())).isZero();

        assertThat(out.toString()).isEqualTo("700000 bytes to %s\n".formatted(file));
        assertThat(file).hasBinaryContent(BYTES);
        assertThat(directory).isDirectoryNotContaining(it -> !it.equals(file));
    }

    @Test
    void one_that_was_changed_since_is_not_kept() {
        Path file = directory.resolve("a.bin");

        assertThat(run("changed/1", "a.bin", "--output", file.toString())).isEqualTo(1);

        assertThat(err.toString()).contains("what came of a.bin has another SHA-256");
        assertThat(directory).isEmptyDirectory();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "cli/arm/1 no --output x | 1 | build cli/arm/1 has no artifact no",
                "cli/arm/9               | 1 | there is no build cli/arm/9",
                "cli                     | 2 | 'cli' is not a build: BUILDER/NUMBER",
                "cli/arm/1 a.txt         | 2 | say where to put it: --output FILE",
                "cli/arm/1 --output x    | 2 | --output is of use with the PATH",
                "cli/arm/1 a.txt --output /no/such/directory/x | 1 | can't be written"
            })
    void what_is_not_there_or_can_not_be_done_is_told(String words, int status, String message) {
        assertThat(run(words.split(" "))).isEqualTo(status);
        assertThat(err.toString()).contains(message);
    }
}
