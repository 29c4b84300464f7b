package io.buildledger.viewing;

import io.buildledger.domain.building.BuildEvent.StepFinished;
import io.buildledger.domain.building.BuildEvent.StepStarted;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.viewing.Views.Build;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a build, as its stream tells them. There is no view of them: most of a log tells of
 * steps, and a build is looked at alone.
 */
public final class BuildSteps {

    /**
     * @param state running, finished, or interrupted: its build ended before it did
     * @param hidden whether people are not shown it unless they ask
     */
    public record Step(
            int step,
            String name,
            String state,
            @Nullable String results,
            @Nullable Integer exitCode,
            @Nullable String summary,
            Instant startedAt,
            @Nullable Instant finishedAt,
            boolean hidden) {

        private static Step started(StepStarted started, Instant at, Build build) {
            return new Step(
                    started.step(),
                    started.name(),
                    build.finished() ? "interrupted" : "running",
                    null,
                    null,
                    null,
                    at,
                    null,
                    false);
        }

        private Step finished(StepFinished finished, Instant at) {
            return new Step(
                    step,
                    name,
                    "finished",
                    finished.results().name(),
                    finished.exitCode(),
                    finished.summary(),
                    startedAt,
                    at,
                    finished.hidden() != null);
        }
    }

    /** All steps of a build, in their order. */
    public record Steps(List<Step> all) {

        /**
         * @param hidden whether the hidden ones, too
         */
        public List<Step> shown(boolean hidden) {
            return all.stream().filter(it -> hidden || !it.hidden()).toList();
        }

        /** How many are hidden. */
        public long hiddenCount() {
            return all.stream().filter(Step::hidden).count();
        }
    }

    private final EventLog log;

    public BuildSteps(EventLog log) {
        this.log = log.toTell();
    }

    /**
     * All steps that have begun by now; some may be newer than what the views show of the build.
     * What can't be read of its stream is passed over.
     *
     * @throws io.buildledger.log.UnusableArchiveException if they were moved to the archive, and
     *     can't be read there
     */
    public Steps of(Build build) {
        SortedMap<Integer, Step> steps = new TreeMap<>();
        for (Recorded recorded :
                log.readOfTypes(
                        Streams.build(build.builder(), build.buildNumber()),
                        Set.of(StepStarted.class, StepFinished.class))) {
            switch (recorded.event()) {
                case StepStarted started ->
                        steps.put(started.step(), Step.started(started, recorded.at(), build));
                case StepFinished finished ->
                        steps.computeIfPresent(
                                finished.step(),
                                (_, step) -> step.finished(finished, recorded.at()));
                default -> {
                    // An audit of the build tells of what can't be read.
                }
            }
        }
        return new Steps(List.copyOf(steps.values()));
    }
}
