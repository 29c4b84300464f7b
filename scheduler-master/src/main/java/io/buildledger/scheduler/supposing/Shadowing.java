package io.buildledger.scheduler.supposing;

import io.buildledger.configuring.BoundScheduler;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.requesting.BuildsetOrder;
import io.buildledger.domain.requesting.Property;
import io.buildledger.domain.scheduling.SchedulerState;
import io.buildledger.log.Recorded;
import io.buildledger.replaying.ClusterState;
import io.buildledger.scheduler.supposing.Difference.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Lets the {@linkplain SchedulersAtWork schedulers} of a configuration decide upon a log that
 * grows, and compares what they ask for with what the cluster makes. They decide some time after
 * the log, its grace, so that what the cluster has made by then, and where its timers elapsed, is
 * known; what it has not made by then it has not made. Its memory does not grow with the log.
 *
 * <p>A buildset that is the same as a recorded one ends as that one does, whatever it is made for.
 * One that the cluster has not made never ends.
 */
final class Shadowing implements SchedulersAtWork.Outcome {

    /** Of so many events of each kind it is known what they were when others refer to them. */
    private static final int REMEMBERED = 20_000;

    private static final class Decided {
        private final Matching.Key key;
        private final BuildsetOrder order;
        private final Instant at;

        /** From then on the cluster has its grace to make the same. */
        private Instant expectedFrom;

        private Decided(Matching.Key key, BuildsetOrder order, Instant at) {
            this.key = key;
            this.order = order;
            this.at = at;
            this.expectedFrom = at;
        }
    }

    private final Collection<BoundScheduler> configured;
    private final RecordedTime time;
    private final Duration grace;
    private final Function<String, Optional<Instant>> recordedAt;
    private final Consumer<Difference> told;
    private final Names names;
    private final Matching<Decided> matching = new Matching<>();
    private final List<Difference> found = new ArrayList<>();
    private final @Nullable Instant decidedBefore;
    private @Nullable Instant since;
    private @Nullable Agenda agenda;
    private @Nullable SchedulersAtWork schedulers;
    private Instant knownUntil = Instant.MIN;
    private Instant decidedUntil = Instant.MIN;
    private int begun;
    private long changes;
    private long made;
    private long wouldMake;
    private long same;
    private long otherwise;
    private long additional;
    private long missing;
    private final SortedSet<String> unknown = new TreeSet<>();

    /**
     * @param before what was so before the first event that is told
     * @param since when that was; null for the time of the first event
     * @param recordedAt when an event was recorded, by its id
     * @param told is given each difference, in the order of time as far as they are found together
     */
    Shadowing(
            Collection<BoundScheduler> configured,
            ClusterState before,
            @Nullable Instant since,
            Duration grace,
            Function<String, Optional<Instant>> recordedAt,
            Consumer<Difference> told) {
        this.configured = List.copyOf(configured);
        this.time = new RecordedTime(before, REMEMBERED);
        this.decidedBefore = since;
        this.since = since;
        this.grace = grace;
        this.recordedAt = recordedAt;
        this.told = told;
        this.names = new Names(configured, time);
    }

    /** Goes on with the next event of {@link RecordedTime#TYPES those that count}. */
    void next(Recorded event) {
        time.next(event);
    }

    /**
     * Decides upon what was recorded longer ago than the grace, and compares.
     *
     * @param moment what was recorded before has been told
     */
    void knownUntil(Instant moment) {
        Instant begin = since == null ? time.first() : since;
        if (begin == null || moment.minus(grace).isBefore(begin) || moment.isBefore(knownUntil)) {
            return;
        }
        since = begin;
        knownUntil = moment;
        decidedUntil = moment.minus(grace);
        int beginnings = time.beginnings().size();
        if (beginnings > begun) {
            time.place(recordedAt);
            begun = beginnings;
        }
        SchedulersAtWork work = schedulers == null ? begin(begin) : schedulers;
        time.takeBuildsets().forEach(this::recorded);
        int heard = 0;
        for (Happening happening : time.happenings()) {
            if (happening.at().isAfter(decidedUntil)) {
                break;
            }
            work.reach(happening);
            work.hear(happening);
            if (happening instanceof Happening.Changed) {
                changes++;
            }
            heard++;
        }
        work.passUpTo(decidedUntil);
        time.forgetUpTo(time.end() - time.happenings().size() + heard);
        judge(work);
    }

