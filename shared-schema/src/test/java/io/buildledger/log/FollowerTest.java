package io.buildledger.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.domain.mastering.MasterEvent.MasterStopped;
import io.buildledger.domain.scheduling.TimerEvent.TimerFired;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.testing.CountedSession;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestMasters;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.axonframework.eventhandling.GapAwareTrackingToken;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.springframework.dao.TransientDataAccessResourceException;
import org.springframework.transaction.support.TransactionSynchronizationManager;

@DisplayNameGeneration(ReplaceUnderscores.class)
class FollowerTest {

    private static final Author B1 = new Author("b1", 1);
    private static final Author B2 = new Author("b2", 1);

    private final TestLog test = new TestLog();

    @AfterEach
    void close() {
        test.close();
    }

    private static Entry entry(String stream, long sequence) {
        return new Entry("master/" + stream, sequence, new MasterStopped(stream, sequence));
    }

    private void append(Author author, Entry... entries) {
        test.log.inTransaction(() -> test.log.append(author, "cause", List.of(entries)));
    }

    @Test
    void a_shared_follower_reads_every_event_once_in_order_and_goes_on_where_another_stopped() {
        List<Long> read = Collections.synchronizedList(new ArrayList<>());
        Follower.Reader reader = recorded -> read.add(recorded.sequence());
        try (Follower follower = follower("f", B1, reader).start()) {
            append(B1, entry("x", 0), entry("x", 1));
            await().untilAsserted(() -> assertThat(read).containsExactly(0L, 1L));
            assertThat(follower.position("f")).hasValue(2);
        }
        append(B1, entry("x", 2));
        try (Follower _ = follower("f", B2, reader).start()) {
            await().untilAsserted(() -> assertThat(read).containsExactly(0L, 1L, 2L));
        }
    }

    @Test
    void a_follower_passes_over_what_does_not_concern_its_reader() {
        List<Object> read = Collections.synchronizedList(new ArrayList<>());
        Follower.Reader reader =
                new Follower.Reader() {
                    @Override
                    public boolean concerns(Object event) {
                        return !(event instanceof MasterStopped);
                    }

                    @Override
                    public void read(Recorded recorded) {
                        read.add(recorded);
                    }
                };
        try (Follower follower = follower("f", B1, reader).start()) {
            append(B1, entry("x", 0), entry("x", 1));

            await().untilAsserted(() -> assertThat(follower.position("f")).hasValue(2));
        }
        assertThat(read).isEmpty();
    }

    @Test
    void what_one_program_refuses_another_that_understands_it_goes_on_with() {
        List<Long> read = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger refused = new AtomicInteger();
        test.appendOfNewerProgram("master/x", "master-painted", "1");
        Follower.Reader older =
                recorded -> {
                    refused.incrementAndGet();
                    recorded.understood();
                };
        Follower.Reader newer = recorded -> read.add(recorded.sequence());
        try (Follower _ = follower("f", B1, older).start()) {
            await().until(() -> refused.get() > 0);
            try (Follower _ = follower("f", B2, newer).start()) {
                await().untilAsserted(() -> assertThat(read).containsExactly(0L));
            }
        }
    }

    @Test
    void a_follower_is_told_the_time_of_an_event_as_the_log_has_it() {
        List<Recorded> read = Collections.synchronizedList(new ArrayList<>());
        append(B1, entry("x", 0));
        test.jdbc.sql("UPDATE event SET recorded_at = '2026-01-01 12:00:00.123456'").update();

        try (Follower _ = follower("f", B1, read::add).start()) {
            await().until(() -> !read.isEmpty());
        }

        assertThat(read).isEqualTo(test.log.read("master/x"));
        assertThat(read.getFirst().at()).isEqualTo(Instant.parse("2026-01-01T12:00:00.123456Z"));
    }

    @Test
    void while_its_owner_lives_a_shared_follower_of_the_same_name_stands_by() {
        AtomicInteger first = new AtomicInteger();
        AtomicInteger second = new AtomicInteger();
        try (Follower owner = follower("f", B1, _ -> first.incrementAndGet()).start()) {
            append(B1, entry("x", 0));
            await().until(() -> first.get() == 1);
            try (Follower standby = follower("f", B2, _ -> second.incrementAndGet()).start()) {
                append(B1, entry("x", 1));
                await().until(() -> first.get() == 2);
                assertThat(standby.position("f")).isEmpty();
                assertThat(owner.position("f")).hasValue(2);
            }
        }
        assertThat(second).hasValue(0);
    }

