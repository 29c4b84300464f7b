package io.buildledger.scheduler.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.scheduler.commandline.RunCommand.Answer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands that write the files which {@code access} names. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class TokenCommandTest {

    @TempDir Path directory;
    private Path config;

    @BeforeEach
    void writeConfiguration() throws IOException {
        config = write("users_file: users, tokens_file: tokens,");
    }

    private Path write(String files) throws IOException {
        return Files.writeString(
                directory.resolve("c.yaml"),
                """
                db_url: jdbc:mysql://db/buildledger
                db_user: me
                access: {%s roles: [{name: all, who: everyone, may: [view]}]}
                """
                        .formatted(files));
    }

    private Answer run(String... args) {
        return RunCommand.run(
                Stream.concat(Stream.of(args), Stream.of("--config", config.toString()))
                        .toArray(String[]::new));
    }

    private static JsonNode json(Answer answer) {
        assertThat(answer.err()).isEmpty();
        assertThat(answer.status()).isZero();
        return new JsonMapper().readTree(answer.out());
    }

    private static Answer password(List<String> entered, String input, String... args) {
        Iterator<String> answers = entered.iterator();
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status =
                new CommandLine(
                                new PasswordCommand(
                                        _ ->
                                                answers.hasNext()
                                                        ? Optional.of(answers.next())
                                                        : Optional.empty(),
                                        new ByteArrayInputStream(
                                                input.getBytes(StandardCharsets.UTF_8))))
                        .setOut(new PrintWriter(out))
                        .setErr(new PrintWriter(err))
                        .execute(args);
        return new Answer(status, out.toString(), err.toString());
    }

    @Test
    void a_token_is_told_once_listed_without_its_hash_and_revoked() throws IOException {
        Answer made =
                run(
                        "token",
                        "new",
                        "nightly",
                        "--user",
                        "ann",
                        "--may",
                        "view, force",
                        "--expires",
                        "90d");

        assertThat(made.status()).isZero();
        String token = made.out().strip();
        assertThat(token).startsWith("blt_");
        assertThat(made.err()).startsWith("it is told this once, and ends at ");
        String line = Files.readString(directory.resolve("tokens"));
        assertThat(line).startsWith("nightly:").contains(":ann:view,force:").doesNotContain(token);
        String hash = line.split(":", 3)[1];

        Files.writeString(
                directory.resolve("tokens"),
                line + "old:%s:bob:drain:2020-01-01T00:00:00Z\n".formatted("0".repeat(64)));
        Answer list = run("token", "list");
        assertThat(list.out().lines())
                .satisfiesExactly(
                        it -> assertThat(it).startsWith("TOKEN").contains("USER", "MAY", "EXPIRES"),
                        it ->
                                assertThat(it)
                                        .matches(
                                                "nightly +ann +view,force +\\d{4}-\\d\\d-\\d\\d|nightly +ann +view,force +\\d\\d-\\d\\d .*"),
                        it -> assertThat(it).startsWith("old").endsWith("2020-01-01  expired"));
        JsonNode listed = json(run("token", "list", "--json")).path("tokens");
        assertThat(listed.path(0).path("may").path(1).asString()).isEqualTo("force");
        assertThat(listed.path(0).path("expired").asBoolean()).isFalse();
        assertThat(listed.path(1).path("expired").asBoolean()).isTrue();
        assertThat(list.out() + listed).doesNotContain(hash, token);

        assertThat(run("token", "revoke", "nightly").out()).isEqualTo("nightly is revoked\n");
        Answer again = run("token", "revoke", "nightly");
        assertThat(again.status()).isEqualTo(1);
        assertThat(again.err()).contains("has no token nightly: 'token list' shows");
        assertThat(Files.readString(directory.resolve("tokens")))
                .startsWith("old:")
                .hasLineCount(1);
    }

    @Test
    void a_token_is_one_object_for_programs() {
        JsonNode made =
                json(
                        run(
                                "token",
                                "new",
                                "x",
                                "--user",
                                "ann",
                                "--may",
                                "view",
                                "--expires",
                                "2126-01-31T00:00:00Z",
                                "--json"));

        assertThat(made.path("token").asString()).startsWith("blt_");
        assertThat(Instant.parse(made.path("expires").asString()))
                .isEqualTo(Instant.parse("2126-01-31T00:00:00Z"));
        assertThat(json(run("token", "revoke", "x", "--json")).path("revoked").asString())
                .isEqualTo("x");
        assertThat(run("token", "list").out())
                .isEqualTo("there is no token: 'token new' makes one\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    token                                                       | say what to do: token new NAME, token list, or token revoke NAME
                    token new x --user ann --may view                           | Missing required option: '--expires
                    token new x --user ann --may fly --expires 1d               | --may: 'fly' is nothing that somebody may do: it is one of view,
                    token new x --user ann --may view --expires 2020-01-01      | --expires: 2020-01-01 is over already
                    token new x --user ann --may view --expires 0d              | --expires: 0d is over already
                    token new x --user ann --may view --expires never           | --expires: 'never' is no time
                    token new a:b --user ann --may view --expires 1d            | NAME: 'a:b' is not a name of 1 to 100 characters
                    token new x --user a:b --may view --expires 1d              | --user: 'a:b' is not a name
                    """)
    void wrong_use_is_status_2_and_says_what_is_right(String args, String message) {
        Answer answer = args.equals("token") ? RunCommand.run("token") : run(args.split(" ", -1));

        assertThat(answer.err()).contains(message);
        assertThat(answer.status()).isEqualTo(2);
        assertThat(directory.resolve("tokens")).doesNotExist();
    }

    @Test
    void a_configuration_that_names_no_file_is_told() throws IOException {
        write("");
        for (String[] args :
                List.of(new String[] {"token", "list"}, new String[] {"password", "ann"})) {
            Answer answer = run(args);
            assertThat(answer.status()).isEqualTo(1);
            assertThat(answer.err())
                    .isEqualTo(
                            "%s: access has no %s: name there the file to which to write\n"
                                    .formatted(
                                            config,
                                            args[0].equals("token")
                                                    ? "tokens_file"
                                                    : "users_file"));
        }
    }

    @Test
    void a_password_is_entered_twice_and_printed_as_a_line() {
        Answer line = password(List.of("correct horse", "correct horse"), "", "Ann B.");

        assertThat(line.err()).isEmpty();
        assertThat(line.out())
                .startsWith("Ann B.:$argon2id$")
                .hasLineCount(1)
                .doesNotContain("horse");
        Answer differing = password(List.of("correct horse", "correct hose"), "", "ann");
        assertThat(differing.status()).isEqualTo(1);
        assertThat(differing.out()).isEmpty();
        assertThat(differing.err()).isEqualTo("these were two different passwords: try again\n");
    }

    @Test
    void a_password_of_standard_input_goes_to_the_file_of_users() throws IOException {
        Path users = directory.resolve("users");
        String[] args = {"ann", "--config", config.toString()};

        assertThat(password(List.of(), "one\n", args).out())
                .isEqualTo("ann has a password in %s\n".formatted(users));
        String first = Files.readString(users);
        assertThat(password(List.of(), "two", args).out())
                .isEqualTo("ann has another password in %s\n".formatted(users));

        assertThat(Files.readString(users))
                .startsWith("ann:$argon2id$")
                .hasLineCount(1)
                .isNotEqualTo(first);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(users)))
                .isEqualTo("rw-------");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "hunter2\nhunter3\n", "hunter2\u0007"})
    void what_is_no_password_is_refused_and_not_repeated(String input) {
        Answer answer = password(List.of(), input, "ann");

        assertThat(answer.status()).isEqualTo(1);
        assertThat(answer.out()).isEmpty();
        assertThat(answer.err()).startsWith("the password ").doesNotContain("hunter");
        assertThat(password(List.of(), "x", "a:b").status()).isEqualTo(2);
    }
}
