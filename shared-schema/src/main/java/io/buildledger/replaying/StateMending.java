package io.buildledger.replaying;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.database.Database;
import io.buildledger.database.ReadingConnection;
import io.buildledger.domain.building.BuildEvent;
import io.buildledger.log.LogMoment;
import io.buildledger.log.Numbered;
import io.buildledger.log.WholeLog;
import io.buildledger.replaying.Snapshots.Kept;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    private final ReadingConnection connection;
    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private ClusterState state = new ClusterState();
    private final Set<Long> read = new HashSet<>();
    private final Map<StateTable, Map<List<Object>, StateTable.Row>> rows =
            new EnumMap<>(StateTable.class);
    private LogMoment moment = LogMoment.NONE;
    private List<String> snapshots = List.of();
    private long events;

    private StateMending(ReadingConnection connection, HikariDataSource dataSource) {
        this.connection = connection;
        this.jdbc = JdbcClient.create(dataSource);
        this.transaction = new TransactionTemplate(new JdbcTransactionManager(dataSource));
        this.transaction.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
    }

    /**
     * What was not as the log has it.
     *
     * @param snapshots of states that were kept, for people
     * @param events how many were read, which is not all of them where nothing but tables is asked
     *     for
     */
    public record Mended(List<StateDifference> rows, List<String> snapshots, long events) {}

    /**
     * Mends some tables, and the states that are kept.
     *
     * @param which of the rows that differ are to be mended
     * @param isWithSnapshots whether the states that are kept are
     * @throws io.buildledger.database.UnusableDatabaseException if the database can't be used
     * @throws org.springframework.dao.DataAccessException if it fails meanwhile; what was mended
     *     until then stays so
     */
    public static Mended of(
            Database database,
            Predicate<StateDifference> which,
            boolean isWithSnapshots,
            ReplayProgress progress)
            throws InterruptedException {
        try (ReadingConnection connection = database.openToMend();
                HikariDataSource dataSource = database.pool(NAME, 1)) {
            StateMending mending = new StateMending(connection, dataSource);
            List<StateDifference> differences =
                    mending.find(which, false, isWithSnapshots, progress);
            differences.forEach(mending::mend);
            return new Mended(differences, mending.snapshots, mending.events);
        }
    }

    /**
     * Finds what differs in some tables, and changes nothing.
     *
     * @throws io.buildledger.database.UnusableDatabaseException as {@link #of} does
     * @throws org.springframework.dao.DataAccessException as {@link #of} does
     */
    public static Mended find(
            Database database, Predicate<StateDifference> which, ReplayProgress progress)
            throws InterruptedException {
        try (ReadingConnection connection = database.openToMend();
                HikariDataSource dataSource = database.pool(NAME, 1)) {
            StateMending mending = new StateMending(connection, dataSource);
            return new Mended(
                    mending.find(which, false, false, progress), List.of(), mending.events);
        }
    }

    /**
     * Does the same as {@link #of} from the newest state that is kept on, which is believed; from
     * the first event on where none is. How long that takes does not grow with the history.
     *
     * @param isToMend false to find what differs, and to change nothing
     * @throws io.buildledger.database.UnusableDatabaseException as {@link #of} does
     * @throws org.springframework.dao.DataAccessException as {@link #of} does
     */
    public static Mended fromSnapshot(
            Database database,
            Predicate<StateDifference> which,
            boolean isToMend,
            ReplayProgress progress)
            throws InterruptedException {
        try (ReadingConnection connection = database.openToMend();
                HikariDataSource dataSource = database.pool(NAME, 1)) {
            StateMending mending = new StateMending(connection, dataSource);
            List<StateDifference> differences = mending.find(which, true, false, progress);
            if (isToMend) {
                differences.forEach(mending::mend);
            }
            return new Mended(differences, List.of(), mending.events);
        }
    }

    private List<StateDifference> find(
            Predicate<StateDifference> which,
            boolean isFromSnapshot,
            boolean isWithSnapshots,
            ReplayProgress progress)
            throws InterruptedException {
        StateTable.Rows found =
                connection.inSnapshot(() -> {
                    moment = LogMoment.of(connection);
                    return StateTable.Rows.read(connection.jdbc());
                });
        long from = -1;
        if (isFromSnapshot) {
            Optional<Kept> newest = new Snapshots(jdbc).upTo(moment.settled());
            from = newest.map(Kept::index).orElse(from);
            state = newest.map(Kept::state).orElse(state);
        }
        if (isWithSnapshots) {
            readWithSnapshots(from, progress);
        } else {
            readWithoutBuilds(from, found, progress);
        }
        return Arrays.stream(StateTable.values())
                .flatMap(table -> table.differences(state, found).stream())
                .filter(which)
                .toList();
    }

    private void readWithSnapshots(long from, ReplayProgress progress) throws InterruptedException {
        KeptStates kept = new KeptStates(jdbc, state, this::keepAnew, this::forget);
        new WholeLog(connection)
                .read(
                        from,
                        moment.head(),
                        event -> {
                            if (moment.has(event.index())) {
                                kept.before(event.index());
                            }
                            next(event);
                            progress.at(event.index(), moment.head());
                        });
        kept.end(moment.settled());
        snapshots = kept.differences();
    }

    /**
     * Most of a log is what happens inside of builds. Masters keep nothing of it but the commands
     * that run, and of these the streams of the rows that there are tell all.
     */
    private void readWithoutBuilds(long from, StateTable.Rows found, ReplayProgress progress)
            throws InterruptedException {
        WholeLog log = new WholeLog(connection);
        log.readAllBut(
                from,
                moment.head(),
                Set.of(BuildEvent.class.getPermittedSubclasses()),
                event -> {
                    next(event);
                    progress.at(event.index(), moment.head());
                });
        log.read(StateTable.COMMANDS.streams(found), this::next);
    }

    private void next(Numbered event) {
        if (moment.has(event.index())) {
            events++;
            state.next(event.recorded());
        }
    }

    private void keepAnew(long index, ClusterState state) {
        transaction.executeWithoutResult(_ -> new Snapshots(jdbc).replace(index, state));
    }

    private void forget(long index) {
        transaction.executeWithoutResult(_ -> new Snapshots(jdbc).forget(index));
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
        if (difference.streams().stream().anyMatch(state.notUnderstood()::contains)) {
            // Since it was found, an event has come of which nobody here can tell what it means.
            return;
        }
        StateTable table = difference.table();
        table.write(
                jdbc,
                difference.key(),
                rows.computeIfAbsent(table, it -> it.rows(state)).get(difference.key()));
    }

    /** Nobody can write there now, and whoever did has committed. */
    private void readOn(List<String> streams) {
        List<Numbered> later = new ArrayList<>();
        new WholeLog(connection).read(streams, moment.settled(), later::add);
        for (Numbered event : later) {
            if (!moment.has(event.index()) && read.add(event.index())) {
                state.next(event.recorded());
                rows.clear();
            }
        }
    }
}
