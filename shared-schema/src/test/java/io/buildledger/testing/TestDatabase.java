package io.buildledger.testing;

import com.mysql.cj.exceptions.MysqlErrorNumbers;
import io.buildledger.database.Database;
import io.buildledger.database.EmbeddedDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.util.FileSystemUtils;
import org.testcontainers.mysql.MySQLContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * The database server of a test run: the one of {@code BUILDLEDGER_TEST_JDBC_URL} (with {@code
 * BUILDLEDGER_TEST_JDBC_USER} and {@code _PASSWORD}), else {@code mysql:9.7} where there is a
 * Docker engine that has or can get it, else an embedded MariaDB. Which one it is gets printed
 * once.
 */
public final class TestDatabase {

    private static final String IMAGE = "mysql:9.7";
    private static final Duration DOCKER_ANSWERS_WITHIN = Duration.ofSeconds(4);
    private static final AtomicInteger DATABASES = new AtomicInteger();

    /** No test takes the power away; a server that only stops writes all of it down. */
    private static final String WITHOUT_WAITING_FOR_THE_DISK =
            "SET GLOBAL innodb_flush_log_at_trx_commit = 2, GLOBAL sync_binlog = 0";

    /** A server that tests may stop and start. */
    private interface Server {
        Database administration();

        void restart();
    }

    private static final Server SERVER = start();

    private TestDatabase() {}

    /** An empty database of its own, with a user who may do everything. */
    public static Database fresh() {
        String name =
                "buildledger_test_%d_%d"
                        .formatted(ProcessHandle.current().pid(), DATABASES.incrementAndGet());
        Database administration = SERVER.administration();
        // Of a process that had the same number, on a server that is not the tests' own.
        execute(administration, "DROP DATABASE IF EXISTS " + name);
        execute(administration, "CREATE DATABASE " + name);
        return new Database(
                administration.url().replaceFirst("/[^/?]*(\\?.*)?$", "/" + name + "$1"),
                administration.user(),
                administration.password());
    }

    /** Whether the server is there after the tests, too. */
    static boolean isLasting() {
        return SERVER instanceof External;
    }

    public static void drop(Database database) {
        String name = database.url().replaceFirst("\\?.*$", "").replaceFirst("^.*/", "");
        execute(SERVER.administration(), "DROP DATABASE IF EXISTS " + name);
    }

    /**
     * Stops the server and starts it again at the same address with what it had. A server that is
     * not the tests' own stays up, and loses every connection instead.
     */
    public static void restart() {
        SERVER.restart();
    }

    private static void execute(Database database, String sql) {
        try (Connection connection =
                        DriverManager.getConnection(
                                database.url(), database.user(), database.password());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    private static Server start() {
        Server server;
        String url = System.getenv("BUILDLEDGER_TEST_JDBC_URL");
        if (url != null) {
            server =
                    new External(
                            new Database(
                                    url,
                                    System.getenv()
                                            .getOrDefault("BUILDLEDGER_TEST_JDBC_USER", "root"),
                                    System.getenv()
                                            .getOrDefault("BUILDLEDGER_TEST_JDBC_PASSWORD", "")));
        } else {
            Optional<String> obstacle = obstacleToDocker();
            obstacle.ifPresent(
                    reason -> System.out.println("no " + IMAGE + " for the tests: " + reason));
            server = obstacle.isEmpty() ? new Container() : new Embedded();
            execute(server.administration(), WITHOUT_WAITING_FOR_THE_DISK);
        }
        System.out.println("test database: " + version(server.administration()));
        return server;
    }

    private static String version(Database database) {
        try (Connection connection =
                        DriverManager.getConnection(
                                database.url(), database.user(), database.password());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT @@version_comment, @@version")) {
            row.next();
            return row.getString(1) + " " + row.getString(2) + " at " + database.url();
        } catch (SQLException e) {
            throw new IllegalStateException("the test database does not answer", e);
        }
    }

    /** Why Testcontainers would fail, or hang in retries; found out beforehand, in seconds. */
    private static Optional<String> obstacleToDocker() {
        if (!succeeds("docker", "info")) {
            return Optional.of("there is no Docker engine");
        }
        boolean canPull = succeeds("docker", "manifest", "inspect", IMAGE);
        if (!canPull && !succeeds("docker", "image", "inspect", IMAGE)) {
            return Optional.of("the Docker engine neither has nor can get it");
        }
        if (!canPull && !"true".equals(System.getenv("TESTCONTAINERS_RYUK_DISABLED"))) {
            return Optional.of(
                    "the Docker engine can't get Testcontainers' reaper; TESTCONTAINERS_RYUK_DISABLED=true does without");
        }
        return Optional.empty();
    }

    private static boolean succeeds(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            if (!process.waitFor(DOCKER_ANSWERS_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                return false;
            }
            return process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static final class Embedded implements Server {
        private final Path directory;
        private EmbeddedDatabase server;

        Embedded() {
            try {
                directory = MemoryDirectory.create("buildledger-test");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            server = EmbeddedDatabase.start(directory);
            Runtime.getRuntime().addShutdownHook(new Thread(this::remove));
        }

        private void remove() {
            server.close();
            FileSystemUtils.deleteRecursively(directory.toFile());
        }

        @Override
        public Database administration() {
            return server.database();
        }

        @Override
        public void restart() {
            server.restart();
        }
    }

    private static final class Container implements Server {
        private final MySQLContainer container;

        Container() {
            int port = freePort();
            container =
                    new MySQLContainer(DockerImageName.parse(IMAGE))
                            .withUsername("root")
                            .withPassword("buildledger")
                            // No test takes the power away; and in memory a restart would lose it.
                            .withCommand("--innodb-flush-method=nosync")
                            // A tenth of what the tests take would be TLS on the loopback.
                            .withUrlParam("sslMode", "DISABLED")
                            .withUrlParam("allowPublicKeyRetrieval", "true");
            // A fixed port, which a restart keeps.
            container.setPortBindings(List.of(port + ":" + MySQLContainer.MYSQL_PORT));
            container.start();
        }

        private static int freePort() {
            try (ServerSocket socket = new ServerSocket(0)) {
                return socket.getLocalPort();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public Database administration() {
            return new Database(
                    container.getJdbcUrl(), container.getUsername(), container.getPassword());
        }

        @Override
        public void restart() {
            container.getDockerClient().restartContainerCmd(container.getContainerId()).exec();
        }
    }

    private record External(Database administration) implements Server {

        private static final String OTHERS =
                "SELECT id FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND db LIKE 'buildledger\\_test\\_%'";

        @Override
        public void restart() {
            try (Connection connection =
                            DriverManager.getConnection(
                                    administration.url(),
                                    administration.user(),
                                    administration.password());
                    Statement select = connection.createStatement();
                    Statement kill = connection.createStatement();
                    ResultSet others = select.executeQuery(OTHERS)) {
                while (others.next()) {
                    kill(kill, others.getLong(1));
                }
            } catch (SQLException e) {
                throw new IllegalStateException("can't cut the connections to the server", e);
            }
        }

        private static void kill(Statement statement, long connection) throws SQLException {
            try {
                statement.execute("KILL " + connection);
            } catch (SQLException e) {
                if (e.getErrorCode() != MysqlErrorNumbers.ER_NO_SUCH_THREAD) {
                    throw e;
                }
            }
        }
    }
}
