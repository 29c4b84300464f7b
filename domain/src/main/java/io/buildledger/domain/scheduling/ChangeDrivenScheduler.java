package io.buildledger.domain.scheduling;

import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.scheduling.SchedulerEvent.ChangeTaken;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Builds changes as they come, once the tree has been stable for a while.
 *
 * <p>Changes fall into groups, each with a timer of its own. Without a tree-stable timer each
 * important change fires its group at once. With one, an important change sets the timer anew, an
 * unimportant one only if it runs, and all that is pending in the group is built together when it
 * ends. A timer that runs when the scheduler is disabled runs on, so that the tree is stable if it
 * is enabled before that ends; none begins until then.
 */
abstract sealed class ChangeDrivenScheduler extends Scheduler
        permits AnyBranchScheduler, SingleBranchScheduler {

    private final ChangeRules rules;
    private final @Nullable Duration treeStableTimer;

    ChangeDrivenScheduler(
            String type,
            SchedulerSettings settings,
            ChangeRules rules,
            @Nullable Duration treeStableTimer) {
        super(type, settings);
        this.rules = rules;
        this.treeStableTimer = treeStableTimer;
    }

    /** Which group a change belongs to; null where there is one only. */
    abstract @Nullable String groupOf(ChangeTaken change);

    @Override
    public Optional<String> refusal(ChangeReceived change) {
        return rules.refusal(settings(), change);
    }

    @Override
    void changeArrived(Deliberation deliberation, ChangeReceived change, Instant at) {
        if (refusal(change).isPresent()) {
            return;
        }
        boolean important = rules.isImportant(change);
        ChangeTaken taken = deliberation.take(change, important);
        SchedulerState state = deliberation.state();
        boolean begins = important && state.enabled();
        String group = groupOf(taken);
        if (treeStableTimer == null) {
            if (begins) {
                fire(deliberation, group, pending(state, group));
            }
        } else if (begins || state.timer(group).isPresent()) {
            deliberation.arm(group, at.plus(treeStableTimer));
        }
    }

    @Override
    void timerElapsed(Deliberation deliberation, TimerArmed timer, Instant at) {
        List<ChangeTaken> pending = pending(deliberation.state(), timer.key());
        if (!deliberation.state().enabled()) {
            deliberation.drop(timer, "the scheduler is disabled; its changes wait");
        } else if (pending.isEmpty()) {
            deliberation.drop(timer, "nothing is pending");
        } else {
            fire(deliberation, timer.key(), pending);
        }
    }

    /**
     * Pending changes outlive the timer that they waited for. One that ends later than a new one
     * would is set anew: it may be a mistaken one, or a calendar's.
     */
    @Override
    void configured(Deliberation deliberation, Instant at) {
        for (TimerArmed timer : List.copyOf(deliberation.state().timers().values())) {
            boolean isNeeded =
                    treeStableTimer != null
                            && pending(deliberation.state(), timer.key()).stream()
                                    .anyMatch(ChangeTaken::worthABuild);
            if (!isNeeded) {
                deliberation.drop(timer, "the configuration has no such timer");
            } else if (timer.fireAt().isAfter(at.plus(treeStableTimer))) {
                deliberation.arm(timer.key(), at.plus(treeStableTimer));
            }
        }
        resume(deliberation, at);
    }

    @Override
    void enabled(Deliberation deliberation, Instant at) {
        resume(deliberation, at);
    }

    /** Sees to it that no important change waits for nothing. */
    private void resume(Deliberation deliberation, Instant at) {
        SchedulerState state = deliberation.state();
        if (!state.enabled()) {
            return;
        }
        Map<@Nullable String, List<ChangeTaken>> groups = new LinkedHashMap<>();
        for (ChangeTaken change : state.pending().values()) {
            groups.computeIfAbsent(groupOf(change), _ -> new ArrayList<>()).add(change);
        }
        groups.values().removeIf(it -> it.stream().noneMatch(ChangeTaken::worthABuild));
        groups.forEach((group, pending) -> {
            if (treeStableTimer == null) {
                fire(deliberation, group, pending);
            } else if (state.timer(group).isEmpty()) {
                deliberation.arm(group, at.plus(treeStableTimer));
            }
        });
    }

    private void fire(
            Deliberation deliberation, @Nullable String group, List<ChangeTaken> pending) {
        deliberation.fireFor(group, pending, rules.absoluteSourceStamps());
    }

    private List<ChangeTaken> pending(SchedulerState state, @Nullable String group) {
        return state.pending().values().stream()
                .filter(it -> Objects.equals(groupOf(it), group))
                .toList();
    }
}