    @Test
    void what_is_recorded_once_a_follower_has_started_is_read_even_from_the_head() {
        append(B1, entry("x", 0));
        List<Long> read = Collections.synchronizedList(new ArrayList<>());
        try (Follower _ =
                Follower.of(
                                "h",
                                Follower.Start.HEAD,
                                test.log,
                                test.dataSource,
                                B1,
                                recorded -> read.add(recorded.sequence()))
                        .start()) {
            append(B1, entry("x", 1));

            await().untilAsserted(() -> assertThat(read).containsExactly(1L));
        }
    }

    @Test
    void followers_look_when_a_timer_has_fired_and_when_others_say_so() {
        List<String> read = Collections.synchronizedList(new ArrayList<>());
        // So seldom that the test would not end by itself.
        EventLog lazy = new EventLog(test.dataSource, test.transactions, Duration.ofHours(1));
        Follower.Reader reader = recorded -> read.add(recorded.id());
        try (Follower _ =
                Follower.of("f", Follower.Start.FIRST_EVENT, lazy, test.dataSource, B1, reader)
                        .start()) {
            TimerFired fired = new TimerFired("main", 1, Instant.EPOCH);
            lazy.inTransaction(() ->
                    lazy.append(B1, null, List.of(new Entry(Streams.timer("main", 1), 0, fired))));
            await().until(() -> read.contains("timer/main/1@0"));

            append(B1, entry("x", 0));
            lazy.lookNow();
            await().until(() -> read.contains("master/x@0"));
        }
    }

