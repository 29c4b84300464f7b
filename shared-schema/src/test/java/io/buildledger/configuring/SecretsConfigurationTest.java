package io.buildledger.configuring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.buildledger.configuring.ConfiguredSecrets.SecretFiles;
import io.buildledger.configuring.ConfiguredSecrets.SecretVariables;
import io.buildledger.configuring.ConfiguredSecrets.SecretVault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SecretsConfigurationTest {

    @TempDir Path directory;

    private List<ConfiguredSecrets> read(String secrets) throws IOException {
        return ConfigurationFile.read(
                        Files.writeString(
                                directory.resolve("c.yaml"),
                                "db_url: jdbc:mysql://db/buildledger\ndb_user: buildledger\nsecrets:\n"
                                        + secrets.indent(2)))
                .configuration()
                .secrets();
    }

    @Test
    void each_type_is_bound_in_the_order_of_the_file() throws IOException {
        assertThat(
                        read(
                                """
                                - file: {directory: /etc/buildledger/secrets}
                                - environment: {prefix: BUILDLEDGER_SECRET_}
                                - vault: {address: "https://vault.example.org:8200", token_file: vault-token}
                                - vault:
                                    address: http://127.0.0.1:8100/
                                    mount: teams/kv
                                    api_version: 1
                                    path_delimiter: ':'
                                    path_escape: '^'
                                    token_file: vault-token
                                    ca_file: ca.pem
                                    timeout: 1m
                                """))
                .containsExactly(
                        new SecretFiles(Path.of("/etc/buildledger/secrets")),
                        new SecretVariables("BUILDLEDGER_SECRET_"),
                        new SecretVault(
                                "https://vault.example.org:8200",
                                "secret",
                                2,
                                "|",
                                "\\",
                                Path.of("vault-token"),
                                null,
                                Duration.ofSeconds(10)),
                        new SecretVault(
                                "http://127.0.0.1:8100/",
                                "teams/kv",
                                1,
                                ":",
                                "^",
                                Path.of("vault-token"),
                                Path.of("ca.pem"),
                                Duration.ofMinutes(1)));
    }

    @Test
    void a_file_without_secrets_has_none() throws IOException {
        assertThat(read("")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    null                                     | c.yaml:4:5: a source of secrets is empty: write file: {directory: ...}
                    files: {directory: s}                    | secrets[0].files: there is no type 'files' here: did you mean 'file'? Known are environment, file, vault
                    file: s                                  | secrets[0].file: this must be a group of keys
                    file: {}                                 | secrets[0].file: directory is missing: name the directory that holds a file for each secret
                    file: {directory: s, suffixes: [.txt]}   | secrets[0].file.suffixes: there is no key 'suffixes' here; known are directory
                    environment: {}                          | secrets[0].environment: prefix is missing: write prefix: BUILDLEDGER_SECRET_
                    environment: {prefix: ''}                | c.yaml:4:19: secrets[0].environment.prefix: '' does not fit: begin with BUILDLEDGER_, as steps on local workers inherit other variables
                    environment: {prefix: CI_}               | secrets[0].environment.prefix: 'CI_' does not fit
                    environment: {prefix: BUILDLEDGER_}      | secrets[0].environment.prefix: 'BUILDLEDGER_' does not fit
                    vault: {token_file: t}                   | secrets[0].vault: address is missing: write address: https://HOST:8200
                    vault: {address: "https://v"}            | secrets[0].vault: token_file is missing: name the file that holds the token
                    vault: {address: v, token_file: t}       | c.yaml:4:13: secrets[0].vault.address: 'v' is not an address like https://vault.example.org:8200
                    vault: {address: "https://me:hunter2@v", token_file: t}       | 'https://***@v' is not an address
                    vault: {address: "https://v?x=y", token_file: t}              | 'https://v?x=y' is not an address
                    vault: {address: "http://v", token_file: t}                   | address: the token would be sent for everybody to read: write https://
                    vault: {address: "https://v", token_file: t, mount: /secret}  | mount: '/secret' is no path of an engine, such as secret or teams/kv
                    vault: {address: "https://v", token_file: t, mount: a/../b}   | mount: 'a/../b' is no path of an engine
                    vault: {address: "https://v", token_file: t, api_version: 3}  | api_version: 3 is no version of the key/value engine: write 1 or 2
                    vault: {address: "https://v", token_file: t, path_delimiter: ab}   | path_delimiter: 'ab' is not one character, other than / and those of control
                    vault: {address: "https://v", token_file: t, path_delimiter: /}    | path_delimiter: '/' is not one character
                    vault: {address: "https://v", token_file: t, path_delimiter: '\\'}  | path_escape: is the path_delimiter, too: choose another
                    vault: {address: "https://v", token_file: t, timeout: 500ms}  | timeout: is out of range: 1s to 5m
                    vault: {address: "https://v", token_file: t, timeout: 1h}     | timeout: is out of range: 1s to 5m
                    vault: {address: "https://v", token: hvs.x}                   | there is no key 'token' here; known are address, api_version, ca_file,
                    """)
    void what_is_wrong_is_told_with_its_place_and_the_remedy(String secrets, String problem) {
        InvalidConfigurationException refusal =
                catchThrowableOfType(
                        InvalidConfigurationException.class, () -> read("- " + secrets));

        assertThat(refusal.problems())
                .singleElement()
                .asString()
                .startsWith(directory + "/c.yaml:4:")
                .contains(problem)
                .doesNotContain("hunter2");
    }
}
