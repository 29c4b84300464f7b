package io.buildledger.scheduler.scheduling;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.claiming.Buildsets;
import io.buildledger.configuring.BoundScheduler;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.Follower;
import io.buildledger.log.Streams;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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

    /** A scheduler that this master has, whether it runs it or stands by. */
    private record Running(SchedulerReader reader, Follower follower) {}

    private final EventLog log;
    private final HikariDataSource dataSource;
    private final Buildsets buildsets;
    private final SchedulerStatuses statuses;
    private final Author author;
    private final Renaming renaming;
    private final ConfiguredSchedulers configured;
    private final Map<String, Running> running = new ConcurrentHashMap<>();
    private final Timers timers;
    private @Nullable Thread timerThread;
    private volatile boolean started;

    Schedulers(
            ConfiguredSchedulers configured,
            EventLog log,
            HikariDataSource dataSource,
            Buildsets buildsets,
            SchedulerStatuses statuses,
            PositionCopies positions,
            Author author,
            InstantSource databaseClock) {
        this.configured = configured;
        this.log = log;
        this.dataSource = dataSource;
        this.buildsets = buildsets;
        this.statuses = statuses;
        this.author = author;
        this.renaming = new Renaming(log, positions, author);
        this.timers = new Timers(this::readers, log, author, databaseClock);
    }

    /** What the follower of a scheduler is called. */
    static String follower(String scheduler) {
        return "scheduler/" + scheduler;
    }

    private Collection<SchedulerReader> readers() {
        return running.values().stream().map(Running::reader).toList();
    }

    @Override
    public void start() {
        configured.bound().forEach(renaming::takeOver);
        configured.bound().forEach(this::run);
        started = true;
        timerThread = Thread.ofPlatform().name("timers").daemon().start(this::fireTimers);
    }

    private void run(BoundScheduler scheduler) {
        SchedulerReader reader = new SchedulerReader(scheduler, log, buildsets, statuses, author);
        Follower follower =
                Follower.of(
                        follower(scheduler.name()),
                        startOf(scheduler),
                        log,
                        dataSource,
                        author,
                        reader);
        running.put(scheduler.name(), new Running(reader, follower.start()));
    }

    /** A new scheduler does not build the whole history, unless it is told to. */
    private Follower.Start startOf(BoundScheduler scheduler) {
        Long first = scheduler.startAtChange();
        if (first == null) {
            return Follower.Start.HEAD;
        }
        long index = log.lastIndex(Streams.change(first));
        return index == 0 ? Follower.Start.HEAD : new Follower.Start.After(index - 1);
    }

    private void fireTimers() {
        while (started) {
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
        started = false;
        if (timerThread != null) {
            timerThread.interrupt();
        }
        running.values().forEach(it -> it.follower().close());
    }

    @Override
    public boolean isRunning() {
        return started;
    }

    /**
     * Before the web server, so that a new scheduler's first event is the first that can come in.
     */
    @Override
    public int getPhase() {
        return 0;
    }
}
