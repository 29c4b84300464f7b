package io.buildledger.starting;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.configuring.Configuration;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.configuring.InvalidConfigurationException;
import io.buildledger.database.Database;
import io.buildledger.database.DatabaseTrouble;
import io.buildledger.database.ShortTransactions;
import io.buildledger.database.UnusableDatabaseException;
import io.buildledger.hinting.NoHintAddressException;
import io.buildledger.reloading.Hangup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.bridge.SLF4JBridgeHandler;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/**
 * The start of a master's process. What a person can mend is told in one line, without a stack
 * trace.
 */
public final class MasterProcess {

    private static final int CONNECTIONS = 10;

    /** MySQL's error numbers for a user who may not: on a table, a column, a routine. */
    private static final Set<Integer> RIGHT_MISSING = Set.of(1142, 1143, 1370);

    private MasterProcess() {}

    /**
     * Starts a master; it runs on when this returns.
     *
     * @param required looks for what the master needs beside the file, before it takes its place in
     *     the cluster, from which it would push another out; throws {@link
     *     InvalidConfigurationException} for what it can't use
     * @param properties of Spring Boot, from the file's
     * @return 0, or 1 after it has said on standard error why the master can't run
     */
    public static int start(
            Class<?> application,
            WebApplicationType type,
            String role,
            MasterOptions options,
            Consumer<ConfigurationFile> required,
            Function<Configuration, Map<String, Object>> properties) {
        MasterIdentity identity;
        try {
            String name = options.name;
            identity = new MasterIdentity(name == null ? role + "-" + hostName() : name, role);
            options.logFormat.use(identity);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            return 1;
        }
        return start(application, type, identity, options.config, required, properties);
    }

    private static int start(
            Class<?> application,
            WebApplicationType type,
            MasterIdentity identity,
            Path file,
            Consumer<ConfigurationFile> required,
            Function<Configuration, Map<String, Object>> properties) {
        Hangup hangup = Hangup.listen();
        try {
            ConfigurationFile configuration = ConfigurationFile.read(file);
            required.accept(configuration);
            if (type != WebApplicationType.NONE) {
                Configuration.Web web = configuration.configuration().web();
                requireFreePort("web", web.address(), web.port());
            }
            Configuration.Hints hints = configuration.configuration().hints();
            if (hints.enabled()) {
                requireFreePort("hints", hints.address(), hints.port());
            }
            Configuration.Metrics metrics = configuration.configuration().metrics();
            if (metrics != null) {
                requireFreePort("metrics", metrics.address(), metrics.portOf(identity.name()));
            }
            if (identity.role().equals("builder")
                    && configuration.configuration().workers().stream()
                            .anyMatch(Configuration.Worker::attaches)) {
                Configuration.WorkerProtocol workers =
                        configuration.configuration().workerProtocol();
                requireFreePort("worker_protocol", workers.address(), workers.port());
            }
            keepLogging();
            Database database = configuration.database();
            HikariDataSource dataSource = database.open(identity.name(), CONNECTIONS);
            ShortTransactions shortTransactions =
                    new ShortTransactions(
                            database.poolBeside(
                                    dataSource,
                                    identity.name() + "-short",
                                    ShortTransactions.CONNECTIONS));
            SpringApplication spring = new SpringApplication(application);
            spring.setWebApplicationType(type);
            spring.setBannerMode(Banner.Mode.OFF);
            spring.setLogStartupInfo(false);
            spring.setDefaultProperties(properties.apply(configuration.configuration()));
            spring.addInitializers((ConfigurableApplicationContext context) -> {
                GenericApplicationContext beans = (GenericApplicationContext) context;
                beans.registerBean(MasterIdentity.class, () -> identity);
                beans.registerBean(ConfigurationFile.class, () -> configuration);
                beans.registerBean(Hangup.class, () -> hangup);
                beans.registerBean(HikariDataSource.class, () -> dataSource);
                beans.registerBean(ShortTransactions.class, () -> shortTransactions);
            });
            run(spring, dataSource, shortTransactions);
            return 0;
        } catch (InvalidConfigurationException e) {
            e.problems().forEach(System.err::println);
        } catch (UnusableDatabaseException | StartRefusedException e) {
            System.err.println(file + ": " + e.getMessage());
        }
        return 1;
    }

    /**
     * Spring Boot would forget the logging's configuration and read it anew, while the pools'
     * threads are logging, and Logback says on standard output what it can't place. The one thing
     * that it does besides is done here: what Tomcat logs comes to the same place.
     */
    private static void keepLogging() {
        System.setProperty(LoggingSystem.SYSTEM_PROPERTY, LoggingSystem.NONE);
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
    }

    private static void run(
            SpringApplication spring,
            HikariDataSource dataSource,
            ShortTransactions shortTransactions) {
        try {
            spring.run();
        } catch (RuntimeException e) {
            dataSource.close();
            shortTransactions.close();
            throw refusal(e).orElse(e);
        }
    }

    /** What a person can mend, from somewhere inside of what Spring says. */
    private static Optional<RuntimeException> refusal(Throwable failure) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof StartRefusedException refused) {
                return Optional.of(refused);
            }
            if (cause instanceof NoHintAddressException unheard) {
                return Optional.of(new StartRefusedException(String.valueOf(unheard.getMessage())));
            }
            if (cause instanceof SQLException sql && RIGHT_MISSING.contains(sql.getErrorCode())) {
                return Optional.of(
                        new StartRefusedException(
                                "db_user: %s: GRANT ALL on the database to the user"
                                        .formatted(sql.getMessage())));
            }
        }
        return DatabaseTrouble.isTransient(failure)
                ? Optional.of(
                        new StartRefusedException(
                                "db_url: the database went away during the start (%s): start the master again when it is back"
                                        .formatted(DatabaseTrouble.reason(failure))))
                : Optional.empty();
    }

    /** Before the master takes its place, too. */
    private static void requireFreePort(String section, String address, int port) {
        try (ServerSocket socket = new ServerSocket()) {
            // As the server that will listen there does: connections that linger are no obstacle.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(address, port));
        } catch (IOException e) {
            throw new StartRefusedException(
                    "%1$s.port: port %2$d of %3$s is in use or can't be had (%4$s): stop what uses it, or set another %1$s.port"
                            .formatted(section, port, address, e.getMessage()));
        }
    }

    private static String hostName() {
        return localHost().toLowerCase(Locale.ROOT).replaceFirst("\\..*", "");
    }

    public static String localHost() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            // A machine whose own name does not resolve still has a loopback.
            return "localhost";
        }
    }
}
