package io.buildledger.starting;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.attaching.WorkerCommands;
import io.buildledger.claiming.BuildRequestQueue;
import io.buildledger.claiming.Builds;
import io.buildledger.claiming.Buildsets;
import io.buildledger.claiming.Claims;
import io.buildledger.claiming.Collapsing;
import io.buildledger.claiming.Rebuilds;
import io.buildledger.claiming.RequestCommands;
import io.buildledger.commanding.SchedulerCommands;
import io.buildledger.configuring.Configuration.OnLeaseLapse;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.configuring.ConfigurationInForce;
import io.buildledger.database.Database;
import io.buildledger.database.ShortTransactions;
import io.buildledger.domain.mastering.Descriptions;
import io.buildledger.hinting.Hints;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.mastering.MasterLife;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.mastering.MasterRegistry.Living;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.mastering.Upkeep;
import io.buildledger.metering.Meters;
import io.buildledger.monitoring.Monitoring;
import io.buildledger.monitoring.Monitoring.Cluster;
import io.buildledger.monitoring.ProcessMeters;
import io.buildledger.numbering.Numbers;
import io.buildledger.reloading.Hangup;
import io.buildledger.reloading.ReloadRequests;
import io.buildledger.reloading.Reloadable;
import io.buildledger.reloading.Reloading;
import io.buildledger.replaying.SnapshotKeeping;
import io.buildledger.sealing.Sealing;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;

/** What every master needs to take part in the cluster. */
@Configuration(proxyBeanMethods = false)
public class MasterConfiguration {

    private static final int TAKEN_FOR_DEAD = 70;
    private static final Duration CLOCKS_DIFFER = Duration.ofMinutes(1);

    @Bean
    JdbcTransactionManager transactionManager(HikariDataSource dataSource) {
        return new JdbcTransactionManager(dataSource);
    }

    @Bean
    Database database(ConfigurationFile file) {
        return file.database();
    }

    @Bean
    JdbcClient jdbcClient(HikariDataSource dataSource) {
        return JdbcClient.create(dataSource);
    }

    @Bean
    ConfigurationInForce configurationInForce(ConfigurationFile file) {
        return new ConfigurationInForce(file);
    }

    @Bean
    Meters meters(ConfigurationFile file) {
        return Monitoring.meters(file.configuration().metrics());
    }

    @Bean
    EventLog eventLog(
            HikariDataSource dataSource,
            JdbcTransactionManager transactions,
            ConfigurationFile file,
            Meters meters) {
        return new EventLog(
                dataSource, transactions, file.configuration().dbPollInterval(), meters);
    }

    @Bean
    Numbers numbers(ShortTransactions shortTransactions) {
        return new Numbers(shortTransactions.dataSource());
    }

    @Bean
    BuildRequestQueue buildRequestQueue(HikariDataSource dataSource) {
        return new BuildRequestQueue(dataSource);
    }

    @Bean
    Buildsets buildsets(
            EventLog log,
            HikariDataSource dataSource,
            Numbers numbers,
            BuildRequestQueue queue,
            ConfigurationInForce configuration) {
        return new Buildsets(
                log, dataSource, numbers, queue, new Collapsing(configuration::collapseRequestsOf));
    }

    @Bean
    Claims claims(
            EventLog log,
            HikariDataSource dataSource,
            Numbers numbers,
            BuildRequestQueue queue,
            Buildsets buildsets) {
        return new Claims(log, dataSource, numbers, queue, buildsets);
    }

    @Bean
    Builds builds(EventLog log, HikariDataSource dataSource) {
        return new Builds(log, dataSource);
    }

    @Bean
    RequestCommands requestCommands(
            EventLog log,
            BuildRequestQueue queue,
            Claims claims,
            Buildsets buildsets,
            Builds builds) {
        return new RequestCommands(log, queue, claims, buildsets, builds);
    }

    @Bean
    WorkerCommands workerCommands(EventLog log, HikariDataSource dataSource) {
        return new WorkerCommands(log, dataSource);
    }

    @Bean
    Rebuilds rebuilds(
            EventLog log, HikariDataSource dataSource, Builds builds, Buildsets buildsets) {
        return new Rebuilds(log, dataSource, builds, buildsets);
    }

    @Bean
    SchedulerCommands schedulerCommands(EventLog log) {
        return new SchedulerCommands(log, System::nanoTime);
    }

    @Bean
    MasterRegistry masterRegistry(
            EventLog log, HikariDataSource dataSource, ShortTransactions shortTransactions) {
        return new MasterRegistry(log, dataSource, shortTransactions.dataSource());
    }

    @Bean
    Hints hints(
            MasterIdentity identity,
            ConfigurationFile file,
            EventLog log,
            MasterRegistry registry) {
        Hints hints = Hints.open(file.configuration().hints(), identity.name(), registry);
        log.onNews(hints::tell);
        return hints;
    }

    @Bean
    Stopping stopping(ConfigurableApplicationContext context) {
        return new Stopping(context);
    }

