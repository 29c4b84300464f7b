package io.buildledger.log;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
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
 * <p>What has been written and not committed is seen by a dirty read. A number that is not even
 * written is taken for lost after 200 ms: the server has it written at once, unless the writing has
 * to wait for another transaction, which two masters make each other do only where they write at
 * the same place of a stream. Such an event comes late.
 */
final class Holes {

    private static final Duration WRITTEN_WITHIN = Duration.ofMillis(200);

    private static final String WRITTEN =
            "SELECT COUNT(*) FROM event WHERE global_index BETWEEN :first AND :last";

    private final JdbcClient jdbc;
    private final TransactionTemplate dirty;
    private final LongSupplier nanoTime;
    private final Map<Long, Long> unwrittenSince = new HashMap<>();
    private long lostUpTo;

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
        if (last <= lostUpTo) {
            return true;
        }
        if (areWritten(first, last)) {
            unwrittenSince.remove(first);
            return false;
        }
        long now = nanoTime.getAsLong();
        long since = unwrittenSince.computeIfAbsent(first, _ -> now);
        if (now - since < WRITTEN_WITHIN.toNanos()) {
            return false;
        }
        lostUpTo = last;
        unwrittenSince.keySet().removeIf(it -> it <= last);
        return true;
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
