package io.buildledger.scheduler.cancelling;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.claiming.RequestCommands;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.configuring.ConfiguredService;
import io.buildledger.domain.cancelling.Canceller;
import io.buildledger.domain.cancelling.FailingBuildsetCanceller;
import io.buildledger.domain.cancelling.OldBuildCanceller;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.Follower;
import io.buildledger.reloading.Reloadable;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * The cancellers of this master's file, and the one that every cluster has. Of all masters that
 * have a canceller of the same name one runs it; the others stand by.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
public final class Cancellers implements SmartLifecycle, Reloadable {

    private final List<ConfiguredService> configured;
    private final EventLog log;
    private final DataSource dataSource;
    private final RequestCommands commands;
    private final Author author;
    private final Follower follower;
    private final Set<ConfiguredService> cancellers = new HashSet<>();
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
        this.follower = new Follower("cancellers", log, dataSource, author);
    }

    @Override
    public void start() {
        follower.add(
                UnawaitedBuilds.NAME,
                () -> Follower.Start.HEAD,
                new UnawaitedBuilds(log, dataSource, commands, author));
        use(configured);
        follower.start();
        running = true;
    }

    /**
     * Has these cancellers run and no others, from the next event on. Those that are the same as
     * before go on as if nothing had happened; one whose filters have changed goes on where it is
     * in the log, and what it watched over before it still watches over. One that is new begins as
     * soon as the database lets it.
     */
    void use(Collection<ConfiguredService> wanted) {
        follower.betweenBatches(() -> {
            for (ConfiguredService service : List.copyOf(cancellers)) {
                if (!wanted.contains(service)) {
                    follower.remove(position(service.canceller()));
                    cancellers.remove(service);
                }
            }
            for (ConfiguredService service : wanted) {
                if (cancellers.add(service)) {
                    Canceller canceller = service.canceller();
                    // What was asked for before there was such a canceller is none of its business.
                    follower.add(position(canceller), () -> Follower.Start.HEAD, reader(canceller));
                }
            }
        });
    }

    /** Number of the last event after which nobody is left that no build waits for any more. */
    OptionalLong unawaitedReadUpTo() {
        return follower.position(UnawaitedBuilds.NAME);
    }

    @Override
    public Runnable prepare(ConfigurationFile next) {
        List<ConfiguredService> wanted = next.configuration().services();
        return () -> use(wanted);
    }

    private static String position(Canceller canceller) {
        return canceller.type() + "/" + canceller.name();
    }

    private Follower.Reader reader(Canceller canceller) {
        return switch (canceller) {
            case OldBuildCanceller it -> new OldBuilds(it, log, dataSource, commands, author);
            case FailingBuildsetCanceller it -> new FailingBuildsets(it, log, commands, author);
        };
    }

    @Override
    public void stop() {
        running = false;
        follower.close();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Before the schedulers, as in a reload: a new canceller is to see all that they ask for. */
    @Override
    public int getPhase() {
        return -1;
    }
}