    private SchedulersAtWork begin(Instant at) {
        Agenda first = new Agenda(at);
        SchedulersAtWork work =
                new SchedulersAtWork(
                        configured, time, names, first, at, null, grace, () -> knownUntil, this);
        agenda = first;
        schedulers = work;
        return work;
    }

    private void recorded(RecordedBuildset buildset) {
        Instant begin = decidedBefore;
        if (buildset.isRebuild() || (begin != null && !buildset.submittedAt().isAfter(begin))) {
            // No scheduler decided it, or one did upon something of the time before.
            return;
        }
        made++;
        Matching.Key key = keyOf(buildset);
        Decided decided = matching.supposed(key);
        if (decided == null) {
            matching.add(key, buildset);
        } else {
            compare(decided, buildset);
        }
    }

    private Matching.Key keyOf(RecordedBuildset buildset) {
        return new Matching.Key(
                candidateOf(buildset.scheduler()), names.ofCandidate(buildset.occasion()));
    }

    private String candidateOf(String recorded) {
        String name = names.candidateOf(recorded);
        return name == null ? recorded : name;
    }

    @Override
    public void ordered(String scheduler, BuildsetOrder order, Occasion occasion, Instant at) {
        wouldMake++;
        Decided decided = new Decided(new Matching.Key(scheduler, occasion), order, at);
        RecordedBuildset buildset = matching.recorded(decided.key);
        if (buildset == null) {
            matching.addSupposed(decided.key, decided);
        } else {
            compare(decided, buildset);
        }
    }

    @Override
    public void leftOut(String scheduler) {
        unknown.add(scheduler);
    }

    private void compare(Decided decided, RecordedBuildset buildset) {
        BuildsetOrder order = decided.order;
        List<String> details = details(order, buildset);
        if (details.isEmpty()) {
            same++;
        } else {
            otherwise++;
            found.add(
                    new Difference(
                            Kind.WOULD_MAKE_OTHERWISE,
                            decided.at,
                            decided.key.scheduler(),
                            order.changeIds(),
                            order.sourceStamps(),
                            order.builderNames(),
                            buildset.id(),
                            details));
        }
        followEnd(decided, buildset);
    }

    private void followEnd(Decided decided, RecordedBuildset buildset) {
        SchedulersAtWork work = schedulers;
        Agenda to = agenda;
        if (work == null || to == null || !work.isFollowed()) {
            return;
        }
        Map<String, Long> requestIds = new HashMap<>();
        buildset.requests().forEach(it -> requestIds.put(it.builder(), it.id()));
        BuildsetSubmitted submitted =
                SchedulersAtWork.submitted(decided.order, buildset.id(), requestIds, decided.at);
        Occasion occasion = decided.key.occasion();
        Results results = buildset.results();
        if (results == null || buildset.endedAt() > work.position()) {
            work.endsAsRecorded(submitted, occasion);
        } else {
            to.put(to.now(), () -> work.ended(submitted, occasion, results));
        }
    }

