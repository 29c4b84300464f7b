package io.buildledger.scheduler.serving;

import io.buildledger.commanding.SchedulerCommands.Outcome;
import io.buildledger.commanding.TriggeredBuilds;
import io.buildledger.commanding.TriggeredBuilds.Triggered;
import io.buildledger.viewing.Views;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the steps of a build have asked schedulers for, for people and programs. */
final class ShownTriggers {

    /**
     * @param state submitted; kept until the scheduler's next moment; refused; or pending, while no
     *     master has come to it
     * @param reason why it was refused; else null
     * @param buildsetId once it is submitted
     * @param requests of that buildset, as far as the views show them
     */
    record Shown(
            int step,
            String scheduler,
            boolean waitedFor,
            String state,
            @Nullable String reason,
            @Nullable Long buildsetId,
            List<Views.Request> requests) {}

    private final TriggeredBuilds triggered;
    private final Views views;

    ShownTriggers(TriggeredBuilds triggered, Views views) {
        this.triggered = triggered;
        this.views = views;
    }

    /** In the order in which they were asked. */
    List<Shown> of(String builder, long buildNumber) {
        return triggered.by(builder, buildNumber).stream().map(this::shown).toList();
    }

    private Shown shown(Triggered it) {
        return switch (it.outcome().orElse(null)) {
            case Outcome.Submitted submitted ->
                    shown(
                            it,
                            "submitted",
                            null,
                            submitted.buildset().buildsetId(),
                            submitted.buildset().requestIds().values().stream()
                                    .sorted()
                                    .map(views::request)
                                    .flatMap(Optional::stream)
                                    .toList());
            case Outcome.Done _ -> shown(it, "kept", null, null, List.of());
            case Outcome.Refused refused -> shown(it, "refused", refused.reason(), null, List.of());
            case null -> shown(it, "pending", null, null, List.of());
        };
    }

    private static Shown shown(
            Triggered it,
            String state,
            @Nullable String reason,
            @Nullable Long buildsetId,
            List<Views.Request> requests) {
        return new Shown(
                it.asked().step(),
                it.asked().scheduler(),
                it.asked().waitedFor(),
                state,
                reason,
                buildsetId,
                requests);
    }
}
