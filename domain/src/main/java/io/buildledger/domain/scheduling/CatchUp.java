package io.buildledger.domain.scheduling;

/** What becomes of a moment that passed while no master was up. */
public enum CatchUp {
    /** However many have passed, there is one build as soon as a master is up. */
    ONCE,
    /** Nothing, unless a master is up within a minute. */
    NONE
}
