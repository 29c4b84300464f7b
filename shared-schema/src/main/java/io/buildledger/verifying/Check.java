package io.buildledger.verifying;

import io.buildledger.replaying.StateTable;
import java.util.Locale;

/** What is proved of a history, each with what it is counted in. */
public enum Check {
    STREAMS("events", "each stream is without holes, in the order of the log"),
    TRANSITIONS("events", "each event may follow on those before it on its stream"),
    CLAIMS("claims", "a request has one live claim at most, and only its holder goes on with it"),
    CHOICES("claims", "no claim jumped ahead of what its master left on offer"),
    BUILD_NUMBERS("claims", "a builder gives each of its build numbers once"),
    STEPS(
            "steps",
            "the steps of a build come one after the other, from its holder, and none after it was dropped"),
    CHANGES("changes", "a change that a scheduler has taken is in one buildset of it"),
    TIMERS("timers", "a timer fires once, and only if it was armed"),
    BUILDSETS("buildsets", "a buildset is completed once, after its requests, as their worst"),
    MASTERS("lives", "the lives of a master follow each other, and claims are made in one"),
    WORKERS("attachments", "a worker is attached to one living master at most"),
    LOCKS(
            "grants",
            "of no lock more is held than there is, by no master that is lost, and nobody is passed by who came later"),
    LOCK_TABLE("locks and tickets", "the lines of the locks are as the log leaves them"),
    QUEUE("requests", "the queue holds the requests that the log leaves unclaimed"),
    CLAIM_TABLE("claims", "the table of claims holds those that are live in the log"),
    PROGRESS("buildsets", "the open buildsets are counted as the log counts them"),
    WORKER_TABLE("workers", "the table of workers says how the log leaves each of them"),
    SCHEDULER_TABLE("schedulers", "the table of schedulers says how the log leaves each of them"),
    NUMBER_TABLE("numbers", "no number that the log has is handed out again"),
    SNAPSHOTS("states", "the states that are kept are what the events before them make"),
    COMMAND_TABLE("commands", "the table of commands has those alone that may be running"),
    VIEWS("rows", "the views are what a replay of the log gives"),
    CHAIN("blocks", "the log is what was sealed, block by block");

    private final String unit;
    private final String statement;

    Check(String unit, String statement) {
        this.unit = unit;
        this.statement = statement;
    }

    /** The one that a table is judged by. */
    public static Check of(StateTable table) {
        return switch (table) {
            case QUEUE -> QUEUE;
            case CLAIMS -> CLAIM_TABLE;
            case PROGRESS -> PROGRESS;
            case WORKERS -> WORKER_TABLE;
            case LOCKS, TICKETS -> LOCK_TABLE;
            case SCHEDULERS -> SCHEDULER_TABLE;
            case NUMBERS -> NUMBER_TABLE;
            case COMMANDS -> COMMAND_TABLE;
        };
    }

    /** Its name on the command line and in JSON. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public String unit() {
        return unit;
    }

    public String statement() {
        return statement;
    }
}
