package io.buildledger.secrets;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A value that nobody is to see but the step that uses it. It is no record, so that neither
 * printing nor writing as JSON tells it by accident.
 */
public final class Secret {

    private final String name;
    private final String value;

    Secret(String name, String value) {
        this.name = name;
        this.value = value;
    }

    /** A value from elsewhere; empty if it is too short or too long to be taken out of a text. */
    public static Optional<Secret> of(String name, String value) {
        return value.strip().length() < Secrets.SHORTEST
                        || value.getBytes(StandardCharsets.UTF_8).length > Secrets.LONGEST
                ? Optional.empty()
                : Optional.of(new Secret(name, value));
    }

    public String name() {
        return name;
    }

    /**
     * What is to be kept secret: at least {@value Secrets#SHORTEST} characters, and at most {@value
     * Secrets#LONGEST} bytes of UTF-8. Whoever hands it on tells a {@link Scrubber} first.
     */
    public String value() {
        return value;
    }

    /** Its name alone. */
    @Override
    public String toString() {
        return "secret " + name;
    }
}
