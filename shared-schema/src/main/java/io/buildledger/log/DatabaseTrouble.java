package io.buildledger.log;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.transaction.CannotCreateTransactionException;

/** Which failures of the database pass: those after which the same work may be tried again. */
public final class DatabaseTrouble {

    private DatabaseTrouble() {}

    /**
     * Whether the database was away, or chose the transaction as a deadlock's victim; not whether
     * it was refused.
     */
    public static boolean isTransient(Throwable failure) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof TransientDataAccessException
                    || cause instanceof DataAccessResourceFailureException
                    || cause instanceof CannotCreateTransactionException
                    || cause instanceof SQLTransientException
                    || cause instanceof SQLRecoverableException
                    || cause instanceof SQLNonTransientConnectionException
                    || (cause instanceof SQLException sql && isConnectionState(sql))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isConnectionState(SQLException failure) {
        String state = failure.getSQLState();
        // 08: connection exception; 40001: serialization failure, which MySQL reports for
        // deadlocks.
        return state != null && (state.startsWith("08") || state.equals("40001"));
    }
}
