package io.buildledger.scheduler.scheduling;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.claiming.Buildsets;
import io.buildledger.configuring.BoundScheduler;
import io.buildledger.database.DatabaseTrouble;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.Follower;
import io.buildledger.log.Streams;
import io.buildledger.replaying.Snapshots;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The schedulers of this master's file. Of all masters that have a scheduler of the same name one
 * runs it; the others stand by.
 */
@Component
final class Schedulers implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(Schedulers.class);
    private static final Duration TIMER_STEP = Duration.ofMillis(100);
    private static final long COME_BACK_NANOS = Duration.ofSeconds(1).toNanos();

    /** Two masters with two names for what fails under both would else take it from each other. */
    private static final long STAY_NANOS = Duration.ofMinutes(10).toNanos();

    private final EventLog log;
    private final SchedulerStreams streams;
    private final Buildsets buildsets;
    private final SchedulerStatuses statuses;
    private final Author author;
    private final Renaming renaming;
    private final Follower follower;
    private final Map<String, SchedulerReader> readers = new ConcurrentHashMap<>();
    private final Timers timers;
    private final ConfiguredSchedulers configured;
    private @Nullable Thread timerThread;
    private long comeBackNanos = System.nanoTime();
    private final Map<String, Long> cameBackNanos = new HashMap<>();
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
        this.streams = new SchedulerStreams(log, new Snapshots(JdbcClient.create(dataSource)));
        this.buildsets = buildsets;
        this.statuses = statuses;
        this.author = author;
        this.renaming = new Renaming(log, streams, positions, statuses, author);
        this.follower = new Follower("schedulers", log, dataSource, author);
        this.timers = new Timers(readers::values, log, author, databaseClock);
    }

    /** What the position of a scheduler is called. */
    static String position(String scheduler) {
        return "scheduler/" + scheduler;
    }

    @Override
    public void start() {
        configured.bound().forEach(scheduler -> run(scheduler, () -> Follower.Start.HEAD));
        follower.start();
        started = true;
        timerThread = Thread.ofPlatform().name("timers").daemon().start(this::fireTimers);
    }

    /**
     * Has these schedulers run and no others, from the next event on. Those that are there go on as
     * they are now configured; those that are new begin as soon as the database lets them.
     */
    void use(Collection<BoundScheduler> wanted) {
        follower.betweenBatches(() -> replace(wanted));
    }

    /** Does something while none of them decides. */
    void betweenBatches(Runnable work) {
        follower.betweenBatches(work);
    }

    private void replace(Collection<BoundScheduler> wanted) {
        Set<String> names = wanted.stream().map(BoundScheduler::name).collect(Collectors.toSet());
        for (String name : List.copyOf(readers.keySet())) {
            if (!names.contains(name)) {
                follower.remove(position(name));
                readers.remove(name);
            }
        }
        for (BoundScheduler scheduler : wanted) {
            SchedulerReader reader = readers.get(scheduler.name());
            if (reader == null || reader.state().renamedTo() != null) {
                run(scheduler, this::atTheReload);
            } else {
                reader.configure(scheduler);
            }
        }
    }

    /** With the event that says so, for a timed scheduler begins with the first that it reads. */
    private Follower.Start atTheReload() {
        return new Follower.Start.After(log.lastIndex(Streams.master(author.master())) - 1);
    }

    /**
     * @param start where it begins if it is new and its configuration does not say
     */
    private void run(BoundScheduler scheduler, Supplier<Follower.Start> start) {
        SchedulerReader reader =
                new SchedulerReader(scheduler, log, streams, buildsets, statuses, author);
        readers.put(scheduler.name(), reader);
        follower.add(position(scheduler.name()), () -> startOf(scheduler, start), reader);
    }

    /** A new scheduler does not build the whole history, unless it is told to. */
    private Follower.Start startOf(BoundScheduler scheduler, Supplier<Follower.Start> otherwise) {
        renaming.takeOver(scheduler, readers.keySet());
        Long first = scheduler.startAtChange();
        long index = first == null ? 0 : log.lastIndex(Streams.change(first));
        return index == 0 ? otherwise.get() : new Follower.Start.After(index - 1);
    }

    /** Those that went on under another name, once nobody runs them under that. */
    private void comeBack() {
        for (SchedulerReader reader : readers.values()) {
            Long last = cameBackNanos.get(reader.name());
            boolean isSettled = last == null || System.nanoTime() - last > STAY_NANOS;
            if (reader.state().renamedTo() != null && isSettled) {
                try {
                    comeBack(reader);
                } catch (RuntimeException e) {
                    if (!DatabaseTrouble.isTransient(e)) {
                        throw e;
                    }
                    LOG.debug("the follower tells that the database is away", e);
                }
            }
        }
    }

    private void comeBack(SchedulerReader reader) {
        if (renaming.takeOver(reader.bound(), readers.keySet())) {
            cameBackNanos.put(reader.name(), System.nanoTime());
            follower.betweenBatches(() -> {
                // A reload may have taken it out of the file; then whoever has the other name is
                // next.
                if (readers.get(reader.name()) == reader) {
                    run(reader.bound(), () -> Follower.Start.HEAD);
                }
            });
        }
    }

    private void fireTimers() {
        while (started) {
            try {
                timers.runOnce();
                if (System.nanoTime() - comeBackNanos > COME_BACK_NANOS) {
                    comeBackNanos = System.nanoTime();
                    comeBack();
                }
            } catch (RuntimeException | Error e) {
                // An Error, too: a master without this thread would live on and fire nothing.
                LOG.error("firing timers, or taking schedulers back, failed; trying again", e);
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
        follower.close();
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
