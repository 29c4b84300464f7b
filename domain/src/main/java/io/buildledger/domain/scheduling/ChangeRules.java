package io.buildledger.domain.scheduling;

import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.changing.ChangeFilter;
import io.buildledger.domain.changing.ImportantFiles;
import java.util.Optional;

/**
 * Which changes a scheduler takes, and which of them are worth a build.
 *
 * @param onlyImportant whether a change that is not important is nothing to the scheduler, where
 *     else it is built together with the next that is
 * @param absoluteSourceStamps whether a codebase without a change in a buildset is built at the
 *     newest revision that was taken, where else its default is
 */
public record ChangeRules(
        ChangeFilter filter,
        ImportantFiles importantFiles,
        boolean onlyImportant,
        boolean absoluteSourceStamps) {

    /** Takes every change, and each is worth a build. */
    public static final ChangeRules ALL =
            new ChangeRules(ChangeFilter.ALL, ImportantFiles.ALL, false, false);

    public static ChangeRules of(ChangeFilter filter) {
        return new ChangeRules(filter, ImportantFiles.ALL, false, false);
    }

    boolean isImportant(ChangeReceived change) {
        return importantFiles.areIn(change);
    }

    /** The rule by which the change is nothing to the scheduler; empty if it is taken. */
    Optional<String> refusal(SchedulerSettings settings, ChangeReceived change) {
        return filter.refusal(change)
                .or(() -> settings.refusalOfCodebase(change.codebase()))
                .or(() ->
                        onlyImportant && !isImportant(change)
                                ? Optional.of("only_important: it touches no important file")
                                : Optional.empty());
    }
}
