package io.buildledger.sealing;

import io.buildledger.database.Database;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.EventRows;
import io.buildledger.log.OwnLife;
import io.buildledger.log.Ownership;
import io.buildledger.sealing.ChainTable.Frontier;
import io.buildledger.sealing.ChainTable.Tip;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Seals the log in a chain of blocks, behind those who write it and without holding any of them up:
 * it reads what has been committed, locks no event, and adds one row for each block. Of all masters
 * one does, for the whole cluster.
 *
 * <p>An event is sealed when every index before it is there or never will be: no transaction lives
 * longer than {@link Database#LONGEST_TRANSACTION}, so what was the newest event that long ago is
 * so. Should one live longer all the same, sealing waits for it. Whoever seals, and whenever it is
 * killed, there is one block of each number, and each follows on the one before it.
 */
public final class Sealing {

    /**
     * How often to look. An event is seen at the next look, and sealed at the first one that is
     * {@link Database#LONGEST_TRANSACTION} later: two minutes after it was written at most, where
     * no master has died and there is no more to seal than a block.
     */
    public static final Duration INTERVAL = Duration.ofSeconds(30);

    /** What is read and hashed in some ten milliseconds. */
    static final int MOST_EVENTS = 5_000;

    private static final Logger LOG = LoggerFactory.getLogger(Sealing.class);

    private static final String WHAT = "chain";

    private static final String WRITTEN =
            "SELECT COUNT(*) FROM event WHERE global_index > :after AND global_index <= :last";

    /** The newest event at some time. */
    private record Seen(long head, long nanos) {}

    private final EventLog log;
    private final JdbcClient jdbc;
    private final TransactionTemplate dirty;
    private final ChainTable chain;
    private final EventRows rows;
    private final EventHash eventHash = new EventHash();
    private final Ownership ownership;
    private final Author author;
    private final LongSupplier nanoTime;
    private final Deque<Seen> seen = new ArrayDeque<>();
    private long settled;
    private boolean toldOfWaiting;

    /**
     * @param author the master that this process is
     * @param nanoTime a clock that never jumps
     */
    public Sealing(EventLog log, DataSource dataSource, Author author, LongSupplier nanoTime) {
        this.log = log;
        this.jdbc = JdbcClient.create(dataSource);
        this.dirty = new TransactionTemplate(new JdbcTransactionManager(dataSource));
        this.dirty.setIsolationLevel(TransactionDefinition.ISOLATION_READ_UNCOMMITTED);
        this.chain = new ChainTable(jdbc);
        this.rows = new EventRows(jdbc);
        this.ownership = new Ownership(log, dataSource, author);
        this.author = author;
        this.nanoTime = nanoTime;
    }

    /**
     * Seals a block, if there is something to seal and no other master sees to it.
     *
     * @return whether there is more to seal now
     */
    public boolean sealNext() {
        if (!ownership.take(WHAT)) {
            return false;
        }
        Frontier frontier = chain.frontier();
        Tip newest = frontier.newest();
        if (newest == null) {
            return begin(frontier);
        }
        settle(frontier.head());
        if (settled <= newest.lastIndex()) {
            return false;
        }
        Contents contents = committed(newest.lastIndex());
        if (contents.isEmpty()) {
            return false;
        }
        if (!isAllThereIs(contents, newest.lastIndex())) {
            tellOfWaiting(newest);
            return false;
        }
        toldOfWaiting = false;
        Block block = Block.sealed(newest.number() + 1, contents, frontier.at(), newest.hash());
        return add(block) && block.lastIndex() < settled;
    }

    /** What was the newest event so long ago that no transaction of then is open any more. */
    private void settle(long head) {
        long now = nanoTime.getAsLong();
        if (head > (seen.isEmpty() ? settled : seen.getLast().head())) {
            seen.addLast(new Seen(head, now));
        }
        while (!seen.isEmpty()
                && now - seen.getFirst().nanos() >= Database.LONGEST_TRANSACTION.toNanos()) {
            settled = seen.removeFirst().head();
        }
    }

    private Contents committed(long after) {
        Contents contents = new Contents();
        rows.read(after, settled, MOST_EVENTS, row -> contents.add(row.index(), eventHash.of(row)));
        return contents;
    }

    /**
     * Whether nothing of the block is written and not committed. A dirty read of it comes after the
     * other: what commits between the two is missed by neither. Where no index is missing there is
     * nothing to be asked.
     */
    private boolean isAllThereIs(Contents contents, long after) {
        if (contents.lastIndex() - after == contents.events()) {
            return true;
        }
        long written =
                dirty.execute(_ ->
                        jdbc.sql(WRITTEN)
                                .param("after", after)
                                .param("last", contents.lastIndex())
                                .query(Long.class)
                                .single());
        return written == contents.events();
    }

    private void tellOfWaiting(Tip newest) {
        if (!toldOfWaiting) {
            LOG.warn(
                    "a transaction has been open for longer than {} s: no event after {} is sealed until it ends",
                    Database.LONGEST_TRANSACTION.toSeconds(),
                    newest.lastIndex());
            toldOfWaiting = true;
        }
    }

    private boolean begin(Frontier frontier) {
        return insert(() -> {
            chain.begin(Block.beginning(frontier.at()));
            return true;
        });
    }

    private boolean add(Block block) {
        return insert(() -> chain.add(block));
    }

    /**
     * @return false if this life is over, or another master has sealed meanwhile
     */
    private boolean insert(Insert insert) {
        try {
            return log.inTransaction(() -> !OwnLife.isOver(jdbc, author) && insert.run());
        } catch (DuplicateKeyException e) {
            LOG.info("another master seals the log, too: {}", e.getMessage());
            return false;
        }
    }

    @FunctionalInterface
    private interface Insert {
        boolean run();
    }
}
