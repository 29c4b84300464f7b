package io.buildledger.scheduler.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.scheduler.commandline.RunCommand.Answer;
import io.buildledger.testing.TestLog;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ShadowOptionsTest {

    @TempDir Path directory;

    @Command(name = "scheduler-master")
    static final class Master implements Callable<Integer> {

        @Option(names = "--config", required = true)
        Path config = Path.of("");

        @Mixin ShadowOptions shadow = new ShadowOptions();

        @Override
        public Integer call() throws InterruptedException {
            return shadow.areGiven() ? shadow.run(config) : 7;
        }
    }

    private Answer run(String... args) throws IOException {
        Path file =
                Files.writeString(
                        directory.resolve("new.yaml"),
                        "db_url: jdbc:mysql://127.0.0.1:1/none\ndb_user: u\ndb_password: p\n");
        List<String> all = new ArrayList<>(List.of("--config", file.toString()));
        all.addAll(List.of(args));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status =
                new CommandLine(new Master())
                        .setOut(new PrintWriter(out))
                        .setErr(new PrintWriter(err))
                        .execute(all.toArray(String[]::new));
        return new Answer(status, out.toString(), err.toString());
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "--until-caught-up | Missing required argument(s): --shadow",
                "--shadow --until-caught-up | --until-caught-up: there is nothing to catch up with where the log ends: say with --since where to begin",
                "--shadow --since 0s | --since: '0s' is no time at all: write how long ago, like 30d",
                "--shadow --since yesterday | --since: 'yesterday' is no time: write it like 2026-10-01T03:12:00Z",
                "--shadow --grace 1ms | --grace: '1ms' is no duration from 1s to 24h: write it like 60s or 5m",
                "--shadow --grace 2d | --grace: '2d' is no duration from 1s to 24h",
                "--shadow --grace long | --grace: 'long' is no duration from 1s to 24h",
                "--shadow --db-url jdbc:mysql://h/d | Missing required"
            })
    void what_is_not_understood_is_told(String args, String message) throws IOException {
        Answer answer = run(args.split(" ", -1));

        assertThat(answer.status()).isEqualTo(2);
        assertThat(answer.out()).isEmpty();
        assertThat(answer.err()).contains(message);
    }

    @Test
    void a_master_is_no_shadow_unless_it_is_to_be_one() throws IOException {
        assertThat(run().status()).isEqualTo(7);
    }

    @Test
    void a_database_that_is_not_there_is_told() throws IOException {
        Answer answer = run("--shadow");

        assertThat(answer.status()).isEqualTo(1);
        assertThat(answer.err())
                .startsWith("db_url: can't connect to jdbc:mysql://127.0.0.1:1/none")
                .hasLineCount(1);
    }

    @Test
    void the_database_may_be_another_than_the_file_s_and_one_that_has_caught_up_ends()
            throws IOException {
        try (TestLog test = new TestLog()) {
            test.insertRaw("master/x");
            List<String> args =
                    new ArrayList<>(
                            List.of(
                                    "--shadow",
                                    "--since",
                                    "1h",
                                    "--until-caught-up",
                                    "--grace",
                                    "1s"));
            args.addAll(RunCommand.options(test.database, directory));

            Answer answer = run(args.toArray(String[]::new));

            assertThat(answer.err()).isEmpty();
            assertThat(answer.status()).isZero();
            assertThat(answer.out())
                    .startsWith("follows the log from ")
                    .contains("0 changes; 0 buildsets made, 0 would have been");
        }
    }
}
