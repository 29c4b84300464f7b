package io.buildledger.domain;

/**
 * A log holds an event that can't follow on those before it: a bug, or a log that was tampered
 * with.
 */
public final class IllegalTransition extends IllegalStateException {
    private static final long serialVersionUID = 1;

    public IllegalTransition(Object state, Object event) {
        super(event + " can't follow on " + state);
    }
}
