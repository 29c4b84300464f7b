package io.buildledger.sealing;

import io.buildledger.database.UtcColumn;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The table of the chain. Rows are added to it, and never changed. */
final class ChainTable {

    /**
     * Where the log and its chain end.
     *
     * @param head index of the last event; 0 in an empty log
     * @param newest the newest block; null before there is one
     */
    record Frontier(long head, Instant at, @Nullable Tip newest) {}

    /** What the next block follows on. */
    record Tip(long number, long lastIndex, Hash hash) {}

    private static final String FRONTIER =
            """
            SELECT here.head, here.moment, newest.block_number, newest.last_index, newest.hash
              FROM (SELECT (SELECT COALESCE(MAX(global_index), 0) FROM event) AS head, UTC_TIMESTAMP(6) AS moment) AS here
              LEFT JOIN (SELECT block_number, last_index, hash
                           FROM event_chain
                          ORDER BY block_number DESC
                          LIMIT 1) AS newest ON TRUE
            """;

    private static final String BEGIN =
            """
            INSERT INTO event_chain (block_number, first_index, last_index, events, sealed_at, previous_hash, hash, marks)
            VALUES (:number, :first, :last, :events, :at, :previous, :hash, :marks)
            """;

    // Nothing is added to a block that is not there, or not what it was when the next was made.
    private static final String ADD =
            """
            INSERT INTO event_chain (block_number, first_index, last_index, events, sealed_at, previous_hash, hash, marks)
            SELECT :number, :first, :last, :events, :at, :previous, :hash, :marks
              FROM event_chain
             WHERE block_number = :number - 1 AND hash = :previous
            """;

    private static final String FROM =
            """
            SELECT block_number, first_index, last_index, events, sealed_at, previous_hash, hash, marks
              FROM event_chain
             WHERE block_number >= :from AND block_number <= :last
             ORDER BY block_number
             LIMIT :limit
            """;

    private static final String NEWEST = "SELECT MAX(block_number) FROM event_chain";

    private static final String EVENTS =
            "SELECT COALESCE(SUM(events), 0) FROM event_chain WHERE block_number <= :last";

    private final JdbcClient jdbc;

    ChainTable(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    Frontier frontier() {
        return jdbc.sql(FRONTIER).query((row, _) -> frontier(row)).single();
    }

    private static Frontier frontier(ResultSet row) throws SQLException {
        byte[] hash = row.getBytes("hash");
        return new Frontier(
                row.getLong("head"),
                UtcColumn.read(row, "moment"),
                hash == null
                        ? null
                        : new Tip(
                                row.getLong("block_number"),
                                row.getLong("last_index"),
                                Hash.of(hash)));
    }

    /**
     * @throws org.springframework.dao.DuplicateKeyException if there is a first block
     */
    void begin(Block block) {
        insert(BEGIN, block);
    }

    /**
     * Adds a block to the one before it.
     *
     * @return false if that is not there
     * @throws org.springframework.dao.DuplicateKeyException if there is another in its place
     */
    boolean add(Block block) {
        return insert(ADD, block) == 1;
    }

    private int insert(String sql, Block block) {
        return jdbc.sql(sql)
                .param("number", block.number())
                .param("first", block.firstIndex())
                .param("last", block.lastIndex())
                .param("events", block.events())
                .param("at", UtcColumn.of(block.sealedAt()))
                .param("previous", block.previous().bytes())
                .param("hash", block.hash().bytes())
                .param("marks", block.marks().bytes())
                .update();
    }

    /** The number of the newest block; empty before there is one. */
    Optional<Long> newest() {
        return jdbc.sql(NEWEST).query(Long.class).optional();
    }

    /** Which log it is: the hash of block 0, which block 1 knows as well; empty before that. */
    Optional<Hash> log() {
        List<Block> first = read(0, 1, 1);
        return first.stream()
                .findFirst()
                .map(block -> block.isBeginning() ? block.hash() : block.previous());
    }

    /**
     * Blocks by their numbers, also where some are missing.
     *
     * @param from number of the first that is wanted
     * @param last number of the last that is wanted
     * @param limit how many at most
     */
    List<Block> read(long from, long last, int limit) {
        return jdbc.sql(FROM)
                .param("from", from)
                .param("last", last)
                .param("limit", limit)
                .query((row, _) -> block(row))
                .list();
    }

    /** How many events there are in a block and all before it. */
    long eventsUpTo(long number) {
        return jdbc.sql(EVENTS).param("last", number).query(Long.class).single();
    }

    private static Block block(ResultSet row) throws SQLException {
        return new Block(
                row.getLong("block_number"),
                row.getLong("first_index"),
                row.getLong("last_index"),
                row.getLong("events"),
                UtcColumn.read(row, "sealed_at"),
                Hash.of(row.getBytes("previous_hash")),
                Hash.of(row.getBytes("hash")),
                Marks.stored(row.getBytes("marks")));
    }
}
