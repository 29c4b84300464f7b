package io.buildledger.testing;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.claiming.BuildRequestQueue;
import io.buildledger.claiming.Builds;
import io.buildledger.claiming.Buildsets;
import io.buildledger.claiming.Claims;
import io.buildledger.claiming.Collapsing;
import io.buildledger.claiming.Rebuilds;
import io.buildledger.claiming.RequestCommands;
import io.buildledger.database.Database;
import io.buildledger.log.EventLog;
import io.buildledger.numbering.Numbers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.UnaryOperator;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** An empty log in a database of its own, and what stands on it. */
public final class TestLog implements AutoCloseable {

    public final Database database;
    public final HikariDataSource dataSource;
    public final JdbcTransactionManager transactions;
    public final JdbcClient jdbc;
    public final EventLog log;
    public final Numbers numbers;
    public final BuildRequestQueue queue;
    public final Buildsets buildsets;
    public final Claims claims;
    public final Builds builds;
    public final RequestCommands commands;
    public final Rebuilds rebuilds;

    private final Database taken = MigratedDatabases.take();
    private boolean isClockSet;

    public TestLog() {
        this(UnaryOperator.identity());
    }

    /**
     * @param address how all of this goes to its database
     */
    public TestLog(UnaryOperator<Database> address) {
        database = address.apply(taken);
        dataSource = database.pool("test", 10);
        transactions = new JdbcTransactionManager(dataSource);
        jdbc = JdbcClient.create(dataSource);
        log = new EventLog(dataSource, transactions, Duration.ofMillis(20));
        numbers = new Numbers(dataSource);
        queue = new BuildRequestQueue(dataSource);
        buildsets = new Buildsets(log, dataSource, numbers, queue, Collapsing.NEVER);
        claims = new Claims(log, dataSource, numbers, queue, buildsets);
        builds = new Builds(log, dataSource);
        commands = new RequestCommands(log, queue, claims, buildsets, builds);
        rebuilds = new Rebuilds(log, dataSource, builds, buildsets);
    }

    public long count(String sql) {
        return jdbc.sql(sql).query(Long.class).single();
    }

    /** Whether a builder has requests on offer. */
    public boolean hasWork(String builder) {
        return jdbc.sql("SELECT COUNT(*) FROM build_request_queue WHERE builder = :builder")
                        .param("builder", builder)
                        .query(Long.class)
                        .single()
                > 0;
    }

    public TransactionTemplate transactionTemplate() {
        return new TransactionTemplate(transactions);
    }

    /**
     * From here on the database takes this for the time at which it records, whatever an insertion
     * says of it. Nobody may be writing: who has inserted holds the clock until the commit.
     */
    public void setClock(Instant moment) {
        if (!isClockSet) {
            jdbc.sql("CREATE TABLE steered_clock (id INT PRIMARY KEY, moment DATETIME(6) NOT NULL)")
                    .update();
            jdbc.sql("INSERT INTO steered_clock VALUES (1, UTC_TIMESTAMP(6))").update();
            // A column's default would be altered for each moment, and all statements made anew.
            jdbc.sql(
                            """
                            CREATE TRIGGER steered_clock BEFORE INSERT ON event
                            FOR EACH ROW SET NEW.recorded_at = (SELECT moment FROM steered_clock)
                            """)
                    .update();
            isClockSet = true;
        }
        jdbc.sql("UPDATE steered_clock SET moment = :moment")
                .param("moment", moment.toString().replace('T', ' ').replaceFirst("Z$", ""))
                .update();
        // Else followers would take what is being written for long past, and pass over its holes.
        log.useClock(InstantSource.fixed(moment));
    }

    /** Inserts an event past Axon, so that a test can hold its transaction open. */
    public void insertRaw(String stream) {
        jdbc.sql(
                        """
                        INSERT INTO event (stream, sequence_number, type, revision, payload, metadata)
                        VALUES (:stream, 0, 'master-stopped', '1', '{"master":"x","epoch":1}', '{}')
                        """)
                .param("stream", stream)
                .update();
    }

    /** Appends to a stream what no program of this version understands. */
    public void appendOfNewerProgram(String stream, String type, String revision) {
        jdbc.sql(
                        """
                        INSERT INTO event (stream, sequence_number, type, revision, payload, metadata)
                        SELECT :stream, COALESCE(MAX(sequence_number), -1) + 1, :type, :revision, '{"new":true}', '{}'
                          FROM event WHERE stream = :stream
                        """)
                .param("stream", stream)
                .param("type", type)
                .param("revision", revision)
                .update();
    }

    @Override
    public void close() {
        log.close();
        if (isClockSet) {
            log.useClock(InstantSource.system());
            jdbc.sql("DROP TRIGGER steered_clock").update();
            jdbc.sql("DROP TABLE steered_clock").update();
        }
        dataSource.close();
        MigratedDatabases.giveBack(taken);
    }
}
