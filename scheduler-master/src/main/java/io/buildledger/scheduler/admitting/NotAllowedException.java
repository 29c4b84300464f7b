package io.buildledger.scheduler.admitting;

/** Somebody asks for what they may not do; the message tells them. */
public final class NotAllowedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final boolean loggedIn;

    NotAllowedException(boolean loggedIn, String message) {
        super(message);
        this.loggedIn = loggedIn;
    }

    /** Whether it is known who asks; else it may help to log in. */
    public boolean isLoggedIn() {
        return loggedIn;
    }
}
