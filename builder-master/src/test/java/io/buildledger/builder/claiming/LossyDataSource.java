package io.buildledger.builder.claiming;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** Commits a transaction, and then loses the connection before the answer has come. */
final class LossyDataSource extends DelegatingDataSource {

    private static final String CLAIMING = "INSERT INTO claim";

    private final AtomicBoolean armed = new AtomicBoolean();

    LossyDataSource(DataSource target) {
        super(target);
    }

    /** Has the next transaction that claims something lose its answer. */
    void loseTheNextClaim() {
        armed.set(true);
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
                                if (method.getName().equals("commit")
                                        && claims.getAndSet(false)
                                        && armed.getAndSet(false)) {
                                    throw new SQLNonTransientConnectionException(
                                            "the connection was lost", "08S01");
                                }
                                return result;
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }
}
