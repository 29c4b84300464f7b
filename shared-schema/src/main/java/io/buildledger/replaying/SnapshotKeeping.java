package io.buildledger.replaying;

import io.buildledger.database.Database;
import io.buildledger.database.ReadingConnection;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.OwnLife;
import io.buildledger.log.Ownership;
import io.buildledger.log.Streams;
import io.buildledger.log.WholeLog;
import io.buildledger.mastering.Upkeep;
import io.buildledger.replaying.Snapshots.Kept;
import java.time.Duration;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Keeps the state of the cluster after every so many events. Of all masters one does, and reads for
 * it what has been written since the last time; between two times it keeps nothing in memory.
 */
public final class SnapshotKeeping implements Upkeep.Work {

    /** What of the log is read in about a second. */
    public static final long EVERY = 200_000;

    /** A farm takes hours for that many events. */
    public static final Duration INTERVAL = Duration.ofMinutes(5);

    private static final String WHAT = "snapshots";

    private static final String HEAD = "SELECT COALESCE(MAX(global_index), -1) FROM event";

    private final EventLog log;
    private final Database database;
    private final JdbcClient jdbc;
    private final Author author;
    private final Snapshots snapshots;
    private final Ownership ownership;
    private final long every;

    /**
     * @param database where the whole log is read from, by a connection of its own
     * @param author the master that this process is
     * @param every how many events there are from one kept state to the next, at least
     */
    public SnapshotKeeping(
            EventLog log, Database database, DataSource dataSource, Author author, long every) {
        this.log = log;
        this.database = database;
        this.jdbc = JdbcClient.create(dataSource);
        this.author = author;
        this.snapshots = new Snapshots(jdbc);
        this.ownership = new Ownership(log, dataSource, author);
        this.every = every;
    }

    /** Keeps the next state that is due, unless another master sees to it. */
    @Override
    public boolean next() throws InterruptedException {
        long due = snapshots.newestIndex().orElse(-1L) + every;
        if (jdbc.sql(HEAD).query(Long.class).single() < due || !ownership.take(WHAT)) {
            return false;
        }
        boolean isKept = false;
        try (ReadingConnection connection = database.connectToRead()) {
            WholeLog whole = new WholeLog(connection);
            long settled = whole.settled(whole.head());
            isKept = settled >= due && keep(whole, due);
            return isKept && settled >= due + every;
        } finally {
            if (!isKept) {
                // Another master may understand more, or have the archive's files.
                ownership.giveUp(WHAT);
            }
        }
    }

    private static boolean isScheduler(String stream) {
        return stream.startsWith(Streams.scheduler(""));
    }

    /**
     * @return false if this life is over, if a newer program has written what is to be kept, for
     *     one that understands it would take what is kept for the whole truth, or if an event of a
     *     scheduler is damaged: masters would decide as if it had not been
     */
    private boolean keep(WholeLog whole, long index) throws InterruptedException {
        Kept from = snapshots.upTo(index - 1).orElseGet(() -> new Kept(-1, new ClusterState()));
        whole.read(from.index(), index, event -> from.state().next(event.recorded()));
        if (from.state().hasMetNewer()
                || from.state().notUnderstood().stream().anyMatch(SnapshotKeeping::isScheduler)) {
            return false;
        }
        return log.inTransaction(() -> {
            boolean lives = !OwnLife.isOver(jdbc, author);
            if (lives) {
                snapshots.keep(index, from.state());
            }
            return lives;
        });
    }
}
