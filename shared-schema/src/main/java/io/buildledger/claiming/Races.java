package io.buildledger.claiming;

import io.buildledger.database.DatabaseTrouble;
import io.buildledger.log.ConflictException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Transactions that others may meet: who loses looks again. */
final class Races {

    /** Between two looks somebody else may have been first so often. */
    static final int TRIES = 10;

    private static final Logger LOG = LoggerFactory.getLogger(Races.class);

    private Races() {}

    /**
     * Runs a transaction until nobody else was first, or chosen to go on.
     *
     * @param transaction all of it, so that nothing is left of one that has failed
     */
    static <T> T outlast(Supplier<T> transaction) {
        for (int i = 1; ; i++) {
            try {
                return transaction.get();
            } catch (RuntimeException e) {
                boolean raced = e instanceof ConflictException || DatabaseTrouble.isDeadlock(e);
                if (!raced || i == TRIES) {
                    throw e;
                }
                LOG.debug("somebody else writes the same; once more", e);
            }
        }
    }
}
