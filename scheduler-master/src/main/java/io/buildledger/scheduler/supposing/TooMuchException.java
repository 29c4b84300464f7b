package io.buildledger.scheduler.supposing;

/** More would have to be looked at than an {@link Allowance} has. */
public final class TooMuchException extends UnanswerableException {

    private static final long serialVersionUID = 1;

    TooMuchException(String message) {
        super(WrittenQuestion.SINCE, message);
    }
}
