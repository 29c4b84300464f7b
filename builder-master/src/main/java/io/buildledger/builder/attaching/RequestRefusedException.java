package io.buildledger.builder.attaching;

/** A worker answered a request with an error. */
public final class RequestRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    RequestRefusedException(String worker, String op, String answer) {
        super("worker %s refused %s: %s".formatted(worker, op, answer));
    }
}
