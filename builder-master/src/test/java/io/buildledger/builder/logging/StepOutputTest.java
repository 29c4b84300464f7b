package io.buildledger.builder.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.secrets.Scrubber;
import io.buildledger.secrets.Secrets;
import io.buildledger.steplog.StepLogs.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class StepOutputTest {

    private static final String SECRET = "hunter2-and-more";

    @TempDir Path directory;
    private Path spool;
    private final Scrubber scrubber = new Scrubber();

    @BeforeEach
    void makeSpool() throws IOException {
        spool = Files.createFile(directory.resolve("spool"));
    }

    private StepOutput open() throws IOException {
        return new StepOutput(
                spool, new LogKey("linux", 1, 1, "stdio"), LogLimits.DEFAULT, scrubber);
    }

    private void tellSecret() throws IOException {
        Path secrets = Files.createDirectory(directory.resolve("secrets"));
        Files.setPosixFilePermissions(
                Files.writeString(secrets.resolve("token"), SECRET + "\n"),
                PosixFilePermissions.fromString("rw-------"));
        Path file =
                Files.writeString(
                        directory.resolve("c.yaml"),
                        """
                        db_url: jdbc:mysql://db/buildledger
                        db_user: buildledger
                        secrets: [{file: {directory: secrets}}]
                        """);
        scrubber.add(Secrets.of(ConfigurationFile.read(file)).find("token").orElseThrow());
    }

    private static void print(StepOutput output, Source source, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        output.write(source, bytes, bytes.length);
    }

    private List<String> lines() throws IOException {
        List<String> all = Files.readAllLines(spool);
        return all.subList(1, all.size());
    }

    @Test
    void a_secret_is_in_no_line_wherever_the_output_is_cut() throws IOException {
        tellSecret();
        try (StepOutput output = open()) {
            output.header("curl -H 'Token: " + SECRET + "'");
            for (char letter : ("> Token: " + SECRET + "\n").toCharArray()) {
                print(output, Source.STDOUT, String.valueOf(letter));
                print(output, Source.STDERR, String.valueOf(letter));
            }
        }

        assertThat(lines())
                .hasSize(3)
                .allMatch(line -> line.contains("Token: <token>"))
                .noneMatch(line -> line.contains("hunter"));
    }

    @Test
    void a_header_in_the_middle_of_a_secret_does_not_let_half_of_it_go() throws IOException {
        tellSecret();
        try (StepOutput output = open()) {
            print(output, Source.STDOUT, "it is hunter2-");
            output.header("killing the command");
            print(output, Source.STDOUT, "and-more\n");
        }

        assertThat(lines()).containsExactly("oit is ", "hkilling the command", "o<token>");
    }

    @Test
    void what_was_held_back_comes_at_the_end_of_the_stream_and_before_what_is_said_of_it()
            throws IOException {
        tellSecret();
        try (StepOutput output = open()) {
            print(output, Source.STDOUT, "oh");
            print(output, Source.STDERR, "hunt");
            output.endOfStream(Source.STDOUT);
            output.header("exit code 0");
        }

        assertThat(lines()).containsExactly("ooh", "hexit code 0", "ehunt");
    }

    @Test
    void a_secret_that_is_used_in_the_middle_of_a_step_counts_from_then_on() throws IOException {
        try (StepOutput output = open()) {
            print(output, Source.STDOUT, "before\n");
            tellSecret();
            print(output, Source.STDOUT, SECRET + "\n");
        }

        assertThat(lines()).containsExactly("obefore", "o<token>");
    }
}
