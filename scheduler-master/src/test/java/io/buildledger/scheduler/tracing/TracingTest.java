package io.buildledger.scheduler.tracing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.requesting.BuildsetOrder;
import io.buildledger.domain.requesting.ParentBuild;
import io.buildledger.domain.requesting.RebuiltFrom;
import io.buildledger.log.Author;
import io.buildledger.log.Follower;
import io.buildledger.log.Follower.NotYetException;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.metering.Meters;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestStory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.proto.collector.trace.v1.ExportTracePartialSuccess;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status.StatusCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What a collector receives by OTLP of what happens in a log. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class TracingTest {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final Author B1 = new Author("b1", 1);
    private static final Author B2 = new Author("b2", 1);
    private static final Author S2 = new Author("s2", 1);
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(30);

    /** It tells each try that fails to whoever has not switched it off, as masters have. */
    private static final Logger EXPORTER = Logger.getLogger("io.opentelemetry.exporter");

    private static final ch.qos.logback.classic.Logger READER =
            (ch.qos.logback.classic.Logger) LoggerFactory.getLogger(TraceReader.class);

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);
    private final SimpleMeterRegistry counted = new SimpleMeterRegistry();
    private final ReceivingCollector collector = new ReceivingCollector();
    private volatile Instant now = NOON;

    @TempDir private Path directory;

    TracingTest() throws IOException {}

    @BeforeAll
    static void quieten() {
        EXPORTER.setLevel(Level.OFF);
    }

    @BeforeEach
    void begin() {
        at(0);
    }

    @AfterEach
    void close() {
        collector.close();
        test.close();
    }

    private void at(int second) {
        now = NOON.plusSeconds(second);
        test.setClock(now);
    }

    private Follower follower(Author master) {
        return follower(master, UnaryOperator.identity());
    }

    private Follower follower(Author master, UnaryOperator<Follower.Reader> changed) {
        TraceReader reader =
                new TraceReader(
                        new BuildsetSpans(test.log, test.builds),
                        new OtlpCollector(collector.endpoint(), null),
                        new TraceMeters(new Meters(counted, System::nanoTime)),
                        Duration.ofHours(1),
                        () -> now,
                        System::nanoTime);
        return Follower.of(
                        Tracing.NAME,
                        Follower.Start.FIRST_EVENT,
                        test.log,
                        test.dataSource,
                        master,
                        changed.apply(reader))
                .start();
    }

    private void awaitSent(int traces) {
        await().atMost(LONG_ENOUGH).until(() -> collector.requests.size() >= traces);
        assertThat(collector.requests).hasSize(traces);
    }

    /** By one of them, whichever it is that reads. */
    private void awaitNoted(Follower... followers) {
        long head = test.count("SELECT MAX(global_index) FROM event");
        await().atMost(LONG_ENOUGH)
                .until(() ->
                        Arrays.stream(followers)
                                .anyMatch(it -> it.position(Tracing.NAME).orElse(-1) >= head));
    }

    private double count(String name, String... tags) {
        return counted.get(name).tags(tags).counter().count();
    }

    /** A buildset of one build that has ended. */
    private void built(String revision) {
        story.fire(List.of(story.change("alice", revision, "mend it")), revision, "linux");
        story.build(B1, "linux", Results.SUCCESS);
    }

    private void submit(
            String cause,
            String scheduler,
            String builder,
            @Nullable ParentBuild parent,
            @Nullable RebuiltFrom rebuiltFrom) {
        BuildsetOrder order =
                new BuildsetOrder(
                        scheduler,
                        1,
                        "for a reason",
                        List.of(new SourceStamp("", "main", "abc", "", "")),
                        List.of(),
                        Map.of(),
                        List.of(builder),
                        0,
                        null,
                        false,
                        parent,
                        null,
                        rebuiltFrom);
        test.log.inTransaction(() -> test.buildsets.submit(TestStory.SCHEDULER, cause, order, now));
    }

    private static Map<String, String> attributes(List<KeyValue> attributes) {
        return attributes.stream()
                .collect(
                        Collectors.toMap(
                                KeyValue::getKey,
                                it ->
                                        it.getValue()
                                                .toString()
                                                .strip()
                                                .replaceFirst("^\\w+: ", "")
                                                .replace("\"", "")));
    }

    private Span span(String name) {
        return collector.spans().stream()
                .filter(it -> it.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private List<Span> within(Span parent) {
        return collector.spans().stream()
                .filter(it -> it.getParentSpanId().equals(parent.getSpanId()))
                .toList();
    }

    /** The spans as a tree, with the seconds from their beginnings to their ends. */
    private List<String> tree(Span root, String indent) {
        List<String> lines = new ArrayList<>();
        lines.add(
                "%s%s %d-%d%s"
                        .formatted(
                                indent,
                                root.getName(),
                                second(root.getStartTimeUnixNano()),
                                second(root.getEndTimeUnixNano()),
                                root.getStatus().getCode() == StatusCode.STATUS_CODE_ERROR
                                        ? " ERROR " + root.getStatus().getMessage()
                                        : ""));
        within(root).forEach(it -> lines.addAll(tree(it, indent + "  ")));
        return lines;
    }

    private static long second(long nanos) {
        return Duration.ofNanos(nanos).toSeconds() - NOON.getEpochSecond();
    }

    @Test
    void the_story_of_a_change_is_one_trace_from_its_arrival_to_its_result() {
        long change = story.change("alice", "abc", "mend it");
        at(10);
        story.fire(List.of(change), "abc", "linux", "docs");
        at(12);
        story.build(B1, "docs", Results.SUCCESS);
        at(15);
        story.claim(B1, "linux");
        at(20);
        test.claims.releaseAllOf(TestStory.SCHEDULER, B1, "master b1 is gone");
        at(22);
        Won won = story.claim(B2, "linux");
        story.start(B2, won);
        long log = story.startStep(B2, won, 1, "test");
        at(30);
        story.finishStep(B2, won, 1, log, Results.FAILURE);
        story.complete(B2, won, Results.FAILURE, "test failed");

        try (Follower follower = follower(TestStory.SCHEDULER)) {
            awaitSent(1);
            awaitNoted(follower);
        }

        Span whole = span("buildset main");
        assertThat(tree(whole, ""))
                .containsExactly(
                        "buildset main 0-30 ERROR FAILURE",
                        "  scheduling 0-10",
                        "  request docs 10-12",
                        "    waiting 10-12",
                        "    BUILD docs 12-12",
                        "      test 12-12",
                        "  request linux 10-30 ERROR test failed",
                        "    waiting 10-15",
                        "    BUILD linux 15-20 ERROR master b1 is gone",
                        "    waiting 20-22",
                        "    BUILD linux 22-30 ERROR test failed",
                        "      test 22-30 ERROR exit code 1");
        assertThat(whole.getParentSpanId().isEmpty()).isTrue();
        assertThat(collector.spans()).allMatch(it -> it.getTraceId().equals(whole.getTraceId()));
        assertThat(attributes(whole.getAttributesList()))
                .containsEntry("buildledger.buildset", "1")
                .containsEntry("buildledger.scheduler", "main")
                .containsEntry("buildledger.results", "FAILURE")
                .containsEntry("cicd.pipeline.result", "failure")
                .containsEntry("vcs.ref.head.name", "main")
                .containsEntry("vcs.ref.head.revision", "abc");
        assertThat(whole.getEventsList())
                .singleElement()
                .satisfies(it -> {
                    assertThat(it.getName()).isEqualTo("change received");
                    assertThat(attributes(it.getAttributesList()))
                            .containsEntry("buildledger.change", String.valueOf(change))
                            .containsEntry(
                                    "vcs.repository.url.full", "https://example.org/app.git");
                });
        assertThat(collector.requests.getFirst().toString())
                .contains("buildledger")
                // Names of committers stay in the log.
                .doesNotContain("alice");
        assertThat(count("buildledger.sent.traces")).isEqualTo(1);
    }

    @Test
    void what_a_build_asks_for_is_in_its_trace() {
        story.fire(List.of(story.change("alice", "abc", "mend it")), "abc", "linux");
        Won parent = story.claim(B1, "linux");
        story.start(B1, parent);
        submit(
                "scheduler/tests@0",
                "tests",
                "docs",
                new ParentBuild("linux", 1, "Triggered from"),
                null);
        story.build(B2, "docs", Results.SUCCESS);
        try (Follower follower = follower(TestStory.SCHEDULER)) {
            awaitSent(1);
            story.complete(B1, parent, Results.SUCCESS, "build successful");
            awaitSent(2);
            awaitNoted(follower);
        }

        assertThat(tree(span("buildset main"), ""))
                .containsExactly(
                        "buildset main 0-0",
                        "  request linux 0-0",
                        "    waiting 0-0",
                        "    BUILD linux 0-0",
                        "      buildset tests 0-0",
                        "        request docs 0-0",
                        "          waiting 0-0",
                        "          BUILD docs 0-0",
                        "            test 0-0");
        assertThat(attributes(span("buildset tests").getAttributesList()))
                .containsEntry("buildledger.parent_build", "linux/1");
    }

    /** A build has asked for another buildset and ended before it. */
    private void outlived() {
        story.fire(List.of(story.change("alice", "abc", "mend it")), "abc", "linux");
        Won parent = story.claim(B1, "linux");
        story.start(B1, parent);
        submit(
                "scheduler/tests@0",
                "tests",
                "docs",
                new ParentBuild("linux", 1, "Triggered from"),
                null);
        story.complete(B1, parent, Results.SUCCESS, "build successful");
        story.build(B2, "docs", Results.SUCCESS);
    }

    @Test
    void what_outlives_the_build_that_asked_for_it_waits_for_the_views_to_say_whose_that_was() {
        outlived();
        try (Follower follower = follower(TestStory.SCHEDULER)) {
            await().atMost(LONG_ENOUGH).until(() -> follower.failure(Tracing.NAME).isPresent());
            assertThat(follower.failure(Tracing.NAME).orElseThrow())
                    .hasMessage("the views don't show build linux/1, which asked for buildset 2");
            story.project();
            test.log.wakeFollowers();
            awaitSent(2);
        }

        assertThat(within(span("BUILD linux"))).containsExactly(span("buildset tests"));
        assertThat(span("buildset tests").getTraceId())
                .isEqualTo(span("buildset main").getTraceId());
    }

    @Test
    void what_the_views_never_show_the_asking_build_of_has_a_trace_of_its_own() {
        outlived();
        now = NOON.plusSeconds(120);
        try (Follower _ = follower(TestStory.SCHEDULER)) {
            awaitSent(2);
        }

        assertThat(span("buildset tests").getParentSpanId().isEmpty()).isTrue();
        assertThat(span("buildset tests").getTraceId())
                .isNotEqualTo(span("buildset main").getTraceId());
    }

    @Test
    void what_is_built_once_more_is_linked_to_what_it_repeats() {
        built("abc");
        submit("buildset/1@0", "main", "linux", null, new RebuiltFrom(1, null, null, "alice"));
        story.build(B2, "linux", Results.SUCCESS);

        try (Follower _ = follower(TestStory.SCHEDULER)) {
            awaitSent(2);
        }

        List<Span> buildsets =
                collector.spans().stream()
                        .filter(it -> it.getName().equals("buildset main"))
                        .toList();
        assertThat(buildsets).hasSize(2);
        assertThat(buildsets.get(1).getTraceId()).isNotEqualTo(buildsets.get(0).getTraceId());
        assertThat(buildsets.get(1).getLinksList())
                .singleElement()
                .satisfies(it -> {
                    assertThat(it.getTraceId()).isEqualTo(buildsets.get(0).getTraceId());
                    assertThat(it.getSpanId()).isEqualTo(buildsets.get(0).getSpanId());
                });
    }

    @Test
    void while_the_collector_takes_nothing_traces_wait_in_the_log_and_come_in_their_order() {
        collector.status = 503;
        built("a");
        try (Follower follower = follower(TestStory.SCHEDULER)) {
            await().atMost(LONG_ENOUGH).until(() -> count("buildledger.trace.failures") > 0);
            built("b");
            built("c");
            collector.status = 200;
            await().atMost(LONG_ENOUGH)
                    .until(() -> {
                        test.log.wakeFollowers();
                        return collector.requests.size() >= 3;
                    });
            awaitNoted(follower);
        }

        assertThat(
                        collector.spans().stream()
                                .filter(it -> it.getName().equals("buildset main"))
                                .map(it ->
                                        attributes(it.getAttributesList())
                                                .get("vcs.ref.head.revision")))
                .containsExactly("a", "b", "c");
        assertThat(count("buildledger.sent.traces")).isEqualTo(3);
    }

    /** It has sent a trace, and dies before it can note that. */
    private static final class Dying implements Follower.Reader {
        private final Follower.Reader reader;

        Dying(Follower.Reader reader) {
            this.reader = reader;
        }

        @Override
        public boolean concerns(Object event) {
            return reader.concerns(event);
        }

        @Override
        public void prepare(List<Recorded> events) {
            reader.prepare(events);
        }

        @Override
        public void read(Recorded event) {
            throw new NotYetException("killed");
        }
    }

    @Test
    void what_was_sent_and_not_noted_is_sent_again_by_the_next_master_and_is_the_same_trace() {
        built("abc");
        try (Follower _ = follower(TestStory.SCHEDULER, Dying::new)) {
            await().atMost(LONG_ENOUGH).until(() -> !collector.requests.isEmpty());
        }
        int before = collector.requests.size();
        at(100);
        try (Follower follower = follower(S2)) {
            awaitSent(before + 1);
            awaitNoted(follower);
        }

        assertThat(collector.requests).containsOnly(collector.requests.getFirst());
    }

    @Test
    void of_several_masters_one_sends() {
        try (Follower one = follower(TestStory.SCHEDULER);
                Follower other = follower(S2)) {
            built("a");
            built("b");
            awaitNoted(one, other);
        }

        assertThat(collector.requests).hasSize(2);
    }

    @Test
    void a_trace_that_could_not_be_sent_for_too_long_is_left_out_and_counted() {
        built("old");
        at(3_000);
        built("newer");
        now = NOON.plusSeconds(4_000);

        try (Follower follower = follower(TestStory.SCHEDULER)) {
            awaitNoted(follower);
        }

        assertThat(collector.requests).hasSize(1);
        assertThat(attributes(span("buildset main").getAttributesList()))
                .containsEntry("vcs.ref.head.revision", "newer");
        assertThat(count("buildledger.dropped.traces", "reason", "too_late")).isEqualTo(1);
    }

    @Test
    void what_the_collector_refuses_for_good_holds_up_nothing() {
        collector.status = 400;
        built("bad");
        try (Follower follower = follower(TestStory.SCHEDULER)) {
            awaitNoted(follower);
            collector.status = 200;
            built("good");
            awaitSent(1);
        }

        assertThat(count("buildledger.dropped.traces", "reason", "refused")).isEqualTo(1);
        assertThat(count("buildledger.sent.traces")).isEqualTo(1);
    }

    @Test
    void what_the_collector_throws_away_of_what_it_takes_is_counted_and_told_once() {
        collector.response =
                ExportTraceServiceResponse.newBuilder()
                        .setPartialSuccess(
                                ExportTracePartialSuccess.newBuilder()
                                        .setRejectedSpans(300)
                                        .setErrorMessage("too many spans"))
                        .build();
        ListAppender<ILoggingEvent> told = new ListAppender<>();
        told.start();
        READER.addAppender(told);
        try (Follower follower = follower(TestStory.SCHEDULER)) {
            built("one");
            awaitNoted(follower);
            built("two");
            awaitSent(2);
        } finally {
            READER.detachAppender(told);
        }

        assertThat(count("buildledger.rejected.spans")).isEqualTo(600);
        assertThat(told.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .singleElement()
                .asString()
                .contains("300 spans", "too many spans");
    }

    @Test
    void an_answer_that_is_no_protobuf_is_that_all_was_taken() {
        for (byte[] answer :
                List.of(
                        new byte[] {},
                        "{}".getBytes(UTF_8),
                        new byte[] {10},
                        new byte[] {10, 127, 8},
                        new byte[] {10, 2, 8, -1},
                        new byte[] {10, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
                        new byte[] {10, 0})) {
            assertThat(PartialSuccess.in(answer)).isEmpty();
        }
        assertThat(PartialSuccess.in(null)).isEmpty();
        // A field that is not known, 3, and a warning without a number.
        assertThat(PartialSuccess.in(new byte[] {24, 7, 10, 3, 18, 1, 'w'}))
                .contains(new PartialSuccess(0, "w"));
    }

    /** Takes so many seconds for each answer, and keeps the numbers of buildsets. */
    private static final class Slow implements Collector {
        private final List<Long> taken = new ArrayList<>();
        private final int seconds;
        private long nanos;
        private boolean isBroken;

        Slow(int seconds) {
            this.seconds = seconds;
        }

        @Override
        public Answer send(List<SpanData> spans) {
            nanos += Duration.ofSeconds(seconds).toNanos();
            if (isBroken) {
                isBroken = false;
                throw new IllegalStateException("a bug");
            }
            taken.add(spans.getFirst().getAttributes().get(SpanAttributes.BUILDSET));
            return new Answer.Taken();
        }

        @Override
        public void close() {}
    }

    private TraceReader reader(Slow slow) {
        return new TraceReader(
                new BuildsetSpans(test.log, test.builds),
                slow,
                new TraceMeters(new Meters(counted, System::nanoTime)),
                Duration.ofHours(1),
                () -> now,
                () -> slow.nanos);
    }

    /** The ends of buildsets that have ended. */
    private List<Recorded> ends(int buildsets) {
        List<Recorded> ends = new ArrayList<>();
        for (int i = 1; i <= buildsets; i++) {
            built("r" + i);
            ends.add(test.log.read(Streams.buildset(i)).getLast());
        }
        return ends;
    }

    @Test
    void a_slow_collector_makes_no_turn_long_and_gets_nothing_twice() {
        List<Recorded> ends = ends(4);
        Slow slow = new Slow(40);
        TraceReader reader = reader(slow);

        assertThatThrownBy(() -> reader.prepare(ends)).isInstanceOf(NotYetException.class);
        assertThat(slow.taken).containsExactly(1L, 2L);
        reader.begin();
        reader.prepare(ends);

        assertThat(slow.taken).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void a_trace_that_can_t_be_made_holds_up_no_other() {
        List<Recorded> ends = ends(2);
        Slow slow = new Slow(1);
        slow.isBroken = true;

        reader(slow).prepare(ends);

        assertThat(slow.taken).containsExactly(2L);
        assertThat(count("buildledger.dropped.traces", "reason", "failed")).isEqualTo(1);
    }

    @Test
    void what_a_newer_program_wrote_is_left_to_its_masters() {
        built("abc");
        test.appendOfNewerProgram("buildset/1", "buildset-completed", "99");
        try (Follower follower = follower(TestStory.SCHEDULER)) {
            await().atMost(LONG_ENOUGH).until(() -> follower.failure(Tracing.NAME).isPresent());

            assertThat(follower.failure(Tracing.NAME).orElseThrow())
                    .hasMessageContaining("upgrade this master");
        }
    }

    private Tracing tracing(String keys) throws IOException {
        Path file = directory.resolve("c.yaml");
        Files.writeString(file, "db_url: jdbc:mysql://db/x\ndb_user: me\n" + keys);
        return new Tracing(
                ConfigurationFile.read(file),
                test.log,
                test.dataSource,
                test.builds,
                TestStory.SCHEDULER,
                new Meters(counted, System::nanoTime),
                () -> now);
    }

    @Test
    void without_the_key_nothing_is_begun() throws IOException {
        Tracing tracing = tracing("");

        tracing.start();

        assertThat(tracing.isRunning()).isFalse();
        assertThat(test.count("SELECT COUNT(*) FROM token WHERE processor_name = 'traces'"))
                .isZero();
        assertThat(counted.getMeters()).isEmpty();
        tracing.stop();
    }

    @Test
    void what_ended_before_traces_were_wanted_is_not_sent_and_headers_come_from_a_file()
            throws IOException {
        Path headers = directory.resolve("headers");
        Files.writeString(headers, "# of the collector\nAuthorization: Bearer s3cret\n\n");
        built("before");
        Tracing tracing =
                tracing(
                        "traces: {endpoint: '%s', headers_file: headers}\n"
                                .formatted(collector.endpoint()));
        tracing.start();
        built("after");
        awaitSent(1);
        Files.writeString(headers, "Authorization: Bearer n3w\n");
        built("later");
        awaitSent(2);
        tracing.stop();

        assertThat(collector.authorizations).containsExactly("Bearer s3cret", "Bearer n3w");
        assertThat(collector.spans())
                .noneMatch(it ->
                        "before"
                                .equals(
                                        attributes(it.getAttributesList())
                                                .get("vcs.ref.head.revision")));
    }

    @Test
    void a_collector_that_does_not_answer_holds_up_no_stop() throws Exception {
        collector.isSilent = true;
        Tracing tracing = tracing("traces: {endpoint: '%s'}\n".formatted(collector.endpoint()));
        tracing.start();
        built("abc");
        collector.asked.await();

        long begun = System.nanoTime();
        tracing.stop();

        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
        assertThat(tracing.isRunning()).isFalse();
    }

    @Test
    void a_trace_of_many_spans_is_sent_in_parts() {
        long change = story.change("alice", "abc", "mend it");
        String[] builders = new String[130];
        Arrays.setAll(builders, "builder-%03d"::formatted);
        story.fire(List.of(change), "abc", builders);
        for (String builder : builders) {
            story.build(B1, builder, Results.SUCCESS);
        }

        try (Follower follower = follower(TestStory.SCHEDULER)) {
            awaitNoted(follower);
        }

        assertThat(collector.requests).hasSize(2);
        assertThat(collector.spans()).hasSize(1 + 130 * 4);
        assertThat(count("buildledger.sent.traces")).isEqualTo(1);
    }

    @Test
    void a_line_that_is_no_header_is_told_without_what_it_says() throws IOException {
        Path headers = directory.resolve("headers");
        Files.writeString(headers, "Bearer s3cret\n");

        assertThatThrownBy(() -> OtlpCollector.headersIn(headers))
                .isInstanceOf(IOException.class)
                .hasMessage("line 1 is no header: write NAME: VALUE");

        Files.writeString(headers, "Tenant: 7\nAuthorization: Bearer s3\u00a0cret\n");

        assertThatThrownBy(() -> OtlpCollector.headersIn(headers))
                .isInstanceOf(IOException.class)
                .hasMessage("line 2 is no header: write NAME: VALUE");
    }
}
