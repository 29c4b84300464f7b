package io.buildledger.bundling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.auditing.RequestAudit;
import io.buildledger.bundling.BundleFile.Manifest;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.database.ReadingConnection;
import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import io.buildledger.log.EventImport.Row;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.replaying.PastStates;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestMasters;
import io.buildledger.testing.TestStory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BundlesTest {

    private static final Instant NOW = Instant.parse("2026-10-01T03:12:00Z");

    @TempDir Path directory;

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);
    private final MasterRegistry masters =
            new MasterRegistry(test.log, test.dataSource, test.dataSource);
    private final Author s1 = masters.register(TestMasters.scheduler("s1"));
    private final Author b1 = masters.register(TestMasters.builder("b1"));
    private final Author b2 = masters.register(TestMasters.builder("b2"));

    @AfterEach
    void close() {
        test.close();
    }

    private Path bundle() {
        return directory.resolve("bundle.jsonl.gz");
    }

    /** Requests 1 and 2 of buildset 1 are built by b1, request 3 by b2; request 4 waits. */
    private void builds() {
        long first = story.change("Ann Lee <ann@example.org>", "abc1", "Mend it, says ann");
        story.fire(List.of(first), "abc1", "linux", "docs");
        story.build(b1, "linux", Results.SUCCESS);
        story.build(b1, "docs", Results.FAILURE);
        long second = story.change("bob", "abc2", "And this");
        story.fire(List.of(second), "abc2", "linux");
        story.build(b2, "linux", Results.SUCCESS);
        story.fire(List.of(), "abc3", "linux");
    }

    private Slice ofRequest(long request) {
        try (ReadingConnection connection = test.database.openToRead()) {
            return Slice.ofRequest(connection, request);
        }
    }

    private long write(Slice slice, boolean pseudonyms) throws IOException {
        try (ReadingConnection connection = test.database.openToRead()) {
            return Bundles.write(connection, slice, bundle(), "test", NOW, pseudonyms);
        }
    }

    private List<Row> rows() throws BadBundleException {
        List<Row> rows = new ArrayList<>();
        BundleFile.read(bundle(), rows::add);
        return rows;
    }

    private static Set<String> streams(List<Row> rows) {
        return rows.stream().map(Row::stream).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void a_request_is_told_with_all_that_it_has_to_do_with_and_nothing_else() throws Exception {
        builds();

        write(ofRequest(1), false);

        assertThat(streams(rows()))
                .containsExactlyInAnyOrder(
                        "change/1",
                        "buildset/1",
                        "build-request/1",
                        "build-request/2",
                        "build/linux/1",
                        "build/docs/1",
                        "scheduler/main",
                        "master/b1");
    }

    @Test
    void each_stream_begins_with_its_first_event_and_ends_with_the_slice() throws Exception {
        builds();

        write(ofRequest(1), false);

        long last =
                test.count(
                        "SELECT MAX(global_index) FROM event WHERE stream IN ('build-request/1', 'build-request/2', 'buildset/1')");
        Map<String, List<Row>> ofStreams =
                rows().stream().collect(Collectors.groupingBy(Row::stream));
        ofStreams.forEach((stream, rows) -> {
            for (int i = 0; i < rows.size(); i++) {
                assertThat(rows.get(i).sequence()).as(stream).isEqualTo(i);
            }
            assertThat(rows.getLast().index()).isLessThanOrEqualTo(last);
        });
        assertThat(rows())
                .isSortedAccordingTo((one, other) -> Long.compare(one.index(), other.index()));
    }

    @Test
    void what_is_loaded_is_what_the_log_had_and_tells_the_same() throws Exception {
        builds();
        write(ofRequest(2), false);

        try (TestLog elsewhere = new TestLog()) {
            Manifest manifest = Bundles.load(bundle(), elsewhere.dataSource);

            assertThat(manifest).isEqualTo(new Manifest("test", "request 2", NOW, false));
            assertThat(events(elsewhere)).isSubsetOf(events(test)).hasSizeGreaterThan(15);
            assertThat(new RequestAudit(elsewhere.log).of(2))
                    .isEqualTo(new RequestAudit(test.log).of(2));
        }
    }

    private static List<Map<String, Object>> events(TestLog log) {
        return log.jdbc
                .sql(
                        "SELECT global_index, stream, sequence_number, type, revision, payload, metadata, recorded_at FROM event")
                .query()
                .listOfRows();
    }

    @Test
    void of_a_request_that_is_open_all_is_told_up_to_now() throws Exception {
        builds();
        masters.register(TestMasters.builder("b1"));

        write(ofRequest(4), false);

        assertThat(streams(rows())).contains("build-request/4").doesNotContain("build-request/1");
        assertThat(ofRequest(4).last()).isEqualTo(test.log.head());
    }

    @Test
    void of_a_time_what_was_open_when_it_began_is_told_from_its_beginning() throws Exception {
        story.fire(List.of(story.change("ann", "abc1", "")), "abc1", "linux");
        Won won = story.claim(b1, "linux");
        story.fire(List.of(story.change("ann", "abc2", "")), "abc2", "docs");
        story.build(b2, "docs", Results.SUCCESS);
        test.jdbc.sql("UPDATE event SET recorded_at = '2026-10-01 03:00:00'").update();
        story.start(b1, won);
        story.complete(b1, won, Results.SUCCESS, "ok");
        test.jdbc
                .sql(
                        "UPDATE event SET recorded_at = '2026-10-01 04:00:00' WHERE recorded_at > '2026-10-01 03:00:00'")
                .update();

        try (ReadingConnection connection = test.database.openToRead()) {
            Slice hour =
                    Slice.ofTime(
                            connection,
                            Instant.parse("2026-10-01T03:30:00Z"),
                            Instant.parse("2026-10-01T04:30:00Z"));
            Bundles.write(connection, hour, bundle(), "test", NOW, false);

            assertThat(streams(rows()))
                    .contains(
                            "build-request/1",
                            "change/1",
                            "master/b1",
                            "master/b2",
                            "scheduler/main")
                    .doesNotContain("build-request/2", "change/2", "build/docs/1");
            assertThatThrownBy(() ->
                            Slice.ofTime(
                                    connection,
                                    Instant.parse("2026-10-02T00:00:00Z"),
                                    Instant.parse("2026-10-02T01:00:00Z")))
                    .isInstanceOf(NoSuchSliceException.class)
                    .hasMessage(
                            "nothing was recorded from 2026-10-02T00:00:00Z to 2026-10-02T01:00:00Z");
        }
    }

    @Test
    void the_state_after_the_slice_is_that_of_its_part_of_the_log() throws Exception {
        builds();
        Won won = story.claim(b2, "linux");
        story.start(b2, won);
        write(ofRequest(4), false);

        try (TestLog elsewhere = new TestLog()) {
            Bundles.load(bundle(), elsewhere.dataSource);
            try (ReadingConnection here = test.database.openToRead();
                    ReadingConnection there = elsewhere.database.openToRead()) {
                assertThat(new PastStates(there).atEvent(Long.MAX_VALUE).state().requests())
                        .isEqualTo(new PastStates(here).atEvent(Long.MAX_VALUE).state().requests());
                assertThat(new PastStates(there).atEvent(Long.MAX_VALUE).state().notUnderstood())
                        .isEmpty();
            }
        }
    }

    @Test
    void a_request_that_is_not_there_is_told() {
        assertThatThrownBy(() -> ofRequest(41))
                .isInstanceOf(NoSuchSliceException.class)
                .hasMessage("there is no request 41");
    }

    @Test
    void pseudonyms_are_the_same_for_the_same_and_nothing_else_is_left_of_the_names()
            throws Exception {
        builds();
        test.commands.cancel(
                s1, 4, "ann", "ann has no time, ask bob@example.org or 10.1.2.3 on b1");

        write(ofRequest(4), true);
        String second = text();
        write(ofRequest(1), true);
        String first = text();

        for (String text : new String[] {first, second}) {
            assertThat(text)
                    .doesNotContainIgnoringCase("ann")
                    .doesNotContain("example.org", "bob", "10.1.2.3", "b1-worker", "Mend it")
                    .doesNotContainPattern("\\bb1\\b")
                    .contains("\"builder\":\"linux\"", "\"scheduler\":\"main\"");
        }
        List<Row> rows = rows();
        Set<String> mastersOfStreams =
                streams(rows).stream()
                        .filter(stream -> stream.startsWith("master/"))
                        .map(stream -> stream.substring("master/".length()))
                        .collect(Collectors.toSet());
        assertThat(mastersOfStreams).hasSize(1).allMatch(it -> it.matches("master-[0-9a-f]{8}"));
        assertThat(
                        rows.stream()
                                .filter(row -> row.type().equals("build-request-claimed"))
                                .map(row ->
                                        row.payload()
                                                .replaceAll(".*\"master\":\"([^\"]+)\".*", "$1")))
                .isSubsetOf(mastersOfStreams);
        assertThat(first).contains("\"comments\":\"(left out: 17 characters)\"");
    }

    @Test
    void no_two_bundles_have_a_pseudonym_in_common() throws Exception {
        builds();
        write(ofRequest(1), true);
        Set<String> first = streams(rows());
        write(ofRequest(1), true);

        assertThat(streams(rows()).stream().filter(it -> it.startsWith("master/")))
                .doesNotContainAnyElementsOf(first);
    }

    private String text() throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(bundle()))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private void change(UnaryOperator<String> change) throws IOException {
        String before = text();
        String after = change.apply(before);
        assertThat(after).isNotEqualTo(before);
        try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(bundle()))) {
            out.write(after.getBytes(StandardCharsets.UTF_8));
        }
    }

    private void refused(String message) {
        assertThatThrownBy(this::rows)
                .isInstanceOf(BadBundleException.class)
                .hasMessageContaining(bundle().toString())
                .hasMessageContaining(message);
    }

    @Test
    void a_bundle_that_is_none_or_not_whole_is_refused_with_what_to_do() throws Exception {
        refused("there is no file");
        Files.writeString(bundle(), "something else");
        refused("is no bundle, or damaged");
        builds();
        Slice slice = ofRequest(1);
        write(slice, false);
        byte[] whole = Files.readAllBytes(bundle());
        Files.write(bundle(), Arrays.copyOf(whole, whole.length / 2));
        refused("ends too early: copy it again");
        Files.write(bundle(), whole);
        change(text -> text.substring(0, text.lastIndexOf("{\"events\"")));
        refused("ends too early: copy it again");
        write(slice, false);
        change(text -> text.replace("abc1", "abc9"));
        refused("its checksum is another");
        write(slice, false);
        change(text -> text.replaceFirst("\n\\{\"index\".*", ""));
        refused("its checksum is another");
        write(slice, false);
        change(text -> text.replaceFirst("\n\\{\"index\"", "\n{\"ind"));
        refused("is damaged");
        write(slice, false);
        change(text ->
                text.replace(
                        "\"version\":1,\"program\":\"test\"", "\"version\":2,\"program\":\"9.0\""));
        refused("is of version 2 of the format, made by 9.0; this program reads version 1");
        write(slice, false);
        change(text -> "{\"format\":\"another\"}\n" + text);
        refused("is no bundle");
    }

    /** Their masters have not understood it, either, and may have been wrong. */
    @Test
    void events_of_a_newer_program_and_what_can_t_be_read_are_taken_along_as_they_are()
            throws Exception {
        builds();
        test.appendOfNewerProgram("build-request/1", "build-request-painted", "7");
        test.jdbc
                .sql(
                        "UPDATE event SET payload = '{\"cut' WHERE stream = 'build-request/2' AND sequence_number = 2")
                .update();

        write(ofRequest(1), false);

        try (TestLog elsewhere = new TestLog()) {
            Bundles.load(bundle(), elsewhere.dataSource);
            assertThat(events(elsewhere)).isSubsetOf(events(test));
            assertThat(
                            elsewhere.count(
                                    "SELECT COUNT(*) FROM event WHERE type = 'build-request-painted'"))
                    .isEqualTo(1);
        }
        assertThatCode(() -> write(ofRequest(1), true)).doesNotThrowAnyException();
    }
}
