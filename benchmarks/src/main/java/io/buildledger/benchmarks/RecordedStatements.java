package io.buildledger.benchmarks;

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
 * What a program sends to the server, word for word, and over which connection. The driver makes
 * one of these for each connection of a database that is {@linkplain #recording recorded}.
 */
public final class RecordedStatements implements QueryInterceptor {

    /**
     * @param connection the how-manieth connection that was opened
     */
    record Statement(int connection, String sql) {}

    private static final List<Statement> RECORDED = new ArrayList<>();
    private static int connections;
    private static boolean on;

    private int connection;

    /** For the driver. */
    public RecordedStatements() {}

    /** The same database; what is sent to it by those who use this address can be recorded. */
    static Database recording(Database database) {
        return new Database(
                database.url()
                        + (database.url().contains("?") ? "&" : "?")
                        + "queryInterceptors="
                        + RecordedStatements.class.getName(),
                database.user(),
                database.password());
    }

    /** Records all that is sent while the work runs. */
    static List<Statement> during(Runnable work) {
        synchronized (RECORDED) {
            RECORDED.clear();
            on = true;
        }
        work.run();
        synchronized (RECORDED) {
            on = false;
            return List.copyOf(RECORDED);
        }
    }

    @Override
    public QueryInterceptor init(MysqlConnection opened, Properties properties, Log log) {
        synchronized (RECORDED) {
            connection = ++connections;
        }
        return this;
    }

    @Override
    @SuppressWarnings("TypeParameterUnusedInFormals") // the driver's signature
    public <T extends Resultset> @Nullable T preProcess(Supplier<String> sql, Query query) {
        synchronized (RECORDED) {
            if (on) {
                RECORDED.add(new Statement(connection, sql.get()));
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
