package io.buildledger.replaying;

import io.buildledger.database.ReadingConnection;
import io.buildledger.log.WholeLog;
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
        Fold fold = new Fold();
        new WholeLog(connection)
                .read(
                        index,
                        event -> {
                            fold.state.next(event.recorded());
                            fold.index = event.index();
                            fold.at = event.recorded().at();
                        });
        return new PastState(fold.index, fold.at, fold.state);
    }

    private static final class Fold {
        private final ClusterState state = new ClusterState();
        private long index = -1;
        private @Nullable Instant at;
    }
}
