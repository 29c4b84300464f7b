package io.buildledger.verifying;

import io.buildledger.domain.IllegalTransition;
import io.buildledger.domain.building.Build;
import io.buildledger.domain.building.Build.BetweenSteps;
import io.buildledger.domain.building.Build.Dropped;
import io.buildledger.domain.building.Build.InStep;
import io.buildledger.domain.building.BuildEvent;
import io.buildledger.domain.building.BuildEvent.ArtifactStored;
import io.buildledger.domain.building.BuildEvent.BuildDropped;
import io.buildledger.domain.building.BuildEvent.CommandStarted;
import io.buildledger.domain.building.BuildEvent.PropertySet;
import io.buildledger.domain.building.BuildEvent.SchedulerAsked;
import io.buildledger.domain.building.BuildEvent.StepFinished;
import io.buildledger.domain.building.BuildEvent.StepStarted;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.log.Author;
import io.buildledger.log.NumberSet;
import io.buildledger.log.Streams;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The builds that claims began, and their steps. A master that has lost its claim may not know it
 * yet and goes on with the steps for a while; these are judged like others for the newest ten
 * thousand of such builds, and only counted for older ones.
 */
final class BuildHistory {

    private static final int INTERRUPTED_KEPT = 10_000;

    private static final class Open {
        private final Author holder;
        private Witness last;
        private Build state = Build.BEFORE_THE_FIRST_STEP;
        private boolean isSetAside;

        private Open(Author holder, Witness claim) {
            this.holder = holder;
            this.last = claim;
        }
    }

