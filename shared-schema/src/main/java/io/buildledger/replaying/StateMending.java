package io.buildledger.replaying;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.database.Database;
import io.buildledger.database.ReadingConnection;
import io.buildledger.log.LogMoment;
import io.buildledger.log.Numbered;
import io.buildledger.log.WholeLog;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Makes the rows of the tables by which masters work what the log makes of them, where they are
 * not. Masters go on meanwhile: each row is mended in a transaction of its own, in which nobody can
 * write to the streams that tell of it.
 */
public final class StateMending {

    private static final String NAME = "replay";
    private static final int TRIES = 10;

    // Locks the end of the stream, too: InnoDB locks the gap behind the last row.
    private static final String HOLD =
            """
            SELECT sequence_number
              FROM event FORCE INDEX (event_stream_sequence)
             WHERE stream = :stream
             ORDER BY sequence_number DESC
             LIMIT 1
               FOR UPDATE
            """;

    private record Found(LogMoment moment, ClusterState state, List<StateDifference> differences) {}

    private final Database database;
    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Found found;
    private final Set<Long> read = new HashSet<>();

    private StateMending(Database database, HikariDataSource dataSource, Found found) {
        this.database = database;
        this.jdbc = JdbcClient.create(dataSource);
        this.transaction = new TransactionTemplate(new JdbcTransactionManager(dataSource));
        this.transaction.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
        this.found = found;
    }

    /**
     * Mends some tables.
     *
     * @param which of the rows that differ are to be mended
     * @return what was wrong
     * @throws io.buildledger.database.UnusableDatabaseException if the database can't be used
     * @throws org.springframework.dao.DataAccessException if it fails meanwhile; what was mended
     *     until then stays so
     */
    public static List<StateDifference> of(
            Database database, Predicate<StateDifference> which, ReplayProgress progress)
            throws InterruptedException {
        Found found = find(database, which, progress);
        if (!found.differences().isEmpty()) {
            try (HikariDataSource dataSource = database.pool(NAME, 1)) {
                StateMending mending = new StateMending(database, dataSource, found);
                for (StateDifference difference : found.differences()) {
                    mending.mend(difference);
                }
            }
        }
        return found.differences();
    }

    private static Found find(
            Database database, Predicate<StateDifference> which, ReplayProgress progress)
            throws InterruptedException {
        try (ReadingConnection connection = database.openToRead()) {
            record Then(LogMoment moment, StateTable.Rows rows) {}
            Then then =
                    connection.inSnapshot(() ->
                            new Then(
                                    LogMoment.of(connection),
                                    StateTable.Rows.read(connection.jdbc())));
            ClusterState state = new ClusterState();
            long head = then.moment().head();
            new WholeLog(connection)
                    .read(
                            head,
                            event -> {
                                if (then.moment().has(event.index())) {
                                    state.next(event.recorded());
                                }
                                progress.at(event.index(), head);
                            });
            List<StateDifference> differences = new ArrayList<>();
            for (StateTable table : StateTable.values()) {
                differences.addAll(
                        table.differences(state, then.rows()).stream().filter(which).toList());
            }
            return new Found(then.moment(), state, differences);
        }
    }

    private void mend(StateDifference difference) {
        for (int tries = 1; ; tries++) {
            try {
                transaction.executeWithoutResult(_ -> mendHere(difference));
                return;
            } catch (ConcurrencyFailureException e) {
                // A master that writes there came first, or both waited for each other.
                if (tries == TRIES) {
                    throw e;
                }
            }
        }
    }

    private void mendHere(StateDifference difference) {
        difference.streams().stream()
                .sorted()
                .forEach(stream ->
                        jdbc.sql(HOLD).param("stream", stream).query(Long.class).optional());
        readOn(difference.streams());
        difference.table().write(jdbc, found.state(), difference.key());
    }

    /** Nobody can write there now, and whoever did has committed. */
    private void readOn(List<String> streams) {
        List<Numbered> later = new ArrayList<>();
        try (ReadingConnection connection = database.connectToRead()) {
            new WholeLog(connection).read(streams, found.moment().settled(), later::add);
        }
        later.stream()
                .filter(event -> !found.moment().has(event.index()) && read.add(event.index()))
                .forEach(event -> found.state().next(event.recorded()));
    }
}
