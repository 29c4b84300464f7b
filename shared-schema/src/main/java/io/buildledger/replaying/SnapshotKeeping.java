package io.buildledger.replaying;

import io.buildledger.database.Database;
import io.buildledger.database.ReadingConnection;
import io.buildledger.log.EventLog;
import io.buildledger.log.Ownership;
import io.buildledger.log.WholeLog;
import io.buildledger.replaying.Snapshots.Kept;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Keeps the state of the cluster after every so many events. Of all masters one does, and reads for
 * it what has been written since the last time; between two times it keeps nothing in memory.
 */
public final class SnapshotKeeping {

    /** What of the log is read in about a second. */
    public static final long EVERY = 200_000;

    private static final String WHAT = "snapshots";

    private final EventLog log;
    private final Database database;
    private final Snapshots snapshots;
    private final Ownership ownership;
    private final long every;

    /**
     * @param every how many events there are from one kept state to the next, at least
     */
    public SnapshotKeeping(
            EventLog log,
            Database database,
            DataSource dataSource,
            Ownership ownership,
            long every) {
        this.log = log;
        this.database = database;
        this.snapshots = new Snapshots(JdbcClient.create(dataSource));
        this.ownership = ownership;
        this.every = every;
    }

    /**
     * Keeps the states that are due, unless another master sees to it.
     *
     * @return how many were due
     */
    public int runOnce() throws InterruptedException {
        if (!ownership.take(WHAT)) {
            return 0;
        }
        try (ReadingConnection connection = database.connectToRead()) {
            WholeLog whole = new WholeLog(connection);
            long settled = whole.settled(whole.head());
            if (settled - snapshots.newestIndex().orElse(-1L) < every) {
                return 0;
            }
            Kept kept = snapshots.upTo(settled).orElseGet(() -> new Kept(-1, new ClusterState()));
            return keep(whole, kept, settled);
        }
    }

    private int keep(WholeLog whole, Kept from, long settled) throws InterruptedException {
        int times = 0;
        for (long index = from.index() + every; index <= settled; index += every) {
            whole.read(index - every, index, event -> from.state().next(event.recorded()));
            long upTo = index;
            log.inTransaction(() -> snapshots.keep(upTo, from.state()));
            times++;
        }
        return times;
    }
}
