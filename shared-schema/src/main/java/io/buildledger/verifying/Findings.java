package io.buildledger.verifying;

import io.buildledger.log.Numbered;
import io.buildledger.log.Recorded;
import io.buildledger.log.WholeLog;
import io.buildledger.verifying.Verdict.Checked;
import io.buildledger.verifying.Verdict.Involved;
import io.buildledger.verifying.Verdict.Violation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What the checks have looked at and found. Of each check, and of each table, the first hundred
 * violations are kept, the others only counted.
 */
final class Findings {

    private static final int KEPT = 100;

    private record Place(String stream, long sequence) {}

    /** A violation, and which events belong to it that were not at hand when it was found. */
    static final class Found {
        private final Check check;
        private final String what;
        private final List<Witness> events;
        private final List<Place> places = new ArrayList<>();
        private List<String> streams = List.of();
        private final @Nullable String table;
        private @Nullable String otherStream;
        private @Nullable Predicate<Object> other;

        private Found(Check check, @Nullable String table, String what, List<Witness> events) {
            this.check = check;
            this.table = table;
            this.what = what;
            this.events = new ArrayList<>(events);
        }

        /** An earlier event of a stream belongs to it. */
        void withEventOf(String stream, Predicate<Object> event) {
            otherStream = stream;
            other = event;
        }

        /** An earlier event belongs to it whose stream nobody knows. */
        void withEvent(Predicate<Object> event) {
            other = event;
        }

        /** The event at a place of a stream belongs to it. */
        void withPlace(String stream, long sequence) {
            places.add(new Place(stream, sequence));
        }

        /** The last events of these streams belong to it. */
        void withLastOf(List<String> streams) {
            this.streams = streams;
        }

        private boolean isInvolved(Recorded recorded) {
            return other != null
                    && other.test(recorded.event())
                    && events.stream()
                            .noneMatch(event ->
                                    event.stream().equals(recorded.stream())
                                            && event.sequence() == recorded.sequence());
        }

        private void involve(Recorded recorded) {
            events.addFirst(Witness.of(recorded));
            other = null;
        }
    }

    private final Map<Check, Long> lookedAt = new EnumMap<>(Check.class);
    private final Map<Check, Long> violations = new EnumMap<>(Check.class);
    private final Map<String, Long> differences = new TreeMap<>();
    private final Map<Check, Map<String, List<Found>>> found = new EnumMap<>(Check.class);
    private final Map<String, Long> unknownEvents = new TreeMap<>();
    private long lateSteps;
    private long droppedBuilds;

    void lookedAt(Check check) {
        lookedAt(check, 1);
    }

    void lookedAt(Check check, long more) {
        lookedAt.merge(check, more, Long::sum);
    }

    void lateStep() {
        lateSteps++;
    }

    void droppedBuild() {
        droppedBuilds++;
    }

    void unknownEvent(String type) {
        unknownEvents.merge(type, 1L, Long::sum);
    }

    Found violation(Check check, String what, @Nullable Witness... events) {
        List<Witness> involved = new ArrayList<>();
        for (Witness event : events) {
            if (event != null) {
                involved.add(event);
            }
        }
        return violation(check, what, involved);
    }

    Found violation(Check check, String what, List<Witness> events) {
        return keep(new Found(check, null, what, events));
    }

    /** A row of a table is not as the log has it. */
    Found difference(Check check, String table, String what, List<Witness> events) {
        differences.merge(table, 1L, Long::sum);
        return keep(new Found(check, table, what, events));
    }

    private Found keep(Found violation) {
        violations.merge(violation.check, 1L, Long::sum);
        List<Found> kept =
                found.computeIfAbsent(violation.check, _ -> new LinkedHashMap<>())
                        .computeIfAbsent(
                                violation.table == null ? "" : violation.table,
                                _ -> new ArrayList<>());
        if (kept.size() < KEPT) {
            kept.add(violation);
        }
        return violation;
    }

    /** Counts violations that nothing more is known of. */
    void violations(Check check, long more) {
        violations.merge(check, more, Long::sum);
    }

    /** Looks for the events that belong to a violation and were not at hand when it was found. */
    void complete(WholeLog log, long head) throws InterruptedException {
        List<Found> open = new ArrayList<>();
        for (Found violation : all()) {
            for (Place place : violation.places) {
                log.find(place.stream(), place.sequence())
                        .map(Witness::of)
                        .ifPresent(violation.events::add);
            }
            for (String stream : violation.streams) {
                log.last(stream, head).map(Witness::of).ifPresent(violation.events::add);
            }
            String stream = violation.otherStream;
            if (stream != null) {
                log.read(Set.of(stream), event -> ask(List.of(violation), event));
            } else if (violation.other != null) {
                open.add(violation);
            }
        }
        if (!open.isEmpty()) {
            log.read(head, event -> ask(open, event));
        }
    }

    private static void ask(List<Found> violations, Numbered event) {
        for (Found violation : violations) {
            if (violation.isInvolved(event.recorded())) {
                violation.involve(event.recorded());
            }
        }
    }

    private List<Found> all() {
        return found.values().stream()
                .flatMap(tables -> tables.values().stream())
                .flatMap(List::stream)
                .toList();
    }

    /** How many rows of each table are not as the log has them. */
    Map<String, Long> differences() {
        return differences;
    }

    Map<String, Long> unknownEvents() {
        return unknownEvents;
    }

    long lateSteps() {
        return lateSteps;
    }

    long droppedBuilds() {
        return droppedBuilds;
    }

    List<Checked> checks() {
        return Arrays.stream(Check.values())
                .map(check ->
                        new Checked(
                                check.label(),
                                check.statement(),
                                lookedAt.getOrDefault(check, 0L),
                                check.unit(),
                                violations.getOrDefault(check, 0L)))
                .toList();
    }

    List<Violation> violations() {
        return all().stream()
                .map(violation ->
                        new Violation(
                                violation.check.label(),
                                violation.table,
                                violation.what,
                                violation.events.stream().map(Findings::involved).toList()))
                .toList();
    }

    private static Involved involved(Witness event) {
        return new Involved(
                event.stream() + "@" + event.sequence(),
                event.by() == null ? null : event.by().master(),
                event.by() == null ? null : event.by().epoch(),
                event.at());
    }
}
