package io.buildledger.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Properties;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.CoreErrorCode;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The database that the masters share.
 *
 * @param url a JDBC URL of MySQL Connector/J, {@code jdbc:mysql://HOST[:PORT]/DATABASE}; of a
 *     replicated server, {@code jdbc:mysql://HOST1[:PORT],HOST2[:PORT],HOST3[:PORT]/DATABASE}
 */
public record Database(String url, String user, String password) {

    /**
     * Readers of the log count on it that no transaction of ours lives longer: what is not there so
     * long after its turn will never be. Ours are a few short statements, and the server ends one
     * whose client says nothing any more.
     */
    public static final Duration LONGEST_TRANSACTION = Duration.ofSeconds(60);

    private static final Logger LOG = LoggerFactory.getLogger(Database.class);

    private static final int ACCESS_DENIED = 1045;
    private static final int DATABASE_ACCESS_DENIED = 1044;
    private static final int UNKNOWN_DATABASE = 1049;
    private static final int CONNECT_TIMEOUT_MILLIS = 5_000;

    /** Longer than any statement of ours takes, and shorter than people wait for a hung server. */
    private static final int SOCKET_TIMEOUT_MILLIS = 30_000;

    /** After so long without a word from its client the server ends a transaction. */
    private static final int IDLE_SECONDS = 45;

    /** The pool's connections that nobody uses say a word so often. */
    private static final int KEEPALIVE_MILLIS = 30_000;

    @Override
    public String toString() {
        return url + " as " + user;
    }

    /**
     * Connects, brings the schema up to date, and opens a pool. Masters that start at the same time
     * take turns. A schema that is newer than this program is left as it is.
     *
     * @throws UnusableDatabaseException if the database can't be reached, refuses the user, has a
     *     schema that is newer than this program and that it can't work with, or an older one that
     *     masters live on who can't work with this program's
     */
    public HikariDataSource open(String poolName, int connections) {
        check();
        migrate();
        return pool(poolName, connections);
    }

    /** A pool of a database that was {@linkplain #open opened}. */
    public HikariDataSource pool(String poolName, int connections) {
        return pool(poolName, connections, new DemotedServer(), false);
    }

    /**
     * A pool of connections that can't write, of a database that was {@linkplain #openToRead
     * opened}.
     */
    public HikariDataSource poolToRead(String poolName, int connections) {
        return pool(poolName, connections, new DemotedServer(), true);
    }

    /**
     * One more pool for the same work: when the server of one is no primary any more, both look for
     * the one that is.
     */
    public HikariDataSource poolBeside(HikariDataSource other, String poolName, int connections) {
        if (!(other.getExceptionOverride() instanceof DemotedServer demoted)) {
            throw new IllegalArgumentException(other + " is no pool of a Database");
        }
        return pool(poolName, connections, demoted, false);
    }

    /**
     * A pool whose connections also send files by {@code LOAD DATA LOCAL}, where the server takes
     * that: those of a directory, and no others, whatever a server asks for, unless the URL itself
     * allows more.
     */
    public HikariDataSource poolToLoad(String poolName, int connections, Path directory) {
        PrimaryDataSource source =
                dataSource(
                        SOCKET_TIMEOUT_MILLIS,
                        Map.of("allowLoadLocalInfileInPath", directory.toString()));
        return pool(poolName, connections, new DemotedServer(), false, source);
    }

    private HikariDataSource pool(
            String poolName, int connections, DemotedServer demoted, boolean isReadOnly) {
        return pool(poolName, connections, demoted, isReadOnly, dataSource());
    }

    private static HikariDataSource pool(
            String poolName,
            int connections,
            DemotedServer demoted,
            boolean isReadOnly,
            PrimaryDataSource source) {
        HikariConfig pool = new HikariConfig();
        pool.setPoolName(poolName);
        pool.setDataSource(source);
        pool.setMaximumPoolSize(connections);
        pool.setReadOnly(isReadOnly);
        pool.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        pool.setConnectionTimeout(CONNECT_TIMEOUT_MILLIS);
        pool.setKeepaliveTime(KEEPALIVE_MILLIS);
        pool.setExceptionOverride(demoted);
        HikariDataSource opened = new HikariDataSource(pool);
        demoted.watch(opened);
        return opened;
    }

    /**
     * Connects without changing anything, for those who only read.
     *
     * @throws UnusableDatabaseException if the database can't be reached, refuses the user, or has
     *     another schema than this program's
     */
    public ReadingConnection openToRead() {
        return openToRead(Integer.MAX_VALUE);
    }

    /**
     * Connects in the same way to a schema that may be older than this program's, for those who
     * read what has been there since a version of it.
     *
     * @param since the oldest version of the schema that will do
     */
    public ReadingConnection openToRead(int since) {
        check();
        requireSchema(since);
        return connectToRead();
    }

    /**
     * Connects as {@link #openToRead} does, for those who write anew what stands beside the log:
     * what a newer program keeps there this one does not know.
     *
     * @throws UnusableDatabaseException as there, and if the schema is newer than this program
     */
    public ReadingConnection openToMend() {
        ReadingConnection connection = openToRead();
        try {
            requireNothingNewer();
        } catch (UnusableDatabaseException e) {
            connection.close();
            throw e;
        }
        return connection;
    }

    private void requireNothingNewer() {
        PrimaryDataSource source = dataSource();
        List<MigrationInfo> newer =
                new Compatibility(Flyway.configure().dataSource(source).load().info(), source)
                        .newer();
        if (!newer.isEmpty()) {
            MigrationInfo last = newer.getLast();
            throw new UnusableDatabaseException(
                    "db_url: the schema of %s has version %s (%s), which is newer than this program: only the program that made it, or a later one, knows what to make anew there"
                            .formatted(url, last.getVersion(), last.getDescription()));
        }
    }

    /** One more connection to a database that was {@linkplain #openToRead opened}. */
    public ReadingConnection connectToRead() {
        try {
            return new ReadingConnection(dataSource().getConnection());
        } catch (SQLException e) {
            throw unusable(e);
        }
    }

    /**
     * Connections that nobody keeps, of which a statement may take as long as it takes. A server
     * that is gone meanwhile is noticed by TCP.
     */
    public DataSource withoutTimeout() {
        return dataSource(0);
    }

    /**
     * Asks by a new connection each time, for those between whose questions more time may pass than
     * the server waits for a word.
     */
    public JdbcClient askingRarely() {
        return JdbcClient.create(dataSource());
    }

    private PrimaryDataSource dataSource() {
        return dataSource(SOCKET_TIMEOUT_MILLIS);
    }

    private PrimaryDataSource dataSource(int socketTimeoutMillis) {
        return dataSource(socketTimeoutMillis, Map.of());
    }

    /**
     * @param socketTimeoutMillis how long a statement may take; 0 for as long as it takes
     * @param more of the driver's properties
     */
    private PrimaryDataSource dataSource(int socketTimeoutMillis, Map<String, String> more) {
        Properties properties = new Properties();
        properties.putAll(more);
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        // One statement for a batch of rows: see docs/adr/0002.
        properties.setProperty("rewriteBatchedStatements", "true");
        // A connection takes a statement to pieces once; the longest are those that insert many
        // rows.
        properties.setProperty("cachePrepStmts", "true");
        properties.setProperty("prepStmtCacheSqlLimit", "16384");
        // Nobody changes a session's state behind the driver's back, which else asks before each
        // write.
        properties.setProperty("useLocalSessionState", "true");
        properties.setProperty("connectTimeout", String.valueOf(CONNECT_TIMEOUT_MILLIS));
        properties.setProperty("socketTimeout", String.valueOf(socketTimeoutMillis));
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("characterEncoding", "UTF-8");
        properties.setProperty("sessionVariables", "wait_timeout=" + IDLE_SECONDS);
        return new PrimaryDataSource(url, properties);
    }

    private void check() {
        try (Connection connection = dataSource().getConnection()) {
            if (connection.getCatalog() == null || connection.getCatalog().isEmpty()) {
                throw new UnusableDatabaseException(
                        "db_url: %s names no database: write jdbc:mysql://HOST/DATABASE"
                                .formatted(url));
            }
        } catch (SQLException e) {
            throw unusable(e);
        }
    }

    private UnusableDatabaseException unusable(SQLException failure) {
        return new UnusableDatabaseException(
                switch (failure.getErrorCode()) {
                    case ACCESS_DENIED ->
                            "db_user, db_password: the server at %s refuses user '%s' with this password: correct them, or create the user"
                                    .formatted(url, user);
                    case DATABASE_ACCESS_DENIED, UNKNOWN_DATABASE ->
                            "db_url: there is no database for user '%s' at %s: CREATE DATABASE it and GRANT ALL on it, or correct db_url"
                                    .formatted(user, url);
                    default ->
                            "db_url: can't connect to %s (%s): start the database, or correct db_url"
                                    .formatted(url, DatabaseTrouble.reason(failure));
                },
                failure);
    }

    private void migrate() {
        // Flyway matches the masters' migrations with a lock in the database, so they can start at
        // the same time.
        // A migration may read all of a long log. A server that is gone meanwhile is noticed by
        // TCP.
        PrimaryDataSource source = dataSource(0);
        Flyway flyway = Flyway.configure().dataSource(source).load();
        try {
            Compatibility compatibility = new Compatibility(flyway.info(), source);
            if (!isNewer(compatibility)) {
                requireNobodyBroken(compatibility);
                flyway.migrate();
            }
        } catch (FlywayException e) {
            if (e.getErrorCode() == CoreErrorCode.NON_EMPTY_SCHEMA_WITHOUT_SCHEMA_HISTORY_TABLE) {
                throw new UnusableDatabaseException(
                        "db_url: the database at %s holds tables of something else: give Buildledger one of its own"
                                .formatted(url),
                        e);
            }
            throw notUpToDate(e);
        } catch (DataAccessException e) {
            throw notUpToDate(e);
        }
    }

    private UnusableDatabaseException notUpToDate(RuntimeException failure) {
        return new UnusableDatabaseException(
                "db_url: the schema of %s can't be brought up to date: %s"
                        .formatted(url, DatabaseTrouble.reason(failure)),
                failure);
    }

    /**
     * Whether the schema is newer than this program, which can work with it.
     *
     * @throws UnusableDatabaseException if it can't
     */
    private boolean isNewer(Compatibility compatibility) {
        List<MigrationInfo> newer = compatibility.newer();
        if (newer.isEmpty()) {
            return false;
        }
        MigrationInfo last = newer.getLast();
        if (!compatibility.allow(newer)) {
            throw new UnusableDatabaseException(
                    "db_url: the schema of %s has version %s (%s), which is newer than this program and not made for it: run the program that made it, or a later one"
                            .formatted(url, last.getVersion(), last.getDescription()));
        }
        LOG.info(
                "the schema has version {}, made by a newer program; this one can work with it",
                last.getVersion());
        return true;
    }

    private void requireNobodyBroken(Compatibility compatibility) {
        OptionalInt breaking = compatibility.breaking();
        List<String> living = breaking.isEmpty() ? List.of() : compatibility.living();
        if (!living.isEmpty()) {
            throw new UnusableDatabaseException(
                    "db_url: this program needs version %d of the schema, with which the program of %s can't work: stop these masters first, or wait until their leases have ended"
                            .formatted(breaking.getAsInt(), String.join(", ", living)));
        }
    }

    private void requireSchema(int since) {
        PrimaryDataSource source = dataSource();
        Flyway flyway = Flyway.configure().dataSource(source).load();
        try {
            MigrationInfoService migrations = flyway.info();
            boolean _ = isNewer(new Compatibility(migrations, source));
            if (migrations.applied().length == 0) {
                throw new UnusableDatabaseException(
                        "db_url: the database at %s holds no cluster: correct db_url"
                                .formatted(url));
            }
            if (migrations.pending().length > 0
                    && Compatibility.version(migrations.current()) < since) {
                throw new UnusableDatabaseException(
                        "db_url: the schema of %s has version %s, which is older than this program: run the program that made it, or start a master of this one first"
                                .formatted(url, migrations.current().getVersion()));
            }
        } catch (FlywayException | DataAccessException e) {
            throw new UnusableDatabaseException(
                    "db_url: the schema of %s can't be read: %s"
                            .formatted(url, DatabaseTrouble.reason(e)),
                    e);
        }
    }
}
