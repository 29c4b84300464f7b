package io.buildledger.builder.running;

/** A step can't run as it is configured; the message says why, in words for the summary. */
final class StepRefusedException extends Exception {
    StepRefusedException(String message) {
        super(message);
    }
}
