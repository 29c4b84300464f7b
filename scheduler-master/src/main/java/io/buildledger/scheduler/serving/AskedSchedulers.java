package io.buildledger.scheduler.serving;

import io.buildledger.commanding.SchedulerCommands;
import io.buildledger.commanding.SchedulerCommands.Outcome;
import io.buildledger.configuring.Access.Act;
import io.buildledger.domain.scheduling.ForceScheduler;
import io.buildledger.domain.scheduling.Scheduler;
import io.buildledger.domain.scheduling.SchedulerCommandEvent;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildForced;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.SchedulerSwitched;
import io.buildledger.log.Author;
import io.buildledger.scheduler.admitting.Asker;
import io.buildledger.scheduler.admitting.Asker.Permit;
import io.buildledger.scheduler.admitting.NotAllowedException;
import io.buildledger.scheduler.scheduling.ConfiguredSchedulers;
import io.buildledger.scheduler.scheduling.SchedulerStatuses;
import java.util.List;
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

    private final ConfiguredSchedulers configured;
    private final SchedulerStatuses statuses;
    private final SchedulerCommands commands;
    private final Author author;
    private final CommandPatience patience;

    AskedSchedulers(
            ConfiguredSchedulers configured,
            SchedulerStatuses statuses,
            SchedulerCommands commands,
            Author author,
            CommandPatience patience) {
        this.configured = configured;
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
     * @throws NotAllowedException if somebody may not switch a scheduler of such builders; of one
     *     that this master does not have, nobody knows the builders
     */
    public Permit requireSwitch(Asker asker, String name) {
        return configured
                .find(name)
                .map(it -> asker.require(Act.ENABLE, it.settings().builderNames()))
                .orElseGet(() -> asker.requireForAll(Act.ENABLE));
    }

    /**
     * @param builders those that are named; if there are none, all of the scheduler
     * @throws NotAllowedException if somebody may not have one of them build so
     */
    static Permit requireBuilders(
            Asker asker, Act act, Scheduler scheduler, List<String> builders) {
        return asker.require(
                act, builders.isEmpty() ? scheduler.settings().builderNames() : builders);
    }

    /**
     * @throws NotAllowedException if somebody may not force one of the builders
     * @throws TooLateException as {@link #ask} does
     */
    public Asked force(Asker asker, ForceScheduler scheduler, BuildForced command)
            throws InterruptedException {
        requireBuilders(asker, Act.FORCE, scheduler, command.builderNames());
        return ask(command);
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
