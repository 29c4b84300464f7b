package io.buildledger.artifacts;

/**
 * An artifact of the log is not where this master looks; the message says where, and what helps.
 */
public final class AbsentArtifactException extends Exception {

    private static final long serialVersionUID = 1;

    private final String why;

    AbsentArtifactException(String why) {
        super(why);
        this.why = why;
    }

    public String why() {
        return why;
    }
}
