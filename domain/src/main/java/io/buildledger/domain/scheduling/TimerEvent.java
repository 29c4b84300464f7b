package io.buildledger.domain.scheduling;

import java.time.Instant;

/**
 * The end of a timer; the stream is {@code timer/SCHEDULER/N}, so that the unique (stream,
 * sequence) lets a timer fire once, however many masters believe that it is theirs.
 */
public sealed interface TimerEvent {

    record TimerFired(String scheduler, long timer, Instant firedAt) implements TimerEvent {}
}
