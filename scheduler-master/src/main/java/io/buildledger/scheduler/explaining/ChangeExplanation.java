package io.buildledger.scheduler.explaining;

import io.buildledger.commanding.Firings;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.scheduling.Scheduler;
import io.buildledger.domain.scheduling.SchedulerEvent.ChangeTaken;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerDisabled;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerFired;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.scheduler.explaining.Explanations.OfChange;
import io.buildledger.scheduler.explaining.Explanations.OfScheduler;
import io.buildledger.scheduler.scheduling.ConfiguredSchedulers;
import io.buildledger.scheduler.scheduling.SchedulerStatuses;
import io.buildledger.scheduler.scheduling.SchedulerStatuses.Reading;
import io.buildledger.scheduler.scheduling.SchedulerStatuses.Status;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What each scheduler has made of a change. */
final class ChangeExplanation {

    private static final int PAGE = 1_000;
    private static final int MOST_PAGES = 50;

    /**
     * What the stream of a scheduler, or of a former name of it, says of a change.
     *
     * @param whole whether nothing was left unread
     */
    private record Found(
            String name, @Nullable ChangeTaken taken, @Nullable Recorded fired, boolean whole) {

        /** Nothing where the scheduler has that name. */
        private String under(String scheduler) {
            return name.equals(scheduler) ? "" : " under the name " + name;
        }
    }

    private final EventLog log;
    private final ConfiguredSchedulers configured;
    private final SchedulerStatuses statuses;

    ChangeExplanation(EventLog log, ConfiguredSchedulers configured, SchedulerStatuses statuses) {
        this.log = log;
        this.configured = configured;
        this.statuses = statuses;
    }

    Optional<OfChange> of(long changeId) {
        return log.find(Streams.change(changeId), 0)
                .map(Recorded::event)
                .filter(ChangeReceived.class::isInstance)
                .map(ChangeReceived.class::cast)
                .map(this::explain);
    }

    private OfChange explain(ChangeReceived change) {
        long index = log.lastIndex(Streams.change(change.changeId()));
        Map<String, Status> known =
                statuses.all().stream()
                        .collect(Collectors.toMap(Status::name, Function.identity()));
        TreeSet<String> names = new TreeSet<>(known.keySet());
        configured.all().forEach(it -> names.add(it.name()));
        return new OfChange(
                change.changeId(),
                names.stream().map(name -> explain(name, known.get(name), change, index)).toList());
    }

    private OfScheduler explain(
            String name, @Nullable Status status, ChangeReceived change, long index) {
        Found found = find(name, change.changeId(), index);
        if (found.fired() != null) {
            return new OfScheduler(
                    name,
                    true,
                    "built%s: %s".formatted(found.under(name), buildset(found.fired())));
        }
        if (found.taken() != null) {
            return new OfScheduler(
                    name,
                    true,
                    "taken%s; %s".formatted(found.under(name), waits(name, status, found.taken())));
        }
        if (!found.whole()) {
            return new OfScheduler(
                    name,
                    null,
                    "nothing in the %,d events after the change, under each of its last %d names; others were not read"
                            .formatted(PAGE * MOST_PAGES, Tenure.MOST));
        }
        if (status != null && status.renamedTo() != null) {
            return new OfScheduler(
                    name, false, "not taken under this name; it goes on as " + status.renamedTo());
        }
        Optional<Reading> reading = statuses.reading(name);
        if (reading.isEmpty()) {
            return new OfScheduler(name, null, "never ran: start a master whose file has it");
        }
        if (!reading.get().position().covers(index)) {
            String owner = reading.get().owner();
            return new OfScheduler(
                    name,
                    null,
                    owner == null
                            ? "has not come to it yet, and no master runs it: start a master whose file has it"
                            : "has not come to it yet; %s runs it".formatted(owner));
        }
        return configured
                .find(name)
                .map(scheduler -> refused(scheduler, change))
                .orElseGet(() ->
                        new OfScheduler(
                                name,
                                false,
                                "not taken; only a master whose file has this scheduler can tell the rule"));
    }

    private static OfScheduler refused(Scheduler scheduler, ChangeReceived change) {
        return new OfScheduler(
                scheduler.name(),
                false,
                scheduler
                        .refusal(change)
                        .map(rule -> "not taken, by the configuration of now: " + rule)
                        .orElse(
                                "not taken, though the configuration of now would take it: it was"
                                        + " another then, or the scheduler began after the change"));
    }

    private Found find(String scheduler, long changeId, long index) {
        List<Tenure> tenures = Tenure.since(log, scheduler, index);
        boolean whole = tenures.size() < Tenure.MOST;
        for (Tenure tenure : tenures) {
            Found found = find(tenure, changeId);
            if (found.fired() != null || found.taken() != null) {
                return found;
            }
            whole &= found.whole();
        }
        return new Found(scheduler, null, null, whole);
    }

    private Found find(Tenure tenure, long changeId) {
        String stream = Streams.scheduler(tenure.name());
        long after = tenure.after();
        ChangeTaken taken = null;
        for (int page = 0; page < MOST_PAGES; page++) {
            List<Recorded> events = log.readAfter(stream, after, PAGE);
            for (Recorded recorded : events) {
                after = recorded.sequence();
                if (after > tenure.upTo()) {
                    return new Found(tenure.name(), taken, null, true);
                }
                if (recorded.event() instanceof ChangeTaken it && it.changeId() == changeId) {
                    taken = it;
                } else if (recorded.event() instanceof SchedulerFired fired
                        && fired.changeIds().contains(changeId)) {
                    return new Found(tenure.name(), taken, recorded, true);
                }
            }
            if (events.size() < PAGE) {
                return new Found(tenure.name(), taken, null, true);
            }
        }
        return new Found(tenure.name(), taken, null, false);
    }

    private String buildset(Recorded fired) {
        return Firings.buildsetOf(log, fired)
                .map(ChangeExplanation::requests)
                .orElse("by " + fired.id());
    }

    private static String requests(BuildsetSubmitted buildset) {
        return "buildset %d, %s"
                .formatted(
                        buildset.buildsetId(),
                        buildset.requestIds().entrySet().stream()
                                .sorted(Map.Entry.comparingByValue())
                                .map(it ->
                                        "request %d for %s".formatted(it.getValue(), it.getKey()))
                                .collect(Collectors.joining(", ")));
    }

    private String waits(String name, @Nullable Status status, ChangeTaken taken) {
        if (status != null && status.renamedTo() != null) {
            return "the scheduler goes on as " + status.renamedTo();
        }
        if (status != null && !status.enabled()) {
            return "waits, as the scheduler is disabled%s: enable it".formatted(disabled(name));
        }
        if (status != null && status.firesAt() != null) {
            return "waits for the scheduler's timers, of which the next ends at "
                    + status.firesAt();
        }
        return taken.worthABuild()
                ? "waits for the scheduler to fire"
                : "not important: it is built together with the next change that is";
    }

    private String disabled(String name) {
        return Tenure.since(log, name, 0).stream()
                .flatMap(it ->
                        log
                                .findLast(
                                        Streams.scheduler(it.name()),
                                        SchedulerDisabled.class,
                                        it.after(),
                                        it.upTo())
                                .stream())
                .map(Recorded::event)
                .filter(SchedulerDisabled.class::isInstance)
                .map(SchedulerDisabled.class::cast)
                .findFirst()
                .map(it -> " by %s: %s".formatted(it.by(), it.reason()))
                .orElse("");
    }
}
