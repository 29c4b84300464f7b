package io.buildledger.log;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads what older programs wrote as if this one had written it: step by step, from each revision
 * to the next, and from a name that is given up to the one in its place.
 */
final class Upcasters {

    /** All that there ever were of; a line here stays as long as there are logs. */
    static final Upcasters OF_THIS_PROGRAM =
            new Upcasters(
                    List.of(
                            new Upcaster(
                                    new Written("changes-scheduled", "1"),
                                    new Written("scheduler-fired", "1"),
                                    _ -> {}),
                            new Upcaster(
                                    new Written("buildset-submitted", "1"),
                                    new Written("buildset-submitted", "2"),
                                    Upcasters::ofSeveralStamps)));

    /** All steps from each older one to today's. */
    private final Map<Written, List<Upcaster>> ways = new HashMap<>();

    /**
     * @throws IllegalArgumentException if two steps begin at one place, or some lead in a circle
     */
    Upcasters(Collection<Upcaster> steps) {
        Map<Written, Upcaster> first = new HashMap<>();
        for (Upcaster step : steps) {
            if (first.put(step.from(), step) != null) {
                throw new IllegalArgumentException("two upcasters are from " + step.from());
            }
        }
        for (Written older : first.keySet()) {
            List<Upcaster> way = new ArrayList<>();
            for (Upcaster next = first.get(older); next != null; next = first.get(next.to())) {
                if (way.contains(next)) {
                    throw new IllegalArgumentException("upcasters lead in a circle from " + older);
                }
                way.add(next);
            }
            ways.put(older, List.copyOf(way));
        }
    }

    /** What these make others of. */
    Set<Written> older() {
        return Set.copyOf(ways.keySet());
    }

    /** What an older program's event is today; empty for what no step begins at. */
    Optional<Written> today(@Nullable String name, @Nullable String revision) {
        List<Upcaster> way = way(name, revision);
        return way.isEmpty() ? Optional.empty() : Optional.of(way.getLast().to());
    }

    /** Makes today's JSON of an older program's, in place. */
    void upcast(String name, String revision, ObjectNode event) {
        way(name, revision).forEach(step -> step.change().accept(event));
    }

    private List<Upcaster> way(@Nullable String name, @Nullable String revision) {
        return name == null || revision == null
                ? List.of()
                : ways.getOrDefault(new Written(name, revision), List.of());
    }

    /**
     * What events of a class are called on disk, by this program and by older ones.
     *
     * @throws IllegalArgumentException if the class has no name on disk
     */
    Set<String> namesOf(Class<?> event) {
        String name =
                EventNames.nameOf(event)
                        .orElseThrow(() ->
                                new IllegalArgumentException(event.getName() + " is no event"));
        Set<String> names = new TreeSet<>(Set.of(name));
        ways.forEach((older, way) -> {
            if (way.getLast().to().name().equals(name)) {
                names.add(older.name());
            }
        });
        return names;
    }

    /** The same of several classes. */
    Set<String> namesOf(Set<Class<?>> events) {
        return events.stream()
                .flatMap(event -> namesOf(event).stream())
                .collect(Collectors.toUnmodifiableSet());
    }

    private static void ofSeveralStamps(ObjectNode buildset) {
        JsonNode only = buildset.remove("sourceStamp");
        buildset.putArray("sourceStamps").add(only);
        buildset.putObject("properties");
        buildset.put("waitedFor", false);
    }
}
