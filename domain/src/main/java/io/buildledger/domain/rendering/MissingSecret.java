package io.buildledger.domain.rendering;

/**
 * A text needs a secret that no provider has. An empty one in its place would do harm in silence.
 */
public final class MissingSecret extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String name;

    MissingSecret(String name) {
        super(
                "no provider has the secret '%s': add it there, or give a default, as in %%(secret:%s:-…)s"
                        .formatted(name, name));
        this.name = name;
    }

    /** Of the secret. */
    public String name() {
        return name;
    }
}
