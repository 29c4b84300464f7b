package io.buildledger.configuring;

import io.buildledger.configuring.ConfiguredSecrets.SecretFiles;
import io.buildledger.configuring.ConfiguredSecrets.SecretVariables;
import io.buildledger.configuring.ConfiguredSecrets.SecretVault;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a source of secrets that parses can still have wrong. */
final class SecretsCheck {

    /** What steps on local workers don't inherit, and something that tells it from the rest. */
    private static final Pattern PREFIX = Pattern.compile("BUILDLEDGER_[A-Za-z0-9_]+");

    private static final Pattern MOUNT = Pattern.compile("[\\w.-]+(?:/[\\w.-]+)*");
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
    private static final Duration SHORTEST_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(5);

    private final String at;
    private final String called;
    private final GitPollerCheck.Problems problems;
    private final GitPollerCheck.Missing missing;

    /**
     * @param at pointer of the source's keys
     * @param called how messages name it
     */
    SecretsCheck(
            String at,
            String called,
            GitPollerCheck.Problems problems,
            GitPollerCheck.Missing missing) {
        this.at = at;
        this.called = called;
        this.problems = problems;
        this.missing = missing;
    }

    void check(ConfiguredSecrets secrets) {
        switch (secrets) {
            case SecretFiles files ->
                    require(
                            "directory",
                            files.directory(),
                            "name the directory that holds a file for each secret");
            case SecretVariables variables -> prefix(variables.prefix());
            case SecretVault vault -> vault(vault);
        }
    }

    private void prefix(@Nullable String prefix) {
        require("prefix", prefix, "write prefix: BUILDLEDGER_SECRET_");
        if (prefix != null && !PREFIX.matcher(prefix).matches()) {
            problem(
                    "prefix",
                    "'%s' does not fit: begin with BUILDLEDGER_, as steps on local workers inherit other variables, and go on with letters, digits and _"
                            .formatted(prefix));
        }
    }

    private void vault(SecretVault vault) {
        require("address", vault.address(), "write address: https://HOST:8200");
        if (vault.address() != null) {
            address(vault.address());
        }
        require("token_file", vault.tokenFile(), "name the file that holds the token");
        if (!MOUNT.matcher(vault.mount()).matches() || hasDots(vault.mount())) {
            problem(
                    "mount",
                    "'%s' is no path of an engine, such as secret or teams/kv"
                            .formatted(vault.mount()));
        }
        if (vault.apiVersion() != 1 && vault.apiVersion() != 2) {
            problem(
                    "api_version",
                    "%d is no version of the key/value engine: write 1 or 2"
                            .formatted(vault.apiVersion()));
        }
        character("path_delimiter", vault.pathDelimiter());
        character("path_escape", vault.pathEscape());
        if (vault.pathDelimiter().equals(vault.pathEscape())) {
            problem("path_escape", "is the path_delimiter, too: choose another");
        }
        if (vault.timeout().compareTo(SHORTEST_TIMEOUT) < 0
                || vault.timeout().compareTo(LONGEST_TIMEOUT) > 0) {
            problem("timeout", "is out of range: 1s to 5m");
        }
    }

    private void address(String address) {
        if (!ChangeHooksCheck.isWebAddress(address)) {
            problem(
                    "address",
                    "'%s' is not an address like https://vault.example.org:8200"
                            .formatted(RepositoryAddress.masked(address)));
            return;
        }
        URI uri = URI.create(address);
        if (uri.getScheme().equals("http") && !LOOPBACK.contains(uri.getHost())) {
            problem("address", "the token would be sent for everybody to read: write https://");
        }
    }

    private void character(String key, String text) {
        if (text.length() != 1 || text.equals("/") || Character.isISOControl(text.charAt(0))) {
            problem(
                    key,
                    "'%s' is not one character, other than / and those of control".formatted(text));
        }
    }

    private static boolean hasDots(String path) {
        return Pattern.compile("/").splitAsStream(path).anyMatch(Set.of(".", "..")::contains);
    }

    private void require(String key, @Nullable Object value, String remedy) {
        if (value == null) {
            missing.add(at, key, "%s: %s is missing: %s".formatted(called, key, remedy));
        }
    }

    private void problem(String key, String message) {
        problems.add(at + "/" + key, "%s.%s: %s".formatted(called, key, message));
    }
}
