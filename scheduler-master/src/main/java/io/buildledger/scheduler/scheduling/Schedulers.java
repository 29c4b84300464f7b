package io.buildledger.scheduler.scheduling;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.claiming.Buildsets;
import io.buildledger.configuring.Configuration.SingleBranch;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.Follower;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * The schedulers of this master's file. Of all masters that have a scheduler of the same name one
 * runs it; the others stand by.
 */
@Component
final class Schedulers implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(Schedulers.class);
    private static final Duration TIMER_STEP = Duration.ofMillis(100);

    private final List<SchedulerReader> readers;
    private final List<Follower> followers;
    private final Timers timers;
    private @Nullable Thread timerThread;
    private volatile boolean running;

    Schedulers(
            ConfigurationFile file,
            EventLog log,
            HikariDataSource dataSource,
            Buildsets buildsets,
            Author author,
            InstantSource databaseClock) {
        this.readers =
                file.configuration().schedulers().stream()
                        .map(scheduler ->
                                switch (scheduler) {
                                    case SingleBranch single ->
                                            new SchedulerReader(
                                                    single.toDomain(),
                                                    ConfigurationFile.digest(single),
                                                    log,
                                                    buildsets,
                                                    author);
                                })
                        .toList();
        this.followers =
                readers.stream()
                        .map(reader ->
                                Follower.of(
                                        "scheduler/" + reader.name(),
                                        // A new scheduler does not build the whole history.
                                        Follower.Start.HEAD,
                                        log,
                                        dataSource,
                                        author,
                                        reader))
                        .toList();
        this.timers = new Timers(readers, log, author, databaseClock);
    }

    @Override
    public void start() {
        followers.forEach(Follower::start);
        running = true;
        timerThread = Thread.ofPlatform().name("timers").daemon().start(this::fireTimers);
    }

    private void fireTimers() {
        while (running) {
            try {
                timers.runOnce();
            } catch (RuntimeException | Error e) {
                // An Error, too: a master without this thread would live on and fire nothing.
                LOG.error("firing timers failed; trying again", e);
            }
            try {
                Thread.sleep(TIMER_STEP);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    @Override
    public void stop() {
        running = false;
        if (timerThread != null) {
            timerThread.interrupt();
        }
        followers.forEach(Follower::close);
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /**
     * Before the web server, so that a new scheduler's first event is the first that can come in.
     */
    @Override
    public int getPhase() {
        return 0;
    }
}
