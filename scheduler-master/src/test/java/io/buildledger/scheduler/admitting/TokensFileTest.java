package io.buildledger.scheduler.admitting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.buildledger.configuring.Access.Act;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.configuring.InvalidConfigurationException;
import io.buildledger.scheduler.admitting.TokensFile.Token;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class TokensFileTest {

    private static final Instant END = Instant.parse("2027-01-31T00:00:00Z");
    private static final String HASH = TokensFile.hash("blt_one");

    @TempDir Path directory;

    private Path write(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("tokens"), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void a_token_is_found_by_what_is_shown_also_when_it_is_over() throws IOException {
        TokensFile tokens =
                TokensFile.read(
                        write(
                                "# of the team\n deploy : %s : ann : view, force : 2020-01-31T00:00:00Z\n"
                                        .formatted(HASH)));

        assertThat(tokens.find("blt_one"))
                .contains(
                        new Token(
                                "deploy",
                                HASH,
                                "ann",
                                Set.of(Act.VIEW, Act.FORCE),
                                Instant.parse("2020-01-31T00:00:00Z")));
        assertThat(tokens.find(HASH)).isEmpty();
        assertThat(tokens.find("")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    deploy:HASH:ann:view            | is not like NAME:HASH:USER:ACTS:EXPIRES
                    :HASH:ann:view:END              | is not like NAME:HASH:USER:ACTS:EXPIRES
                    deploy:HASH::view:END           | is not like NAME:HASH:USER:ACTS:EXPIRES
                    somebody:HASH:ann:view:END      | does not begin with a name of 1 to 100 characters that can be seen
                    deploy:HASH:somebody:view:END   | the user of deploy is not a name of 1 to 100 characters that can be seen
                    deploy:blt_one:ann:view:END     | what stands behind deploy is no SHA-256 in hexadecimal: make the line by 'bin/buildledger token new'
                    deploy:HASH:ann:view,fly:END    | 'fly' is nothing that somebody may do: it is one of view, force, try, rebuild, stop, cancel, priority, enable, pause, drain, reload, suppose, everything
                    deploy:HASH:ann::END            | '' is nothing that somebody may do: it is one of view,
                    deploy:HASH:ann:view:2027-01-31 | '2027-01-31' is no time like 2027-01-31T00:00:00Z
                    deploy:HASH:ann:view:never      | 'never' is no time like
                    """)
    void a_bad_line_is_told_with_its_number_and_what_is_right_but_never_the_token(
            String line, String problem) throws IOException {
        Path file = write("\n" + line.replace("HASH", HASH).replace("END", END.toString()));

        assertThatThrownBy(() -> TokensFile.read(file))
                .isInstanceOf(UnusableAccessException.class)
                .hasMessageStartingWith(file + ":2: " + problem)
                .message()
                .doesNotContain("blt_one");
    }

    @Test
    void two_tokens_have_two_names_and_are_two() throws IOException {
        String other = TokensFile.hash("blt_two");
        Path twice = write("a:%s:ann:view:%s\na:%s:bob:view:%s\n".formatted(HASH, END, other, END));
        assertThatThrownBy(() -> TokensFile.read(twice))
                .hasMessage(twice + ":2: has a token a once more: give one of them another name");
        Path same = write("a:%s:ann:view:%s\nb:%s:bob:view:%s\n".formatted(HASH, END, HASH, END));
        assertThatThrownBy(() -> TokensFile.read(same))
                .hasMessage(same + ":2: b is the same token as a: delete one of them");
    }

    @Test
    void a_new_token_is_in_the_file_by_its_hash_alone_and_gone_when_it_is_revoked()
            throws IOException {
        Path file = directory.resolve("tokens");

        String one = TokensFile.make(file, "one", "ann", Set.of(Act.VIEW), END);
        String two = TokensFile.make(file, "two", "bob", Set.of(Act.STOP, Act.VIEW), END);

        assertThat(one).matches("blt_[A-Za-z0-9_-]{43}").isNotEqualTo(two);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(Files.readString(file)).doesNotContain(one, two, one.substring(4));
        assertThat(TokensFile.read(file).find(two).orElseThrow())
                .isEqualTo(
                        new Token(
                                "two",
                                TokensFile.hash(two),
                                "bob",
                                Set.of(Act.VIEW, Act.STOP),
                                END));
        assertThatThrownBy(() -> TokensFile.make(file, "one", "bob", Set.of(Act.VIEW), END))
                .isInstanceOf(UnusableAccessException.class)
                .hasMessage(file + ": there is a token one: revoke it before, or name another");

        Files.writeString(file, Files.readString(file) + "# broken\nx\n");
        assertThat(TokensFile.revoke(file, "one")).isTrue();
        assertThat(TokensFile.revoke(file, "one")).isFalse();
        assertThat(Files.readString(file))
                .isEqualTo(
                        "two:%s:bob:view,stop:%s\n# broken\nx\n"
                                .formatted(TokensFile.hash(two), END));
        assertThat(TokensFile.revoke(directory.resolve("none"), "one")).isFalse();
        assertThat(directory.resolve("none")).doesNotExist();
    }

    @Test
    void all_that_is_wrong_with_both_files_is_told_before_a_master_starts() throws IOException {
        Path tokens = write("x\n");
        ConfigurationFile file =
                ConfigurationFile.read(
                        Files.writeString(
                                directory.resolve("c.yaml"),
                                """
                                db_url: jdbc:mysql://db/buildledger
                                db_user: me
                                access:
                                  users_file: users
                                  tokens_file: tokens
                                  roles: [{name: all, who: everyone, may: [view]}]
                                """));

        assertThat(
                        catchThrowableOfType(
                                        InvalidConfigurationException.class,
                                        () -> Admission.requireUsable(file))
                                .problems())
                .satisfiesExactly(
                        it ->
                                assertThat(it)
                                        .startsWith(
                                                directory.resolve("users")
                                                        + ": there is no such file"),
                        it -> assertThat(it).startsWith(tokens + ":1: is not like NAME:HASH"));
    }
}
