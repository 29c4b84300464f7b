package io.buildledger.scheduler.serving;

import io.buildledger.claiming.RequestCommands;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestStory;
import io.buildledger.viewing.ViewProjector;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
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
    @ComponentScan(basePackageClasses = ServingConfiguration.class)
    static class Server {}

    public final TestLog test = new TestLog();
    public final TestStory story = new TestStory(test);
    public final MasterRegistry registry =
            new MasterRegistry(test.log, test.dataSource, test.dataSource);
    private final ViewProjector projector = new ViewProjector(test.dataSource);
    private final ConfigurableApplicationContext context;

    public ServedLog(int port, Class<?>... more) {
        SpringApplication application = new SpringApplication(Server.class);
        application.addPrimarySources(List.of(more));
        application.setDefaultProperties(
                Map.of("server.port", port, "spring.main.banner-mode", "off"));
        application.addInitializers(starting -> {
            GenericApplicationContext beans = (GenericApplicationContext) starting;
            beans.registerBean(DataSource.class, () -> test.dataSource);
            beans.registerBean(JdbcClient.class, () -> test.jdbc);
            beans.registerBean(EventLog.class, () -> test.log);
            beans.registerBean(RequestCommands.class, () -> test.commands);
            beans.registerBean(MasterRegistry.class, () -> registry);
            beans.registerBean(Author.class, () -> TestStory.SCHEDULER);
        });
        context = application.run();
    }

    public ServedLog() {
        this(0);
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
