package io.buildledger.chaos;

import java.time.Duration;

/** Something that is done to the cluster, and how far the drain is when it is done. */
sealed interface Fault {

    /** How a master is kept from its database. */
    enum Cut {
        /** Connections break now and then; new ones are taken. */
        DROPPED,
        /** Nothing comes through in either direction, and nobody is told. */
        SILENT,
        /** Connections break, and new ones are refused. */
        REFUSED
    }

    /** The share of the requests that have ended when it begins, from 0 to 1. */
    double at();

    FaultKind kind();

    /** How long the run takes longer for it, about. */
    Duration takes();

    /** What is done, and to whom, for people. */
    String told();

    record Kill(double at, int victim, Duration downFor) implements Fault {
        @Override
        public FaultKind kind() {
            return victim == SCHEDULER ? FaultKind.KILL_SCHEDULER : FaultKind.KILL;
        }

        @Override
        public Duration takes() {
            return Duration.ofSeconds(6);
        }

        @Override
        public String told() {
            return "kill -9 of %s, started again after %s".formatted(master(victim), in(downFor));
        }
    }

    record Stop(double at, int victim, Duration stoppedFor) implements Fault {
        @Override
        public FaultKind kind() {
            return FaultKind.STOP;
        }

        @Override
        public Duration takes() {
            return stoppedFor.plusSeconds(12);
        }

        @Override
        public String told() {
            return "SIGSTOP of %s, SIGCONT after %s".formatted(master(victim), in(stoppedFor));
        }
    }

    record DatabaseAway(double at, FaultKind kind, Duration awayFor) implements Fault {
        @Override
        public Duration takes() {
            return awayFor.plusSeconds(15);
        }

        @Override
        public String told() {
            return "kill -9 of the database, started again after " + in(awayFor);
        }
    }

    record CutOff(double at, int victim, Cut how, Duration cutFor) implements Fault {
        @Override
        public FaultKind kind() {
            return FaultKind.CUT;
        }

        @Override
        public Duration takes() {
            return cutFor.plusSeconds(10);
        }

        @Override
        public String told() {
            return "connections of %s to the database %s for %s"
                    .formatted(
                            master(victim),
                            switch (how) {
                                case DROPPED -> "dropped again and again";
                                case SILENT -> "silent in both directions";
                                case REFUSED -> "dropped, and new ones refused,";
                            },
                            in(cutFor));
        }
    }

    /** From the start to the end of the run. */
    record WrongClock(int victim, Duration offset) implements Fault {
        @Override
        public double at() {
            return 0;
        }

        @Override
        public FaultKind kind() {
            return FaultKind.CLOCK;
        }

        @Override
        public Duration takes() {
            return Duration.ZERO;
        }

        @Override
        public String told() {
            return "the wall clock of %s is %d minutes %s, the whole run"
                    .formatted(
                            master(victim),
                            offset.abs().toMinutes(),
                            offset.isNegative() ? "slow" : "fast");
        }
    }

    /**
     * @param elsewhere whether the second start looks like that of another machine
     */
    record SameName(double at, int victim, boolean elsewhere) implements Fault {
        @Override
        public FaultKind kind() {
            return FaultKind.SAME_NAME;
        }

        @Override
        public Duration takes() {
            return Duration.ofSeconds(12);
        }

        @Override
        public String told() {
            return "a second start of %s %s"
                    .formatted(
                            master(victim),
                            elsewhere ? "as from another machine" : "on the same machine");
        }
    }

    record LockStorm(double at, Duration lasts) implements Fault {
        @Override
        public FaultKind kind() {
            return FaultKind.DEADLOCK;
        }

        @Override
        public Duration takes() {
            return lasts;
        }

        @Override
        public String told() {
            return "rows locked in odd orders for " + in(lasts);
        }
    }

    record LostWorker(double at, int victim) implements Fault {
        @Override
        public FaultKind kind() {
            return FaultKind.WORKER;
        }

        @Override
        public Duration takes() {
            return Duration.ofSeconds(1);
        }

        @Override
        public String told() {
            return "kill -9 of what the builds of %s run".formatted(master(victim));
        }
    }

    /**
     * @param now whether its builds are interrupted
     */
    record Drain(double at, int victim, boolean now) implements Fault {
        @Override
        public FaultKind kind() {
            return FaultKind.DRAIN;
        }

        @Override
        public Duration takes() {
            return Duration.ofSeconds(15);
        }

        @Override
        public String told() {
            return "drain %s%s, and start it again".formatted(master(victim), now ? " --now" : "");
        }
    }

    /** The scheduler master's number. */
    int SCHEDULER = 0;

    /** A master's name. */
    static String master(int number) {
        return number == SCHEDULER ? "s" : "m" + number;
    }

    private static String in(Duration duration) {
        return "%.1f s".formatted(duration.toMillis() / 1000.0);
    }
}
