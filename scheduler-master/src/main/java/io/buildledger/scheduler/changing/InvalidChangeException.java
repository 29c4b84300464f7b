package io.buildledger.scheduler.changing;

/**
 * A change that can't be taken in; the message names the field, what is wrong and what would be
 * right.
 */
public final class InvalidChangeException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final boolean tooLarge;

    private InvalidChangeException(String message, boolean tooLarge) {
        super(message);
        this.tooLarge = tooLarge;
    }

    public static InvalidChangeException malformed(String field, String problem) {
        return new InvalidChangeException(field + ": " + problem, false);
    }

    public static InvalidChangeException tooLarge(String field, long limit) {
        return new InvalidChangeException(field + ": is larger than the limit of " + limit, true);
    }

    public boolean isTooLarge() {
        return tooLarge;
    }
}
