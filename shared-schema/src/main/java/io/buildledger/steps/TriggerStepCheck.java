package io.buildledger.steps;

import io.buildledger.domain.rendering.Interpolation;
import io.buildledger.stepping.StepProblems;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a trigger step can have wrong by itself. */
final class TriggerStepCheck {

    private static final String STAMPS = "source_stamps";

    private final TriggerStep step;
    private final StepProblems problems;

    TriggerStepCheck(TriggerStep step, StepProblems problems) {
        this.step = step;
        this.problems = problems;
    }

    void check() {
        if (step.schedulerNames() == null || step.schedulerNames().isEmpty()) {
            problems.missing(
                    "scheduler_names",
                    "a trigger step lacks its scheduler_names: add scheduler_names: [NAME, ...]");
        } else {
            names("scheduler_names", "scheduler", step.schedulerNames());
            unimportant();
        }
        whatIsBuilt();
        properties();
    }

    private void names(String key, String kind, List<String> names) {
        Set<String> named = new HashSet<>();
        for (int i = 0; i < names.size(); i++) {
            @Nullable String name = names.get(i);
            if (name == null || name.isBlank()) {
                problems.problem(
                        key + "/" + i, "a trigger step names a %s without a name".formatted(kind));
            } else if (!named.add(name)) {
                problems.problem(
                        key + "/" + i,
                        "a trigger step names %s '%s' twice: name it once".formatted(kind, name));
            }
        }
    }

    private void unimportant() {
        names("unimportant_scheduler_names", "scheduler", step.unimportantSchedulerNames());
        boolean knowsAll = step.schedulerNames().stream().noneMatch(TriggerStepCheck::isLater);
        for (int i = 0; i < step.unimportantSchedulerNames().size(); i++) {
            @Nullable String name = step.unimportantSchedulerNames().get(i);
            if (knowsAll
                    && name != null
                    && !isLater(name)
                    && !step.schedulerNames().contains(name)) {
                problems.problem(
                        "unimportant_scheduler_names/" + i,
                        "scheduler '%s' is unimportant to a trigger step that does not trigger it: name it in scheduler_names, too"
                                .formatted(name));
            }
        }
    }

    /** Whether it is known only when the step runs. */
    private static boolean isLater(@Nullable String text) {
        return text != null && Interpolation.mayBeIn(text);
    }

    private void whatIsBuilt() {
        boolean isGiven = step.sourceStamp() != null || step.sourceStamps() != null;
        if (step.sourceStamp() != null && step.sourceStamps() != null) {
            problems.problem(
                    STAMPS, "a trigger step has source_stamp and source_stamps: keep one of them");
        }
        if (step.sourceStamps() != null && step.sourceStamps().isEmpty()) {
            problems.missing(
                    STAMPS, "a trigger step's source_stamps are none: name one, or leave them out");
        }
        if (isGiven && step.alwaysUseLatest()) {
            problems.problem(
                    "always_use_latest",
                    "a trigger step has source stamps and always_use_latest: keep one of them");
        }
        if (step.updateSourceStamp() != null && (isGiven || step.alwaysUseLatest())) {
            problems.problem(
                    "update_source_stamp",
                    "a trigger step has update_source_stamp and %s, which leaves no source stamp to update: keep one of them"
                            .formatted(isGiven ? "source stamps" : "always_use_latest"));
        }
        if (step.sourceStamps() != null) {
            codebases(step.sourceStamps());
        }
    }

    private void codebases(List<TriggerSourceStamp> stamps) {
        Set<String> named = new HashSet<>();
        for (int i = 0; i < stamps.size(); i++) {
            @Nullable TriggerSourceStamp stamp = stamps.get(i);
            if (stamp == null) {
                problems.problem(
                        STAMPS + "/" + i,
                        "a trigger step has an empty source stamp: write {branch: ...}");
            } else if (!isLater(stamp.codebase()) && !named.add(stamp.codebase())) {
                problems.problem(
                        STAMPS + "/" + i,
                        "a trigger step has two source stamps of codebase '%s', where one is wanted"
                                .formatted(stamp.codebase()));
            }
        }
    }

    private void properties() {
        names("copy_properties", "property", step.copyProperties());
        if (step.setProperties().keySet().stream().anyMatch(String::isBlank)) {
            problems.problem(
                    "set_properties", "a trigger step sets a property without a name: give it one");
        }
    }
}
