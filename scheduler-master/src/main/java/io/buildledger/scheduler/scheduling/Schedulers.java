package io.buildledger.scheduler.scheduling;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.claiming.Buildsets;
import io.buildledger.configuring.BoundScheduler;
import io.buildledger.database.DatabaseTrouble;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.Follower;
import io.buildledger.log.Streams;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
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

    /** Those that are to run and do not yet, or not by their configuration. */
    private Collection<BoundScheduler> wanted = List.of();

    private boolean isUnfinished;

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
        configured.bound().forEach(scheduler -> run(scheduler, Follower.Start.HEAD));
        started = true;
        timerThread = Thread.ofPlatform().name("timers").daemon().start(this::fireTimers);
    }

    /**
     * Has these schedulers run and no others. Those that ran already decide by their new
     * configuration from their next event on; the others begin where the log has them. What the
     * database refuses now is tried again until it does not.
     */
    synchronized void use(Collection<BoundScheduler> schedulers) {
        wanted = List.copyOf(schedulers);
        isUnfinished = true;
        goOn();
    }

    private synchronized void goOn() {
        if (!isUnfinished || !started) {
            return;
        }
        try {
            Set<String> names =
                    wanted.stream().map(BoundScheduler::name).collect(Collectors.toSet());
            running.entrySet()
                    .removeIf(entry -> {
                        boolean isGone = !names.contains(entry.getKey());
                        if (isGone) {
                            entry.getValue().follower().close();
                        }
                        return isGone;
                    });
            for (BoundScheduler scheduler : wanted) {
                Running present = running.get(scheduler.name());
                if (present == null) {
                    renaming.takeOver(scheduler);
                    run(scheduler, atTheReload());
                } else {
                    present.reader().configure(scheduler);
                }
            }
            isUnfinished = false;
        } catch (RuntimeException e) {
            LOG.warn(
                    "not all schedulers of the new configuration run yet; trying again: {}",
                    DatabaseTrouble.reason(e));
        }
    }

    /** With the event that says so, for a timed scheduler begins with the first that it reads. */
    private Follower.Start atTheReload() {
        return new Follower.Start.After(log.lastIndex(Streams.master(author.master())) - 1);
    }

    /**
     * @param start where it begins if it is new and its configuration does not say
     */
    private void run(BoundScheduler scheduler, Follower.Start start) {
        SchedulerReader reader = new SchedulerReader(scheduler, log, buildsets, statuses, author);
        Follower follower =
                Follower.of(
                        follower(scheduler.name()),
                        startOf(scheduler, start),
                        log,
                        dataSource,
                        author,
                        reader);
        running.put(scheduler.name(), new Running(reader, follower.start()));
    }

    /** A new scheduler does not build the whole history, unless it is told to. */
    private Follower.Start startOf(BoundScheduler scheduler, Follower.Start otherwise) {
        Long first = scheduler.startAtChange();
        if (first == null) {
            return otherwise;
        }
        long index = log.lastIndex(Streams.change(first));
        return index == 0 ? otherwise : new Follower.Start.After(index - 1);
    }

    private void fireTimers() {
        while (started) {
            try {
                goOn();
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
    public synchronized void stop() {
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
