package io.buildledger.domain.building;

/** How a step, a build or a buildset ended, from best to worst. Buildbot's names and order. */
public enum Results {
    SKIPPED(0),
    SUCCESS(1),
    WARNINGS(2),
    FAILURE(3),
    EXCEPTION(4),
    RETRY(5),
    CANCELLED(6);

    private final int severity;

    Results(int severity) {
        this.severity = severity;
    }

    /** The place in the order from best (0) to worst, as the database compares it. */
    public int severity() {
        return severity;
    }

    /**
     * @throws IllegalArgumentException if no result is of this severity
     */
    public static Results ofSeverity(int severity) {
        for (Results results : values()) {
            if (results.severity == severity) {
                return results;
            }
        }
        throw new IllegalArgumentException("no result has severity " + severity);
    }

    public Results worse(Results other) {
        return severity >= other.severity ? this : other;
    }
}
