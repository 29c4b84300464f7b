package io.buildledger.domain.rendering;

import java.util.Locale;

/** Where an interpolation looks: what stands before its first colon. Buildbot's words. */
public enum Selector {
    PROP("a property"),
    SRC("an attribute"),
    KW("a keyword"),
    SECRET("a secret"),
    WORKER("what a worker says");

    private final String what;

    Selector(String what) {
        this.what = what;
    }

    /** As it is written. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What its keys are names of. */
    String what() {
        return what;
    }

    /** What {@link #allows} says, in words. */
    String allowed() {
        return this == SECRET ? "letters, digits and _ . - / |" : "letters, digits and _ . -";
    }

    boolean allows(int codePoint) {
        return Character.isLetterOrDigit(codePoint)
                || codePoint == '_'
                || codePoint == '.'
                || codePoint == '-'
                // Names of secrets are paths to some providers, and Vault's end in |KEY.
                || (this == SECRET && (codePoint == '/' || codePoint == '|'));
    }
}
