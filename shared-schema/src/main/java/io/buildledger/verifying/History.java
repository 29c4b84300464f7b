package io.buildledger.verifying;

import io.buildledger.domain.attaching.WorkerEvent;
import io.buildledger.domain.building.BuildEvent;
import io.buildledger.domain.changing.ChangeEvent;
import io.buildledger.domain.changing.ChangeSourceEvent;
import io.buildledger.domain.changing.ChangeSourceEvent.RepositoryPolled;
import io.buildledger.domain.locking.LockEvent;
import io.buildledger.domain.mastering.MasterEvent;
import io.buildledger.domain.requesting.BuildRequestEvent;
import io.buildledger.domain.requesting.BuildsetEvent;
import io.buildledger.domain.scheduling.SchedulerCommandEvent;
import io.buildledger.domain.scheduling.SchedulerEvent;
import io.buildledger.domain.scheduling.TimerEvent;
import io.buildledger.domain.scheduling.TimerEvent.TimerFired;
import io.buildledger.log.NewerEvent;
import io.buildledger.log.Numbered;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.log.Unreadable;

/**
 * Judges events in the order of the log, and keeps of them what is still open: its memory does not
 * grow with the history.
 *
 * <p>What follows on a stream after an event that nobody here understands, or that can't have
 * happened, is not judged any more: it could only be guessed.
 */
final class History {

    private final Findings findings;
    private final MasterHistory masters;
    private final SchedulerHistory schedulers;
    private final BuildsetHistory buildsets;
    private final BuildHistory builds;
    private final RequestHistory requests;
    private final WorkerHistory workers;
    private final LockHistory locks;

    History(Findings findings) {
        this.findings = findings;
        this.masters = new MasterHistory(findings);
        this.schedulers = new SchedulerHistory(findings);
        this.buildsets = new BuildsetHistory(findings, schedulers);
        this.builds = new BuildHistory(findings);
        this.requests = new RequestHistory(findings, masters, buildsets, builds);
        this.workers = new WorkerHistory(findings, masters);
        this.locks = new LockHistory(findings, masters);
    }

    /**
     * @return whether it is an event of this program that has all its parts
     */
    boolean next(Numbered event) {
        Recorded recorded = event.recorded();
        findings.lookedAt(Check.TRANSITIONS);
        return switch (recorded.event()) {
            case Unreadable unreadable -> {
                tellOfUnreadable(recorded, unreadable.reason());
                yield false;
            }
            case NewerEvent _ -> {
                findings.unknownEvent(event.type());
                setAside(recorded.stream());
                yield false;
            }
            case Record _ -> {
                judge(recorded, Witness.of(recorded), event.type());
                yield true;
            }
            default -> throw new IllegalStateException(recorded.id() + " holds no event");
        };
    }

    private void judge(Recorded recorded, Witness witness, String type) {
        switch (recorded.event()) {
            case BuildRequestEvent event -> {
                if (isAt(Streams.buildRequest(event.requestId()), witness, type)) {
                    requests.next(event, witness);
                }
            }
            case BuildEvent event -> {
                if (isAt(Streams.build(event.builder(), event.buildNumber()), witness, type)) {
                    builds.next(event, witness);
                }
            }
            case BuildsetEvent event -> {
                if (isAt(Streams.buildset(event.buildsetId()), witness, type)) {
                    buildsets.next(event, witness);
                }
            }
            case ChangeEvent event -> {
                if (isAt(Streams.change(event.changeId()), witness, type)) {
                    schedulers.next(event, witness);
                }
            }
            case SchedulerEvent event -> {
                if (isAt(Streams.scheduler(event.scheduler()), witness, type)) {
                    schedulers.next(event, witness);
                }
            }
            // Whoever may ask, may; what comes of it is the scheduler's.
            case SchedulerCommandEvent event ->
                    isAt(Streams.schedulerCommand(event.scheduler()), witness, type);
            case TimerEvent event -> judge(event, witness, type);
            case MasterEvent event -> {
                if (isAt(Streams.master(event.master()), witness, type)) {
                    masters.next(event, witness);
                }
            }
            case WorkerEvent event -> {
                if (isAt(Streams.worker(event.worker()), witness, type)) {
                    workers.next(event, witness);
                }
            }
            case ChangeSourceEvent event -> judge(event, witness, type);
            case LockEvent event -> {
                if (isAt(Streams.lock(event.lock()), witness, type)) {
                    locks.next(event, witness);
                }
            }
            default -> throw new IllegalStateException("nobody judges " + type);
        }
    }

    private void judge(TimerEvent event, Witness witness, String type) {
        switch (event) {
            case TimerFired fired -> {
                if (isAt(Streams.timer(fired.scheduler(), fired.timer()), witness, type)) {
                    schedulers.next(fired, witness);
                }
            }
        }
    }

    private void judge(ChangeSourceEvent event, Witness witness, String type) {
        switch (event) {
            case RepositoryPolled polled ->
                    isAt(Streams.gitPoller(polled.repository()), witness, type);
        }
    }

    private boolean isAt(String stream, Witness witness, String type) {
        boolean isThere = stream.equals(witness.stream());
        if (!isThere) {
            findings.violation(
                    Check.TRANSITIONS,
                    "%s belongs on %s by what it says".formatted(type, stream),
                    witness);
            setAside(witness.stream());
        }
        return isThere;
    }

    private void tellOfUnreadable(Recorded recorded, String reason) {
        findings.violation(
                Check.TRANSITIONS,
                "%s can't be read: %s".formatted(recorded.id(), reason),
                Witness.of(recorded));
        setAside(recorded.stream());
    }

    private void setAside(String stream) {
        int slash = stream.indexOf('/');
        String kind = stream.substring(0, Math.max(slash, 0));
        String name = stream.substring(slash + 1);
        switch (kind) {
            case "build-request" -> {
                if (isNumber(name)) {
                    requests.setAside(Long.parseLong(name));
                }
            }
            case "buildset" -> {
                if (isNumber(name)) {
                    buildsets.setAside(Long.parseLong(name));
                }
            }
            case "build" -> builds.setAside(stream);
            case "scheduler" -> schedulers.setAside(name);
            case "master" -> masters.setAside(stream);
            case "worker" -> workers.setAside(stream);
            case "lock" -> locks.setAside(name);
            default -> {
                // Nothing is kept of other streams.
            }
        }
    }

    private static boolean isNumber(String text) {
        return text.matches("\\d{1,18}");
    }

    /** The log ends here. */
    void end() {
        schedulers.end();
        buildsets.end();
        requests.end();
    }
}
