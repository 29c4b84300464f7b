package io.buildledger.sealing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.domain.mastering.MasterEvent.MasterDrained;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.EventImport;
import io.buildledger.log.EventLog;
import io.buildledger.log.Streams;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.mastering.Upkeep;
import io.buildledger.testing.CountedSession;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestMasters;
import io.buildledger.testing.TestSealing;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SealingTest {

    private final TestLog test = new TestLog();
    private final MasterRegistry registry =
            new MasterRegistry(test.log, test.dataSource, test.dataSource);
    private final Author b1 = registry.register(TestMasters.builder("b1"));
    private final TestSealing sealing = new TestSealing(test, b1);

    @AfterEach
    void close() {
        test.close();
    }

    private long head() {
        return test.count("SELECT MAX(global_index) FROM event");
    }

    private static void insert(Connection connection, String stream) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate(
                    """
                    INSERT INTO event (stream, sequence_number, type, revision, payload, metadata)
                    VALUES ('%s', 0, 'master-stopped', '1', '{"master":"x","epoch":1}', '{}')
                    """
                            .formatted(stream));
        }
    }

    /**
     * By the checker, and by SQL: one block of each number, on the one before, and no event left
     * out.
     */
    private void assertSoundUpTo(long index) {
        ChainVerdict verdict = sealing.verify();
        assertThat(verdict.violations()).isEmpty();
        assertThat(verdict.violationsInAll()).isZero();
        assertThat(verdict.sealedUpTo()).isEqualTo(index);
        assertThat(verdict.events())
                .isEqualTo(test.count("SELECT COUNT(*) FROM event WHERE global_index <= " + index));
        assertThat(test.count("SELECT SUM(events) FROM event_chain")).isEqualTo(verdict.events());
        assertThat(
                        test.count(
                                """
                                SELECT COUNT(*) FROM event_chain later
                                 WHERE block_number > 0
                                   AND NOT EXISTS (SELECT 1 FROM event_chain earlier
                                                    WHERE earlier.block_number = later.block_number - 1
                                                      AND earlier.hash = later.previous_hash
                                                      AND earlier.last_index < later.first_index)
                                """))
                .isZero();
    }

    @Test
    void an_event_is_sealed_when_no_transaction_of_its_time_is_open_any_more() {
        long head = head();
        assertThat(sealing.look()).isTrue();
        assertThat(sealing.look()).isFalse();
        sealing.passNearlyLongestTransaction();
        test.insertRaw("master/later");
        assertThat(sealing.look()).isFalse();
        assertThat(sealing.sealedUpTo()).isZero();

        sealing.passLongestTransaction();
        sealing.look();

        assertThat(sealing.sealedUpTo()).isEqualTo(head());
        assertThat(head()).isGreaterThan(head);
        assertSoundUpTo(head());
    }

    @Test
    void an_event_that_was_written_after_a_look_waits_for_its_own_time() {
        long head = head();
        sealing.look();
        sealing.look();
        test.insertRaw("master/later");

        sealing.passLongestTransaction();
        sealing.look();

        assertThat(sealing.sealedUpTo()).isEqualTo(head);
        assertThat(sealing.verify().unsealed()).isEqualTo(1);
        assertThat(sealing.verify().unsealedSince()).isNotNull();
    }

    @Test
    void where_nothing_is_new_nothing_is_sealed() {
        sealing.seal();
        long blocks = sealing.blocks();

        sealing.seal();

        assertThat(sealing.blocks()).isEqualTo(blocks);
    }

    @Test
    void a_hash_is_what_the_documentation_says() throws Exception {
        // All that a text may hold, and a time with microseconds.
        test.jdbc
                .sql(
                        """
                        INSERT INTO event (stream, sequence_number, type, revision, payload, metadata, recorded_at)
                        VALUES ('build/grüße 🚀/1', 0, 'x', '1', :payload, '', '2026-03-01 23:59:59.000001')
                        """)
                .param("payload", "{\"a\":\"\\u0000 é \uD83D\uDE80 \uFFFD\"}" + "x".repeat(70_000))
                .update();
        sealing.seal();
        test.insertRaw("master/next");
        sealing.seal();

        byte[] previous = null;
        try (Connection connection = test.dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet block =
                        statement.executeQuery(
                                """
                                SELECT block_number, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', sealed_at) AS sealed_at,
                                       first_index, last_index, events, previous_hash, hash
                                  FROM event_chain ORDER BY block_number
                                """)) {
            while (block.next()) {
                if (previous != null) {
                    assertThat(block.getBytes("previous_hash")).isEqualTo(previous);
                    assertThat(block.getBytes("hash")).isEqualTo(documentedHash(block));
                }
                previous = block.getBytes("hash");
            }
        }
        assertThat(sealing.blocks()).isEqualTo(3);
        assertSoundUpTo(head());
    }

    private byte[] documentedHash(ResultSet block) throws Exception {
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        ByteArrayOutputStream contents = new ByteArrayOutputStream();
        DataOutputStream ofContents = new DataOutputStream(contents);
        try (Connection connection = test.dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet event =
                        statement.executeQuery(
                                """
                                SELECT global_index, CAST(stream AS BINARY) AS stream, sequence_number,
                                       CAST(type AS BINARY) AS type, CAST(revision AS BINARY) AS revision,
                                       CAST(payload AS BINARY) AS payload, CAST(metadata AS BINARY) AS metadata,
                                       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', recorded_at) AS recorded_at
                                  FROM event WHERE global_index BETWEEN %d AND %d ORDER BY global_index
                                """
                                        .formatted(
                                                block.getLong("first_index"),
                                                block.getLong("last_index")))) {
            while (event.next()) {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                DataOutputStream of = new DataOutputStream(bytes);
                of.writeByte(0);
                text(of, event.getBytes("stream"));
                of.writeLong(event.getLong("sequence_number"));
                text(of, event.getBytes("type"));
                text(of, event.getBytes("revision"));
                text(of, event.getBytes("payload"));
                text(of, event.getBytes("metadata"));
                of.writeLong(event.getLong("recorded_at"));
                ofContents.writeLong(event.getLong("global_index"));
                ofContents.write(sha256.digest(bytes.toByteArray()));
            }
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream of = new DataOutputStream(bytes);
        of.writeByte(1);
        of.write(block.getBytes("previous_hash"));
        of.writeLong(block.getLong("block_number"));
        of.writeLong(block.getLong("sealed_at"));
        of.writeLong(block.getLong("first_index"));
        of.writeLong(block.getLong("last_index"));
        of.writeLong(block.getLong("events"));
        of.write(sha256.digest(contents.toByteArray()));
        return sha256.digest(bytes.toByteArray());
    }

    private static void text(DataOutputStream to, byte[] bytes) throws IOException {
        to.writeInt(bytes.length);
        to.write(bytes);
    }

    @Test
    void a_history_from_before_there_was_a_chain_is_sealed_in_blocks_of_a_size() {
        int events = 2 * Sealing.MOST_EVENTS + 17;
        EventImport log = new EventImport(test.dataSource);
        long first = head() + 1;
        test.transactionTemplate()
                .executeWithoutResult(_ ->
                        log.write(
                                IntStream.range(0, events)
                                        .mapToObj(i ->
                                                log.row(
                                                        first + i,
                                                        new Entry(
                                                                "master/m" + i,
                                                                0,
                                                                new MasterDrained(
                                                                        "m" + i, 1, false, "ann")),
                                                        b1,
                                                        null,
                                                        Instant.EPOCH))
                                        .toList()));

        sealing.seal();

        assertThat(
                        test.jdbc
                                .sql("SELECT events FROM event_chain ORDER BY block_number")
                                .query(Integer.class)
                                .list())
                .containsExactly(0, Sealing.MOST_EVENTS, Sealing.MOST_EVENTS, 18);
        assertSoundUpTo(head());
    }

    @Test
    void an_event_that_commits_after_later_ones_is_not_left_out() throws SQLException {
        sealing.seal();
        long sealed = sealing.sealedUpTo();
        try (Connection open = test.dataSource.getConnection()) {
            open.setAutoCommit(false);
            insert(open, "master/late");
            test.insertRaw("master/early");
            // A transaction that lives longer than any should.
            sealing.seal();
            sealing.seal();
            assertThat(sealing.sealedUpTo()).isEqualTo(sealed);

            open.commit();
        }
        sealing.seal();

        assertSoundUpTo(head());
        assertThat(sealing.verify().events()).isEqualTo(test.count("SELECT COUNT(*) FROM event"));
    }

    @Test
    void an_index_that_was_rolled_back_is_passed_over() throws SQLException {
        try (Connection open = test.dataSource.getConnection()) {
            open.setAutoCommit(false);
            insert(open, "master/never");
            test.insertRaw("master/x");
            open.rollback();
        }

        sealing.seal();

        assertSoundUpTo(head());
    }

    @Test
    void a_master_whose_life_is_over_seals_nothing_more_and_another_goes_on_where_it_ended() {
        Author b2 = registry.register(TestMasters.builder("b2"));
        TestSealing other = new TestSealing(test, b2);
        sealing.seal();
        other.seal();
        long blocks = sealing.blocks();
        test.insertRaw("master/x");
        // Fenced, and the one who did has not come to free what it owned.
        test.jdbc.sql("UPDATE master SET epoch = epoch + 1 WHERE name = 'b1'").update();
        sealing.seal();
        assertThat(sealing.blocks()).isEqualTo(blocks);
        test.jdbc.sql("UPDATE master SET epoch = epoch - 1 WHERE name = 'b1'").update();

        registry.stop(b1);
        sealing.seal();
        assertThat(sealing.blocks()).isEqualTo(blocks);
        other.seal();

        assertThat(sealing.blocks()).isEqualTo(blocks + 1);
        assertSoundUpTo(head());
    }

    @Test
    void nothing_is_added_to_a_block_that_is_not_there() {
        sealing.seal();
        ChainTable chain = new ChainTable(test.jdbc);
        Contents contents = new Contents();
        contents.add(1_000, new byte[Hash.BYTES]);
        Block newest = chain.read(1, 1, 1).getFirst();

        assertThat(chain.add(Block.sealed(3, contents, Instant.EPOCH, newest.hash()))).isFalse();
        assertThat(chain.add(Block.sealed(2, contents, Instant.EPOCH, Hash.random()))).isFalse();
        assertThat(chain.add(Block.sealed(2, contents, Instant.EPOCH, newest.hash()))).isTrue();
    }

    @Test
    void what_is_idle_asks_for_little() {
        Author b2 = registry.register(TestMasters.builder("b2"));
        sealing.seal();
        try (CountedSession session = new CountedSession(test)) {
            EventLog log = session.log();
            Sealing owner = new Sealing(log, session.dataSource, b1, () -> 0);
            Sealing other = new Sealing(log, session.dataSource, b2, () -> 0);

            assertThat(session.statementsOf(owner::sealNext)).isEqualTo(2);
            assertThat(session.statementsOf(other::sealNext)).isEqualTo(1);
        }
    }

    @Test
    void whoever_writes_and_whoever_seals_there_is_one_chain_of_all_events() throws Exception {
        int writers = 3;
        AtomicInteger writing = new AtomicInteger(writers);
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < writers; i++) {
                int writer = i;
                all.add(
                        threads.submit(() -> {
                            write("w" + writer, 400);
                            return writing.decrementAndGet();
                        }));
            }
            // Both in the same life, so that neither is kept from it.
            for (int i = 0; i < 2; i++) {
                all.add(
                        threads.submit(() -> {
                            // A minute is 60 ms.
                            Sealing one =
                                    new Sealing(
                                            test.log,
                                            test.dataSource,
                                            b1,
                                            () -> System.nanoTime() * 1_000);
                            while (writing.get() > 0 || sealing.sealedUpTo() < head()) {
                                one.sealNext();
                            }
                            return true;
                        }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }

        assertThat(sealing.blocks()).isGreaterThan(2);
        assertThat(test.count("SELECT COUNT(*) FROM event")).isGreaterThan(writers * 400L);
        assertSoundUpTo(head());
    }

    /** Now and then a transaction is rolled back, and leaves holes. */
    private void write(String name, int transactions) {
        for (int i = 0; i < transactions; i++) {
            int sequence = i;
            List<Entry> entries =
                    List.of(
                            new Entry(
                                    Streams.master(name),
                                    sequence,
                                    new MasterDrained(name, 1, false, "ann")),
                            new Entry(
                                    Streams.master(name + "-too"),
                                    sequence,
                                    new MasterDrained(name, 1, false, "ann")));
            if (i % 7 == 0) {
                test.transactionTemplate()
                        .executeWithoutResult(transaction -> {
                            test.insertRaw("master/rolled-back-" + name + sequence);
                            transaction.setRollbackOnly();
                        });
            }
            test.log.inTransaction(() -> test.log.append(b1, null, entries));
        }
    }

    @Test
    void a_loop_goes_on_until_it_is_closed() {
        Sealing fast =
                new Sealing(test.log, test.dataSource, b1, () -> System.nanoTime() * 1_000_000);
        try (Upkeep _ = new Upkeep("sealing", fast::sealNext, Duration.ofMillis(10)).start()) {
            await().atMost(Duration.ofSeconds(20)).until(() -> sealing.sealedUpTo() == head());
        }
        test.insertRaw("master/x");
        long blocks = sealing.blocks();

        assertThat(blocks).isEqualTo(2);
        assertSoundUpTo(sealing.sealedUpTo());
    }
}
