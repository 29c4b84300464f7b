package io.buildledger.database;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.jdbc.datasource.AbstractDataSource;

/**
 * New connections to whichever of some servers takes writes. With the one address of a single
 * server that is that server; with several, {@code jdbc:mysql://H1,H2,H3/DATABASE}, it is the
 * primary of the moment: the one that took the last connection is tried first, and a server that
 * may only be read is passed over. A connection that was made stays with its server; the pool
 * throws it away when that one refuses to write.
 */
final class PrimaryDataSource extends AbstractDataSource {

    private static final Pattern SEVERAL_HOSTS =
            Pattern.compile("(?<scheme>jdbc:mysql://)(?<hosts>[^/(]+,[^/(]+)(?<rest>/.*)?");

    private final List<String> urls;
    private final Properties properties;
    private volatile int last;
    private volatile int loginTimeoutSeconds;

    /**
     * @param properties of the driver, with user and password
     */
    PrimaryDataSource(String url, Properties properties) {
        this.urls = urlsOf(url);
        this.properties = properties;
    }

    private static List<String> urlsOf(String url) {
        Matcher several = SEVERAL_HOSTS.matcher(url);
        if (!several.matches()) {
            return List.of(url);
        }
        String rest = several.group("rest") == null ? "" : several.group("rest");
        return Arrays.stream(several.group("hosts").split(","))
                .map(host -> several.group("scheme") + host.strip() + rest)
                .toList();
    }

    /**
     * @throws SQLException of the server, if there is one; of several, what each of them said
     */
    @Override
    public Connection getConnection() throws SQLException {
        List<SQLException> failures = new ArrayList<>();
        int first = last;
        for (int i = 0; i < urls.size(); i++) {
            int candidate = (first + i) % urls.size();
            try {
                Connection connection = connectToPrimary(urls.get(candidate));
                last = candidate;
                return connection;
            } catch (SQLException e) {
                failures.add(e);
            }
        }
        if (failures.size() == 1) {
            throw failures.getFirst();
        }
        throw noPrimary(failures);
    }

    private Connection connectToPrimary(String url) throws SQLException {
        Connection connection = DriverManager.getConnection(url, properties);
        try {
            if (isReadOnly(connection)) {
                throw new SQLTransientConnectionException(url + " may only be read");
            }
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private static boolean isReadOnly(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT @@global.read_only")) {
            return row.next() && row.getBoolean(1);
        }
    }

    private static SQLException noPrimary(List<SQLException> failures) {
        List<String> reasons = failures.stream().map(DatabaseTrouble::reason).distinct().toList();
        SQLException none =
                new SQLTransientConnectionException(
                        "none of the servers takes writes: " + String.join("; ", reasons),
                        failures.getLast().getSQLState(),
                        failures.getLast().getErrorCode());
        failures.forEach(none::addSuppressed);
        return none;
    }

    /**
     * How long a pool waits for a connection that is being made when it closes; the driver has its
     * own.
     */
    @Override
    public int getLoginTimeout() {
        return loginTimeoutSeconds;
    }

    @Override
    public void setLoginTimeout(int seconds) {
        loginTimeoutSeconds = seconds;
    }

    @Override
    public Connection getConnection(String user, String password) {
        throw new UnsupportedOperationException("the user is in the driver's properties");
    }
}
