package io.buildledger.builder.claiming;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** Commits a claim, and then loses the connection, or lets something happen, before the answer. */
final class LossyDataSource extends DelegatingDataSource {

    private static final String CLAIMING = "INSERT INTO claim";

    private interface BeforeTheAnswer {
        void run() throws SQLException;
    }

    private static final BeforeTheAnswer NOTHING = () -> {};

    private final AtomicReference<BeforeTheAnswer> next = new AtomicReference<>(NOTHING);

    LossyDataSource(DataSource target) {
        super(target);
    }

    /** Has the next transaction that claims something lose its answer. */
    void loseTheNextClaim() {
        next.set(() -> {
            throw new SQLNonTransientConnectionException("the connection was lost", "08S01");
        });
    }

    /** Runs this when the next claim is committed and its master does not know it yet. */
    void whenTheNextClaimIsCommitted(Runnable work) {
        next.set(work::run);
    }

    @Override
    public Connection getConnection() throws SQLException {
        Connection connection = super.getConnection();
        AtomicBoolean claims = new AtomicBoolean();
        return (Connection)
                Proxy.newProxyInstance(
                        Connection.class.getClassLoader(),
                        new Class<?>[] {Connection.class},
                        (_, method, arguments) -> {
                            try {
                                if (method.getName().equals("prepareStatement")
                                        && ((String) arguments[0]).startsWith(CLAIMING)) {
                                    claims.set(true);
                                }
                                Object result = method.invoke(connection, arguments);
                                if (method.getName().equals("commit") && claims.getAndSet(false)) {
                                    next.getAndSet(NOTHING).run();
                                }
                                return result;
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }
}
