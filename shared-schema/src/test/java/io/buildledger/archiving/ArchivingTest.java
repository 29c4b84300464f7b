package io.buildledger.archiving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.buildledger.archiving.Archiving.Archived;
import io.buildledger.auditing.Audits;
import io.buildledger.auditing.EventExport;
import io.buildledger.auditing.EventExport.Format;
import io.buildledger.auditing.Period;
import io.buildledger.auditing.Subject;
import io.buildledger.bundling.Slice;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.database.ReadingConnection;
import io.buildledger.database.UtcColumn;
import io.buildledger.domain.building.BuildEvent;
import io.buildledger.domain.building.BuildEvent.StepFinished;
import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import io.buildledger.log.EventImport;
import io.buildledger.log.EventImport.Row;
import io.buildledger.log.Follower;
import io.buildledger.log.LogSlice;
import io.buildledger.log.Numbered;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.log.UnusableArchiveException;
import io.buildledger.log.WholeLog;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.replaying.PastStates;
import io.buildledger.replaying.ReplayProgress;
import io.buildledger.replaying.ViewRebuild;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestMasters;
import io.buildledger.testing.TestSealing;
import io.buildledger.testing.TestSettling;
import io.buildledger.testing.TestStory;
import io.buildledger.verifying.Verification;
import io.buildledger.viewing.BuildSteps;
import io.buildledger.viewing.ViewProjector;
import io.buildledger.viewing.ViewTable;
import io.buildledger.viewing.Views;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ArchivingTest {

    private static final String OF_BUILDS =
            "SELECT COUNT(*) FROM event WHERE stream LIKE 'build/%'";
    private static final int FEW_EVENTS = 5;

    @TempDir Path directory;

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);
    private final MasterRegistry registry =
            new MasterRegistry(test.log, test.dataSource, test.dataSource);
    private Author b1;
    private TestSealing sealing;

    @BeforeEach
    void begin() {
        b1 = registry.register(TestMasters.builder("b1"));
        sealing = new TestSealing(test, b1);
    }

    @AfterEach
    void close() {
        test.close();
    }

    /** Builds that end, and one that does not. */
    private Won history() throws InterruptedException {
        story.fire(List.of(story.change("ann", "r0", "x")), "r0", "docs");
        Won running = story.claim(b1, "docs");
        story.start(b1, running);
        story.startStep(b1, running, 1, "test");
        builds(8);
        TestSettling.age(test, 100);
        builds(2);
        TestSettling.age(test, 2);
        TestSettling.settle(test, story, b1, sealing);
        return running;
    }

    private void builds(int count) {
        for (int i = 0; i < count; i++) {
            story.fire(List.of(story.change("ann", "r" + i, "x")), "r" + i, "linux", "linux/arm");
            story.build(b1, "linux", Results.SUCCESS);
            story.build(b1, "linux/arm", Results.FAILURE);
        }
    }

    private Archived archive(int days, int eventsOfASegment) {
        return Archiving.of(
                test.database,
                test.jdbc
                        .sql("SELECT UTC_TIMESTAMP(6) - INTERVAL :days DAY")
                        .param("days", days)
                        .query((row, _) -> UtcColumn.read(row, 1))
                        .single(),
                directory,
                eventsOfASegment,
                ReplayProgress.NONE);
    }

    private List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        try (ReadingConnection connection = test.database.connectToRead()) {
            new WholeLog(connection).readRows(-1, test.log.head(), rows::add);
        }
        return rows;
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }

    /** What is told of the log in every way. */
    private List<Object> told() throws Exception {
        List<Object> told = new ArrayList<>();
        Audits audits = new Audits(test.log, test.jdbc);
        List<Row> rows = rows();
        told.add(rows);
        for (String stream : rows.stream().map(Row::stream).distinct().sorted().toList()) {
            told.add(test.log.read(stream));
            told.add(test.log.readAfter(stream, 0));
            told.add(test.log.readAfter(stream, -1, 1));
            told.add(test.log.readNewest(stream, -1, 10, 2));
            told.add(test.log.find(stream, 1));
            told.add(test.log.findAll(List.of(stream), 0));
            told.add(test.log.readOfType(stream, StepFinished.class));
            told.add(test.log.findLast(stream, StepFinished.class));
            told.add(test.log.lastSequence(stream));
            told.add(test.log.lastSequences(List.of(stream)));
            told.add(test.log.lastIndex(stream));
            told.add(test.log.sequenceBefore(stream, 60));
        }
        for (Views.Build build : new Views(test.jdbc).builds(Views.MOST)) {
            told.add(new BuildSteps(test.log).of(build));
        }
        for (long request = 1; request < 10; request++) {
            told.add(
                    audits.of(
                            new Subject(Subject.Kind.REQUEST, String.valueOf(request)),
                            Period.NEWEST));
        }
        try (ReadingConnection connection = test.database.connectToRead()) {
            WholeLog log = new WholeLog(connection);
            List<Numbered> events = new ArrayList<>();
            log.read(test.log.head(), events::add);
            told.add(events);
            log.read(20, 90, Set.of(StepFinished.class), told::add);
            log.read(List.of(Streams.build("linux", 1), Streams.buildRequest(2)), 10, told::add);
            log.read(List.of(Streams.build("linux", 2), Streams.master("b1")), told::add);
            log.readStored(30, 80, told::add);
            for (int i = 0; i < rows.size(); i += 3) {
                Row row = rows.get(i);
                told.add(log.lastUntil(row.at()));
                told.add(log.firstSince(row.at()));
                told.add(log.recordedAt(row.index()));
                told.add(log.find(row.stream(), row.sequence()));
                told.add(log.last(row.stream(), row.index()));
                told.add(test.log.lastUntil(row.at()));
            }
            for (long index = 1; index < test.log.head(); index += 7) {
                told.add(new PastStates(connection).atEvent(index).state().requests());
            }
            StringWriter export = new StringWriter();
            new EventExport(connection).write(null, null, Format.JSONL, export);
            told.add(export.toString());
            Slice slice = Slice.ofRequest(connection, 3);
            told.add(slice);
            new LogSlice(connection).events(slice.streams(), slice.last()).forEach(told::add);
            told.add(new LogSlice(connection).span(Set.of(Streams.build("linux", 1))));
            told.add(
                    new LogSlice(connection).streamsRecorded(rows.get(10).at(), rows.get(40).at()));
        }
        return told;
    }

    private void requireSound() throws InterruptedException {
        assertThat(Verification.of(test.database).violations()).isEmpty();
        assertThat(sealing.verify().violations()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {FEW_EVENTS, 1_000})
    void what_is_read_of_a_log_is_the_same_before_and_after(int eventsOfASegment) throws Exception {
        history();
        List<Object> before = told();
        requireSound();

        Archived archived = archive(90, eventsOfASegment);

        assertThat(archived.builds()).isEqualTo(16);
        assertThat(archived.events()).isEqualTo(32);
        assertThat(archived.segments()).isEqualTo(eventsOfASegment == FEW_EVENTS ? 6 : 1);
        assertThat(files()).hasSize(archived.segments());
        assertThat(test.count(OF_BUILDS)).isEqualTo(9);
        assertThat(told()).isEqualTo(before);
        requireSound();
        assertThat(archive(90, eventsOfASegment).builds()).isZero();
        assertThat(archive(1, eventsOfASegment).builds()).isEqualTo(4);
        assertThat(told()).isEqualTo(before);
        requireSound();
    }

    @Test
    void a_build_that_runs_stays_whole_and_goes_on() throws Exception {
        Won running = history();
        archive(1, 1_000);

        assertThat(test.count(OF_BUILDS)).isEqualTo(1);
        story.finishStep(b1, running, 1, 1, Results.SUCCESS);
        story.complete(b1, running, Results.SUCCESS, "done");

        requireSound();
        assertThat(test.log.read(Streams.build("docs", 1))).hasSize(2);
    }

    @Test
    void one_that_was_killed_is_ended_by_the_next() throws Exception {
        history();
        List<Row> rows = rows();
        List<Object> before = told();
        archive(90, 1_000);

        // As it was after half of the deletions.
        List<Row> archived =
                rows.stream()
                        .filter(row -> row.stream().startsWith("build/linux"))
                        .limit(32)
                        .toList();
        new EventImport(test.dataSource).write(archived.subList(15, 32));
        test.jdbc.sql("UPDATE archive_segment SET trimmed = FALSE").update();
        Files.createFile(directory.resolve("left-over.new"));

        assertThat(told()).isEqualTo(before);
        requireSound();
        assertThat(archive(90, 1_000).builds()).isZero();
        assertThat(test.count(OF_BUILDS)).isEqualTo(9);
        assertThat(test.count("SELECT COUNT(*) FROM archive_segment WHERE NOT trimmed")).isZero();
        assertThat(told()).isEqualTo(before);
        requireSound();
    }

    @Test
    void who_reads_while_it_works_misses_nothing_and_gets_nothing_twice() throws Exception {
        history();
        List<Row> rows = rows();
        List<Recorded> build = test.log.read(Streams.build("linux", 8));

        try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
            Future<Archived> archiving = thread.submit(() -> archive(1, 2));
            int read = 0;
            while (!archiving.isDone() || read == 0) {
                assertThat(rows()).isEqualTo(rows);
                assertThat(test.log.read(Streams.build("linux", 8))).isEqualTo(build);
                read++;
            }
            assertThat(archiving.get().segments()).isEqualTo(20);
        }
        assertThat(rows()).isEqualTo(rows);
    }

    @Test
    void a_follower_that_begins_at_the_first_event_reads_all_of_them_in_order() throws Exception {
        history();
        List<Recorded> events = new ArrayList<>();
        try (ReadingConnection connection = test.database.connectToRead()) {
            new WholeLog(connection).read(test.log.head(), it -> events.add(it.recorded()));
        }
        archive(1, FEW_EVENTS);

        List<Recorded> read = Collections.synchronizedList(new ArrayList<>());
        try (Follower follower =
                Follower.of(
                        "late",
                        Follower.Start.FIRST_EVENT,
                        test.log,
                        test.dataSource,
                        b1,
                        read::add)) {
            follower.start();
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> follower.position("late").orElse(-1) >= test.log.head());
        }

        assertThat(read).isEqualTo(events);
    }

    @Test
    void the_views_can_be_made_anew_from_it() throws Exception {
        history();
        archive(1, FEW_EVENTS);

        ViewRebuild.of(test.database, Set.of(ViewTable.values()), "here", ReplayProgress.NONE);

        requireSound();
    }

    @Test
    void what_somebody_has_still_to_read_stays() throws Exception {
        history();
        test.jdbc
                .sql(
                        """
                        UPDATE token SET token = REPLACE(token, :head, '"index":70')
                         WHERE processor_name = :views
                        """)
                .param("head", "\"index\":" + test.log.head())
                .param("views", ViewProjector.FOLLOWER)
                .update();

        Archived archived = archive(90, 1_000);

        assertThat(archived.upTo()).isEqualTo(70);
        assertThat(archived.heldBackBy()).isEqualTo(ViewProjector.FOLLOWER);
        assertThat(test.count("SELECT COALESCE(MAX(last_index), 0) FROM archived_stream"))
                .isBetween(1L, 70L);
    }

    @Test
    void nothing_is_archived_before_it_is_sealed_kept_and_shown() {
        builds(3);
        TestSettling.age(test, 100);

        Archived archived = archive(90, 1_000);

        assertThat(archived.builds()).isZero();
        assertThat(archived.upTo()).isEqualTo(-1);
    }

    @Test
    void a_build_of_today_is_refused() {
        assertThatThrownBy(() -> archive(0, 1_000))
                .isInstanceOf(ArchiveRefusedException.class)
                .hasMessage(
                        "--older-than: builds that ended less than 24 hours ago, by the database's clock, may still be written of: say 1d or more");
    }

    @Test
    void a_file_that_is_altered_or_missing_is_told_with_what_it_should_be() throws Exception {
        history();
        archive(1, 1_000);
        Path file = files().getFirst();
        String sha256 =
                test.jdbc
                        .sql("SELECT LOWER(HEX(sha256)) FROM archive_segment")
                        .query(String.class)
                        .single();
        byte[] whole = Files.readAllBytes(file);
        byte[] altered = whole.clone();
        altered[100]++;
        Files.write(file, altered);
        Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2026-01-01T00:00:00Z")));

        assertThatThrownBy(() -> test.log.read(Streams.build("linux", 1)))
                .isInstanceOf(UnusableArchiveException.class)
                .hasMessageStartingWith(
                        "the archive's file %s is not what was archived".formatted(file))
                .hasMessageContaining("its SHA-256 is ")
                .hasMessageContaining("and was " + sha256);
        assertThatThrownBy(this::rows).isInstanceOf(UnusableArchiveException.class);
        assertThatThrownBy(() -> Verification.of(test.database))
                .isInstanceOf(UnusableArchiveException.class);

        Files.delete(file);
        assertThatThrownBy(() -> test.log.read(Streams.build("linux", 1)))
                .isInstanceOf(UnusableArchiveException.class)
                .hasMessage(
                        "the archive's file %s, whose SHA-256 is %s, is not there: put it there, or set BUILDLEDGER_ARCHIVE to the directory where it is on this machine"
                                .formatted(file, sha256));

        Files.write(file, whole);
        assertThat(test.log.read(Streams.build("linux", 1)))
                .extracting(Recorded::event)
                .hasSize(2)
                .allMatch(BuildEvent.class::isInstance);
    }

    @Test
    void a_line_of_a_file_has_the_names_that_the_documentation_says() throws Exception {
        history();
        Optional<Row> row =
                rows().stream().filter(it -> it.stream().equals("build/linux/1")).findFirst();
        archive(90, 1_000);

        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                new GZIPInputStream(Files.newInputStream(files().getFirst())),
                                StandardCharsets.UTF_8))) {
            assertThat(lines.readLine())
                    .startsWith(
                            "{\"index\":%d,\"stream\":\"build/linux/1\",\"sequence\":0,\"type\":\"step-started\",\"revision\":\"1\",\"at\":\"%s\",\"payload\":\"{"
                                    .formatted(row.orElseThrow().index(), row.orElseThrow().at()))
                    .contains("\",\"metadata\":\"{");
            assertThat(lines.lines()).hasSize(31);
        }
    }

    @Test
    void older_programs_are_left_out_once_something_is_archived() throws Exception {
        history();
        assertThat(oldest()).isEqualTo(6);

        archive(90, 1_000);

        assertThat(oldest()).isEqualTo(21);
    }

    private long oldest() {
        return test.count("SELECT oldest FROM schema_compatibility WHERE version = 21");
    }

    @Test
    void who_else_may_read_the_directory_may_read_its_files() throws Exception {
        history();
        archive(90, 1_000);
        Path other = Files.createFile(directory.resolve("other"));

        assertThat(files())
                .extracting(Files::getPosixFilePermissions)
                .containsOnly(Files.getPosixFilePermissions(other));
    }

    @Test
    void a_number_that_was_lost_keeps_nothing_back() throws Exception {
        long lost = test.log.head() + 1;
        test.transactionTemplate()
                .executeWithoutResult(transaction -> {
                    test.insertRaw("master/lost");
                    transaction.setRollbackOnly();
                });
        history();
        missing(lost);

        assertThat(archive(90, 1_000).builds()).isPositive();
        requireSound();
    }

    @Test
    void an_event_that_somebody_has_passed_over_and_not_read_stays() throws Exception {
        history();
        missing(70);

        Archived archived = archive(90, 1_000);

        assertThat(archived.upTo()).isEqualTo(69);
        assertThat(archived.heldBackBy()).isEqualTo(ViewProjector.FOLLOWER);
    }

    /** The views' reader has read to the end, but for a number. */
    private void missing(long number) {
        assertThat(
                        test.jdbc
                                .sql(
                                        "UPDATE token SET token = REPLACE(token, '\"gaps\":[]', :gaps) WHERE processor_name = :views")
                                .param("gaps", "\"gaps\":[%d]".formatted(number))
                                .param("views", ViewProjector.FOLLOWER)
                                .update())
                .isOne();
        assertThat(ViewProjector.position(test.jdbc).gaps()).containsExactly(number);
    }
}