    private static List<String> details(BuildsetOrder order, RecordedBuildset buildset) {
        List<String> details = new ArrayList<>();
        NavigableSet<String> besides = new TreeSet<>(order.builderNames());
        besides.removeAll(buildset.builders());
        NavigableSet<String> lacking = new TreeSet<>(buildset.builders());
        order.builderNames().forEach(lacking::remove);
        if (!besides.isEmpty()) {
            details.add("on " + String.join(" ", besides) + " besides");
        }
        if (!lacking.isEmpty()) {
            details.add("not on " + String.join(" ", lacking));
        }
        if (!order.sourceStamps().equals(buildset.stamps())) {
            details.add(
                    "of %s instead of %s"
                            .formatted(
                                    Difference.told(order.sourceStamps()),
                                    Difference.told(buildset.stamps())));
        }
        Set<String> properties = new TreeSet<>(order.properties().keySet());
        properties.addAll(buildset.properties().keySet());
        for (String name : properties) {
            String would = told(order.properties().get(name));
            String was = told(buildset.properties().get(name));
            if (!would.equals(was)) {
                details.add("property %s %s instead of %s".formatted(name, would, was));
            }
        }
        return details;
    }

    /** As JSON: the log has it so, and no other number for the same. */
    private static String told(@Nullable Property property) {
        return property == null
                ? "unset"
                : "%s from %s"
                        .formatted(
                                JsonMapper.shared().writeValueAsString(property.value()),
                                property.source());
    }

    private void judge(SchedulersAtWork work) {
        for (RecordedBuildset buildset :
                matching.takeRecorded(it ->
                        it.recordedAt().isBefore(decidedUntil)
                                && !waits(
                                        work.state(candidateOf(it.scheduler())), it.changeIds()))) {
            missing++;
            found.add(
                    new Difference(
                            Kind.WOULD_NOT_MAKE,
                            buildset.submittedAt(),
                            candidateOf(buildset.scheduler()),
                            buildset.changeIds(),
                            buildset.stamps(),
                            List.copyOf(buildset.builders()),
                            buildset.id(),
                            List.of()));
        }
        for (Decided decided : matching.takeSupposed(this::couldHaveBeenMade)) {
            additional++;
            BuildsetOrder order = decided.order;
            found.add(
                    new Difference(
                            Kind.WOULD_MAKE,
                            decided.at,
                            decided.key.scheduler(),
                            order.changeIds(),
                            order.sourceStamps(),
                            order.builderNames(),
                            null,
                            List.of()));
        }
        found.stream().sorted(Comparator.comparing(Difference::at)).forEach(told);
        found.clear();
    }

    /**
     * Whether masters have been up for as long as they are given, since it was decided or since the
     * cluster no longer waits with its changes pending.
     */
    private boolean couldHaveBeenMade(Decided decided) {
        if (waits(decided)) {
            decided.expectedFrom = knownUntil;
        }
        return !time.upTimes().upFor(grace, decided.expectedFrom).isAfter(knownUntil);
    }

    private boolean waits(Decided decided) {
        return names.recordedOf(decided.key.scheduler()).stream()
                .map(it -> time.schedulersAfter().get(it))
                .anyMatch(it -> it != null && waits(it.state(), decided.order.changeIds()));
    }

    /**
     * Whether a scheduler may still make a buildset of these: it waits, with some of them pending.
     */
    private static boolean waits(SchedulerState state, List<Long> changes) {
        return !state.timers().isEmpty() && changes.stream().anyMatch(state.pending()::containsKey);
    }

    /** What was recorded up to then has been decided upon. */
    Instant decidedUntil() {
        return decidedUntil;
    }

    /** What has come of it so far. */
    Comparisons comparisons() {
        SortedSet<String> remarks = new TreeSet<>(time.remarks());
        if (schedulers != null) {
            remarks.addAll(schedulers.remarks());
        }
        unknown.forEach(it ->
                remarks.add(
                        "what was asked of scheduler %s, which the file does not have, is left out"
                                .formatted(it)));
        return new Comparisons(
                since,
                schedulers == null ? null : decidedUntil,
                changes,
                made,
                wouldMake,
                same,
                otherwise,
                additional,
                missing,
                matching.left(),
                List.copyOf(remarks));
    }
}
