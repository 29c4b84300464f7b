package io.buildledger.scheduler.supposing;

import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;

/** What is still to come, in the order of time; of one moment, in the order in which it was put. */
final class Agenda {

    private record Due(Instant at, long order, Runnable work) {}

    private final PriorityQueue<Due> due =
            new PriorityQueue<>(Comparator.comparing(Due::at).thenComparingLong(Due::order));
    private final Allowance allowance;
    private Instant now;
    private long order;

    Agenda(Instant now) {
        this(now, Allowance.all());
    }

    Agenda(Instant now, Allowance allowance) {
        this.now = now;
        this.allowance = allowance;
    }

    /** Whether all this goes on: throws if nobody waits for what comes of it. */
    void goOn() {
        allowance.goOn();
    }

    Instant now() {
        return now;
    }

    /** At a moment, or at once if that has passed. */
    void put(Instant at, Runnable work) {
        due.add(new Due(at.isBefore(now) ? now : at, order++, work));
    }

    /** Does what comes before a moment, and makes it that moment. */
    void passUpTo(Instant moment) {
        while (!due.isEmpty() && due.peek().at().isBefore(moment)) {
            next();
        }
        if (moment.isAfter(now)) {
            now = moment;
        }
    }

    /** Does what comes at a moment, too. */
    void passThrough(Instant moment) {
        while (!due.isEmpty() && !due.peek().at().isAfter(moment)) {
            next();
        }
        if (moment.isAfter(now)) {
            now = moment;
        }
    }

    /** Does all that comes. */
    void passAll() {
        while (!due.isEmpty()) {
            next();
        }
    }

    private void next() {
        goOn();
        Due next = due.remove();
        now = next.at();
        next.work().run();
    }
}
