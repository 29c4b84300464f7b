package io.buildledger.scheduler.serving;

import com.mysql.cj.MysqlConnection;
import com.mysql.cj.Query;
import com.mysql.cj.interceptors.QueryInterceptor;
import com.mysql.cj.log.Log;
import com.mysql.cj.protocol.Resultset;
import com.mysql.cj.protocol.ServerSession;
import io.buildledger.database.Database;
import java.util.LinkedHashSet;
import java.util.Properties;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is sent to a {@linkplain #recorded recorded} database, with the values of all parameters.
 * The driver makes one of these for each connection.
 */
public final class SentStatements implements QueryInterceptor {

    private static final Set<String> SENT = new LinkedHashSet<>();

    /** For the driver. */
    public SentStatements() {}

    static Database recorded(Database database) {
        return new Database(
                database.url()
                        + (database.url().contains("?") ? "&" : "?")
                        + "queryInterceptors="
                        + SentStatements.class.getName(),
                database.user(),
                database.password());
    }

    /** What was sent since the last call, without what was sent twice. */
    static Set<String> take() {
        synchronized (SENT) {
            Set<String> sent = new LinkedHashSet<>(SENT);
            SENT.clear();
            return sent;
        }
    }

    @Override
    public QueryInterceptor init(MysqlConnection opened, Properties properties, Log log) {
        return this;
    }

    @Override
    @SuppressWarnings("TypeParameterUnusedInFormals") // the driver's signature
    public <T extends Resultset> @Nullable T preProcess(Supplier<String> sql, Query query) {
        synchronized (SENT) {
            SENT.add(sql.get());
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