    @Test
    void what_a_reader_writes_and_its_place_in_the_log_commit_together() {
        AtomicInteger failures = new AtomicInteger();
        Follower.Reader reader =
                recorded -> {
                    if (recorded.stream().equals("master/x")) {
                        test.log.append(
                                B1, recorded.id(), List.of(entry("derived", recorded.sequence())));
                        if (failures.getAndIncrement() == 0) {
                            throw new IllegalStateException("the first time it fails");
                        }
                    }
                };
        try (Follower _ = follower("f", B1, reader).start()) {
            append(B1, entry("x", 0));
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(test.log.read("master/derived")).hasSize(1));
        }
        assertThat(failures).hasValueGreaterThanOrEqualTo(2);
    }

    @Test
    void what_a_reader_prepares_keeps_no_transaction_open_and_is_prepared_again_if_it_fails() {
        List<List<Long>> prepared = Collections.synchronizedList(new ArrayList<>());
        List<Long> read = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger open = new AtomicInteger();
        append(B1, entry("x", 0), entry("x", 1));
        Follower.Reader reader =
                new Follower.Reader() {
                    @Override
                    public boolean concerns(Object event) {
                        return !event.equals(new MasterStopped("x", 0));
                    }

                    @Override
                    public void prepare(List<Recorded> events) {
                        if (TransactionSynchronizationManager.isActualTransactionActive()) {
                            open.incrementAndGet();
                        }
                        prepared.add(events.stream().map(Recorded::sequence).toList());
                        if (prepared.size() == 1) {
                            throw new Follower.NotYetException("it is told elsewhere");
                        }
                    }

                    @Override
                    public void read(Recorded recorded) {
                        read.add(recorded.sequence());
                    }
                };
        try (Follower follower = follower("f", B1, reader).start()) {
            await().until(() -> follower.position("f").orElse(-1) == 2);
        }
        assertThat(prepared).containsExactly(List.of(1L), List.of(1L));
        assertThat(read).containsExactly(1L);
        assertThat(open).hasValue(0);
    }

    @Test
    void a_life_that_is_over_and_does_not_know_it_neither_writes_nor_moves_its_place()
            throws Exception {
        MasterRegistry registry = new MasterRegistry(test.log, test.dataSource, test.dataSource);
        Author first = registry.register(registration("s"));
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        AtomicInteger rolledBack = new AtomicInteger();
        Follower.Reader reader =
                new Follower.Reader() {
                    @Override
                    public void read(Recorded recorded) {
                        if (recorded.stream().equals("master/x")) {
                            test.log.append(first, recorded.id(), List.of(entry("derived", 0)));
                            reading.countDown();
                            awaitUninterruptibly(over);
                        }
                    }

                    @Override
                    public void rolledBack() {
                        rolledBack.incrementAndGet();
                    }
                };
        try (Follower _ = follower("f", first, reader).start()) {
            append(B1, entry("x", 0));
            reading.await();
            Author second = registry.register(registration("s"));
            assertThat(second.epoch()).isEqualTo(2);
            over.countDown();

            await().until(() -> rolledBack.get() > 0);
        }

        assertThat(test.log.read("master/derived")).isEmpty();
        assertThat(test.count("SELECT COUNT(*) FROM token WHERE owner IS NOT NULL")).isZero();
        List<String> read = Collections.synchronizedList(new ArrayList<>());
        try (Follower _ =
                follower("f", new Author("s", 2), recorded -> read.add(recorded.stream()))
                        .start()) {
            await().until(() -> read.contains("master/x"));
        }
    }

    @Test
    void a_life_that_is_over_takes_no_position_that_is_free() {
        MasterRegistry registry = new MasterRegistry(test.log, test.dataSource, test.dataSource);
        Author first = registry.register(registration("s"));
        Positions ofFirst = new Positions(test.log, test.dataSource, first);
        ofFirst.begin("f", GapAwareTrackingToken.newInstance(0, Set.of()));
        Author second = registry.register(registration("s"));

        assertThat(ofFirst.take(List.of("f"))).isEmpty();
        assertThat(test.count("SELECT COUNT(*) FROM token WHERE owner IS NULL")).isEqualTo(1);

        Positions ofSecond = new Positions(test.log, test.dataSource, second);
        assertThat(ofSecond.take(List.of("f"))).containsOnlyKeys("f");
        assertThat(test.count("SELECT COUNT(*) FROM token WHERE owner = 's#2'")).isEqualTo(1);
    }

    private static Registration registration(String name) {
        return TestMasters.scheduler(name);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void an_event_whose_transaction_commits_late_is_waited_for() throws Exception {
        List<String> read = new ArrayList<>();
        Follower follower = follower("f", B1, recorded -> read.add(recorded.stream()));
        // Steps of the test's own: its thread is not started.
        append(B2, entry("first", 0));
        follower.runOnce();
        try (Connection late = test.dataSource.getConnection()) {
            late.setAutoCommit(false);
            insert(late, "late");
            append(B2, entry("early", 0));

            for (int i = 0; i < 20; i++) {
                follower.runOnce();
            }
            assertThat(read).containsExactly("master/first");
            late.commit();
        }
        follower.runOnce();
        assertThat(read).containsExactly("master/first", "master/late", "master/early");
    }

    @Test
    void what_was_rolled_back_is_waited_for_no_longer_than_it_takes_to_write() throws Exception {
        List<String> read = Collections.synchronizedList(new ArrayList<>());
        try (Follower _ = follower("f", B1, recorded -> read.add(recorded.stream())).start();
                Connection failed = test.dataSource.getConnection()) {
            failed.setAutoCommit(false);
            insert(failed, "failed");
            append(B2, entry("early", 0));
            failed.rollback();

            await().untilAsserted(() -> assertThat(read).containsExactly("master/early"));
        }
    }

    @Test
    void an_event_that_could_not_be_told_to_come_is_read_when_it_has_come() {
        List<String> read = Collections.synchronizedList(new ArrayList<>());
        try (Follower _ = follower("f", B1, recorded -> read.add(recorded.stream())).start()) {
            append(B1, entry("first", 0));
            long missing = test.log.head() + 1;
            test.jdbc.sql("ALTER TABLE event AUTO_INCREMENT = " + (missing + 1)).update();
            append(B1, entry("early", 0));
            await().untilAsserted(
                            () -> assertThat(read).containsExactly("master/first", "master/early"));

            test.insertRaw("master/late");
            test.jdbc
                    .sql("UPDATE event SET global_index = :missing WHERE stream = 'master/late'")
                    .param("missing", missing)
                    .update();

            await().untilAsserted(() -> assertThat(read).contains("master/late"));
        }
    }

    private static void insert(Connection connection, String master) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate(
                    """
                    INSERT INTO event (stream, sequence_number, type, revision, payload, metadata)
                    VALUES ('master/%s', 0, 'master-stopped', '1', '{"master":"x","epoch":1}', '{}')
                    """
                            .formatted(master));
        }
    }

    private Follower follower(String name, Author owner, Follower.Reader reader) {
        return Follower.of(
                name, Follower.Start.FIRST_EVENT, test.log, test.dataSource, owner, reader);
    }

    /** Appends an event for each that it reads of stream {@code master/x}, and remembers them. */
    private class Copying implements Follower.Reader {

        final List<Long> read = Collections.synchronizedList(new ArrayList<>());
        private final EventLog log;
        private final Author author;
        private final String stream;
        volatile boolean isToFail;

        Copying(Author author, String stream) {
            this(test.log, author, stream);
        }

        Copying(EventLog log, Author author, String stream) {
            this.log = log;
            this.author = author;
            this.stream = stream;
        }

        @Override
        public boolean concerns(Object event) {
            return event instanceof MasterStopped stopped && stopped.master().equals("x");
        }

        @Override
        public void read(Recorded recorded) {
            if (isToFail) {
                throw new IllegalStateException("it is told to fail");
            }
            log.append(author, recorded.id(), List.of(entry(stream, recorded.sequence())));
            read.add(recorded.sequence());
        }
    }

    private List<Long> copied(String stream) {
        return test.log.read("master/" + stream).stream().map(Recorded::sequence).toList();
    }

    private static List<Long> upTo(int count) {
        return LongStream.range(0, count).boxed().toList();
    }

    private void appendToX(int from, int to) {
        append(B1, LongStream.range(from, to).mapToObj(it -> entry("x", it)).toArray(Entry[]::new));
    }

    /** What a batch of ten events costs that so many readers copy, each to a stream of its own. */
    private long statementsOfABatch(int readers) {
        try (CountedSession session = new CountedSession(test);
                EventLog log = session.log()) {
            // Steps of the test's own: its thread is not started.
            Follower follower = new Follower("all", log, session.dataSource, B1);
            for (int i = 0; i < readers; i++) {
                String name = "copy-%d-%d".formatted(readers, i);
                follower.add(name, () -> Follower.Start.HEAD, new Copying(log, B1, name));
            }
            follower.runOnce();
            int written = copied("x").size();
            appendToX(written, written + 10);
            long statements = session.statementsOf(follower::runOnce);
            for (int i = 0; i < readers; i++) {
                assertThat(copied("copy-%d-%d".formatted(readers, i))).hasSize(10);
            }
            return statements;
        }
    }

    @Test
    void many_readers_at_one_place_cost_as_many_statements_as_one() {
        assertThat(statementsOfABatch(20)).isEqualTo(statementsOfABatch(1));
    }

    @Test
    void a_reader_that_fails_holds_up_no_other_and_misses_nothing() {
        Copying well = new Copying(B1, "well");
        Copying ill = new Copying(B1, "ill");
        ill.isToFail = true;
        try (Follower follower = new Follower("all", test.log, test.dataSource, B1)) {
            follower.add("well", () -> Follower.Start.FIRST_EVENT, well);
            follower.add("ill", () -> Follower.Start.FIRST_EVENT, ill);
            follower.start();
            appendToX(0, 3);
            await().untilAsserted(() -> assertThat(copied("well")).isEqualTo(upTo(3)));
            appendToX(3, 5);
            await().untilAsserted(() -> assertThat(copied("well")).isEqualTo(upTo(5)));
            assertThat(copied("ill")).isEmpty();

            ill.isToFail = false;
            test.log.wakeFollowers();
            await().untilAsserted(() -> assertThat(copied("ill")).isEqualTo(upTo(5)));
        }
    }

    @Test
    void what_one_can_t_read_another_master_may() {
        Copying ill = new Copying(B1, "copy");
        ill.isToFail = true;
        try (Follower one = new Follower("one", test.log, test.dataSource, B1);
                Follower other = new Follower("other", test.log, test.dataSource, B2)) {
            one.add("f", () -> Follower.Start.FIRST_EVENT, ill);
            one.start();
            appendToX(0, 1);
            await().until(() -> test.count("SELECT COUNT(*) FROM token WHERE owner IS NULL") == 1);
            other.add("f", () -> Follower.Start.FIRST_EVENT, new Copying(B2, "copy"));
            other.start();

            await().untilAsserted(() -> assertThat(copied("copy")).isEqualTo(upTo(1)));
        }
    }

    @Test
    void of_readers_that_are_far_apart_each_reads_all_from_where_it_is() {
        for (int i = 0; i < 8; i++) {
            appendToX(i * 300, (i + 1) * 300);
        }
        try (Follower follower = new Follower("all", test.log, test.dataSource, B1)) {
            follower.add("first", () -> Follower.Start.FIRST_EVENT, new Copying(B1, "first"));
            follower.add("later", () -> new Follower.Start.After(900), new Copying(B1, "later"));
            follower.add("near", () -> new Follower.Start.After(950), new Copying(B1, "near"));
            follower.add("head", () -> Follower.Start.HEAD, new Copying(B1, "head"));
            follower.start();
            appendToX(2400, 2410);

            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(copied("first")).isEqualTo(upTo(2410)));
            await().untilAsserted(() ->
                    assertThat(copied("later")).isEqualTo(upTo(2410).subList(900, 2410)));
            await().untilAsserted(() ->
                    assertThat(copied("near")).isEqualTo(upTo(2410).subList(950, 2410)));
            await().untilAsserted(() ->
                    assertThat(copied("head")).isEqualTo(upTo(2410).subList(2400, 2410)));
        }
    }

    @Test
    void readers_at_different_places_each_read_a_late_event_once() {
        appendToX(0, 600);
        Positions positions = new Positions(test.log, test.dataSource, B1);
        positions.begin("ahead", GapAwareTrackingToken.newInstance(600, Set.of(450L, 460L)));
        positions.begin("between", GapAwareTrackingToken.newInstance(500, Set.of(450L)));
        positions.begin("behind", GapAwareTrackingToken.newInstance(100, Set.of(50L)));
        try (Follower follower = new Follower("all", test.log, test.dataSource, B1)) {
            for (String name : List.of("ahead", "between", "behind")) {
                follower.add(name, () -> Follower.Start.HEAD, new Copying(B1, name));
            }
            follower.start();
            await().until(() -> follower.position("behind").orElse(0) >= 600);
            appendToX(600, 601);
            long head = test.log.head();
            await().until(() ->
                    Stream.of("ahead", "between", "behind")
                            .allMatch(it -> follower.position(it).orElse(-1) >= head));

            // The key of the table would refuse what is read twice, and hold its reader up.
            assertThat(copied("ahead")).containsExactly(449L, 459L, 600L);
            assertThat(copied("between").subList(0, 2)).containsExactly(449L, 500L);
            assertThat(copied("between")).hasSize(102);
            assertThat(copied("behind").subList(0, 2)).containsExactly(49L, 100L);
            assertThat(copied("behind")).hasSize(502);
        }
    }

    @Test
    void a_reader_that_can_t_begin_reads_nothing_and_holds_up_no_other() {
        Copying well = new Copying(B1, "well");
        Copying ill =
                new Copying(B1, "ill") {
                    @Override
                    public void begin() {
                        if (isToFail) {
                            throw new IllegalStateException("it can't begin");
                        }
                    }
                };
        ill.isToFail = true;
        try (Follower follower = new Follower("all", test.log, test.dataSource, B1)) {
            follower.add("ill", () -> Follower.Start.FIRST_EVENT, ill);
            follower.add("well", () -> Follower.Start.FIRST_EVENT, well);
            follower.start();
            appendToX(0, 3);
            await().untilAsserted(() -> assertThat(copied("well")).isEqualTo(upTo(3)));
            assertThat(copied("ill")).isEmpty();

            ill.isToFail = false;
            test.log.wakeFollowers();
            await().untilAsserted(() -> assertThat(copied("ill")).isEqualTo(upTo(3)));
        }
    }

    @Test
    void a_reader_of_which_the_database_never_does_what_it_wants_holds_up_no_other() {
        appendToX(0, 1500);
        Positions positions = new Positions(test.log, test.dataSource, B1);
        positions.begin("ill", GapAwareTrackingToken.newInstance(1500, Set.of()));
        positions.begin("well", GapAwareTrackingToken.newInstance(1500, Set.of()));
        positions.begin("behind", GapAwareTrackingToken.newInstance(1400 - 1000, Set.of()));
        Follower.Reader ill =
                _ -> {
                    throw new TransientDataAccessResourceException(
                            "append", new SQLException("Packet for query is too large", "S1000"));
                };
        try (Follower follower = new Follower("all", test.log, test.dataSource, B1)) {
            follower.add("ill", () -> Follower.Start.HEAD, ill);
            follower.add("well", () -> Follower.Start.HEAD, new Copying(B1, "well"));
            follower.add("behind", () -> Follower.Start.HEAD, new Copying(B1, "behind"));
            follower.start();
            appendToX(1500, 1501);
            // It is woken, as it would wait between its tries.
            await().pollInterval(Duration.ofMillis(20))
                    .untilAsserted(() -> {
                        test.log.wakeFollowers();
                        assertThat(copied("well")).containsExactly(1500L);
                        assertThat(copied("behind")).hasSize(1101);
                    });
        }
    }

    @Test
    void a_transaction_is_bounded_however_many_readers_there_are() {
        AtomicInteger reading = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger all = new AtomicInteger();
        Follower.Reader reader =
                new Follower.Reader() {
                    @Override
                    public void read(Recorded recorded) {
                        reading.incrementAndGet();
                        all.incrementAndGet();
                    }

                    @Override
                    public void committed() {
                        most.accumulateAndGet(reading.getAndSet(0), Math::max);
                    }
                };
        appendToX(0, 100);
        try (Follower follower = new Follower("all", test.log, test.dataSource, B1)) {
            for (int i = 0; i < 30; i++) {
                follower.add("f" + i, () -> Follower.Start.FIRST_EVENT, reader);
            }
            follower.start();
            await().until(() -> all.get() == 30 * 100);
        }
        assertThat(most.get()).isGreaterThan(30).isLessThanOrEqualTo(Batch.MOST_READINGS);
    }

    @Test
    void a_reader_that_is_taken_out_leaves_its_place_to_another_master() {
        try (Follower one = new Follower("one", test.log, test.dataSource, B1);
                Follower other = new Follower("other", test.log, test.dataSource, B2)) {
            one.add("f", () -> Follower.Start.FIRST_EVENT, new Copying(B1, "f"));
            one.add("g", () -> Follower.Start.FIRST_EVENT, new Copying(B1, "g"));
            one.start();
            appendToX(0, 2);
            await().untilAsserted(() -> assertThat(copied("f")).isEqualTo(upTo(2)));
            Copying successor = new Copying(B2, "f");
            other.add("f", () -> Follower.Start.FIRST_EVENT, successor);
            other.start();

            one.remove("f");
            appendToX(2, 4);

            await().untilAsserted(() -> assertThat(copied("f")).isEqualTo(upTo(4)));
            await().untilAsserted(() -> assertThat(copied("g")).isEqualTo(upTo(4)));
            assertThat(successor.read).containsExactly(2L, 3L);
            assertThat(
                            test.count(
                                    "SELECT COUNT(*) FROM token WHERE processor_name = 'g' AND owner = 'b1#1'"))
                    .isEqualTo(1);
        }
    }

    @Test
    void a_reader_is_told_when_it_begins_that_what_it_knew_may_be_old() {
        AtomicInteger begun = new AtomicInteger();
        AtomicInteger failures = new AtomicInteger();
        Follower.Reader reader =
                new Follower.Reader() {
                    @Override
                    public void begin() {
                        begun.incrementAndGet();
                    }

                    @Override
                    public void read(Recorded recorded) {
                        if (recorded.sequence() == 1 && failures.getAndIncrement() == 0) {
                            throw new IllegalStateException("once");
                        }
                    }
                };
        try (Follower follower = follower("f", B1, reader).start()) {
            appendToX(0, 1);
            await().until(() -> follower.position("f").orElse(-1) == 1);
            assertThat(begun).hasValue(1);
            appendToX(1, 2);
            await().until(() -> failures.get() == 1);
            test.log.wakeFollowers();
            await().until(() -> follower.position("f").orElse(-1) == 2);
        }
        assertThat(begun).hasValue(2);
    }
}