    @Bean
    MasterLife masterLife(
            MasterIdentity identity,
            ConfigurationFile file,
            EventLog log,
            MasterRegistry registry,
            Claims claims,
            RequestCommands commands,
            Hints hints,
            Stopping stopping) {
        Registration registration =
                new Registration(
                        identity.name(),
                        identity.role(),
                        MasterProcess.localHost(),
                        ProcessHandle.current().pid(),
                        file.configuration().lease(),
                        identity.role().equals("builder") ? file.fingerprints() : Map.of(),
                        identity.role().equals("builder") ? file.descriptions() : Descriptions.NONE,
                        hints.address());
        requireThatNoneRunsHere(registry, registration);
        if (identity.role().equals("builder")
                && file.configuration().onLeaseLapse() == OnLeaseLapse.STOP) {
            requireThatNoneLivesElsewhere(registry, registration);
        }
        MasterLife life =
                new MasterLife(
                        registry,
                        claims,
                        commands,
                        registration,
                        MasterLife.monotonic(),
                        log::wakeFollowers,
                        () -> stopping.stop(TAKEN_FOR_DEAD));
        log.useClock(life.clock());
        return life.start();
    }

    /** A second start by mistake must not fence a master that is well. */
    private static void requireThatNoneRunsHere(
            MasterRegistry registry, Registration registration) {
        registry.living(registration.name())
                .filter(living -> living.host().equals(registration.host()))
                .filter(living -> living.pid() != registration.pid())
                .filter(MasterConfiguration::isRunning)
                .ifPresent(living -> {
                    throw new StartRefusedException(
                            "master %s runs already on this machine, as process %d: stop that first, or give this one another --name"
                                    .formatted(registration.name(), living.pid()));
                });
    }

    /** What a life that is fenced has started goes on until it learns of it. */
    private static void requireThatNoneLivesElsewhere(
            MasterRegistry registry, Registration registration) {
        registry.living(registration.name())
                .filter(living -> !living.host().equals(registration.host()))
                .ifPresent(living -> {
                    throw new StartRefusedException(
                            "master %s lives on %s, and with 'on_lease_lapse: stop' another takes its place only when its lease has ended: stop that one, give this one another --name, or start it again later"
                                    .formatted(registration.name(), living.host()));
                });
    }

    /** A process that began after the master did has got the number of one that has ended. */
    private static boolean isRunning(Living living) {
        return ProcessHandle.of(living.pid())
                .filter(ProcessHandle::isAlive)
                .filter(process ->
                        process.info()
                                .startInstant()
                                .orElse(Instant.MIN)
                                .isBefore(living.startedAt().plus(CLOCKS_DIFFER)))
                .isPresent();
    }

    @Bean
    Author author(MasterLife life) {
        return life.author();
    }

    @Bean(initMethod = "start", destroyMethod = "close")
    Upkeep snapshots(EventLog log, HikariDataSource dataSource, Database database, Author author) {
        return new Upkeep(
                "keeping snapshots",
                new SnapshotKeeping(log, database, dataSource, author, SnapshotKeeping.EVERY),
                SnapshotKeeping.INTERVAL);
    }

    @Bean(initMethod = "start", destroyMethod = "close")
    Upkeep sealing(EventLog log, HikariDataSource dataSource, Author author) {
        return new Upkeep(
                "sealing the log",
                new Sealing(log, dataSource, author, System::nanoTime)::sealNext,
                Sealing.INTERVAL);
    }

    @Bean
    InstantSource databaseClock(MasterLife life) {
        return life.clock();
    }

    @Bean
    Reloading reloading(
            ConfigurationInForce configuration,
            ObjectProvider<Reloadable> parts,
            EventLog log,
            MasterRegistry registry,
            Author author,
            MasterIdentity identity,
            Hangup hangup) {
        Reloading reloading =
                new Reloading(
                        configuration,
                        parts::orderedStream,
                        log,
                        registry,
                        author,
                        identity.role());
        hangup.onHangup(reloading::signalled);
        return reloading;
    }

    @Bean
    ReloadRequests reloadRequests(EventLog log, MasterRegistry registry, Reloading reloading) {
        return new ReloadRequests(log, registry, reloading::look, System::nanoTime);
    }

    /** Only a scheduler master tells of the whole cluster, so that few read it. */
    @Bean
    Monitoring monitoring(
            MasterIdentity identity,
            ConfigurationFile file,
            Meters meters,
            MasterLife life,
            HikariDataSource dataSource,
            BuildRequestQueue queue,
            MasterRegistry registry,
            EventLog log) {
        try {
            return Monitoring.open(
                    file.configuration().metrics(),
                    new ProcessMeters.Self(identity.name(), identity.role(), Version.number()),
                    meters,
                    life,
                    dataSource,
                    identity.role().equals("scheduler") ? new Cluster(queue, registry, log) : null);
        } catch (IOException e) {
            throw new StartRefusedException(
                    "metrics.port: the address can't be had (%s): free it, or set another"
                            .formatted(e.getMessage()));
        }
    }
}
