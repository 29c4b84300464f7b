package io.buildledger.log;

import java.time.Duration;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Tells which numbers that are missing among the newest events are still to come. A transaction
 * takes the numbers of its events when it writes them and shows them when it commits; one that is
 * rolled back leaves them missing for ever.
 *
 * <p>What has been written and not committed is seen by a dirty read. It is waited for, but for no
 * longer than 10 s: a master may have lost its network between the two, and the server takes longer
 * to notice. A number that is not even written is taken for lost after 200 ms: the server has it
 * written at once, unless the writing has to wait for another transaction, which two masters make
 * each other do only where they write at the same place of a stream. An event that comes all the
 * same comes late.
 */
final class Holes {

    private static final Duration WRITTEN_WITHIN = Duration.ofMillis(200);
    private static final Duration COMMITTED_WITHIN = Duration.ofSeconds(10);

    /** Far more than are ever young at the same time; the lowest are forgotten first. */
    private static final int REMEMBERED = 10_000;

    private static final String WRITTEN =
            "SELECT COUNT(*) FROM event WHERE global_index BETWEEN :first AND :last";

    private final JdbcClient jdbc;
    private final TransactionTemplate dirty;
    private final LongSupplier nanoTime;

    /** Since when a row of numbers is missed, by the first of them. */
    private final NavigableMap<Long, Long> missedSince = new TreeMap<>();

    /** The first of each row that is lost. */
    private final NavigableSet<Long> lost = new TreeSet<>();

    /**
     * @param nanoTime a clock that never jumps
     */
    Holes(DataSource dataSource, LongSupplier nanoTime) {
        this.jdbc = JdbcClient.create(dataSource);
        this.dirty = new TransactionTemplate(new JdbcTransactionManager(dataSource));
        this.dirty.setIsolationLevel(TransactionDefinition.ISOLATION_READ_UNCOMMITTED);
        this.nanoTime = nanoTime;
    }

    /**
     * Whether numbers that are missing are lost, as far as can be told.
     *
     * @param first of a row of them
     * @param last of that row
     */
    boolean areLost(long first, long last) {
        if (lost.contains(first)) {
            return true;
        }
        long now = nanoTime.getAsLong();
        Duration patience = areWritten(first, last) ? COMMITTED_WITHIN : WRITTEN_WITHIN;
        long since = missedSince.computeIfAbsent(first, _ -> now);
        boolean isLost = now - since >= patience.toNanos();
        if (isLost) {
            missedSince.remove(first);
            lost.add(first);
        }
        forgetLowest();
        return isLost;
    }

    private void forgetLowest() {
        if (missedSince.size() > REMEMBERED) {
            missedSince.pollFirstEntry();
        }
        if (lost.size() > REMEMBERED) {
            lost.pollFirst();
        }
    }

    private boolean areWritten(long first, long last) {
        long written =
                dirty.execute(_ ->
                        jdbc.sql(WRITTEN)
                                .param("first", first)
                                .param("last", last)
                                .query(Long.class)
                                .single());
        return written > 0;
    }
}
