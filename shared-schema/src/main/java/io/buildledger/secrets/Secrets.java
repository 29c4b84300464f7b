package io.buildledger.secrets;

import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.configuring.ConfiguredSecrets;
import io.buildledger.configuring.ConfiguredSecrets.SecretFiles;
import io.buildledger.configuring.ConfiguredSecrets.SecretVariables;
import io.buildledger.configuring.ConfiguredSecrets.SecretVault;
import io.buildledger.configuring.InvalidConfigurationException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The secrets that a configuration gives steps access to. Nothing is kept: each question goes to
 * where the secret is, so that one that was changed or taken back is so at once. Whoever needs a
 * secret several times in a step asks once.
 *
 * <p>It does not change; for another configuration make another.
 */
public final class Secrets {

    /**
     * Without more characters than that, a secret is found everywhere, and its scrubbing tells it.
     */
    static final int SHORTEST = 3;

    /** In bytes. */
    static final int LONGEST = 64 * 1024;

    private final List<SecretProvider> providers;

    Secrets(List<SecretProvider> providers) {
        this.providers = List.copyOf(providers);
    }

    /**
     * Those of a file. Whether Vault answers is not tried.
     *
     * @throws InvalidConfigurationException with all files and directories that this machine lacks,
     *     or that others may read
     */
    public static Secrets of(ConfigurationFile file) {
        return of(file, System.getenv());
    }

    static Secrets of(ConfigurationFile file, Map<String, String> environment) {
        List<ConfiguredSecrets> configured = file.configuration().secrets();
        List<SecretProvider> providers = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (int i = 0; i < configured.size(); i++) {
            try {
                providers.add(provider(file, i, configured.get(i), environment));
            } catch (InvalidConfigurationException e) {
                problems.addAll(e.problems());
            }
        }
        if (!problems.isEmpty()) {
            throw new InvalidConfigurationException(problems);
        }
        return new Secrets(providers);
    }

    private static SecretProvider provider(
            ConfigurationFile file,
            int index,
            ConfiguredSecrets configured,
            Map<String, String> environment) {
        return switch (configured) {
            case SecretFiles files -> {
                SecretDirectory directory = new SecretDirectory(file.beside(files.directory()));
                require(file, index, "file", "directory", directory.problems());
                yield directory;
            }
            case SecretVariables variables ->
                    new SecretEnvironment(variables.prefix(), environment);
            case SecretVault vault -> {
                VaultToken token = new VaultToken(file.beside(vault.tokenFile()));
                require(file, index, "vault", "token_file", token.problems());
                TrustedCertificates trusted =
                        vault.caFile() == null
                                ? TrustedCertificates.OF_JAVA
                                : new TrustedCertificates(file.beside(vault.caFile()));
                require(file, index, "vault", "ca_file", trusted.problems());
                yield new Vault(vault, token, trusted);
            }
        };
    }

    private static void require(
            ConfigurationFile file, int index, String type, String key, List<String> problems) {
        if (!problems.isEmpty()) {
            throw new InvalidConfigurationException(
                    problems.stream()
                            .map(it ->
                                    file.problemAt(
                                            "/secrets/%d/%s/%s".formatted(index, type, key),
                                            "secrets[%d].%s.%s".formatted(index, type, key),
                                            it))
                            .toList());
        }
    }

    /**
     * A secret as it is now, or nothing if none of the configured places has one of this name. It
     * may take as long as Vault's {@code timeout} for each Vault.
     *
     * @throws SecretUnavailableException if a place that is asked can't say whether it has it, or
     *     if what it has can't be used; those that come after it in the file are not asked then
     */
    public Optional<Secret> find(String name) {
        for (SecretProvider provider : providers) {
            Optional<String> value = provider.find(name);
            if (value.isPresent()) {
                requireUsable(name, provider, value.get());
                return Optional.of(new Secret(name, value.get()));
            }
        }
        return Optional.empty();
    }

    private static void requireUsable(String name, SecretProvider provider, String value) {
        if (value.strip().length() < SHORTEST) {
            throw new SecretUnavailableException(
                    name,
                    provider,
                    "has fewer than %d characters, which can't be kept out of logs without spoiling them: choose a longer one"
                            .formatted(SHORTEST));
        }
        if (value.getBytes(StandardCharsets.UTF_8).length > LONGEST) {
            throw new SecretUnavailableException(
                    name, provider, "has more than %d bytes: keep it shorter".formatted(LONGEST));
        }
    }
}
