package io.buildledger.scheduler.serving;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.attaching.WorkerCommands;
import io.buildledger.claiming.Buildsets;
import io.buildledger.claiming.Rebuilds;
import io.buildledger.claiming.RequestCommands;
import io.buildledger.commanding.SchedulerCommands;
import io.buildledger.configuring.BoundScheduler;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.database.Database;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.reloading.ReloadRequests;
import io.buildledger.scheduler.admitting.AccessConfiguration;
import io.buildledger.scheduler.scheduling.ConfiguredSchedulers;
import io.buildledger.scheduler.scheduling.SchedulerStatuses;
import io.buildledger.testing.SentStatements;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestStory;
import io.buildledger.viewing.ViewProjector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The web address on a port of its own, over an empty log. */
public final class ServedLog implements AutoCloseable {

    /** Not a configuration by itself, so that nobody's scan finds it. */
    @EnableAutoConfiguration
    @ComponentScan(
            basePackageClasses = {
                AccessConfiguration.class,
                ServingConfiguration.class,
                ConfiguredSchedulers.class
            })
    static class Server {}

    /** The same, where the schedulers don't run. */
    @EnableAutoConfiguration
    @ComponentScan(basePackageClasses = {AccessConfiguration.class, ServingConfiguration.class})
    static class ServerAlone {}

    public final TestLog test;
    public final TestStory story;
    public final MasterRegistry registry;

    /** What runs when a master was asked to reload; nobody does it here. */
    public volatile Runnable onReloadAsked = () -> {};

    /** By which those wait who have asked for a reload. */
    public final AtomicLong nanoTime = new AtomicLong();

    private final ViewProjector projector;
    private final ConfigurableApplicationContext context;

    /** The schedulers of its file run. */
    public ServedLog(int port, Class<?>... more) {
        this(new TestLog(), port, Server.class, List.of(more), _ -> {});
    }

    /** These schedulers are in its file, and nobody runs them nor waits for them. */
    public ServedLog(List<BoundScheduler> schedulers) {
        this(new TestLog(), schedulers);
    }

    private ServedLog(TestLog test, List<BoundScheduler> schedulers) {
        this(
                test,
                0,
                ServerAlone.class,
                List.of(),
                beans -> {
                    beans.registerBean(
                            ConfiguredSchedulers.class, () -> new ConfiguredSchedulers(schedulers));
                    beans.registerBean(SchedulerStatuses.class);
                    beans.registerBean(
                            CommandPatience.class, () -> new CommandPatience(Duration.ZERO));
                });
    }

    /** The same, of which {@link SentStatements} tells what it sends to the database. */
    static ServedLog recorded(List<BoundScheduler> schedulers) {
        return new ServedLog(new TestLog(SentStatements::recorded), schedulers);
    }

    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    private ServedLog(
            TestLog test,
            int port,
            Class<?> server,
            List<Class<?>> more,
            Consumer<GenericApplicationContext> ownBeans) {
        this.test = test;
        story = new TestStory(test);
        registry = new MasterRegistry(test.log, test.dataSource, test.dataSource);
        projector = new ViewProjector(test.dataSource);
        SpringApplication application = new SpringApplication(server);
        application.addPrimarySources(more);
        application.setDefaultProperties(
                Map.of("server.port", port, "spring.main.banner-mode", "off"));
        application.addInitializers(starting -> {
            GenericApplicationContext beans = (GenericApplicationContext) starting;
            beans.registerBean(HikariDataSource.class, () -> test.dataSource);
            beans.registerBean(JdbcClient.class, () -> test.jdbc);
            beans.registerBean(EventLog.class, () -> test.log);
            beans.registerBean(RequestCommands.class, () -> test.commands);
            beans.registerBean(Rebuilds.class, () -> test.rebuilds);
            beans.registerBean(
                    WorkerCommands.class, () -> new WorkerCommands(test.log, test.dataSource));
            beans.registerBean(MasterRegistry.class, () -> registry);
            beans.registerBean(
                    ReloadRequests.class,
                    () ->
                            new ReloadRequests(
                                    test.log, registry, () -> onReloadAsked.run(), nanoTime::get));
            beans.registerBean(Database.class, () -> test.database);
            ownBeans.accept(beans);
            beans.registerBean(Author.class, () -> TestStory.SCHEDULER);
            beans.registerBean(Buildsets.class, () -> test.buildsets);
            beans.registerBean(
                    SchedulerCommands.class,
                    () -> new SchedulerCommands(test.log, System::nanoTime));
            beans.registerBean(
                    "fileWithoutSchedulers",
                    ConfigurationFile.class,
                    () -> file(""),
                    it -> it.setFallback(true));
            beans.registerBean(
                    "anyClock",
                    InstantSource.class,
                    InstantSource::system,
                    it -> it.setFallback(true));
        });
        context = application.run();
    }

    public ServedLog() {
        this(0);
    }

    /** A file of the least that a master needs, and more. */
    public static ConfigurationFile file(String more) {
        try {
            Path file = Files.createTempFile("cluster", ".yaml");
            try {
                return ConfigurationFile.read(
                        Files.writeString(
                                file, "db_url: jdbc:mysql://db/none\ndb_user: nobody\n" + more));
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String url() {
        return "http://127.0.0.1:"
                + context.getEnvironment().getRequiredProperty("local.server.port");
    }

    /** Projects all that has happened, as a follower would from the first event on. */
    public void project() {
        test.log.inTransaction(() -> {
            projector.clear();
            test.jdbc
                    .sql("SELECT stream, sequence_number FROM event ORDER BY global_index")
                    .query((row, _) ->
                            test.log.find(row.getString(1), row.getLong(2)).orElseThrow())
                    .list()
                    .forEach((Recorded recorded) -> projector.read(recorded));
            projector.endOfBatch();
        });
    }

    @Override
    public void close() {
        context.close();
        test.close();
    }
}
