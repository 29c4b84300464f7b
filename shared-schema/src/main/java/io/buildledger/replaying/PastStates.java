package io.buildledger.replaying;

import io.buildledger.database.ReadingConnection;
import io.buildledger.log.WholeLog;
import io.buildledger.replaying.Snapshots.Kept;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What was so in the cluster at moments that are past, from the log alone. */
public final class PastStates {

    /**
     * @param index of the last event that counts; -1 before the first
     * @param at when that was recorded; null before the first
     */
    public record PastState(long index, @Nullable Instant at, ClusterState state) {}

    private final ReadingConnection connection;

    /**
     * @param connection nobody else may use it meanwhile
     */
    public PastStates(ReadingConnection connection) {
        this.connection = connection;
    }

    /** After the events that were recorded at a time or before, by the database's clock. */
    public PastState at(Instant moment) throws InterruptedException {
        return atEvent(new WholeLog(connection).lastUntil(moment));
    }

    /** After an event, by its number in the whole log, and those before it. */
    public PastState atEvent(long index) throws InterruptedException {
        Fold fold =
                new Snapshots(connection.jdbc())
                        .upTo(index)
                        .map(Fold::new)
                        .orElseGet(() -> new Fold(new Kept(-1, new ClusterState())));
        WholeLog log = new WholeLog(connection);
        log.read(
                fold.index,
                index,
                event -> {
                    fold.state.next(event.recorded());
                    fold.index = event.index();
                });
        return new PastState(fold.index, log.recordedAt(fold.index).orElse(null), fold.state);
    }

    private static final class Fold {
        private final ClusterState state;
        private long index;

        private Fold(Kept kept) {
            state = kept.state();
            index = kept.index();
        }
    }
}
