package io.buildledger.domain.scheduling;

import io.buildledger.domain.scheduling.SchedulerEvent.ChangeTaken;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Builds the changes of each branch for itself: a timer for each codebase, project, repository and
 * branch, and a buildset of what is pending there. Changes without a branch are a branch, too.
 */
public final class AnyBranchScheduler extends ChangeDrivenScheduler {

    public static final String TYPE = "any_branch";

    /**
     * @param treeStableTimer how long a branch must be quiet, or null to fire at once
     */
    public AnyBranchScheduler(
            SchedulerSettings settings, ChangeRules rules, @Nullable Duration treeStableTimer) {
        super(TYPE, settings, rules, treeStableTimer);
    }

    /** A line each, which none of the four can have in it; no fourth line for no branch. */
    @Override
    @Nullable String groupOf(ChangeTaken change) {
        String group = change.codebase() + "\n" + change.project() + "\n" + change.repository();
        return change.branch() == null ? group : group + "\n" + change.branch();
    }
}
