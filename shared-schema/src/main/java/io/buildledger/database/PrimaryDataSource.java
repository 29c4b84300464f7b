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
 * may only be read is passed over. So is a member of a Group Replication that is not its primary,
 * or has lost sight of most others, even if it takes writes: one that was killed does, until the
 * group has it again, and what is written to it then is lost. A connection that was made stays with
 * its server; the pool throws it away when that one refuses to write.
 */
final class PrimaryDataSource extends AbstractDataSource {

    private static final Pattern SEVERAL_HOSTS =
            Pattern.compile("(?<scheme>jdbc:mysql://)(?<hosts>[^/(]+,[^/(]+)(?<rest>/.*)?");

    private static final int UNKNOWN_VARIABLE = 1193;
    private static final int TABLE_DENIED = 1142;

    private static final String IS_PRIMARY =
            """
            SELECT COALESCE(SUM(member_id = @@global.server_uuid
                                AND member_state = 'ONLINE' AND member_role = 'PRIMARY'), 0) = 1
                   AND COALESCE(SUM(member_state = 'UNREACHABLE'), 0) * 2 < COUNT(*)
              FROM performance_schema.replication_group_members
            """;

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
            if (urls.size() > 1 && isInGroup(connection) && !isPrimary(connection)) {
                throw new SQLTransientConnectionException(
                        url + " is not the primary of its group, or is cut off from it");
            }
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private static boolean isReadOnly(Connection connection) throws SQLException {
        return isTrue(connection, "SELECT @@global.read_only");
    }

    private static boolean isInGroup(Connection connection) throws SQLException {
        try {
            return isTrue(connection, "SELECT @@global.group_replication_group_name <> ''");
        } catch (SQLException e) {
            if (e.getErrorCode() == UNKNOWN_VARIABLE) {
                return false;
            }
            throw e;
        }
    }

    private static boolean isPrimary(Connection connection) throws SQLException {
        try {
            return isTrue(connection, IS_PRIMARY);
        } catch (SQLException e) {
            if (e.getErrorCode() == TABLE_DENIED) {
                // Not as its cause: the reason that people are told is at the bottom of a failure.
                SQLException remedy =
                        new SQLException(
                                "GRANT SELECT ON performance_schema.replication_group_members to the user, who must see which server is the primary",
                                e.getSQLState(),
                                e.getErrorCode());
                remedy.addSuppressed(e);
                throw remedy;
            }
            throw e;
        }
    }

    private static boolean isTrue(Connection connection, String question) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(question)) {
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
