package io.buildledger.chaos;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The faults, under the names that people give them on the command line. */
enum FaultKind {
    KILL("kill -9 of a builder master, which is started again after a while"),
    KILL_SCHEDULER("kill -9 of the scheduler master, the first time while it schedules"),
    STOP("SIGSTOP of a master past its lease, then SIGCONT"),
    DATABASE_RESTART("kill -9 of the database, started again after a second"),
    DATABASE_OUTAGE("kill -9 of the database, started again after the time of an outage"),
    CUT("the connections between a master and the database dropped, silent or refused"),
    CLOCK("a master's wall clock 20 minutes off"),
    SAME_NAME("a second master with the name of a living one, here and as from another machine"),
    DEADLOCK("deadlocks and lock waits that run out"),
    WORKER("kill -9 of the commands of a running build"),
    DRAIN("a master drained, now and when its builds have ended, and started again");

    private final String what;

    FaultKind(String what) {
        this.what = what;
    }

    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String what() {
        return what;
    }

    static Optional<FaultKind> of(String label) {
        return Arrays.stream(values()).filter(kind -> kind.label().equals(label)).findFirst();
    }
}
