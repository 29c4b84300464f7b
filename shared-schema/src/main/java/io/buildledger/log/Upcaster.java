package io.buildledger.log;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads what an older program wrote as if today's had written it.
 *
 * @param name of today's event, in today's revision
 * @param change what makes its JSON of the older one's
 */
record Upcaster(String name, Consumer<ObjectNode> change) {

    private record Written(String name, String revision) {}

    private static final Map<Written, Upcaster> OF =
            Map.of(
                    new Written("changes-scheduled", "1"),
                    new Upcaster("scheduler-fired", _ -> {}),
                    new Written("buildset-submitted", "1"),
                    new Upcaster("buildset-submitted", Upcaster::ofSeveralStamps));

    /** The one for events of this name and revision; empty for those that need none. */
    static Optional<Upcaster> of(String name, @Nullable String revision) {
        return revision == null
                ? Optional.empty()
                : Optional.ofNullable(OF.get(new Written(name, revision)));
    }

    /**
     * What events of a class are called on disk, by this program and by older ones.
     *
     * @throws IllegalArgumentException if the class has no name on disk
     */
    static Set<String> namesOf(Class<?> event) {
        String name =
                EventNames.nameOf(event)
                        .orElseThrow(() ->
                                new IllegalArgumentException(event.getName() + " is no event"));
        Set<String> names = new TreeSet<>(Set.of(name));
        OF.forEach((written, upcaster) -> {
            if (upcaster.name().equals(name)) {
                names.add(written.name());
            }
        });
        return names;
    }

    private static void ofSeveralStamps(ObjectNode buildset) {
        JsonNode only = buildset.remove("sourceStamp");
        buildset.putArray("sourceStamps").add(only);
        buildset.putObject("properties");
        buildset.put("waitedFor", false);
    }
}
