package io.buildledger.artifacts;

/** A file can't be kept as an artifact as it is; the message says why. */
public final class UnfitArtifactException extends Exception {

    private static final long serialVersionUID = 1;

    private final String why;

    public UnfitArtifactException(String why) {
        super(why);
        this.why = why;
    }

    public String why() {
        return why;
    }
}
