package io.buildledger.verifying;

import io.buildledger.attaching.WorkerStanding;
import io.buildledger.domain.attaching.WorkerEvent;
import io.buildledger.domain.attaching.WorkerEvent.WorkerAttached;
import io.buildledger.domain.attaching.WorkerEvent.WorkerContested;
import io.buildledger.domain.attaching.WorkerEvent.WorkerDetached;
import io.buildledger.domain.attaching.WorkerEvent.WorkerEnding;
import io.buildledger.domain.attaching.WorkerEvent.WorkerMissing;
import io.buildledger.domain.attaching.WorkerEvent.WorkerOff;
import io.buildledger.domain.attaching.WorkerEvent.WorkerPaused;
import io.buildledger.domain.attaching.WorkerEvent.WorkerQuarantined;
import io.buildledger.domain.attaching.WorkerEvent.WorkerRecovered;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStartFailed;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStarting;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStopRequested;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStopped;
import io.buildledger.domain.attaching.WorkerEvent.WorkerUnpaused;
import io.buildledger.domain.attaching.WorkerState;
import io.buildledger.domain.attaching.WorkerState.Attached;
import io.buildledger.domain.attaching.WorkerState.Machine;
import io.buildledger.domain.attaching.WorkerState.Machine.Phase;
import io.buildledger.log.Author;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who has had which worker, and what the table of workers must say. Claims are not judged by it: a
 * master may claim for a worker until it has heard that somebody paused it.
 */
final class WorkerHistory {

    private record Known(WorkerStanding standing, Witness last) {}

    private final Findings findings;
    private final MasterHistory masters;
    private final Map<String, Known> workers = new HashMap<>();
    private final Set<String> setAside = new HashSet<>();

    WorkerHistory(Findings findings, MasterHistory masters) {
        this.findings = findings;
        this.masters = masters;
    }

    void next(WorkerEvent event, Witness witness) {
        if (setAside.contains(witness.stream())) {
            return;
        }
        Known known = workers.get(event.worker());
        WorkerState before = known == null ? WorkerState.NEW : known.standing().state();
        if (event instanceof WorkerAttached) {
            findings.lookedAt(Check.WORKERS);
        }
        String wrong = wrong(before, event);
        if (wrong != null) {
            findings.violation(Check.WORKERS, wrong, known == null ? null : known.last(), witness);
        }
        workers.put(
                event.worker(),
                new Known(
                        new WorkerStanding(
                                WorkerState.evolve(before, event, witness.at()),
                                witness.sequence()),
                        witness));
    }

    private @Nullable String wrong(WorkerState before, WorkerEvent event) {
        return switch (event) {
            case WorkerAttached it -> wrongAttach(before, it);
            case WorkerDetached it ->
                    wrongHolder(before, "detached from", it.worker(), it.master(), it.epoch());
            case WorkerContested it ->
                    wrongHolder(before, "asked for at", it.worker(), it.master(), it.epoch());
            case WorkerStopped it ->
                    wrongHolder(before, "stopped by", it.worker(), it.master(), it.epoch());
            case WorkerMissing it ->
                    before.presence() instanceof Attached holder
                                    && masters.isLiving(new Author(holder.master(), holder.epoch()))
                            ? "worker %s was told of as missing while master %s had it"
                                    .formatted(it.worker(), holder.master())
                            : null;
            case WorkerStarting it ->
                    wrongHand(before, it.worker(), new Author(it.master(), it.epoch()), true);
            case WorkerEnding it ->
                    wrongHand(before, it.worker(), new Author(it.master(), it.epoch()), false);
            case WorkerStartFailed it ->
                    wrongEnd(before, Phase.STARTING, it.worker(), it.master(), it.epoch());
            case WorkerOff it ->
                    wrongEnd(before, Phase.ENDING, it.worker(), it.master(), it.epoch());
            case WorkerPaused _,
                    WorkerUnpaused _,
                    WorkerStopRequested _,
                    WorkerQuarantined _,
                    WorkerRecovered _ ->
                    null;
        };
    }

    private @Nullable String wrongAttach(WorkerState before, WorkerAttached attached) {
        if (masters.isOver(new Author(attached.master(), attached.epoch()))) {
            return "worker %s was attached to epoch %d of master %s, which was over"
                    .formatted(attached.worker(), attached.epoch(), attached.master());
        }
        return before.presence() instanceof Attached holder
                        && !before.isAttachedTo(attached.master(), attached.epoch())
                        && masters.isLiving(new Author(holder.master(), holder.epoch()))
                ? "worker %s was attached to master %s while master %s had it"
                        .formatted(attached.worker(), attached.master(), holder.master())
                : null;
    }

    private static @Nullable String wrongHolder(
            WorkerState before, String verb, String worker, String master, long epoch) {
        return before.isAttachedTo(master, epoch)
                ? null
                : "worker %s was %s epoch %d of master %s, which did not have it"
                        .formatted(worker, verb, epoch, master);
    }

    /**
     * @param isStart of one that may not be anybody's, also not of who starts it
     */
    private @Nullable String wrongHand(
            WorkerState before, String worker, Author by, boolean isStart) {
        if (masters.isOver(by)) {
            return "worker %s was taken in hand by epoch %d of master %s, which was over"
                    .formatted(worker, by.epoch(), by.master());
        }
        Author holder =
                before.presence() instanceof Attached attached
                        ? new Author(attached.master(), attached.epoch())
                        : null;
        if (holder != null && masters.isLiving(holder) && (isStart || !holder.equals(by))) {
            return "worker %s was taken in hand by master %s while master %s had it"
                    .formatted(worker, by.master(), holder.master());
        }
        Machine machine = before.machine();
        return machine != null
                        && machine.isInHand()
                        && masters.isLiving(new Author(machine.master(), machine.epoch()))
                ? "worker %s was taken in hand by master %s while master %s had it in hand"
                        .formatted(worker, by.master(), machine.master())
                : null;
    }

    private static @Nullable String wrongEnd(
            WorkerState before, Phase phase, String worker, String master, long epoch) {
        return before.isInHandOf(phase, master, epoch)
                ? null
                : "worker %s was let go by epoch %d of master %s, which did not have it in hand"
                        .formatted(worker, epoch, master);
    }

    void setAside(String stream) {
        setAside.add(stream);
    }
}
