package io.buildledger.scheduler.supposing;

import io.buildledger.configuring.BoundScheduler;
import io.buildledger.scheduler.supposing.Answer.OfBuilder;
import io.buildledger.scheduler.supposing.Answer.OfScheduler;
import io.buildledger.scheduler.supposing.Answer.OfWorker;
import io.buildledger.scheduler.supposing.Answer.Sum;
import io.buildledger.scheduler.supposing.Answer.Supposed;
import io.buildledger.scheduler.supposing.Answer.Unmade;
import io.buildledger.scheduler.supposing.Answer.Waits;
import io.buildledger.scheduler.supposing.Farm.Machine;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Puts what was made beside what would have been. */
final class Comparison {

    private static final class Buildsets {
        private long made;
        private long wouldMake;
        private long same;
        private long otherBuilders;
        private long additional;
        private long missing;
    }

    private static final class Requests {
        private final List<Long> waits = new ArrayList<>();
        private long made;
        private long wouldMake;
        private long same;
        private long additional;
        private long missing;
        private long workerMillis;
        private long unbegun;
    }

    private final RecordedTime time;
    private final Supposition supposition;
    private final Candidate candidate;
    private final Instant since;
    private final Instant until;
    private final Map<String, Buildsets> ofSchedulers = new LinkedHashMap<>();
    private final SortedMap<String, Buildsets> ofOthers = new TreeMap<>();
    private final SortedMap<String, Requests> ofBuilders = new TreeMap<>();
    private final List<Supposed> wouldMake = new ArrayList<>();
    private final List<Unmade> wouldNotMake = new ArrayList<>();

    Comparison(
            RecordedTime time,
            Candidate candidate,
            Supposition supposition,
            Instant since,
            Instant until) {
        this.time = time;
        this.candidate = candidate;
        this.supposition = supposition;
        this.since = since;
        this.until = until;
        candidate.schedulers().forEach(it -> ofSchedulers.put(it.name(), new Buildsets()));
        Set<Long> matched = new HashSet<>();
        for (SupposedBuildset buildset : supposition.buildsets()) {
            if (buildset.recorded() != null) {
                matched.add(buildset.recorded().id());
            }
            add(buildset);
        }
        time.buildsets().forEach(it -> add(it, matched.contains(it.id())));
    }

    private Buildsets of(String scheduler) {
        Buildsets known = ofSchedulers.get(scheduler);
        return known != null ? known : ofOthers.computeIfAbsent(scheduler, _ -> new Buildsets());
    }

    private Requests requestsOf(String builder) {
        return ofBuilders.computeIfAbsent(builder, _ -> new Requests());
    }

    private void add(SupposedBuildset buildset) {
        NavigableSet<String> additional = new TreeSet<>(buildset.builders());
        NavigableSet<String> missing = new TreeSet<>();
        RecordedBuildset recorded = buildset.recorded();
        if (recorded != null) {
            additional.removeAll(recorded.builders());
            missing.addAll(recorded.builders());
            buildset.builders().forEach(missing::remove);
        }
        Supposed supposed =
                new Supposed(
                        buildset.scheduler(),
                        buildset.at(),
                        buildset.changeIds(),
                        buildset.builders(),
                        recorded == null ? null : recorded.id(),
                        List.copyOf(additional),
                        List.copyOf(missing));
        wouldMake.add(supposed);
        Buildsets counts = of(buildset.scheduler());
        counts.wouldMake++;
        if (recorded == null) {
            counts.additional++;
        } else if (supposed.isSame()) {
            counts.same++;
        } else {
            counts.otherBuilders++;
        }
        for (String builder : buildset.builders()) {
            Requests requests = requestsOf(builder);
            requests.wouldMake++;
            if (additional.contains(builder)) {
                requests.additional++;
            } else {
                requests.same++;
            }
        }
        missing.forEach(builder -> requestsOf(builder).missing++);
    }

    private void add(RecordedBuildset buildset, boolean isMatched) {
        String name = supposition.names().candidateOf(buildset.scheduler());
        Buildsets counts = of(name == null ? buildset.scheduler() : name);
        counts.made++;
        if (!isMatched) {
            counts.missing++;
            wouldNotMake.add(
                    new Unmade(
                            buildset.scheduler(),
                            buildset.submittedAt(),
                            buildset.changeIds(),
                            List.copyOf(buildset.builders()),
                            buildset.id()));
        }
        for (RecordedRequest request : buildset.requests()) {
            Requests requests = requestsOf(request.builder());
            requests.made++;
            if (!isMatched) {
                requests.missing++;
            }
            add(buildset, request, requests);
        }
    }

    private void add(RecordedBuildset buildset, RecordedRequest request, Requests requests) {
        Instant claimed = request.firstClaimed();
        if (claimed == null) {
            requests.unbegun++;
            return;
        }
        requests.waits.add(Duration.between(buildset.submittedAt(), claimed).toMillis());
        requests.workerMillis += request.busyMillis();
        RecordedRequest.Claim claim = request.claim();
        if (claim != null) {
            requests.workerMillis += Duration.between(claim.since(), until).toMillis();
        }
    }

