package io.buildledger.starting;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.configuring.Configuration;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.configuring.InvalidConfigurationException;
import io.buildledger.database.UnusableDatabaseException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/**
 * The start of a master's process. What a person can mend is told in one line, without a stack
 * trace.
 */
public final class MasterProcess {

    private static final int CONNECTIONS = 10;

    private MasterProcess() {}

    /**
     * Starts a master; it runs on when this returns.
     *
     * @param name of the master, or null for the role and this host's name
     * @param properties of Spring Boot, from the file's
     * @return 0, or 1 after it has said on standard error why the master can't run
     */
    public static int start(
            Class<?> application,
            WebApplicationType type,
            String role,
            Path file,
            @Nullable String name,
            Function<Configuration, Map<String, Object>> properties) {
        try {
            MasterIdentity identity =
                    new MasterIdentity(name == null ? role + "-" + hostName() : name, role);
            ConfigurationFile configuration = ConfigurationFile.read(file);
            HikariDataSource dataSource =
                    configuration.database().open(identity.name(), CONNECTIONS);
            run(
                    application,
                    type,
                    identity,
                    configuration,
                    dataSource,
                    properties.apply(configuration.configuration()));
            return 0;
        } catch (InvalidConfigurationException e) {
            e.problems().forEach(System.err::println);
        } catch (UnusableDatabaseException e) {
            System.err.println(file + ": " + e.getMessage());
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
        }
        return 1;
    }

    private static void run(
            Class<?> application,
            WebApplicationType type,
            MasterIdentity identity,
            ConfigurationFile configuration,
            HikariDataSource dataSource,
            Map<String, Object> properties) {
        SpringApplication spring = new SpringApplication(application);
        spring.setWebApplicationType(type);
        spring.setBannerMode(Banner.Mode.OFF);
        spring.setLogStartupInfo(false);
        spring.setDefaultProperties(properties);
        spring.addInitializers((ConfigurableApplicationContext context) -> {
            GenericApplicationContext beans = (GenericApplicationContext) context;
            beans.registerBean(MasterIdentity.class, () -> identity);
            beans.registerBean(ConfigurationFile.class, () -> configuration);
            beans.registerBean(HikariDataSource.class, () -> dataSource);
        });
        try {
            spring.run();
        } catch (RuntimeException e) {
            dataSource.close();
            if (!isPortInUse(e)) {
                throw e;
            }
            throw new IllegalArgumentException(
                    "web.port: port %s of %s is in use: stop what uses it, or set another web.port"
                            .formatted(
                                    properties.get("server.port"),
                                    properties.get("server.address")),
                    e);
        }
    }

    private static boolean isPortInUse(Throwable failure) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof BindException
                    || cause.getClass().getSimpleName().equals("PortInUseException")) {
                return true;
            }
        }
        return false;
    }

    private static String hostName() {
        return localHost().toLowerCase(Locale.ROOT).replaceFirst("\\..*", "");
    }

    static String localHost() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            // A machine whose own name does not resolve still has a loopback.
            return "localhost";
        }
    }
}
