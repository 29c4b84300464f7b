package io.buildledger.chaos;

import io.buildledger.database.DatabaseTrouble;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Somebody who locks the rows that masters work with, in other orders than they and for longer, and
 * changes nothing.
 */
final class RowLocks {

    /** How often the server has broken a deadlock and let a wait for a lock run out. */
    record Broken(long deadlocks, long timeouts) {
        Broken since(Broken before) {
            return new Broken(deadlocks - before.deadlocks, timeouts - before.timeouts);
        }
    }

    /** Of the sessions that begin from then on. */
    static final String SHORT_WAITS = "SET GLOBAL innodb_lock_wait_timeout = 1";

    /** The server chooses the transaction that has done less as a deadlock's victim. */
    private static final String MAKE_HEAVY =
            """
            INSERT INTO chaos_ballast (grams)
            SELECT 1 FROM information_schema.columns LIMIT 1000
            """;

    private static final String BALLAST =
            """
            CREATE TABLE IF NOT EXISTS chaos_ballast (
                id    BIGINT NOT NULL AUTO_INCREMENT,
                grams INT    NOT NULL,
                PRIMARY KEY (id))
            """;

    private static final String REMOVE_BALLAST = "DROP TABLE IF EXISTS chaos_ballast";

    private static final String CLAIMED =
            "SELECT request_id, buildset_id FROM claim ORDER BY request_id DESC LIMIT 40";

    private static final String LOCK_PROGRESS =
            "SELECT 1 FROM buildset_progress FORCE INDEX (PRIMARY) WHERE buildset_id = :id FOR"
                    + " UPDATE";

    private static final String LOCK_CLAIM =
            "SELECT 1 FROM claim FORCE INDEX (PRIMARY) WHERE request_id = :id FOR UPDATE";

    private static final String LOCK_NUMBERS =
            "SELECT name FROM number_sequence ORDER BY name DESC FOR UPDATE";

    private static final String LOCK_OFFERS =
            "SELECT request_id FROM build_request_queue ORDER BY request_id LIMIT 200 FOR UPDATE";

    private static final String BROKEN =
            """
            SELECT name AS metric, `count` AS times FROM information_schema.innodb_metrics
             WHERE name IN ('lock_deadlocks', 'lock_timeouts')
            """;

    private record Claimed(long request, long buildset) {}

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Random random;

    /**
     * @param dataSource for this one alone; it needs a connection for each of two threads
     */
    RowLocks(DataSource dataSource, long seed) {
        this.jdbc = JdbcClient.create(dataSource);
        this.transaction = new TransactionTemplate(new JdbcTransactionManager(dataSource));
        this.random = new Random(seed);
    }

    /**
     * Locks rows for so long.
     *
     * @return what masters, and this one, have got of it
     */
    Broken storm(Duration lasts) throws InterruptedException {
        Broken before = broken();
        jdbc.sql(BALLAST).update();
        long end = System.nanoTime() + lasts.toNanos();
        try {
            Thread waits = Thread.ofPlatform().name("lock-waits").start(() -> letWaitsRunOut(end));
            while (System.nanoTime() < end) {
                collide();
            }
            waits.join();
        } finally {
            jdbc.sql(REMOVE_BALLAST).update();
        }
        return broken().since(before);
    }

    /** A completion takes the claim first and then the count; this goes the other way. */
    private void collide() throws InterruptedException {
        List<Claimed> claimed =
                jdbc.sql(CLAIMED)
                        .query((row, _) ->
                                new Claimed(row.getLong("request_id"), row.getLong("buildset_id")))
                        .list();
        int pause = random.nextInt(50, 300);
        rolledBack(() -> {
            jdbc.sql(MAKE_HEAVY).update();
            claimed.forEach(it -> lock(LOCK_PROGRESS, it.buildset()));
            sleep(pause);
            claimed.forEach(it -> lock(LOCK_CLAIM, it.request()));
        });
        Thread.sleep(random.nextInt(20, 100));
    }

    private void lock(String sql, long id) {
        jdbc.sql(sql).param("id", id).query(Long.class).list();
    }

    private void letWaitsRunOut(long end) {
        while (System.nanoTime() < end) {
            rolledBack(() -> {
                jdbc.sql(LOCK_NUMBERS).query(String.class).list();
                jdbc.sql(LOCK_OFFERS).query(Long.class).list();
                sleep(1_600);
            });
            sleep(300);
        }
    }

    private void rolledBack(Runnable work) {
        try {
            transaction.executeWithoutResult(status -> {
                status.setRollbackOnly();
                work.run();
            });
        } catch (RuntimeException e) {
            if (!DatabaseTrouble.isTransient(e)) {
                throw e;
            }
            // This time the server has chosen this one.
        }
    }

    private static void sleep(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Broken broken() {
        Map<String, Long> counts = new HashMap<>();
        jdbc.sql(BROKEN)
                .query(row -> {
                    counts.put(row.getString("metric"), row.getLong("times"));
                });
        return new Broken(
                counts.getOrDefault("lock_deadlocks", 0L),
                counts.getOrDefault("lock_timeouts", 0L));
    }
}
