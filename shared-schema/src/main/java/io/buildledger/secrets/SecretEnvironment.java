package io.buildledger.secrets;

import java.util.Map;
import java.util.Optional;

/** Variables of the master's environment that have a prefix. Names are exact, in their case too. */
final class SecretEnvironment implements SecretProvider {

    private final String prefix;
    private final Map<String, String> environment;

    SecretEnvironment(String prefix, Map<String, String> environment) {
        this.prefix = prefix;
        this.environment = environment;
    }

    @Override
    public String title() {
        return "environment " + prefix;
    }

    @Override
    public Optional<String> find(String name) {
        return Optional.ofNullable(environment.get(prefix + name));
    }
}
