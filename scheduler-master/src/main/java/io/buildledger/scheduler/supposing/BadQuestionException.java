package io.buildledger.scheduler.supposing;

/** What is asked can't be meant. */
public final class BadQuestionException extends UnanswerableException {

    private static final long serialVersionUID = 1;

    BadQuestionException(String field, String message) {
        super(field, message);
    }
}
