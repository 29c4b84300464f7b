package io.buildledger.domain.scheduling;

import io.buildledger.domain.scheduling.SchedulerEvent.ChangeTaken;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Builds the changes that its filter lets pass, all together: one timer for them all. */
public final class SingleBranchScheduler extends ChangeDrivenScheduler {

    public static final String TYPE = "single_branch";

    /**
     * @param treeStableTimer how long the tree must be quiet, or null to fire at once
     */
    public SingleBranchScheduler(
            SchedulerSettings settings, ChangeRules rules, @Nullable Duration treeStableTimer) {
        super(TYPE, settings, rules, treeStableTimer);
    }

    @Override
    @Nullable String groupOf(ChangeTaken change) {
        return null;
    }
}
