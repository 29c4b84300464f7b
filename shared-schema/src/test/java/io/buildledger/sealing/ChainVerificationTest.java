package io.buildledger.sealing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import io.buildledger.log.EventRows;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.replaying.ReplayProgress;
import io.buildledger.sealing.ChainFinding.Kind;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestMasters;
import io.buildledger.testing.TestSealing;
import io.buildledger.testing.TestStory;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each kind of tampering, done by SQL, is found and named. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ChainVerificationTest {

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);
    private Author b1;
    private TestSealing sealing;

    /**
     * Blocks 1 to 4, of several events each, with a hole in the indexes before each but the first.
     */
    @BeforeEach
    void aSealedHistory() {
        b1 =
                new MasterRegistry(test.log, test.dataSource, test.dataSource)
                        .register(TestMasters.builder("b1"));
        sealing = new TestSealing(test, b1);
        for (int i = 1; i <= 4; i++) {
            story.fire(List.of(story.change("ann", "r" + i, "Mend it")), "r" + i, "linux");
            story.build(b1, "linux", Results.SUCCESS);
            sealing.seal();
            test.transactionTemplate()
                    .executeWithoutResult(transaction -> {
                        test.insertRaw("master/never");
                        transaction.setRollbackOnly();
                    });
        }
        assertThat(sealing.blocks()).isEqualTo(5);
        assertThat(verify().violations()).isEmpty();
    }

    @AfterEach
    void close() {
        test.close();
    }

    private ChainVerdict verify(Checkpoint... checkpoints) {
        return sealing.verify(checkpoints);
    }

    private void update(String sql) {
        assertThat(test.jdbc.sql(sql).update()).as(sql).isPositive();
    }

    private long first(int block) {
        return test.count("SELECT first_index FROM event_chain WHERE block_number = " + block);
    }

    private long last(int block) {
        return test.count("SELECT last_index FROM event_chain WHERE block_number = " + block);
    }

    private String placeOf(long index) {
        return test.jdbc
                .sql("SELECT event_id FROM event WHERE global_index = :index")
                .param("index", index)
                .query(String.class)
                .single();
    }

    private static ChainFinding only(ChainVerdict verdict) {
        assertThat(verdict.violations()).hasSize(1);
        assertThat(verdict.violationsInAll()).isEqualTo(1);
        assertThat(verdict.checkpoint()).isNull();
        return verdict.violations().getFirst();
    }

    private static void assertOnly(ChainVerdict verdict, Kind kind, long block, String what) {
        ChainFinding finding = only(verdict);
        assertThat(finding.kind()).isEqualTo(kind);
        assertThat(finding.block()).isEqualTo(block);
        assertThat(finding.what()).contains(what);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "payload = CONCAT(payload, ' ')",
                "payload = REPLACE(payload, ':', ': ')",
                "metadata = REPLACE(metadata, 'b1', 'b2')",
                "metadata = '{}'",
                "recorded_at = recorded_at + INTERVAL 1 MICROSECOND",
                "type = 'build-request-cancelled'",
                "revision = '2'",
                "stream = CONCAT(stream, '0')",
                "stream = CONCAT(stream, ' ')",
                "stream = UPPER(stream)",
                "sequence_number = sequence_number + 1000",
            })
    void an_event_that_was_altered_is_named(String assignment) {
        long index = last(2) - 1;
        update("UPDATE event SET %s WHERE global_index = %d".formatted(assignment, index));

        ChainFinding finding = only(verify());

        assertThat(finding.kind()).isEqualTo(Kind.ALTERED);
        assertThat(finding.block()).isEqualTo(2);
        assertThat(finding.index()).isEqualTo(index);
        assertThat(finding.event()).hasToString(placeOf(index));
        assertThat(finding.what())
                .isEqualTo(
                        "event %d, %s, is not what was sealed: its row was changed"
                                .formatted(index, placeOf(index)));
    }

    @Test
    void a_text_that_was_moved_from_one_column_to_the_next_is_found() {
        update(
                "UPDATE event SET payload = CONCAT(payload, LEFT(metadata, 1)), metadata = SUBSTRING(metadata, 2) WHERE global_index = "
                        + last(2));

        assertOnly(verify(), Kind.ALTERED, 2, "event " + last(2));
    }

    @Test
    void events_that_were_deleted_are_named_wherever_in_their_block_they_were() {
        for (long index : List.of(first(2), first(2) + 1, last(2), last(4))) {
            test.jdbc.sql("CREATE TABLE kept AS SELECT * FROM event").update();
            update("DELETE FROM event WHERE global_index = " + index);

            assertOnly(
                    verify(),
                    Kind.DELETED,
                    index == last(4) ? 4 : 2,
                    "event %d was deleted".formatted(index));

            test.jdbc
                    .sql(
                            """
                            INSERT INTO event (global_index, stream, sequence_number, type, revision, payload, metadata, recorded_at)
                            SELECT global_index, stream, sequence_number, type, revision, payload, metadata, recorded_at
                              FROM kept WHERE global_index = :index
                            """)
                    .param("index", index)
                    .update();
            test.jdbc.sql("DROP TABLE kept").update();
            assertThat(verify().violations()).isEmpty();
        }
    }

    @Test
    void many_that_were_deleted_are_told_together() {
        long events = last(3) - first(3) + 1;
        update(
                "DELETE FROM event WHERE global_index BETWEEN %d AND %d"
                        .formatted(first(3), last(3)));

        assertOnly(
                verify(),
                Kind.DELETED,
                3,
                "events %d to %d were deleted, %d of them".formatted(first(3), last(3), events));
    }

    @Test
    void the_log_cut_off_at_its_end_is_found() {
        update("DELETE FROM event WHERE global_index > " + last(2));

        assertThat(verify().violations())
                .extracting(ChainFinding::kind, ChainFinding::block)
                .containsExactly(tuple(Kind.DELETED, 3L), tuple(Kind.DELETED, 4L));
    }

    private void insert(long index, String stream) {
        test.jdbc
                .sql(
                        """
                        INSERT INTO event (global_index, stream, sequence_number, type, revision, payload, metadata)
                        VALUES (:index, :stream, 0, 'x', '1', '{}', '{}')
                        """)
                .param("index", index)
                .param("stream", stream)
                .update();
    }

    @Test
    void an_event_that_was_inserted_is_named() {
        // Where a transaction was rolled back.
        long index = last(2) + 1;
        insert(index, "x/1");

        assertOnly(
                verify(),
                Kind.INSERTED,
                3,
                "event %d, x/1@0, was not there when block 3 was sealed: it was inserted"
                        .formatted(index));
    }

    @Test
    void events_before_the_first_that_there_can_be_are_found() {
        insert(-7, "x/1");
        insert(-6, "x/2");

        assertOnly(
                verify(),
                Kind.INSERTED,
                0,
                "events -7 to -6, 2 of them from x/1@0 on, were not there when block 0 was sealed");
    }

    @Test
    void an_event_that_was_put_in_the_place_of_another_is_one_that_was_altered() {
        long index = first(2) + 1;
        update("DELETE FROM event WHERE global_index = " + index);
        insert(index, "x/1");

        assertOnly(verify(), Kind.ALTERED, 2, "event %d, x/1@0,".formatted(index));
    }

    @ParameterizedTest
    @CsvSource({"2, 2", "2, 4"})
    void events_whose_indexes_were_exchanged_are_named(int blockOfOne, int blockOfOther) {
        long one = first(blockOfOne);
        long other = last(blockOfOther);
        String placeOfOne = placeOf(one);
        String placeOfOther = placeOf(other);
        move(one, 1_000_000);
        move(other, one);
        move(1_000_000, other);

        assertThat(verify().violations())
                .extracting(ChainFinding::kind, ChainFinding::what)
                .containsExactly(
                        tuple(
                                Kind.REORDERED,
                                "event %d, %s, was sealed as event %d: it was moved"
                                        .formatted(one, placeOfOther, other)),
                        tuple(
                                Kind.REORDERED,
                                "event %d, %s, was sealed as event %d: it was moved"
                                        .formatted(other, placeOfOne, one)));
    }

    private void move(long index, long to) {
        update("UPDATE event SET global_index = %d WHERE global_index = %d".formatted(to, index));
    }

    @Test
    void an_event_that_was_moved_into_a_hole_is_named_once() {
        move(first(2), last(3) + 1);

        assertOnly(
                verify(),
                Kind.REORDERED,
                4,
                "event %d, %s, was sealed as event %d"
                        .formatted(last(3) + 1, placeOf(last(3) + 1), first(2)));
    }

    @Test
    void an_event_that_was_moved_over_another_is_named_and_the_other_as_deleted() {
        long over = first(2) + 1;
        update("DELETE FROM event WHERE global_index = " + over);
        move(first(2), over);

        assertThat(verify().violations())
                .extracting(ChainFinding::kind, ChainFinding::index)
                .containsExactlyInAnyOrder(tuple(Kind.REORDERED, over), tuple(Kind.DELETED, over));
    }

    @Test
    void all_that_was_done_to_one_block_and_to_others_is_told() {
        update("UPDATE event SET payload = '{}' WHERE global_index = " + first(1));
        update("DELETE FROM event WHERE global_index = " + first(3));
        update("DELETE FROM event WHERE global_index = " + (first(3) + 2));
        insert(last(3) + 1, "x/1");

        assertThat(verify().violations())
                .extracting(ChainFinding::kind, ChainFinding::block)
                .containsExactly(
                        tuple(Kind.ALTERED, 1L),
                        tuple(Kind.DELETED, 3L),
                        tuple(Kind.DELETED, 3L),
                        tuple(Kind.INSERTED, 4L));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hash = REPEAT('x', 32)",
                "previous_hash = REPEAT('x', 32)",
                "sealed_at = sealed_at - INTERVAL 1 SECOND",
                "events = events + 1",
                "first_index = first_index + 1",
                "last_index = last_index - 1",
                "last_index = last_index + 3",
                "marks = ''",
                "marks = 'y'",
                "marks = CONCAT(marks, 'yyyyy')",
                "marks = CONCAT(LEFT(marks, LENGTH(marks) - 1), 'y')",
                // Distances: of the first event, of one amid them, of the last.
                "marks = CONCAT(CHAR(ASCII(marks) + 1), SUBSTRING(marks, 2))",
                "marks = CONCAT(CHAR(ASCII(marks) - 3), SUBSTRING(marks, 2))",
                "marks = INSERT(marks, 6, 1, CHAR(9))",
                "marks = INSERT(marks, LENGTH(marks) - 4, 1, CHAR(120))",
                "marks = INSERT(marks, LENGTH(marks) - 4, 1, X'FF')",
            })
    void a_row_of_the_chain_that_was_changed_is_named(String assignment) {
        update("UPDATE event_chain SET " + assignment + " WHERE block_number = 2");

        ChainVerdict verdict = verify();

        assertThat(verdict.violations())
                .as(verdict.toString())
                .isNotEmpty()
                .allMatch(finding -> finding.kind() == Kind.CHAIN_CHANGED)
                .first()
                .satisfies(finding -> assertThat(finding.block()).isEqualTo(2));
        assertThat(verdict.violations()).hasSize(1);
    }

    @Test
    void an_event_that_was_altered_together_with_its_mark_is_found_and_its_block_named() {
        long index = first(2);
        update("UPDATE event SET payload = '{}' WHERE global_index = " + index);
        update(
                test.jdbc
                        .sql("SELECT marks FROM event_chain WHERE block_number = 2")
                        .query((row, _) -> row.getBytes(1))
                        .single(),
                index);

        assertOnly(
                verify(),
                Kind.CHAIN_CHANGED,
                2,
                "block 2 of the chain: its row was changed, or an event of %d to %d together with its mark"
                        .formatted(first(2), last(2)));
    }

    private void update(byte[] marks, long index) {
        List<Mark> changed =
                Marks.stored(marks).read().orElseThrow().stream()
                        .map(mark -> mark.index() == index ? markNow(index) : mark)
                        .toList();
        test.jdbc
                .sql("UPDATE event_chain SET marks = :marks WHERE block_number = 2")
                .param("marks", Marks.of(changed).bytes())
                .update();
    }

    private Mark markNow(long index) {
        Mark[] mark = new Mark[1];
        new EventRows(test.jdbc)
                .read(
                        index - 1,
                        index,
                        1,
                        row -> mark[0] = Mark.of(index, new EventHash().of(row)));
        return mark[0];
    }

    @Test
    void rows_of_the_chain_that_were_deleted_are_named_and_what_is_after_them_is_checked() {
        update("DELETE FROM event_chain WHERE block_number IN (1, 2)");
        assertOnly(verify(), Kind.CHAIN_MISSING, 1, "blocks 1 to 2 of the chain are missing");

        update("UPDATE event SET payload = '{}' WHERE global_index = " + first(3));
        assertThat(verify().violations())
                .extracting(ChainFinding::kind)
                .containsExactly(Kind.CHAIN_MISSING, Kind.ALTERED);
    }

    @Test
    void the_first_row_of_the_chain_is_missed_too_and_which_log_it_is_stays_known() {
        Checkpoint checkpoint = sealing.checkpoint();
        update("DELETE FROM event_chain WHERE block_number = 0");

        assertOnly(verify(checkpoint), Kind.CHAIN_MISSING, 0, "block 0 of the chain is missing");
    }

    @Test
    void a_block_that_was_made_anew_does_not_fit_the_next() {
        update("UPDATE event SET payload = '{}' WHERE global_index = " + first(2));
        makeAnew(2);

        assertOnly(
                verify(),
                Kind.CHAIN_CHANGED,
                2,
                "block 2 of the chain is not the one that block 3 was sealed on");
    }

    /** As somebody would who knows how, and can write to the database. */
    private void makeAnew(long number) {
        ChainTable chain = new ChainTable(test.jdbc);
        Block old = chain.read(number, number, 1).getFirst();
        Block before = chain.read(number - 1, number, 1).getFirst();
        Contents contents = new Contents();
        new EventRows(test.jdbc)
                .read(
                        before.lastIndex(),
                        old.lastIndex(),
                        1_000,
                        row -> contents.add(row.index(), new EventHash().of(row)));
        Block anew = Block.sealed(number, contents, old.sealedAt(), before.hash());
        test.jdbc
                .sql(
                        "UPDATE event_chain SET previous_hash = :previous, hash = :hash, marks = :marks, events = :events WHERE block_number = :number")
                .param("number", number)
                .param("previous", anew.previous().bytes())
                .param("hash", anew.hash().bytes())
                .param("marks", anew.marks().bytes())
                .param("events", anew.events())
                .update();
    }

    @Test
    void a_chain_that_was_made_anew_from_there_on_is_found_by_a_checkpoint_alone() {
        Checkpoint checkpoint = sealing.checkpoint();
        update("UPDATE event SET payload = '{}' WHERE global_index = " + first(2));
        for (int block = 2; block <= 4; block++) {
            makeAnew(block);
        }

        assertThat(verify().violations()).isEmpty();
        assertOnly(
                verify(checkpoint),
                Kind.CHAIN_REPLACED,
                4,
                "block 4 is not the one of the checkpoint of");
    }

    @Test
    void several_checkpoints_tell_between_which_of_them_it_was() {
        ChainTable chain = new ChainTable(test.jdbc);
        Hash log = chain.log().orElseThrow();
        Checkpoint[] all =
                chain.read(1, 4, 4).stream()
                        .map(block -> Checkpoint.of(log, block, 0))
                        .toArray(Checkpoint[]::new);
        ChainVerdict before = verify(all);
        assertThat(before.violations()).isEmpty();
        assertThat(before.checkpoints()).isEqualTo(4);
        update("UPDATE event SET payload = '{}' WHERE global_index = " + first(3));
        makeAnew(3);
        makeAnew(4);

        ChainVerdict verdict = verify(all);

        assertThat(verdict.checkpoints()).isEqualTo(2);
        assertThat(verdict.violations()).extracting(ChainFinding::block).containsExactly(3L, 4L);
        assertThat(verdict.violations().getFirst().what())
                .contains("an event of %d to %d was changed".formatted(last(2) + 1, last(3)));
    }

    @Test
    void a_chain_that_was_begun_anew_is_that_of_another_log() {
        Checkpoint checkpoint = sealing.checkpoint();
        update("DELETE FROM event_chain");
        sealing.seal();
        assertThat(verify().violations()).isEmpty();

        assertOnly(verify(checkpoint), Kind.OTHER_LOG, 4, "the checkpoint of");
        try (TestLog another = new TestLog()) {
            TestSealing other = new TestSealing(another, b1);
            assertOnly(other.verify(checkpoint), Kind.CHAIN_SHORTER, 4, "nothing of this log");
            another.insertRaw("master/x");
            other.seal();
            assertOnly(other.verify(checkpoint), Kind.OTHER_LOG, 4, "it is of another cluster");
        }
    }

    @Test
    void the_last_rows_of_the_chain_are_missed_by_a_checkpoint_alone() {
        Checkpoint checkpoint = sealing.checkpoint();
        update("DELETE FROM event_chain WHERE block_number > 2");

        ChainVerdict alone = verify();
        assertThat(alone.violations()).isEmpty();
        assertThat(alone.unsealed()).isPositive();
        assertOnly(
                verify(checkpoint),
                Kind.CHAIN_SHORTER,
                4,
                "the chain ends with block 2, and the checkpoint of %s is of block 4: rows of the chain were deleted"
                        .formatted(checkpoint.sealedAt()));
        // Sealed once more, at another time.
        sealing.seal();
        assertThat(verify(checkpoint).violations())
                .extracting(ChainFinding::kind)
                .containsExactly(Kind.CHAIN_SHORTER);
        test.insertRaw("master/x");
        sealing.seal();
        assertOnly(verify(checkpoint), Kind.CHAIN_REPLACED, 4, "the chain made anew");
    }

    @Test
    void an_older_copy_is_told_from_the_log_and_so_is_one_that_has_gone_on() {
        Checkpoint checkpoint = sealing.checkpoint();
        update("DELETE FROM event WHERE global_index > " + last(2));
        update("DELETE FROM event_chain WHERE block_number > 2");

        assertOnly(
                verify(checkpoint),
                Kind.CHAIN_SHORTER,
                4,
                "the log ends with event %d, and went on to event %d: it was cut off, or is an older copy"
                        .formatted(last(2), checkpoint.lastIndex()));

        for (int i = 0; i < 2; i++) {
            test.insertRaw("master/gone-on-" + i);
            sealing.seal();
        }
        assertOnly(verify(checkpoint), Kind.CHAIN_REPLACED, 4, "an older copy that has gone on");
    }

    @Test
    void what_was_sealed_before_a_checkpoint_can_be_left_unread() {
        Checkpoint checkpoint = sealing.checkpoint();
        story.fire(List.of(story.change("ann", "r5", "Mend it")), "r5", "linux");
        sealing.seal();
        ChainVerdict whole = verify(checkpoint);
        update("UPDATE event SET payload = '{}' WHERE global_index = " + first(2));

        ChainVerdict newer = verifyNewer(checkpoint);

        assertThat(newer.violations()).isEmpty();
        assertThat(newer.checkpoints()).isEqualTo(1);
        assertThat(newer.events()).isEqualTo(whole.events() - checkpoint.events());
        assertThat(newer.checkpoint()).isEqualTo(whole.checkpoint());
        assertOnly(verify(checkpoint), Kind.ALTERED, 2, "event");
        update("UPDATE event SET payload = '{}' WHERE global_index = " + last(5));
        assertOnly(verifyNewer(checkpoint), Kind.ALTERED, 5, "event " + last(5));
        update("UPDATE event_chain SET hash = REPEAT('x', 32) WHERE block_number = 4");
        assertThat(verifyNewer(checkpoint).violations())
                .extracting(ChainFinding::kind)
                .contains(Kind.CHAIN_REPLACED);
        update("DELETE FROM event_chain WHERE block_number > 2");
        assertOnly(
                verifyNewer(checkpoint),
                Kind.CHAIN_SHORTER,
                4,
                "the chain ends with block 2, and the checkpoint of %s is of block 4: rows of the chain were deleted"
                        .formatted(checkpoint.sealedAt()));
    }

    @Test
    void a_last_mark_that_was_set_back_is_not_held_against_events() {
        // So that there is room for it to be set back.
        update("DELETE FROM event_chain WHERE block_number > 2");
        test.transactionTemplate()
                .executeWithoutResult(transaction -> {
                    test.insertRaw("master/never-1");
                    test.insertRaw("master/never-2");
                    transaction.setRollbackOnly();
                });
        test.insertRaw("master/x");
        sealing.seal();
        test.insertRaw("master/y");
        sealing.seal();
        assertThat(verify().violations()).isEmpty();
        long block =
                test.count(
                        "SELECT block_number FROM event_chain WHERE last_index = (SELECT global_index FROM event WHERE stream = 'master/x')");
        update(
                "UPDATE event_chain SET marks = INSERT(marks, LENGTH(marks) - 4, 1, CHAR(1)) WHERE block_number = "
                        + block);

        assertOnly(verify(), Kind.CHAIN_CHANGED, block, "its marks were changed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "previous_hash = REPEAT('x', 32)",
                "events = 1",
                "first_index = 1",
                "last_index = 7",
                "marks = 'yyyyy'",
                "events = 1, last_index = 3, marks = X'0301020304'",
            })
    void the_row_of_the_beginning_that_was_changed_is_named(String assignment) {
        update("UPDATE event_chain SET " + assignment + " WHERE block_number = 0");

        assertOnly(verify(), Kind.CHAIN_CHANGED, 0, "block 0 of the chain: its row was changed");
    }

    private ChainVerdict verifyNewer(Checkpoint checkpoint) {
        return ChainVerification.of(test.database, List.of(checkpoint), true, ReplayProgress.NONE);
    }

    @Test
    void what_is_not_sealed_yet_is_told_and_not_checked() {
        test.insertRaw("master/x");
        ChainVerdict before = verify();
        assertThat(before.unsealed()).isEqualTo(1);
        assertThat(before.unsealedSince()).isNotNull();
        update("DELETE FROM event WHERE stream = 'master/x'");

        ChainVerdict after = verify();

        assertThat(after.violations()).isEmpty();
        assertThat(after.unsealed()).isZero();
        assertThat(after.unsealedSince()).isNull();
    }

    @Test
    void where_nothing_is_sealed_there_is_nothing_to_check() {
        update("DELETE FROM event_chain");

        ChainVerdict verdict = verify();

        assertThat(verdict.log()).isNull();
        assertThat(verdict.checkpoint()).isNull();
        assertThat(verdict.violations()).isEmpty();
        assertThat(verdict.unsealed()).isEqualTo(test.count("SELECT COUNT(*) FROM event"));
        assertThat(ChainVerification.checkpoint(test.database)).isEmpty();
    }

    @Test
    void a_checkpoint_says_where_the_chain_is_and_reads_what_it_has_written() {
        Checkpoint checkpoint = sealing.checkpoint();

        assertThat(checkpoint.block()).isEqualTo(4);
        assertThat(checkpoint.lastIndex()).isEqualTo(last(4));
        assertThat(checkpoint.events())
                .isEqualTo(
                        test.count("SELECT COUNT(*) FROM event WHERE global_index <= " + last(4)));
        assertThat(checkpoint.text()).doesNotContain("\n");
        assertThat(Checkpoint.parse(checkpoint.text())).isEqualTo(checkpoint);
        assertThat(verify(checkpoint).checkpoint()).isEqualTo(checkpoint);
    }
}
