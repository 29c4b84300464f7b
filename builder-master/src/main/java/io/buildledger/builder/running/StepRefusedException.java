package io.buildledger.builder.running;

/** A step can't run as it is configured. */
final class StepRefusedException extends Exception {

    private final String why;

    /**
     * @param why in words for the summary
     */
    StepRefusedException(String why) {
        super(why);
        this.why = why;
    }

    String why() {
        return why;
    }
}
