package io.buildledger.log;

import java.util.List;

/**
 * Writes the rows that go with events, for all items of a transaction together, before it commits.
 *
 * @param <T> what an item's rows are made of
 */
public interface Rows<T> {

    /** Runs in the transaction; may append events; must be repeatable after a rollback. */
    void write(List<T> items);
}
