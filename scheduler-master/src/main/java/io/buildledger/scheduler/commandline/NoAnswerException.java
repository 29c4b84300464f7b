package io.buildledger.scheduler.commandline;

/** The answer is no, or there is none; the message says why in one line, and what to do. */
final class NoAnswerException extends RuntimeException {
    private static final long serialVersionUID = 1;

    NoAnswerException(String message) {
        super(message);
    }
}
