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
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** An empty log in a database of its own, and what stands on it. */
public final class TestLog implements AutoCloseable {

    public final Database database = MigratedDatabases.take();
    public final HikariDataSource dataSource = database.pool("test", 10);
    public final JdbcTransactionManager transactions = new JdbcTransactionManager(dataSource);
    public final JdbcClient jdbc = JdbcClient.create(dataSource);
    public final EventLog log = new EventLog(dataSource, transactions, Duration.ofMillis(20));
    public final Numbers numbers = new Numbers(dataSource);
    public final BuildRequestQueue queue = new BuildRequestQueue(dataSource);
    public final Buildsets buildsets =
            new Buildsets(log, dataSource, numbers, queue, Collapsing.NEVER);
    public final Claims claims = new Claims(log, dataSource, numbers, queue, buildsets);
    public final Builds builds = new Builds(log, dataSource);
    public final RequestCommands commands =
            new RequestCommands(log, queue, claims, buildsets, builds);
    public final Rebuilds rebuilds = new Rebuilds(log, dataSource, builds, buildsets);

    private boolean isClockSet;

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
     * From here on the database takes this for the time at which it records. Nobody may be writing:
     * who waits for another's lock would wait for the table, too, and the table for them.
     */
    public void setClock(Instant moment) {
        setTimeOfRecording(
                "'%s'".formatted(moment.toString().replace('T', ' ').replaceFirst("Z$", "")));
        isClockSet = true;
    }

    private void setTimeOfRecording(String expression) {
        jdbc.sql("ALTER TABLE event ALTER COLUMN recorded_at SET DEFAULT " + expression).update();
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
            setTimeOfRecording("(UTC_TIMESTAMP(6))");
        }
        dataSource.close();
        MigratedDatabases.giveBack(database);
    }
}
