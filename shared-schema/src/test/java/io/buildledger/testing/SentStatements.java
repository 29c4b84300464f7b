package io.buildledger.testing;

import com.mysql.cj.MysqlConnection;
import com.mysql.cj.Query;
import com.mysql.cj.interceptors.QueryInterceptor;
import com.mysql.cj.log.Log;
import com.mysql.cj.protocol.Resultset;
import com.mysql.cj.protocol.ServerSession;
import io.buildledger.database.Database;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a program sends to a {@linkplain #recorded recorded} database, with the values of all
 * parameters, and over which connection. The driver makes one of these for each connection.
 */
public final class SentStatements implements QueryInterceptor {

    /**
     * @param connection the how-manieth connection that was opened
     */
    public record Statement(int connection, String sql) {}

    /** What is done while it is recorded. */
    public interface Work<E extends Exception> {
        void run() throws E;
    }

    private static final List<Statement> SENT = new ArrayList<>();
    private static int connections;
    private static boolean on;

    private int connection;

    /** For the driver. */
    public SentStatements() {}

    /** The same database; what is sent to it by those who use this address can be recorded. */
    public static Database recorded(Database database) {
        return new Database(
                database.url()
                        + (database.url().contains("?") ? "&" : "?")
                        + "queryInterceptors="
                        + SentStatements.class.getName(),
                database.user(),
                database.password());
    }

    /** All that is sent while the work runs, by whomever. */
    public static <E extends Exception> List<Statement> during(Work<E> work) throws E {
        synchronized (SENT) {
            SENT.clear();
            on = true;
        }
        try {
            work.run();
        } finally {
            synchronized (SENT) {
                on = false;
            }
        }
        synchronized (SENT) {
            return List.copyOf(SENT);
        }
    }

    @Override
    public QueryInterceptor init(MysqlConnection opened, Properties properties, Log log) {
        synchronized (SENT) {
            connection = ++connections;
        }
        return this;
    }

    @Override
    @SuppressWarnings("TypeParameterUnusedInFormals") // the driver's signature
    public <T extends Resultset> @Nullable T preProcess(Supplier<String> sql, Query query) {
        synchronized (SENT) {
            if (on) {
                SENT.add(new Statement(connection, sql.get()));
            }
        }
        return null;
    }

    @Override
    public <T extends Resultset> @Nullable T postProcess(
            Supplier<String> sql, Query query, T result, ServerSession session) {
        return null;
    }

    @Override
    public boolean executeTopLevelOnly() {
        return false;
    }

    @Override
    public void destroy() {}
}
