package io.buildledger.builder.attaching;

/** What came is not what the protocol says; the message is for the worker and for the log. */
final class MalformedMessageException extends Exception {

    private static final long serialVersionUID = 1L;

    MalformedMessageException(String message) {
        super(message);
    }
}
