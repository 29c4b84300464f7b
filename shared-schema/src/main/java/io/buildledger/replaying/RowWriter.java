package io.buildledger.replaying;

import io.buildledger.viewing.ViewTable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes new rows of a view, many by one statement, to a table like the view's. */
sealed interface RowWriter permits InsertedRows, LoadedRows {

    /** More are no faster. */
    int rowsAtOnce();

    /**
     * Writes them in the transaction that runs; to a table by one thread at a time.
     *
     * @param table to which they go
     * @param view whose columns the rows have
     * @throws ReplayFailedException if there is no room for them on the way
     * @throws org.springframework.dao.DataAccessException if one of them can't be written as it is
     */
    void write(String table, ViewTable view, List<@Nullable Object[]> rows);
}
