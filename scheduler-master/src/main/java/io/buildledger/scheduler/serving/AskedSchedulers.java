package io.buildledger.scheduler.serving;

import io.buildledger.commanding.SchedulerCommands;
import io.buildledger.commanding.SchedulerCommands.Outcome;
import io.buildledger.domain.scheduling.SchedulerCommandEvent;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.SchedulerSwitched;
import io.buildledger.log.Author;
import io.buildledger.scheduler.scheduling.SchedulerStatuses;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Tells schedulers what people ask of them, and waits for a moment for what comes of it. */
@Component
public class AskedSchedulers {

    /**
     * What came of a command.
     *
     * @param done false while no master has come to it
     * @param buildsetId null if none came of it yet
     * @param requestIds the request of each builder
     */
    public record Asked(
            String scheduler,
            boolean done,
            @Nullable Long buildsetId,
            Map<String, Long> requestIds) {

        private static Asked done(String scheduler) {
            return new Asked(scheduler, true, null, Map.of());
        }
    }

    private final SchedulerStatuses statuses;
    private final SchedulerCommands commands;
    private final Author author;
    private final CommandPatience patience;

    AskedSchedulers(
            SchedulerStatuses statuses,
            SchedulerCommands commands,
            Author author,
            CommandPatience patience) {
        this.statuses = statuses;
        this.commands = commands;
        this.author = author;
        this.patience = patience;
    }

    /** What a scheduler of the cluster knew last. */
    Optional<SchedulerStatuses.Status> status(String name) {
        return statuses.all().stream().filter(it -> it.name().equals(name)).findFirst();
    }

    static NotThereException noScheduler(String name) {
        return new NotThereException("there is no scheduler " + name);
    }

    /**
     * Enables or disables one; does nothing where it is so already.
     *
     * @throws NotThereException if there is none of that name
     * @throws TooLateException as {@link #ask} does
     */
    public Asked switchTo(boolean on, String name, String requestedBy, String reason)
            throws InterruptedException {
        SchedulerStatuses.Status status = status(name).orElseThrow(() -> noScheduler(name));
        // What was asked before may not have been done yet.
        if (status.renamedTo() == null
                && status.enabled() == on
                && commands.lastSwitch(name).orElse(on) == on) {
            return Asked.done(name);
        }
        return ask(new SchedulerSwitched(name, on, requestedBy, reason));
    }

    /**
     * @throws TooLateException if it has another name by now, and does nothing under this one, or
     *     refuses
     */
    public Asked ask(SchedulerCommandEvent command) throws InterruptedException {
        String name = command.scheduler();
        requireThatItGoesOn(name);
        Outcome outcome = commands.askAndWait(author, command, patience.atMost()).orElse(null);
        return switch (outcome) {
            case Outcome.Submitted submitted ->
                    new Asked(
                            name,
                            true,
                            submitted.buildset().buildsetId(),
                            submitted.buildset().requestIds());
            case Outcome.Done _ -> Asked.done(name);
            case Outcome.Refused refused ->
                    throw new TooLateException("%s: %s".formatted(name, refused.reason()));
            case null -> new Asked(name, false, null, Map.of());
        };
    }

    private void requireThatItGoesOn(String name) {
        status(name)
                .map(SchedulerStatuses.Status::renamedTo)
                .ifPresent(renamedTo -> {
                    throw new TooLateException(
                            "scheduler %s goes on as %s: ask that".formatted(name, renamedTo));
                });
    }
}
