package io.buildledger.auditing;

import io.buildledger.auditing.Audit.AuditEntry;
import io.buildledger.commanding.Firings;
import io.buildledger.domain.requesting.BuildRequestEvent;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.scheduling.SchedulerEvent.ChangeTaken;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerFired;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Tells the story of anything. What is told is read from the events; the views only say which
 * events these are, and are a poll interval or so behind the log. No story reads through what is
 * not part of it: what it costs grows with what it tells, and with the logarithm of what there is.
 * An event that can't be read is told as such.
 *
 * <p>The story of a request or a build is told whole, of all others the newest part of the wanted
 * {@link Period}. What schedulers made of a change is read from the first {@value
 * #EVENTS_AFTER_CHANGE} events of each after it: in a scheduler that had more to do first, the
 * taking is left out, and the firing is told.
 */
public final class Audits {

    private static final int EVENTS_AFTER_CHANGE = 100;

    /** What was read of a story, and from when on it is complete. */
    private record Gathered(
            Collection<Recorded> events, Predicate<Recorded> isTold, @Nullable Instant more) {}

    /**
     * Facts of one kind, newest first.
     *
     * @param cut when the newest was that there is no room for; empty if these are all
     */
    private record Newest<T>(List<T> items, Optional<Instant> cut, Function<T, Instant> time) {

        List<T> after(@Nullable Instant cut) {
            return cut == null
                    ? items
                    : items.stream().filter(item -> time.apply(item).isAfter(cut)).toList();
        }
    }

    private final EventLog log;
    private final AuditIndex index;
    private final RequestAudit requests;

    public Audits(EventLog log, JdbcClient jdbc) {
        this.log = log.toTell();
        this.index = new AuditIndex(jdbc);
        this.requests = new RequestAudit(log);
    }

    /** Empty if the log knows nothing of it. */
    public Optional<Audit> of(Subject subject, Period period) {
        return switch (subject.kind()) {
            case REQUEST -> requests.of(subject.number());
            case BUILD ->
                    index.requestOf(subject.builder(), subject.number())
                            .flatMap(request ->
                                    requests.of(request, subject.builder(), subject.number()));
            case CHANGE, SCHEDULER, BUILDER, MASTER, WORKER, USER ->
                    isKnown(subject) ? Optional.of(tell(subject, period)) : Optional.empty();
        };
    }

    private boolean isKnown(Subject subject) {
        String name = subject.name();
        return switch (subject.kind()) {
            case REQUEST, BUILD -> true;
            case CHANGE -> isThere(Streams.change(subject.number()));
            case SCHEDULER ->
                    isThere(Streams.scheduler(name)) || isThere(Streams.schedulerCommand(name));
            case BUILDER -> !index.requestsOfBuilder(name, Period.NEWEST, 1).isEmpty();
            case MASTER ->
                    isThere(Streams.master(name))
                            || !index.claimsOfMaster(name, Period.NEWEST, 1).isEmpty();
            case WORKER ->
                    isThere(Streams.worker(name))
                            || !index.claimsOfWorker(name, Period.NEWEST, 1).isEmpty();
            case USER -> !index.actionsOf(name, Period.NEWEST, 1).isEmpty();
        };
    }

    private boolean isThere(String stream) {
        return log.lastSequence(stream).isPresent();
    }

    private Audit tell(Subject subject, Period period) {
        Gathered gathered = gather(subject, period);
        if (gathered.more() != null
                && gathered.events().isEmpty()
                && period.limit() < Period.MOST) {
            // More at one moment than were wanted.
            gathered = gather(subject, period.withMost());
        }
        List<AuditEntry> entries = requests.told(List.copyOf(gathered.events()), gathered.isTold());
        return new Audit(
                subject.kind().word(),
                subject.name(),
                "%s %s: %,d events"
                        .formatted(subject.kind().word(), subject.name(), entries.size()),
                null,
                null,
                null,
                null,
                null,
                null,
                gathered.more(),
                entries);
    }

    private Gathered gather(Subject subject, Period period) {
        String name = subject.name();
        int limit = period.limit() + 1;
        return switch (subject.kind()) {
            case REQUEST, BUILD -> throw new IllegalArgumentException(subject + " is told whole");
            case CHANGE -> ofChange(subject.number(), period);
            case SCHEDULER -> ofScheduler(name, period);
            case BUILDER ->
                    ofBuilder(
                            newest(
                                    index.requestsOfBuilder(name, period, limit),
                                    period,
                                    AuditIndex.Item::at));
            case MASTER ->
                    withClaims(
                            newest(Streams.master(name), period),
                            newest(
                                    index.claimsOfMaster(name, period, limit),
                                    period,
                                    AuditIndex.Claim::at));
            case WORKER ->
                    withClaims(
                            newest(Streams.worker(name), period),
                            newest(
                                    index.claimsOfWorker(name, period, limit),
                                    period,
                                    AuditIndex.Claim::at));
            case USER ->
                    ofUser(
                            newest(
                                    index.actionsOf(name, period, limit),
                                    period,
                                    AuditIndex.Place::at));
        };
    }

    /**
     * @param items one more than wanted, if there are more
     */
    private static <T> Newest<T> newest(List<T> items, Period period, Function<T, Instant> time) {
        return new Newest<>(
                items,
                items.size() > period.limit()
                        ? Optional.of(time.apply(items.get(period.limit())))
                        : Optional.empty(),
                time);
    }

    /** The newest events of a stream in a time. */
    private Newest<Recorded> newest(String stream, Period period) {
        Instant since = period.since();
        Instant until = period.until();
        long after = since == null ? -1 : log.sequenceBefore(stream, log.firstSince(since));
        long upTo =
                until == null
                        ? Long.MAX_VALUE
                        : log.sequenceBefore(stream, log.lastUntil(until) + 1);
        // Those that were recorded at nearly the same time may be in another order.
        List<Recorded> read = log.readNewest(stream, after, upTo, period.limit() + 1);
        List<Recorded> wanted = read.stream().filter(it -> period.has(it.at())).toList();
        return new Newest<>(
                wanted,
                // Before these were filtered: what is left unread may be of the wanted time.
                read.size() > period.limit()
                        ? Optional.of(period.nearest(read.getLast().at()))
                        : Optional.empty(),
                Recorded::at);
    }

    /** The latest moment after which all of them are there; null where they are all there are. */
    private static @Nullable Instant cut(Newest<?>... lists) {
        return Stream.of(lists)
                .flatMap(list -> list.cut().stream())
                .max(Instant::compareTo)
                .orElse(null);
    }

    private Gathered ofChange(long changeId, Period period) {
        List<Recorded> change = log.read(Streams.change(changeId));
        List<AuditIndex.Item> all =
                index.buildsetsOfChange(changeId).stream()
                        .filter(it -> period.has(it.at()))
                        .limit(period.limit() + 1L)
                        .toList();
        Newest<AuditIndex.Item> buildsets = newest(all, period, AuditIndex.Item::at);
        Instant cut = cut(buildsets);
        List<Recorded> ofBuildsets =
                log.read(
                        buildsets.after(cut).stream()
                                .map(it -> Streams.buildset(it.id()))
                                .toList());
        List<Recorded> events = new ArrayList<>(change);
        events.addAll(ofBuildsets);
        Set<String> schedulers = new LinkedHashSet<>(index.schedulers());
        Set<String> ofRequests = new LinkedHashSet<>();
        for (Recorded recorded : ofBuildsets) {
            if (recorded.event() instanceof BuildsetSubmitted submitted) {
                schedulers.add(submitted.scheduler());
                if (recorded.metadata().get("cause") instanceof String cause) {
                    log.find(cause).ifPresent(events::add);
                }
                submitted
                        .requestIds()
                        .values()
                        .forEach(it -> ofRequests.add(Streams.buildRequest(it)));
            }
        }
        schedulers.forEach(it -> events.addAll(taken(it, changeId, change.getFirst())));
        events.addAll(log.read(ofRequests));
        return new Gathered(once(events), _ -> true, cut);
    }

    /** That a scheduler took a change, if it was among the first things it did afterwards. */
    private List<Recorded> taken(String scheduler, long changeId, Recorded change) {
        String stream = Streams.scheduler(scheduler);
        return log
                .readAfter(stream, log.sequenceBefore(stream, change), EVENTS_AFTER_CHANGE)
                .stream()
                .filter(it ->
                        it.event() instanceof ChangeTaken taken && taken.changeId() == changeId)
                .toList();
    }

    private Gathered ofScheduler(String name, Period period) {
        Newest<Recorded> decisions = newest(Streams.scheduler(name), period);
        Newest<Recorded> commands = newest(Streams.schedulerCommand(name), period);
        Instant cut = cut(decisions, commands);
        List<Recorded> events = new ArrayList<>(commands.after(cut));
        Set<String> others = new LinkedHashSet<>();
        for (Recorded recorded : decisions.after(cut)) {
            events.add(recorded);
            switch (recorded.event()) {
                case TimerArmed armed -> others.add(Streams.timer(name, armed.timer()));
                case SchedulerFired _ ->
                        Firings.buildsetOf(log, recorded)
                                .ifPresent(it -> others.add(Streams.buildset(it.buildsetId())));
                default -> {}
            }
        }
        events.addAll(log.read(others));
        return new Gathered(events, _ -> true, cut);
    }

    private Gathered ofBuilder(Newest<AuditIndex.Item> requested) {
        Instant cut = cut(requested);
        return new Gathered(
                log.read(
                        requested.after(cut).stream()
                                .map(it -> Streams.buildRequest(it.id()))
                                .toList()),
                _ -> true,
                cut);
    }

    private Gathered withClaims(Newest<Recorded> own, Newest<AuditIndex.Claim> claims) {
        Instant cut = cut(own, claims);
        List<AuditIndex.Claim> wanted = claims.after(cut);
        Map<String, List<Recorded>> requestsRead = new HashMap<>();
        List<Recorded> events = new ArrayList<>(own.after(cut));
        for (Recorded recorded :
                log.read(
                        wanted.stream()
                                .map(it -> Streams.buildRequest(it.requestId()))
                                .distinct()
                                .toList())) {
            events.add(recorded);
            requestsRead.computeIfAbsent(recorded.stream(), _ -> new ArrayList<>()).add(recorded);
        }
        Set<String> told = new LinkedHashSet<>();
        for (AuditIndex.Claim claim : wanted) {
            addOf(
                    claim.attempt(),
                    requestsRead.getOrDefault(Streams.buildRequest(claim.requestId()), List.of()),
                    told);
        }
        return new Gathered(
                events,
                recorded ->
                        !(recorded.event() instanceof BuildRequestEvent)
                                || told.contains(recorded.id()),
                cut);
    }

    /** What of a request is about one claim of it. */
    private static void addOf(int attempt, List<Recorded> request, Set<String> told) {
        request.stream()
                .map(Recorded::event)
                .filter(BuildRequestClaimed.class::isInstance)
                .map(BuildRequestClaimed.class::cast)
                .filter(claim -> claim.attempt() == attempt)
                .forEach(claim -> {
                    OptionalLong end = RequestAudit.endOf(request, claim);
                    request.stream()
                            .filter(it ->
                                    it.event() instanceof BuildRequestEvent event
                                            && RequestAudit.isOf(it.sequence(), event, claim, end))
                            .forEach(it -> told.add(it.id()));
                });
    }

    private Gathered ofUser(Newest<AuditIndex.Place> actions) {
        Instant cut = cut(actions);
        List<Recorded> events = new ArrayList<>();
        for (AuditIndex.Place place : actions.after(cut)) {
            log.find(place.stream(), place.sequence()).ifPresent(events::add);
        }
        return new Gathered(events, _ -> true, cut);
    }

    private static Collection<Recorded> once(List<Recorded> events) {
        Map<String, Recorded> byId = new HashMap<>();
        events.forEach(it -> byId.put(it.id(), it));
        return byId.values();
    }
}
