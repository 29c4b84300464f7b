package io.buildledger.database;

import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.CannotCreateTransactionException;

/** Which failures of the database pass: those after which the same work may be tried again. */
public final class DatabaseTrouble {

    /** Of SQLState: bad data, a broken constraint, and a statement that is wrong or not allowed. */
    private static final Set<String> REFUSED = Set.of("22", "23", "42");

    private static final int LOCK_WAIT_TIMEOUT = 1205;

    private static final long RETRY_MILLIS = 500;

    private DatabaseTrouble() {}

    /**
     * Whether the database could not do the work now: it was away, chose the transaction as a
     * deadlock's victim, has a full disk or may only be read at the moment. Not whether it refused
     * what it was given, which it would refuse again.
     */
    public static boolean isTransient(Throwable failure) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            // Of a pool without a connection: whatever kept it from getting one may pass.
            if (cause instanceof CannotCreateTransactionException
                    || cause instanceof SQLTransientException) {
                return true;
            }
            if (cause instanceof SQLException sql) {
                return !isRefusal(sql);
            }
        }
        return false;
    }

    /**
     * Tries until the database does the work.
     *
     * @param attempt is run again after each {@linkplain #isTransient passing} failure
     * @param told is given the reason of the first failure that is not a lost deadlock
     * @throws RuntimeException what the attempt fails with that does not pass
     */
    public static <T> T outlast(Supplier<T> attempt, Consumer<String> told)
            throws InterruptedException {
        boolean first = true;
        while (true) {
            try {
                return attempt.get();
            } catch (RuntimeException e) {
                if (!isTransient(e)) {
                    throw e;
                }
                if (first && !isDeadlock(e)) {
                    told.accept(reason(e));
                    first = false;
                }
                Thread.sleep(
                        isDeadlock(e) ? ThreadLocalRandom.current().nextLong(1, 20) : RETRY_MILLIS);
            }
        }
    }

    /** Whether the transaction was a deadlock's victim: the database is well, and busy. */
    public static boolean isDeadlock(Throwable failure) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                // The driver gives a wait for a lock that ran out the same state.
                return String.valueOf(sql.getSQLState()).startsWith("40")
                        && sql.getErrorCode() != LOCK_WAIT_TIMEOUT;
            }
        }
        return false;
    }

    /** What is at the bottom of a failure, in one line. */
    public static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = String.valueOf(cause.getMessage());
        return message.lines().findFirst().orElse(message).strip();
    }

    private static boolean isRefusal(SQLException failure) {
        String state = failure.getSQLState();
        return state != null && state.length() >= 2 && REFUSED.contains(state.substring(0, 2));
    }
}
