package io.buildledger.scheduler.cancelling;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.claiming.RequestCommands;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.configuring.ConfiguredService;
import io.buildledger.database.DatabaseTrouble;
import io.buildledger.domain.cancelling.Canceller;
import io.buildledger.domain.cancelling.FailingBuildsetCanceller;
import io.buildledger.domain.cancelling.OldBuildCanceller;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.Follower;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * The cancellers of this master's file. Of all masters that have a canceller of the same name one
 * runs it; the others stand by.
 */
@Component
public final class Cancellers implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(Cancellers.class);
    private static final Duration STOP_WITHIN = Duration.ofSeconds(5);

    /**
     * A canceller that this master has, whether it runs it or stands by.
     *
     * @param start waits for the database, which was away; null if it was there
     */
    private record Running(Follower follower, @Nullable Thread start) {}

    private final List<ConfiguredService> configured;
    private final EventLog log;
    private final DataSource dataSource;
    private final RequestCommands commands;
    private final Author author;
    private final Map<ConfiguredService, Running> cancellers = new HashMap<>();
    private volatile boolean running;

    @Autowired
    Cancellers(
            ConfigurationFile file,
            EventLog log,
            HikariDataSource dataSource,
            RequestCommands commands,
            Author author) {
        this(file.configuration().services(), log, dataSource, commands, author);
    }

    Cancellers(
            List<ConfiguredService> configured,
            EventLog log,
            DataSource dataSource,
            RequestCommands commands,
            Author author) {
        this.configured = configured;
        this.log = log;
        this.dataSource = dataSource;
        this.commands = commands;
        this.author = author;
    }

    @Override
    public void start() {
        running = true;
        use(configured);
    }

    /**
     * Has these cancellers run and no others. Those that are the same as before go on as if nothing
     * had happened; one whose filters have changed goes on where it is in the log, and what it
     * watched over before it still watches over. While the database is away a new one waits for it.
     */
    public synchronized void use(Collection<ConfiguredService> wanted) {
        cancellers
                .entrySet()
                .removeIf(canceller -> {
                    boolean goesOn = wanted.contains(canceller.getKey());
                    if (!goesOn) {
                        end(canceller.getValue());
                    }
                    return !goesOn;
                });
        for (ConfiguredService service : wanted) {
            cancellers.computeIfAbsent(service, it -> begin(it.canceller()));
        }
    }

    private Running begin(Canceller canceller) {
        String name = canceller.type() + "/" + canceller.name();
        // What was asked for before there was such a canceller is none of its business.
        Follower follower =
                Follower.of(name, Follower.Start.HEAD, log, dataSource, author, reader(canceller));
        try {
            follower.start();
            return new Running(follower, null);
        } catch (RuntimeException e) {
            if (!DatabaseTrouble.isTransient(e)) {
                throw e;
            }
            return new Running(
                    follower,
                    Thread.ofPlatform()
                            .name("start " + name)
                            .daemon()
                            .start(() -> startWhenThereIsADatabase(canceller, follower)));
        }
    }

    private static void startWhenThereIsADatabase(Canceller canceller, Follower follower) {
        try {
            DatabaseTrouble.outlast(
                    follower::start,
                    reason ->
                            LOG.warn(
                                    "{} waits for the database: {}",
                                    canceller.signature(),
                                    reason));
        } catch (InterruptedException e) {
            // It is not wanted any more.
        } catch (RuntimeException | Error e) {
            LOG.error("{} can't start", canceller.signature(), e);
        }
    }

    private Follower.Reader reader(Canceller canceller) {
        return switch (canceller) {
            case OldBuildCanceller it -> new OldBuilds(it, log, dataSource, commands, author);
            case FailingBuildsetCanceller it -> new FailingBuildsets(it, log, commands, author);
        };
    }

    private static void end(Running canceller) {
        Thread start = canceller.start();
        if (start != null) {
            start.interrupt();
            try {
                start.join(STOP_WITHIN);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        canceller.follower().close();
    }

    @Override
    public synchronized void stop() {
        running = false;
        cancellers.values().forEach(Cancellers::end);
        cancellers.clear();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Before the schedulers, so that a new canceller sees all that they ask for. */
    @Override
    public int getPhase() {
        return -1;
    }
}
