package io.buildledger.scheduler.fetching;

import io.buildledger.configuring.RepositoryAddress;
import io.buildledger.fetching.SshCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What git shows another repository to be let in. It reaches git by the environment, which other
 * users can't read, and never by a command line or a file of ours.
 *
 * @param login for HTTP, asked for only by the repository's own host: one that it redirects to gets
 *     nothing; null for what git itself knows
 * @param sshPrivateKey the key's file; null for the keys of the user that this process runs as
 * @param sshKnownHosts the file with the keys of hosts; null for that user's own
 */
public record GitAccess(
        @Nullable Login login, @Nullable Path sshPrivateKey, @Nullable Path sshKnownHosts) {

    /**
     * @param passwordFile is read at each use, so that a new password needs no restart
     */
    public record Login(String user, Path passwordFile) {}

    public static final GitAccess NONE = new GitAccess(null, null, null);

    private static final String USER = "BUILDLEDGER_GIT_USER";
    private static final String PASSWORD = "BUILDLEDGER_GIT_PASSWORD";

    /** Git has a shell run this; what it prints comes from the environment alone. */
    private static final String CREDENTIALS =
            "!f() { test \"$1\" = get && printf 'username=%s\\npassword=%s\\n' \"$"
                    + USER
                    + "\" \"$"
                    + PASSWORD
                    + "\"; }; f";

    private static final String HIDDEN = "***";

    /** Variables for one command, and what of them must not be shown. */
    record Environment(Map<String, String> variables, List<String> secrets) {

        /** A text in which no secret is left, though the other side may have said it. */
        String cleaned(String text) {
            String cleaned = text;
            for (String secret : secrets) {
                cleaned = cleaned.replace(secret, HIDDEN);
            }
            return cleaned;
        }
    }

    /**
     * @throws IOException if a file can't be read; its message says which
     */
    Environment environment(RepositoryAddress repository) throws IOException {
        Map<String, String> variables = new HashMap<>();
        // A password that is missing is a failure, and nothing to ask a terminal or a desktop for.
        variables.put("GIT_TERMINAL_PROMPT", "0");
        variables.put("SSH_ASKPASS", "false");
        variables.put("SSH_ASKPASS_REQUIRE", "force");
        variables.put("GIT_ALLOW_PROTOCOL", RepositoryAddress.PROTOCOLS);
        // What git says is looked into.
        variables.put("LC_ALL", "C");
        if (sshPrivateKey != null || sshKnownHosts != null) {
            variables.put(
                    "GIT_SSH_COMMAND",
                    SshCommand.of(
                            Objects.toString(sshPrivateKey, null),
                            Objects.toString(sshKnownHosts, null)));
            variables.put("GIT_SSH_VARIANT", "ssh");
        }
        if (login == null) {
            return new Environment(variables, List.of());
        }
        String password = password(login.passwordFile());
        String scope = "credential." + repository.origin();
        int given = settingsInEnvironment();
        variables.put("GIT_CONFIG_COUNT", String.valueOf(given + 2));
        // Else a helper of the user's would be asked first, and told to keep the password.
        variables.put("GIT_CONFIG_KEY_" + given, "credential.helper");
        variables.put("GIT_CONFIG_VALUE_" + given, "");
        variables.put("GIT_CONFIG_KEY_" + (given + 1), scope + ".helper");
        variables.put("GIT_CONFIG_VALUE_" + (given + 1), CREDENTIALS);
        variables.put(USER, login.user());
        variables.put(PASSWORD, password);
        String header = login.user() + ":" + password;
        return new Environment(
                variables,
                List.of(
                        Base64.getEncoder().encodeToString(header.getBytes(StandardCharsets.UTF_8)),
                        password));
    }

    /** How many settings git is given by the environment of this process; ours come after them. */
    private static int settingsInEnvironment() {
        String count = System.getenv("GIT_CONFIG_COUNT");
        return count != null && count.matches("[0-9]{1,4}") ? Integer.parseInt(count) : 0;
    }

    private static String password(Path file) throws IOException {
        String password;
        try {
            password = Files.readString(file).strip();
        } catch (NoSuchFileException e) {
            throw new IOException("there is no file " + file + " with the password", e);
        } catch (IOException e) {
            throw new IOException("the password can't be read from " + file + ": " + e, e);
        }
        if (password.isEmpty() || password.chars().anyMatch(Character::isISOControl)) {
            throw new IOException(file + " must hold a password and nothing else, in one line");
        }
        return password;
    }
}
