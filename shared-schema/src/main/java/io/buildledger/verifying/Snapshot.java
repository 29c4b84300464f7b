package io.buildledger.verifying;

import io.buildledger.database.ReadingConnection;
import io.buildledger.log.LogMoment;
import io.buildledger.log.LogPosition;
import io.buildledger.replaying.StateTable;
import io.buildledger.viewing.ViewProjector;

/**
 * The tables of one moment, and which events were in the log then.
 *
 * @param viewsPosition how far the views were
 */
record Snapshot(
        LogMoment moment, LogPosition viewsPosition, RowSums views, StateTable.Rows tables) {

    static Snapshot take(ReadingConnection connection) {
        return connection.inSnapshot(() ->
                new Snapshot(
                        LogMoment.of(connection),
                        ViewProjector.position(connection.jdbc()),
                        RowSums.ofViews(connection.jdbc()),
                        StateTable.Rows.read(connection.jdbc())));
    }
}
