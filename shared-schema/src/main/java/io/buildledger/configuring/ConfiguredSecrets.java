package io.buildledger.configuring;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Where a builder master looks for secrets. The first in the file that has one wins. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, include = JsonTypeInfo.As.WRAPPER_OBJECT)
@JsonSubTypes({
    @JsonSubTypes.Type(value = ConfiguredSecrets.SecretFiles.class, name = "file"),
    @JsonSubTypes.Type(value = ConfiguredSecrets.SecretVariables.class, name = "environment"),
    @JsonSubTypes.Type(value = ConfiguredSecrets.SecretVault.class, name = "vault")
})
public sealed interface ConfiguredSecrets {

    /**
     * Each secret is a file of its name.
     *
     * @param directory that holds the files; none of them may be read by others than its owner and
     *     group
     */
    record SecretFiles(Path directory) implements ConfiguredSecrets {}

    /**
     * Each secret is a variable in the builder master's environment.
     *
     * @param prefix what stands before a secret's name in that of its variable; begins with {@code
     *     BUILDLEDGER_}, because steps on local workers inherit other variables
     */
    record SecretVariables(String prefix) implements ConfiguredSecrets {}

    /**
     * HashiCorp Vault's key/value engine. A secret's name is its path, the delimiter, and its key.
     *
     * @param address {@code https://HOST[:PORT]}; {@code http://} on the loopback alone
     * @param mount where the engine is mounted; default {@code secret}
     * @param apiVersion of the engine, 1 or 2; default 2
     * @param pathDelimiter one character; default {@code |}
     * @param pathEscape one character, which takes its meaning from the next; default a backslash
     * @param tokenFile holds the token; read anew for each secret
     * @param caFile certificates, in PEM, of who may vouch for the server; by default Java's own
     * @param timeout how long one secret may take, 1s to 5m; default 10 s
     */
    record SecretVault(
            String address,
            String mount,
            Integer apiVersion,
            String pathDelimiter,
            String pathEscape,
            Path tokenFile,
            @Nullable Path caFile,
            Duration timeout)
            implements ConfiguredSecrets {

        private static final int DEFAULT_API_VERSION = 2;
        private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

        public SecretVault {
            mount = mount == null ? "secret" : mount;
            apiVersion = apiVersion == null ? DEFAULT_API_VERSION : apiVersion;
            pathDelimiter = pathDelimiter == null ? "|" : pathDelimiter;
            pathEscape = pathEscape == null ? "\\" : pathEscape;
            timeout = timeout == null ? DEFAULT_TIMEOUT : timeout;
        }
    }
}
