package io.buildledger.auditing;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.auditing.EventExport.Format;
import io.buildledger.database.ReadingConnection;
import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestStory;
import java.io.StringWriter;
import java.io.Writer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvSchema;

@DisplayNameGeneration(ReplaceUnderscores.class)
class EventExportTest {

    private static final Author B1 = new Author("b1", 3);

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);

    @AfterEach
    void close() {
        test.close();
    }

    private String export(Format format) {
        return export(null, null, format);
    }

    private String export(@Nullable Instant since, @Nullable Instant until, Format format) {
        StringWriter to = new StringWriter();
        try (ReadingConnection connection = test.database.openToRead()) {
            new EventExport(connection).write(since, until, format, to);
        }
        return to.toString();
    }

    private static List<JsonNode> lines(String text) {
        return text.lines().map(JsonMapper.shared()::readTree).toList();
    }

    private static List<Map<String, String>> rows(String text) {
        return new CsvMapper()
                .readerFor(Map.class)
                .with(CsvSchema.emptySchema().withHeader())
                .<Map<String, String>>readValues(text)
                .readAll();
    }

    private void aBuild() {
        story.fire(List.of(story.change("ann, \"the\" one\n", "abc", "Mend\nit")), "abc", "linux");
        story.build(B1, "linux", Results.SUCCESS);
    }

    @Test
    void a_line_is_an_object_with_the_payload_as_it_is() {
        aBuild();

        List<JsonNode> lines = lines(export(Format.JSONL));

        assertThat(lines).hasSize((int) test.count("SELECT COUNT(*) FROM event"));
        JsonNode change = lines.getFirst();
        assertThat(change.path("stream").asString()).isEqualTo("change/1");
        assertThat(change.path("sequence").asLong()).isZero();
        assertThat(change.path("type").asString()).isEqualTo("change-received");
        assertThat(change.path("revision").asString()).isEqualTo("1");
        assertThat(change.path("actor").asString()).isEqualTo("ann, \"the\" one\n");
        assertThat(change.path("payload").path("comments").asString()).isEqualTo("Mend\nit");
        assertThat(change.path("metadata").path("master").asString()).isEqualTo("s");
        JsonNode claimed =
                lines.stream()
                        .filter(it -> it.path("type").asString().equals("build-request-claimed"))
                        .findFirst()
                        .orElseThrow();
        assertThat(claimed.path("master").asString()).isEqualTo("b1");
        assertThat(claimed.path("epoch").asLong()).isEqualTo(3);
        assertThat(claimed.path("actor").isNull()).isTrue();
        assertThat(lines.stream().map(it -> it.path("index").asLong())).isSorted();
    }

    @Test
    void a_sheet_has_the_same_and_every_row_has_its_columns() {
        aBuild();
        List<JsonNode> lines = lines(export(Format.JSONL));

        String text = export(Format.CSV);

        assertThat(text)
                .startsWith(
                        "index,stream,sequence,type,revision,recordedAt,master,epoch,cause,actor,payload,metadata\r\n");
        List<Map<String, String>> rows = rows(text);
        assertThat(rows).hasSameSizeAs(lines);
        for (int i = 0; i < rows.size(); i++) {
            Map<String, String> row = rows.get(i);
            JsonNode line = lines.get(i);
            assertThat(row.get("stream")).isEqualTo(line.path("stream").asString());
            assertThat(row.get("recordedAt")).isEqualTo(line.path("recordedAt").asString());
            assertThat(JsonMapper.shared().readTree(row.get("payload")))
                    .isEqualTo(line.path("payload"));
        }
        assertThat(rows.getFirst()).containsEntry("actor", "ann, \"the\" one\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"})
    void what_a_spreadsheet_would_take_for_a_formula_is_a_text_there(String author) {
        story.change(author, "abc", "c");

        assertThat(rows(export(Format.CSV)).getFirst()).containsEntry("actor", "'" + author);
        assertThat(lines(export(Format.JSONL)).getFirst().path("actor").asString())
                .isEqualTo(author);
    }

    @Test
    void a_sheet_without_rows_has_its_header() {
        assertThat(export(Format.CSV)).startsWith("index,stream").endsWith("metadata\r\n");
        assertThat(export(Format.JSONL)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void what_is_damaged_or_of_a_newer_program_is_written_as_it_is(Format format) {
        aBuild();
        test.jdbc.sql("UPDATE event SET payload = 'no\nJSON' WHERE stream = 'change/1'").update();
        test.jdbc
                .sql(
                        "UPDATE event SET type = 'newer', payload = '{\"a\":\n1}' WHERE stream = 'buildset/1' AND sequence_number = 0")
                .update();
        long events = test.count("SELECT COUNT(*) FROM event");

        String text = export(format);

        if (format == Format.JSONL) {
            assertThat(lines(text)).hasSize((int) events);
            assertThat(lines(text).getFirst().path("payload").asString()).isEqualTo("no\nJSON");
            assertThat(lines(text))
                    .filteredOn(it -> it.path("type").asString().equals("newer"))
                    .singleElement()
                    .satisfies(it -> assertThat(it.path("payload").path("a").asInt()).isEqualTo(1));
        } else {
            assertThat(rows(text)).hasSize((int) events);
            assertThat(rows(text).getFirst()).containsEntry("payload", "no\nJSON");
        }
    }

    @Test
    void a_time_is_exported_and_nothing_before_or_after_it() {
        aBuild();
        List<JsonNode> all = lines(export(Format.JSONL));
        Instant from = Instant.parse(all.get(3).path("recordedAt").asString());
        Instant to = Instant.parse(all.get(6).path("recordedAt").asString());

        List<JsonNode> some = lines(export(from, to, Format.JSONL));

        assertThat(some)
                .containsExactlyElementsOf(
                        all.stream()
                                .filter(it -> {
                                    Instant at = Instant.parse(it.path("recordedAt").asString());
                                    return !at.isBefore(from) && !at.isAfter(to);
                                })
                                .toList());
        assertThat(lines(export(Instant.parse("2126-01-01T00:00:00Z"), null, Format.JSONL)))
                .isEmpty();
        assertThat(lines(export(null, Instant.EPOCH, Format.JSONL))).isEmpty();
    }

    @Test
    void an_event_that_may_yet_come_is_not_passed() {
        story.change("a", "abc", "c");
        test.transactionTemplate()
                .executeWithoutResult(open -> {
                    test.insertRaw("master/open");
                    Thread other = Thread.ofPlatform().start(() -> story.change("b", "abc", "c"));
                    try {
                        other.join();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        throw new IllegalStateException(e);
                    }

                    assertThat(lines(export(Format.JSONL))).hasSize(1);
                });

        assertThat(lines(export(Format.JSONL))).hasSize(3);
    }

    /** The rows are written as they are read: what cannot be written ends it at once. */
    @Test
    void many_events_take_no_more_memory_than_few() {
        for (int i = 0; i < 40; i++) {
            aBuild();
        }
        int[] longest = new int[1];
        Writer to =
                new Writer() {
                    @Override
                    public void write(char[] text, int from, int length) {
                        longest[0] = Math.max(longest[0], length);
                    }

                    @Override
                    public void flush() {}

                    @Override
                    public void close() {}
                };

        try (ReadingConnection connection = test.database.openToRead()) {
            new EventExport(connection).write(null, null, Format.JSONL, to);
        }

        assertThat(longest[0]).isBetween(1, 10_000);
    }
}