    private final Findings findings;
    private final Map<String, NumberSet> numbersOf = new HashMap<>();
    private final Map<String, NumberSet> interruptedOf = new HashMap<>();
    private final Map<String, Open> open = new HashMap<>();
    private final Map<String, Open> interrupted =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Open> eldest) {
                    return size() > INTERRUPTED_KEPT;
                }
            };

    BuildHistory(Findings findings) {
        this.findings = findings;
    }

    void claimed(BuildRequestClaimed claim, Witness witness) {
        findings.lookedAt(Check.BUILD_NUMBERS);
        String stream = Streams.build(claim.builder(), claim.buildNumber());
        if (!add(numbersOf, claim)) {
            findings.violation(
                            Check.BUILD_NUMBERS,
                            name(claim.builder(), claim.buildNumber()) + " was begun a second time",
                            witness)
                    .withEvent(other ->
                            other instanceof BuildRequestClaimed earlier
                                    && earlier.buildNumber() == claim.buildNumber()
                                    && earlier.builder().equals(claim.builder()));
        }
        open.put(stream, new Open(new Author(claim.master(), claim.epoch()), witness));
    }

    private static boolean add(Map<String, NumberSet> numbers, BuildRequestClaimed claim) {
        return numbers.computeIfAbsent(claim.builder(), _ -> new NumberSet())
                .add(claim.buildNumber());
    }

    /** The build has a result, so its steps have ended. */
    void completed(BuildRequestClaimed claim, Witness witness) {
        Open build = open.remove(Streams.build(claim.builder(), claim.buildNumber()));
        if (build == null || build.isSetAside) {
            return;
        }
        String name = name(claim.builder(), claim.buildNumber());
        switch (build.state) {
            case BetweenSteps _ -> {
                // As it should be.
            }
            case InStep(int step) ->
                    findings.violation(
                            Check.STEPS,
                            "%s was completed while its step %d had not finished"
                                    .formatted(name, step),
                            build.last,
                            witness);
            case Dropped _ ->
                    findings.violation(
                            Check.STEPS,
                            "%s was completed though its master had dropped it".formatted(name),
                            build.last,
                            witness);
        }
    }

    private static String name(String builder, long number) {
        return "build %s/%d".formatted(builder, number);
    }

    /** The claim was taken from its master, who may not know it yet. */
    void interrupted(BuildRequestClaimed claim) {
        String stream = Streams.build(claim.builder(), claim.buildNumber());
        Open build = open.remove(stream);
        if (build != null) {
            interrupted.put(stream, build);
            add(interruptedOf, claim);
        }
    }

    void next(BuildEvent event, Witness witness) {
        findings.lookedAt(Check.STEPS);
        Open build = open.get(witness.stream());
        if (build == null) {
            if (contains(interruptedOf, event)) {
                tellOfLate(event);
                build = interrupted.get(witness.stream());
            } else {
                tellOfStray(event, witness);
            }
        }
        if (build != null && !build.isSetAside) {
            next(build, event, witness);
        }
    }

    private void tellOfLate(BuildEvent event) {
        switch (event) {
            case StepStarted _,
                    CommandStarted _,
                    PropertySet _,
                    ArtifactStored _,
                    SchedulerAsked _,
                    StepFinished _ ->
                    findings.lateStep();
            case BuildDropped _ -> findings.droppedBuild();
        }
    }

    private static boolean contains(Map<String, NumberSet> numbers, BuildEvent event) {
        NumberSet of = numbers.get(event.builder());
        return of != null && of.contains(event.buildNumber());
    }

    private void tellOfStray(BuildEvent event, Witness witness) {
        if (contains(numbersOf, event)) {
            findings.violation(Check.STEPS, told(event) + " after the build had ended", witness)
                    .withEvent(other ->
                            other instanceof BuildRequestClaimed claim
                                    && claim.buildNumber() == event.buildNumber()
                                    && claim.builder().equals(event.builder()));
        } else {
            findings.violation(Check.STEPS, told(event) + ", which no claim began", witness);
        }
    }

    private void next(Open build, BuildEvent event, Witness witness) {
        if (!witness.isBy(build.holder)) {
            findings.violation(
                    Check.STEPS,
                    "%s recorded that %s, but the build is %s's"
                            .formatted(witness.writer(), told(event), build.holder.owner()),
                    build.last,
                    witness);
        }
        try {
            build.state = Build.evolve(build.state, event);
        } catch (IllegalTransition e) {
            findings.violation(
                    Check.STEPS,
                    "%s %s".formatted(told(event), told(build.state)),
                    build.last,
                    witness);
            // As it says, so that one violation is not told as many.
            build.state = after(event);
        }
        build.last = witness;
    }

    private static String told(BuildEvent event) {
        String name = name(event.builder(), event.buildNumber());
        return switch (event) {
            case StepStarted started -> "step %d of %s started".formatted(started.step(), name);
            case CommandStarted started ->
                    "a command of step %d of %s started".formatted(started.step(), name);
            case PropertySet set -> "step %d of %s set a property".formatted(set.step(), name);
            case ArtifactStored stored ->
                    "step %d of %s stored an artifact".formatted(stored.step(), name);
            case SchedulerAsked asked ->
                    "step %d of %s asked scheduler %s"
                            .formatted(asked.step(), name, asked.scheduler());
            case StepFinished finished -> "step %d of %s finished".formatted(finished.step(), name);
            case BuildDropped _ -> name + " was dropped";
        };
    }

    private static String told(Build state) {
        return switch (state) {
            case InStep(int step) -> "while step %d ran".formatted(step);
            case BetweenSteps(int last) ->
                    last == 0 ? "before any other" : "after step %d had finished".formatted(last);
            case Dropped _ -> "after the build was dropped";
        };
    }

    private static Build after(BuildEvent event) {
        return switch (event) {
            case StepStarted started -> new InStep(started.step());
            case CommandStarted started -> new InStep(started.step());
            case PropertySet set -> new InStep(set.step());
            case ArtifactStored stored -> new InStep(stored.step());
            case SchedulerAsked asked -> new InStep(asked.step());
            case StepFinished finished -> new BetweenSteps(finished.step());
            case BuildDropped _ -> new Dropped();
        };
    }

    void setAside(String stream) {
        @Nullable Open build = open.getOrDefault(stream, interrupted.get(stream));
        if (build != null) {
            build.isSetAside = true;
        }
    }
}
