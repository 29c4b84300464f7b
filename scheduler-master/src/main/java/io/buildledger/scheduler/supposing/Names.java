package io.buildledger.scheduler.supposing;

import io.buildledger.configuring.BoundScheduler;
import io.buildledger.replaying.ClusterState.Scheduler;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** By which of its schedulers a configuration goes on with one of the log. */
final class Names {

    private final Map<String, String> candidateOf = new HashMap<>();
    private final Map<String, Set<String>> recordedOf = new HashMap<>();
    private final Collection<BoundScheduler> candidates;
    private final RecordedTime time;
    private final SortedMap<String, Scheduler> before;
    private final Set<String> file = new HashSet<>();
    private int renamed;

    Names(Collection<BoundScheduler> candidates, RecordedTime time) {
        this.candidates = candidates;
        this.time = time;
        before = time.schedulersBefore();
        candidates.forEach(it -> file.add(it.name()));
        find();
    }

    private void find() {
        renamed = time.renamedFrom().size();
        file.forEach(it -> candidateOf.put(it, it));
        for (BoundScheduler candidate : candidates) {
            String from = predecessor(candidate);
            if (from != null) {
                candidateOf.putIfAbsent(from, candidate.name());
            }
            if (candidate.renamedFrom() != null) {
                candidateOf.putIfAbsent(candidate.renamedFrom(), candidate.name());
            }
        }
        // What was renamed meanwhile is the same scheduler as before, by whichever name the file
        // has it.
        for (int i = 0; i < time.renamedFrom().size(); i++) {
            time.renamedFrom()
                    .forEach((name, from) -> {
                        String known = candidateOf.getOrDefault(name, candidateOf.get(from));
                        if (known != null) {
                            candidateOf.putIfAbsent(name, known);
                            candidateOf.putIfAbsent(from, known);
                        }
                    });
        }
        candidateOf.forEach((recorded, candidate) ->
                recordedOf.computeIfAbsent(candidate, _ -> new TreeSet<>()).add(recorded));
    }

    private void findAnew() {
        if (time.renamedFrom().size() != renamed) {
            find();
        }
    }

    /** The scheduler of the configuration that a recorded one goes on as; null if none does. */
    @Nullable String candidateOf(String recorded) {
        findAnew();
        return candidateOf.get(recorded);
    }

    /** Those that go on as a scheduler of the configuration. */
    Set<String> recordedOf(String candidate) {
        findAnew();
        return recordedOf.getOrDefault(candidate, Set.of());
    }

    /** What something is made for, in the words of the configuration. */
    Occasion ofCandidate(Occasion occasion) {
        return switch (occasion) {
            case Occasion.After(String scheduler, Occasion upstream) -> {
                String name = candidateOf(scheduler);
                yield new Occasion.After(name == null ? scheduler : name, ofCandidate(upstream));
            }
            case Occasion.OfChanges _, Occasion.AtMoment _, Occasion.Because _ -> occasion;
        };
    }

    /**
     * The recorded scheduler of another name whose place a scheduler takes, by the rules by which
     * masters do: if it is new, that which it was renamed from; if it was itself renamed, that
     * which it went on as; and in either case only one that the file has no more.
     */
    @Nullable String predecessor(BoundScheduler candidate) {
        Scheduler own = before.get(candidate.name());
        String former = own == null ? candidate.renamedFrom() : own.state().renamedTo();
        if (former == null) {
            return null;
        }
        String living = living(former);
        return file.contains(living) || !before.containsKey(living) ? null : living;
    }

    /** The name that has the scheduler in the log. */
    private String living(String name) {
        Set<String> seen = new HashSet<>();
        String living = name;
        while (seen.add(living)) {
            Scheduler scheduler = before.get(living);
            if (scheduler == null || scheduler.state().renamedTo() == null) {
                return living;
            }
            living = scheduler.state().renamedTo();
        }
        return living;
    }
}
