package io.buildledger.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.configuring.InvalidConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SecretsTest {

    private static final String FILES_AND_ENVIRONMENT =
            """
            - file: {directory: secrets}
            - environment: {prefix: BUILDLEDGER_SECRET_}
            """;

    @TempDir Path directory;
    private Path secretFiles;

    @BeforeEach
    void makeDirectory() throws IOException {
        secretFiles = Files.createDirectory(directory.resolve("secrets"));
    }

    private Secrets secrets(String configured, Map<String, String> environment) throws IOException {
        Path file =
                Files.writeString(
                        directory.resolve("c.yaml"),
                        "db_url: jdbc:mysql://db/buildledger\ndb_user: buildledger\nsecrets:\n"
                                + configured.indent(2));
        return Secrets.of(ConfigurationFile.read(file), environment);
    }

    private Secrets secrets() throws IOException {
        return secrets(
                FILES_AND_ENVIRONMENT,
                Map.of("BUILDLEDGER_SECRET_token", "of-environment", "token", "of-nobody"));
    }

    private Path write(String name, String text, String mode) throws IOException {
        Path file = Files.writeString(secretFiles.resolve(name), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    private static String value(Secrets secrets, String name) {
        return secrets.find(name).orElseThrow().value();
    }

    private static String failure(Secrets secrets, String name) {
        return String.valueOf(
                catchThrowableOfType(SecretUnavailableException.class, () -> secrets.find(name))
                        .getMessage());
    }

    @Test
    void the_first_that_has_a_secret_wins() throws IOException {
        Secrets secrets = secrets();

        assertThat(value(secrets, "token")).isEqualTo("of-environment");
        write("token", "of-file", "rw-------");
        assertThat(value(secrets, "token")).isEqualTo("of-file");
        assertThat(secrets.find("other")).isEmpty();
        assertThat(secrets.find("Token")).isEmpty();
        assertThat(secrets("", Map.of()).find("token")).isEmpty();
    }

    @Test
    void a_secret_is_told_by_nobody_but_itself() throws IOException {
        Secret secret = secrets().find("token").orElseThrow();

        assertThat(secret.name()).isEqualTo("token");
        assertThat(secret).hasToString("secret token");
        assertThat(
                        JsonMapper.builder()
                                .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
                                .build()
                                .writeValueAsString(secret))
                .isEqualTo("{}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    hunter2           | hunter2
                    hunter2\\n        | hunter2
                    hunter2\\r\\n\\n  | hunter2
                    ` hunter2 \\n`    | ` hunter2 `
                    one\\ntwo\\n      | one\\ntwo
                    größe             | größe
                    """)
    void the_newlines_at_a_files_end_are_not_the_secrets(String text, String value)
            throws IOException {
        write("it", text.replace("\\n", "\n").replace("\\r", "\r"), "rw-------");

        assertThat(value(secrets(), "it")).isEqualTo(value.replace("\\n", "\n"));
    }

    @Test
    void a_file_is_read_anew_each_time() throws IOException {
        write("it", "hunter2", "rw-------");
        Secrets secrets = secrets();
        assertThat(value(secrets, "it")).isEqualTo("hunter2");

        write("it", "hunter3", "rw-------");
        assertThat(value(secrets, "it")).isEqualTo("hunter3");
        Files.delete(secretFiles.resolve("it"));
        assertThat(secrets.find("it")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../outside",
                "sub/it",
                "/etc/hostname",
                "..",
                ".",
                "",
                ".hidden",
                "a/../../outside",
                "it\0",
                "it\n",
                "path/to|key"
            })
    void a_name_that_would_leave_the_directory_is_nobodys(String name) throws IOException {
        Files.writeString(directory.resolve("outside"), "hunter2");
        Files.createDirectory(secretFiles.resolve("sub"));
        Files.writeString(secretFiles.resolve("sub/it"), "hunter2");
        Files.writeString(secretFiles.resolve(".hidden"), "hunter2");

        assertThat(secrets().find(name)).isEmpty();
    }

    /** As Kubernetes lays out the volume of a secret. */
    @Test
    void a_link_that_stands_in_the_directory_is_followed() throws IOException {
        Path data = Files.createDirectory(secretFiles.resolve("..2026_01_01"));
        Files.writeString(data.resolve("it"), "hunter2");
        Files.setPosixFilePermissions(
                data.resolve("it"), PosixFilePermissions.fromString("r--r-----"));
        Files.createSymbolicLink(secretFiles.resolve("..data"), data.getFileName());
        Files.createSymbolicLink(secretFiles.resolve("it"), Path.of("..data", "it"));

        assertThat(value(secrets(), "it")).isEqualTo("hunter2");
    }

    @ParameterizedTest
    @CsvSource({
        "rw-------, true",
        "r--------, true",
        "rw-r-----, true",
        "rw-rw----, true",
        "rw-r--r--, false",
        "rw-----w-, false",
        "rwx-----x, false"
    })
    void a_file_that_others_may_use_is_refused(String mode, boolean isGood) throws IOException {
        Secrets secrets = secrets();
        Path file = write("it", "hunter2", mode);

        if (isGood) {
            assertThat(value(secrets, "it")).isEqualTo("hunter2");
            assertThat(value(secrets(), "it")).isEqualTo("hunter2");
        } else {
            assertThat(failure(secrets, "it"))
                    .isEqualTo(
                            "secret it of file %s: others than its owner and group may use %s: chmod o= it"
                                    .formatted(secretFiles, file));
            assertThatThrownBy(this::secrets)
                    .isInstanceOf(InvalidConfigurationException.class)
                    .hasMessage(
                            directory
                                    + "/c.yaml:4:12: secrets[0].file.directory: others than its owner and group may use "
                                    + file
                                    + ": chmod o= it");
        }
    }

    @Test
    void what_is_there_and_can_not_be_used_is_told_and_not_looked_for_elsewhere()
            throws IOException {
        Secrets secrets =
                secrets(
                        FILES_AND_ENVIRONMENT,
                        Map.of(
                                "BUILDLEDGER_SECRET_token",
                                "hunter2",
                                "BUILDLEDGER_SECRET_x",
                                "ab"));
        Files.write(secretFiles.resolve("token"), new byte[] {'h', 'u', (byte) 0xFF});
        Files.setPosixFilePermissions(
                secretFiles.resolve("token"), PosixFilePermissions.fromString("rw-------"));
        write("long", "x".repeat(Secrets.LONGEST + 1), "rw-------");
        write("longest", "x".repeat(Secrets.LONGEST), "rw-------");
        write("short", " ab \n", "rw-------");
        write("empty", "", "rw-------");
        Files.createDirectory(secretFiles.resolve("directory"));

        assertThat(failure(secrets, "token")).endsWith("/token is not UTF-8 text");
        assertThat(failure(secrets, "long")).endsWith("/long has more than 65536 bytes");
        assertThat(value(secrets, "longest")).hasSize(Secrets.LONGEST);
        assertThat(failure(secrets, "directory")).endsWith("/directory is not a file");
        for (String name : List.of("short", "empty", "x")) {
            assertThat(failure(secrets, name))
                    .startsWith("secret " + name + " of ")
                    .endsWith(
                            ": has fewer than 3 characters, which can't be kept out of logs without spoiling them: choose a longer one")
                    .doesNotContain("ab ");
        }
    }

    @Test
    void a_directory_that_is_gone_is_not_the_same_as_no_secret() throws IOException {
        Secrets secrets = secrets();
        Files.delete(secretFiles);

        assertThat(failure(secrets, "token"))
                .isEqualTo(
                        "secret token of file %s: there is no such directory"
                                .formatted(secretFiles));
    }

    @Test
    void all_files_that_this_machine_lacks_are_told_at_once() throws IOException {
        Path pem = Files.writeString(directory.resolve("ca.pem"), "no certificate");
        Path token = Files.writeString(directory.resolve("token"), "two words");
        Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));

        InvalidConfigurationException refusal =
                catchThrowableOfType(
                        InvalidConfigurationException.class,
                        () ->
                                secrets(
                                        """
                                        - file: {directory: none}
                                        - vault: {address: "https://v", token_file: none}
                                        - vault: {address: "https://v", token_file: token}
                                        """,
                                        Map.of()));

        assertThat(refusal.problems())
                .containsExactly(
                        "%1$s/c.yaml:4:12: secrets[0].file.directory: there is no directory %1$s/none"
                                .formatted(directory),
                        "%1$s/c.yaml:5:35: secrets[1].vault.token_file: there is no file %1$s/none: write the token to it"
                                .formatted(directory),
                        "%1$s/c.yaml:6:35: secrets[2].vault.token_file: %1$s/token holds no token: one word of ASCII letters, digits and signs"
                                .formatted(directory));
        Files.writeString(token, "hvs.token");
        assertThatThrownBy(() ->
                        secrets(
                                "- vault: {address: \"https://v\", token_file: token, ca_file: ca.pem}",
                                Map.of()))
                .hasMessageEndingWith("ca_file: %s holds no certificates in PEM", pem);
    }
}
