package io.buildledger.secrets;

/**
 * A value that nobody is to see but the step that uses it. It is no record, so that neither
 * printing nor writing as JSON tells it by accident.
 */
public final class Secret {

    private final String name;
    private final String value;

    public Secret(String name, String value) {
        this.name = name;
        this.value = value;
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
