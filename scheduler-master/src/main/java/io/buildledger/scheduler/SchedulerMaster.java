package io.buildledger.scheduler;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.configuring.Configuration;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.hinting.Hints;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.Follower;
import io.buildledger.mastering.MasterLife;
import io.buildledger.mastering.MasterRegistry.Drain;
import io.buildledger.reloading.Reloading;
import io.buildledger.scheduler.admitting.Admission;
import io.buildledger.starting.MasterConfiguration;
import io.buildledger.starting.MasterOptions;
import io.buildledger.starting.MasterProcess;
import io.buildledger.starting.Stopping;
import io.buildledger.viewing.ViewProjector;
import java.util.Map;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/** The master that runs schedulers and change sources, and serves the pages. */
@SpringBootApplication(
        // The database is opened and migrated before Spring starts, where a failure can be told in
        // one line.
        excludeName = {
            "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
            "org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration"
        })
@Import(MasterConfiguration.class)
public class SchedulerMaster {

    /**
     * Starts the master that a file describes.
     *
     * @return 0 when it runs, 1 when it can't
     */
    public static int start(MasterOptions options) {
        return MasterProcess.start(
                SchedulerMaster.class,
                WebApplicationType.SERVLET,
                "scheduler",
                options,
                SchedulerMaster::requireSecrets,
                configuration -> properties(configuration.web()));
    }

    static Map<String, Object> properties(Configuration.Web web) {
        boolean isHttps = web.url() != null && web.url().startsWith("https:");
        return Map.of(
                // Cookies don't tell ports apart; no other host can set one that begins so.
                "buildledger.session-cookie",
                (isHttps ? "__Host-" : "") + "buildledger-" + web.port(),
                "server.port",
                web.port(),
                "server.address",
                web.address(),
                // Also behind a proxy that ends TLS, where Tomcat can't see that there is any.
                "server.servlet.session.cookie.secure",
                isHttps);
    }

    private static void requireSecrets(ConfigurationFile configuration) {
        Map<String, String> _ = configuration.hookSecrets();
        String _ = configuration.clientSecret();
        Admission.requireUsable(configuration);
    }

    /** A scheduler master has nothing that would have to end first. */
    @Bean
    SmartInitializingSingleton obedience(
            EventLog log, MasterLife life, Hints hints, Stopping stopping, Reloading reloading) {
        return () -> {
            hints.onHint(() -> {
                log.lookNow();
                reloading.look();
            });
            life.onDrain(drain -> {
                if (drain != Drain.NONE) {
                    stopping.stop(0);
                }
            });
        };
    }

    @Bean(initMethod = "start", destroyMethod = "close")
    Follower viewFollower(EventLog log, HikariDataSource dataSource, Author author) {
        return Follower.of(
                ViewProjector.FOLLOWER,
                Follower.Start.FIRST_EVENT,
                log,
                dataSource,
                author,
                new ViewProjector(dataSource));
    }
}
