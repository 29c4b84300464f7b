package io.buildledger.scheduler.admitting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class UsersFileTest {

    /** Of "secret", as {@code htpasswd -nbB -C 5} makes it. */
    private static final String BCRYPT =
            "$2y$05$4JLXAqXAl19HPZgMVFdPZuZ0aZFVVyxCyW4cJxR0XQpIyKjF/AgwK";

    /** Of nothing, in the right shape. */
    private static final String ARGON2 =
            "$argon2id$v=19$m=16384,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$C2FsdHNhbHRzYWx0c2FsdHNhbHRzYWx0c2FsdHNhbHQ";

    @TempDir Path directory;

    private Path write(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("users"), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    }

    @Test
    void names_and_hashes_are_read_and_remarks_are_not() throws IOException {
        UsersFile users =
                UsersFile.read(
                        write(
                                """
                                # people of the team

                                ann:%s
                                  Bob B. : %s
                                """
                                        .formatted(BCRYPT, ARGON2)));

        assertThat(users.hashOf("ann")).isEqualTo(BCRYPT);
        assertThat(users.hashOf("Bob B.")).isEqualTo(ARGON2);
        assertThat(users.hashOf("Ann")).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    ann                             | is not like NAME:HASH
                    :$2y$05$x                       | is not like NAME:HASH
                    somebody:$2y$05$x               | does not begin with a name of 1 to 100 characters that can be seen, without space around it, other than 'somebody'
                    ann:                            | the password of ann is hashed neither by bcrypt nor by Argon2: make the line by 'htpasswd -nB ann', or by 'bin/buildledger password ann'
                    ann:secret                      | the password of ann is hashed neither
                    ann:$apr1$abcdefgh$0123456789abcdefghijk | the password of ann is hashed neither
                    ann:{SHA}0DPiKuNIrrVmD8IUCuw1hQxNqZc= | the password of ann is hashed neither
                    """)
    void a_bad_line_is_told_with_its_number_and_what_is_right_but_not_what_it_holds(
            String line, String problem) throws IOException {
        Path file = write("# one\n" + line + "\n");

        assertThatThrownBy(() -> UsersFile.read(file))
                .isInstanceOf(UnusableAccessException.class)
                .hasMessageStartingWith(file + ":2: " + problem)
                .message()
                .doesNotContain("secret", "0DPiKuNIrr", "apr1");
    }

    @Test
    void somebody_has_one_line() throws IOException {
        Path file = write("ann:%s\nann:%s\n".formatted(BCRYPT, ARGON2));

        assertThatThrownBy(() -> UsersFile.read(file))
                .hasMessage(file + ":2: has ann once more: keep one line");
    }

    @Test
    void a_file_that_is_not_there_is_no_text_or_is_open_to_others_is_refused() throws IOException {
        Path none = directory.resolve("none");
        assertThatThrownBy(() -> UsersFile.read(none))
                .hasMessage(
                        none
                                + ": there is no such file: 'bin/buildledger password NAME --config FILE' makes it");
        Path file = write("");
        Files.write(file, new byte[] {(byte) 0xff, '\n'});
        assertThatThrownBy(() -> UsersFile.read(file)).hasMessage(file + ": is not UTF-8 text");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> UsersFile.read(file))
                .isInstanceOf(UnusableAccessException.class)
                .hasMessage(
                        "others than its owner and group may use %s: chmod o= it".formatted(file));
        assertThatThrownBy(() -> UsersFile.put(file, "ann", BCRYPT))
                .hasMessageContaining("chmod o= it");
        assertThatThrownBy(() -> UsersFile.read(directory)).hasMessageEndingWith(" is not a file");
    }

    @Test
    void a_line_is_put_in_the_place_of_the_former_one_and_all_else_stays() throws IOException {
        Path file = write("# people\nann:old\n\nbob:%s".formatted(BCRYPT));
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);

        assertThat(UsersFile.put(link, "ann", ARGON2)).isTrue();
        assertThat(UsersFile.put(link, "carla", BCRYPT)).isFalse();

        assertThat(Files.readString(file))
                .isEqualTo(
                        "# people\nann:%s\n\nbob:%s\ncarla:%s\n".formatted(ARGON2, BCRYPT, BCRYPT));
        assertThat(link).isSymbolicLink();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-r-----");
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactlyInAnyOrder(file, link);
        }
    }

    @Test
    void a_file_that_is_wrong_elsewhere_stays_as_it_was() throws IOException {
        Path file = write("bob:plain\n");

        assertThatThrownBy(() -> UsersFile.put(file, "ann", BCRYPT))
                .isInstanceOf(UnusableAccessException.class)
                .hasMessageStartingWith(file + ":1: the password of bob is hashed neither");

        assertThat(Files.readString(file)).isEqualTo("bob:plain\n");
    }

    @Test
    void of_many_who_write_at_once_each_line_is_there() {
        Path file = directory.resolve("users");

        IntStream.range(0, 50).parallel().forEach(i -> UsersFile.put(file, "user" + i, BCRYPT));

        UsersFile users = UsersFile.read(file);
        assertThat(IntStream.range(0, 50)).allMatch(i -> users.hashOf("user" + i) != null);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "a:b",
                "a\nb",
                "a\rb",
                "a\u0000",
                "#ann",
                " ann",
                "ann\t",
                "somebody"
            })
    void what_would_be_another_line_is_no_name(String name) {
        assertThatThrownBy(() -> UsersFile.line(name, BCRYPT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("NAME: '" + name + "' is not a name of 1 to 100");
    }

    @Test
    void the_hash_of_a_password_fits_it_and_is_one_that_the_file_may_have() throws IOException {
        String hash = Passwords.hash("correct horse ü");
        Passwords passwords = new Passwords();

        UsersFile users = UsersFile.read(write(UsersFile.line("ann", hash)));

        assertThat(users.hashOf("ann")).isEqualTo(hash).startsWith("$argon2id$");
        assertThat(passwords.matches("correct horse ü", hash)).isTrue();
        assertThat(passwords.matches("correct horse", hash)).isFalse();
        assertThat(Passwords.hash("correct horse ü")).isNotEqualTo(hash);
    }

    @Test
    void a_file_that_stays_as_it_is_is_not_read_again_and_again() throws IOException {
        AtomicLong now = new AtomicLong();
        AtomicInteger readings = new AtomicInteger();
        KeptFile<UsersFile> kept =
                new KeptFile<>(
                        write("ann:" + BCRYPT),
                        it -> {
                            readings.incrementAndGet();
                            return UsersFile.read(it);
                        },
                        now::get);
        kept.get();
        now.addAndGet(KeptFile.LONGEST_STEP.toNanos() + 1);
        kept.get();

        for (int i = 0; i < 10; i++) {
            assertThat(kept.get().hashOf("ann")).isEqualTo(BCRYPT);
        }

        assertThat(readings).hasValue(2);
    }

    @Test
    void what_is_written_into_a_file_that_is_kept_counts_at_once() throws IOException {
        AtomicLong now = new AtomicLong();
        Path file = write("ann:" + BCRYPT);
        KeptFile<UsersFile> kept = new KeptFile<>(file, UsersFile::read, now::get);
        kept.get();
        // As long, and as early as its times can tell.
        FileTime time = Files.getLastModifiedTime(file);
        write("bob:" + BCRYPT);
        Files.setLastModifiedTime(file, time);
        assertThat(kept.get().hashOf("ann")).isNull();

        now.addAndGet(KeptFile.LONGEST_STEP.toNanos() + 1);
        kept.get();
        UsersFile.put(file, "carla", BCRYPT);
        assertThat(kept.get().hashOf("carla")).isEqualTo(BCRYPT);

        now.addAndGet(KeptFile.LONGEST_STEP.toNanos() + 1);
        kept.get();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(kept::get).hasMessageContaining("chmod o= it");
        Files.delete(file);
        assertThatThrownBy(kept::get).hasMessageContaining("there is no such file");
        write("dora:" + BCRYPT);
        assertThat(kept.get().hashOf("dora")).isEqualTo(BCRYPT);
    }

    @Test
    void what_htpasswd_has_made_is_a_password() {
        assertThat(new Passwords().matches("secret", BCRYPT)).isTrue();
        assertThat(new Passwords().matches("Secret", BCRYPT)).isFalse();
        assertThat(new Passwords().matches("", null)).isFalse();
    }

    @Test
    void a_password_that_nobody_could_enter_is_none() {
        for (String bad : List.of("", "a\nb", "\u0007", "x".repeat(1001))) {
            assertThatThrownBy(() -> Passwords.hash(bad))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("the password ");
        }
    }
}
