package io.buildledger.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.axonframework.serialization.SerializedObject;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** All that programs on main have ever written is read as if this one had written it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class EventCorpusTest {

    private static final Path CORPUS = Path.of("src", "test", "resources", "corpus");
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final EventJson JSON = new EventJson();
    private static final Upcasters UPCASTERS = Upcasters.OF_THIS_PROGRAM;

    /**
     * A file of the corpus.
     *
     * @param file below the directory of what was written
     */
    record Entry(Written of, Path file, String payload) {

        @Override
        public String toString() {
            return file.toString();
        }

        Written today() {
            return UPCASTERS.today(of.name(), of.revision()).orElse(of);
        }

        Object read() {
            return JSON.event("s", 0, of.name(), of.revision(), payload);
        }

        /** What it is to be read as: its type and revision of today, and their JSON. */
        ObjectNode expected() {
            Path read = CORPUS.resolve("read").resolve(file);
            if (Files.exists(read)) {
                return (ObjectNode) MAPPER.readTree(text(read));
            }
            ObjectNode same = MAPPER.createObjectNode();
            same.put("type", of.name());
            same.put("revision", of.revision());
            same.set("payload", MAPPER.readTree(payload));
            return same;
        }
    }

    static List<Entry> entries() {
        Path written = CORPUS.resolve("written");
        return files(written).stream()
                .map(file -> {
                    Path name = written.relativize(file);
                    String revision = name.getName(1).toString().replaceFirst("\\..*", "");
                    return new Entry(
                            new Written(name.getName(0).toString(), revision),
                            name,
                            text(file).strip());
                })
                .toList();
    }

    private static List<Path> files(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("entries")
    void what_was_written_is_read_as_todays(Entry entry) {
        SerializedObject<String> today = JSON.serialize(entry.read(), String.class);

        ObjectNode read = MAPPER.createObjectNode();
        read.put("type", today.getType().getName());
        read.put("revision", today.getType().getRevision());
        read.set("payload", MAPPER.readTree(today.getData()));
        assertThat(read).isEqualTo(entry.expected());
    }

    @Test
    void each_name_and_revision_that_there_ever_was_has_an_entry_and_no_other_has() {
        Set<Written> ever = new HashSet<>(UPCASTERS.older());
        for (Class<?> event : EventNames.all()) {
            ever.add(
                    new Written(
                            EventNames.nameOf(event).orElseThrow(), EventNames.revisionOf(event)));
        }

        assertThat(entries().stream().map(Entry::of).distinct())
                .containsExactlyInAnyOrderElementsOf(ever);
    }

    @Test
    void what_an_upcaster_leads_to_is_what_this_program_writes() {
        for (Written older : UPCASTERS.older()) {
            Written today = UPCASTERS.today(older.name(), older.revision()).orElseThrow();
            assertThat(EventNames.classOf(today.name()).map(EventNames::revisionOf))
                    .as("from %s to %s", older, today)
                    .contains(today.revision());
        }
    }

    static Stream<Class<?>> events() {
        return EventNames.all().stream();
    }

    private static List<JsonNode> written(Class<?> event) {
        Written today =
                new Written(EventNames.nameOf(event).orElseThrow(), EventNames.revisionOf(event));
        return entries().stream()
                .filter(entry -> entry.of().equals(today))
                .map(entry -> MAPPER.readTree(entry.payload()))
                .toList();
    }

    /** What the entries of some types have, and lack, of the types' parts. */
    private static final class Coverage {

        private final List<String> misfits = new ArrayList<>();
        private final Map<Class<?>, Set<String>> constants = new HashMap<>();

        static Coverage of(Class<?> event) {
            Coverage coverage = new Coverage();
            coverage.look(event.getSimpleName(), event, written(event));
            return coverage;
        }

        private void look(String place, Type type, List<JsonNode> values) {
            switch (type) {
                case ParameterizedType container ->
                        look(
                                place,
                                container
                                        .getActualTypeArguments()[
                                        container.getRawType() == Map.class ? 1 : 0],
                                values.stream().flatMap(JsonNode::valueStream).toList());
                case Class<?> one when one.isRecord() ->
                        Arrays.stream(one.getRecordComponents())
                                .forEach(component -> look(place, component, values));
                case Class<?> one when one.isEnum() ->
                        constants
                                .computeIfAbsent(one, _ -> new HashSet<>())
                                .addAll(values.stream().map(JsonNode::asString).toList());
                default -> {
                    // A text, a number or the like.
                }
            }
        }

        private void look(String record, RecordComponent component, List<JsonNode> values) {
            String place = record + "." + component.getName();
            List<JsonNode> with =
                    values.stream()
                            .filter(value -> value.has(component.getName()))
                            .map(value -> value.get(component.getName()))
                            .toList();
            boolean mayBeMissing = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
            if (with.isEmpty()) {
                misfits.add(place + " is in no entry");
            } else if (mayBeMissing && with.size() == values.size()) {
                misfits.add(place + " may be missing, and is missing in no entry");
            } else if (!mayBeMissing && with.size() < values.size()) {
                misfits.add(place + " is missing in an entry: make it nullable, or a new revision");
            }
            look(place, component.getGenericType(), with);
        }
    }

    /**
     * So a component that is added without a new revision has a new entry, and has to be one that
     * may be missing.
     */
    @ParameterizedTest
    @MethodSource("events")
    void each_component_is_in_an_entry_and_missing_in_none_unless_it_may_be(Class<?> event) {
        assertThat(Coverage.of(event).misfits).isEmpty();
    }

    @Test
    void each_constant_is_in_an_entry() {
        Map<Class<?>, Set<String>> constants = new HashMap<>();
        events().map(event -> Coverage.of(event).constants)
                .forEach(some ->
                        some.forEach((type, seen) ->
                                constants
                                        .computeIfAbsent(type, _ -> new HashSet<>())
                                        .addAll(seen)));

        assertThat(constants).isNotEmpty();
        constants.forEach((type, seen) ->
                assertThat(seen)
                        .containsExactlyInAnyOrderElementsOf(
                                Arrays.stream(type.getEnumConstants())
                                        .map(Object::toString)
                                        .toList()));
    }

    @Test
    void no_entry_is_another_than_it_was_and_none_is_gone() throws IOException {
        Map<String, String> pinned =
                Files.readAllLines(CORPUS.resolve("SHA256SUMS")).stream()
                        .map(line -> line.split("  "))
                        .collect(Collectors.toMap(parts -> parts[1], parts -> parts[0]));

        assertThat(
                        files(CORPUS.resolve("written")).stream()
                                .collect(
                                        Collectors.toMap(
                                                file -> CORPUS.relativize(file).toString(),
                                                EventCorpusTest::sha256)))
                .as("released entries stay as they are; add a new file, and its sum to SHA256SUMS")
                .containsExactlyInAnyOrderEntriesOf(pinned);
    }

    private static String sha256(Path file) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Upcaster step(String from, String to) {
        return new Upcaster(
                new Written("e", from), new Written("e", to), event -> event.put(from, to));
    }

    @Test
    void what_is_several_revisions_old_goes_through_each_of_them() {
        Upcasters upcasters =
                new Upcasters(List.of(step("3", "4"), step("1", "2"), step("2", "3")));
        ObjectNode event = MAPPER.createObjectNode();

        upcasters.upcast("e", "1", event);

        assertThat(event.toString()).isEqualTo("{\"1\":\"2\",\"2\":\"3\",\"3\":\"4\"}");
        assertThat(upcasters.today("e", "1")).contains(new Written("e", "4"));
        assertThat(upcasters.today("e", "3")).contains(new Written("e", "4"));
        assertThat(upcasters.today("e", "4")).isEmpty();
    }

    @Test
    void upcasters_that_lead_nowhere_are_refused() {
        assertThatThrownBy(() -> new Upcasters(List.of(step("1", "2"), step("2", "1"))))
                .hasMessageContaining("in a circle");
        assertThatThrownBy(() -> new Upcasters(List.of(step("1", "2"), step("1", "3"))))
                .hasMessage("two upcasters are from e of revision 1");
    }
}