    Answer answer(long lastEvent) {
        List<OfScheduler> schedulers = new ArrayList<>();
        for (BoundScheduler scheduler : candidate.schedulers()) {
            schedulers.add(
                    answer(scheduler.name(), scheduler.scheduler().type(), of(scheduler.name())));
        }
        ofOthers.forEach((name, counts) -> schedulers.add(answer(name, null, counts)));
        List<Long> recordedWaits = new ArrayList<>();
        List<Long> supposedWaits = new ArrayList<>();
        long recordedMillis = 0;
        long supposedMillis = 0;
        long recordedUnbegun = 0;
        long supposedUnbegun = 0;
        List<OfBuilder> builders = new ArrayList<>();
        for (Map.Entry<String, Requests> entry : ofBuilders.entrySet()) {
            String name = entry.getKey();
            Requests requests = entry.getValue();
            Tally.OfBuilder tally = supposition.tally().of(name);
            builders.add(answer(name, requests, tally));
            recordedWaits.addAll(requests.waits);
            supposedWaits.addAll(tally.waits());
            recordedMillis += requests.workerMillis;
            supposedMillis += tally.busyMillis();
            recordedUnbegun += requests.unbegun;
            supposedUnbegun += requests.wouldMake - tally.waits().size();
        }
        return new Answer(
                since,
                until,
                lastEvent,
                time.changes(),
                schedulers,
                builders,
                workers(),
                new Sum(
                        recordedWaits.size(),
                        recordedMillis,
                        Waits.of(recordedWaits),
                        recordedUnbegun),
                new Sum(
                        supposedWaits.size(),
                        supposedMillis,
                        Waits.of(supposedWaits),
                        supposedUnbegun),
                wouldMake,
                wouldNotMake,
                assumptions());
    }

    private static OfScheduler answer(String name, @Nullable String type, Buildsets counts) {
        return new OfScheduler(
                name,
                type,
                counts.made,
                counts.wouldMake,
                counts.same,
                counts.otherBuilders,
                counts.additional,
                counts.missing);
    }

    private OfBuilder answer(String name, Requests requests, Tally.OfBuilder tally) {
        Estimates estimates = supposition.estimates();
        return new OfBuilder(
                name,
                requests.made,
                requests.wouldMake,
                requests.same,
                requests.additional,
                requests.missing,
                estimates.medianOf(name).toMillis(),
                estimates.buildsOf(name),
                tally.collapsed(),
                tally.cancelled(),
                new Sum(
                        requests.waits.size(),
                        requests.workerMillis,
                        Waits.of(requests.waits),
                        requests.unbegun),
                new Sum(
                        tally.waits().size(),
                        tally.busyMillis(),
                        Waits.of(tally.waits()),
                        requests.wouldMake - tally.waits().size()));
    }

    /** Those that are called the same are one line. */
    private List<OfWorker> workers() {
        Map<String, OfWorker> workers = new LinkedHashMap<>();
        for (Machine machine : candidate.farm().machines().values()) {
            OfWorker one =
                    new OfWorker(
                            machine.called(),
                            1,
                            supposition.workers().builds(machine.name()),
                            supposition.workers().busyMillis(machine.name()));
            workers.merge(
                    machine.called(),
                    one,
                    (all, _) ->
                            new OfWorker(
                                    all.name(),
                                    all.count() + 1,
                                    all.builds() + one.builds(),
                                    all.busyMillis() + one.busyMillis()));
        }
        return List.copyOf(workers.values());
    }

    private List<String> assumptions() {
        List<String> assumptions = new ArrayList<>(supposition.remarks());
        assumptions.addAll(time.remarks());
        assumptions.addAll(candidate.remarks());
        Estimates estimates = supposition.estimates();
        ofBuilders.forEach((name, requests) -> {
            long unrecorded = supposition.tally().of(name).unrecorded();
            if (unrecorded > 0 && estimates.buildsOf(name) == 0) {
                assumptions.add(
                        estimates.builds() == 0
                                ? "no build ended in that time: one of %s is taken to last no time"
                                        .formatted(name)
                                : "no build of %s ended in that time: one is taken to last %s, the median of all %s builds"
                                        .formatted(
                                                name,
                                                Spans.told(estimates.medianOf(name).toMillis()),
                                                counted(estimates.builds())));
            }
            if (requests.wouldMake > 0 && !supposition.workers().serves(name)) {
                assumptions.add(
                        "neither the file nor the log names a worker of %s: its requests are taken not to wait"
                                .formatted(name));
            }
            long left = supposition.workers().left(name);
            if (left > 0) {
                assumptions.add(
                        "requests of %s that are never taken, because no worker of it has so much room: %s"
                                .formatted(name, counted(left)));
            }
        });
        long followed = supposition.tally().followedUnrecorded();
        if (followed > 0) {
            assumptions.add(
                    "so many buildsets of dependent schedulers follow on others of which not all was built, and what was not is taken to have ended well: %s"
                            .formatted(counted(followed)));
        }
        supposition
                .tally()
                .leftOut()
                .forEach((scheduler, count) ->
                        assumptions.add(
                                "what was asked of scheduler %s, which the file does not have, is left out; so often: %s"
                                        .formatted(scheduler, counted(count))));
        return assumptions;
    }

    private static String counted(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }
}
