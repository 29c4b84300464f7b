package io.buildledger.verifying;

import io.buildledger.domain.IllegalTransition;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.domain.requesting.Buildset;
import io.buildledger.domain.requesting.BuildsetEvent;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetCompleted;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.requesting.RebuiltFrom;
import io.buildledger.log.NumberSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The buildsets that are open, and what they wait for. */
final class BuildsetHistory {

    private static final class Open {
        private final Witness submitted;
        private final Map<Long, String> notRequested = new HashMap<>();
        private Buildset.Open state;
        private @Nullable Witness lastEnd;
        private boolean isSetAside;

        private Open(Buildset.Open state, Witness submitted) {
            this.state = state;
            this.submitted = submitted;
            state.submitted()
                    .requestIds()
                    .forEach((builder, request) -> notRequested.put(request, builder));
        }
    }

    private final Findings findings;
    private final SchedulerHistory schedulers;
    private final Map<Long, Open> open = new HashMap<>();

    /** That were submitted, or may have been. */
    private final NumberSet known = new NumberSet();

    BuildsetHistory(Findings findings, SchedulerHistory schedulers) {
        this.findings = findings;
        this.schedulers = schedulers;
    }

    void next(BuildsetEvent event, Witness witness) {
        Open buildset = open.get(event.buildsetId());
        switch (event) {
            case BuildsetSubmitted submitted when buildset == null && witness.sequence() == 0 -> {
                findings.lookedAt(Check.BUILDSETS);
                known.add(submitted.buildsetId());
                if (submitted.rebuiltFrom() == null) {
                    schedulers.submitted(submitted, witness);
                } else {
                    requireFormer(submitted, submitted.rebuiltFrom(), witness);
                }
                if (Buildset.evolve(Buildset.UNKNOWN, submitted) instanceof Buildset.Open state) {
                    open.put(submitted.buildsetId(), new Open(state, witness));
                }
            }
            case BuildsetSubmitted submitted ->
                    findings.violation(
                                    Check.BUILDSETS,
                                    "buildset %d was submitted a second time"
                                            .formatted(submitted.buildsetId()),
                                    witness)
                            .withEventOf(
                                    witness.stream(), other -> other instanceof BuildsetSubmitted);
            case BuildsetCompleted completed when buildset == null ->
                    findings.violation(
                                    Check.BUILDSETS,
                                    "buildset %d was completed a second time, or never submitted"
                                            .formatted(completed.buildsetId()),
                                    witness)
                            .withEventOf(
                                    witness.stream(), other -> other instanceof BuildsetCompleted);
            case BuildsetCompleted completed -> {
                open.remove(completed.buildsetId());
                if (!buildset.isSetAside) {
                    complete(buildset, completed, witness);
                }
            }
        }
    }

    private void requireFormer(BuildsetSubmitted event, RebuiltFrom from, Witness witness) {
        if (from.buildsetId() == event.buildsetId() || !known.contains(from.buildsetId())) {
            findings.violation(
                    Check.BUILDSETS,
                    "buildset %d repeats buildset %d, which was not there before"
                            .formatted(event.buildsetId(), from.buildsetId()),
                    witness);
        }
    }

    private void complete(Open buildset, BuildsetCompleted event, Witness witness) {
        tellOfNotRequested(event.buildsetId(), buildset);
        if (!buildset.notRequested.isEmpty()) {
            return;
        }
        try {
            Buildset.evolve(buildset.state, event);
        } catch (IllegalTransition e) {
            findings.violation(
                    Check.BUILDSETS,
                    buildset.state.remaining().isEmpty()
                            ? "buildset %d was completed as %s, but the worst result of its requests is %s"
                                    .formatted(
                                            event.buildsetId(),
                                            event.results(),
                                            buildset.state.worst())
                            : "buildset %d was completed before its requests %s"
                                    .formatted(
                                            event.buildsetId(),
                                            buildset.state.remaining().stream().sorted().toList()),
                    buildset.submitted,
                    buildset.lastEnd,
                    witness);
        }
    }

    private void tellOfNotRequested(long buildsetId, Open buildset) {
        buildset.notRequested.forEach((request, builder) ->
                findings.violation(
                        Check.BUILDSETS,
                        "buildset %d lists request %d for builder %s, which there is not"
                                .formatted(buildsetId, request, builder),
                        buildset.submitted));
    }

    void requested(BuildRequested event, Witness witness) {
        Open buildset = open.get(event.buildsetId());
        if (buildset == null) {
            findings.violation(
                    Check.BUILDSETS,
                    "request %d is of buildset %d, which has ended or was never submitted"
                            .formatted(event.requestId(), event.buildsetId()),
                    witness);
            return;
        }
        if (buildset.isSetAside) {
            return;
        }
        String builder = buildset.notRequested.remove(event.requestId());
        if (!event.builder().equals(builder)) {
            findings.violation(
                    Check.BUILDSETS,
                    "request %d for builder %s is of buildset %d, which %s"
                            .formatted(
                                    event.requestId(),
                                    event.builder(),
                                    event.buildsetId(),
                                    builder == null
                                            ? "does not list it"
                                            : "lists it for builder " + builder),
                    buildset.submitted,
                    witness);
        }
    }

    void ended(long buildsetId, long requestId, Results results, Witness witness) {
        Open buildset = open.get(buildsetId);
        if (buildset != null && buildset.state.remaining().contains(requestId)) {
            buildset.state = buildset.state.ended(requestId, results);
            buildset.lastEnd = witness;
        }
    }

    /** What must not be left when the log ends. */
    void end() {
        open.forEach((id, buildset) -> {
            if (!buildset.isSetAside) {
                tellOfNotRequested(id, buildset);
                if (buildset.state.remaining().isEmpty()) {
                    findings.violation(
                            Check.BUILDSETS,
                            "all requests of buildset %d have ended, but it was never completed"
                                    .formatted(id),
                            buildset.submitted,
                            buildset.lastEnd);
                }
            }
        });
    }

    void setAside(long buildsetId) {
        known.add(buildsetId);
        Open buildset = open.get(buildsetId);
        if (buildset != null) {
            buildset.isSetAside = true;
        }
    }
}
