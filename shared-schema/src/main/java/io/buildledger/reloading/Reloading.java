package io.buildledger.reloading;

import io.buildledger.configuring.Confidential;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.configuring.ConfigurationInForce;
import io.buildledger.configuring.InvalidConfigurationException;
import io.buildledger.database.DatabaseTrouble;
import io.buildledger.domain.mastering.Descriptions;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloadRefused;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloadRequested;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloaded;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.showing.Printable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Has this master go by its configuration file as it is now, when it is told to: by a signal, or by
 * an event on its stream. One reload after the other, each as a whole: either the event that says
 * so is in the log and all parts of the master go by the new file, or none does. A file that is not
 * valid, that needs a restart, or that a part can't go by, changes nothing; that is recorded too.
 *
 * <p>What was asked while the database is away is done when it is back.
 */
public final class Reloading implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(Reloading.class);

    /** By whom a reload was asked for that nobody put a name to. */
    private static final String SIGNAL = "signal";

    private static final Duration LOOK_EVERY = Duration.ofSeconds(5);

    /** However often it is woken, it looks no more often than this. */
    private static final Duration SHORTEST_GAP = Duration.ofMillis(200);

    private static final Duration STOP_WITHIN = Duration.ofSeconds(5);

    /** An event lists no more than this, for it is kept for ever. */
    private static final int MOST_LINES = 200;

    private static final int LONGEST_LINE = 500;

    /** More can't have been asked of this life between its begin and the first look. */
    private static final int MAY_BE_ASKED_ALREADY = 100;

    /** A file that all parts of the master are ready for. */
    private record Ready(ConfigurationFile file, List<String> differences, List<Runnable> parts) {}

    /**
     * A reload of which it is not known whether it was recorded.
     *
     * @param after a place of the stream before which it can't be
     * @param again whether a signal has asked for it, which asks again if it was not
     */
    private record Undecided(ConfigurationReloaded event, long after, Ready ready, boolean again) {}

    private final ConfigurationInForce inForce;
    private final Supplier<Stream<Reloadable>> parts;
    private final EventLog log;
    private final MasterRegistry registry;
    private final Author author;
    private final String role;
    private final String stream;

    private final Semaphore wake = new Semaphore(0);
    private final AtomicBoolean signalled = new AtomicBoolean();
    private long seen;
    private @Nullable Undecided undecided;

    /** What keeps it from doing what was asked for. */
    private boolean isTold;

    private @Nullable Thread thread;
    private volatile boolean running;

    /**
     * @param parts of this master, in the order in which they are put in force
     * @param role {@code scheduler} or {@code builder}
     */
    public Reloading(
            ConfigurationInForce inForce,
            Supplier<Stream<Reloadable>> parts,
            EventLog log,
            MasterRegistry registry,
            Author author,
            String role) {
        this.inForce = inForce;
        this.parts = parts;
        this.log = log;
        this.registry = registry;
        this.author = author;
        this.role = role;
        this.stream = Streams.master(author.master());
        this.seen = Math.max(-1, lastPlace() - MAY_BE_ASKED_ALREADY);
    }

    /** Reloads as soon as may be. */
    public void signalled() {
        signalled.set(true);
        look();
    }

    /** Looks soon whether somebody has asked for a reload. */
    public void look() {
        wake.release();
    }

    @Override
    public void start() {
        running = true;
        thread = Thread.ofPlatform().name("reload").daemon().start(this::run);
    }

    private void run() {
        try {
            while (running) {
                lookAndSurvive();
                Thread.sleep(SHORTEST_GAP);
                if (wake.tryAcquire(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
                    wake.drainPermits();
                }
            }
        } catch (InterruptedException e) {
            // stop() ends it.
        }
    }

    private void lookAndSurvive() {
        try {
            runOnce();
            isTold = false;
        } catch (RuntimeException | Error e) {
            // An Error, too: without this thread the file could never be changed any more.
            if (!DatabaseTrouble.isTransient(e)) {
                LOG.error("reloading the configuration failed", e);
            } else if (!isTold && (signalled.get() || undecided != null)) {
                isTold = true;
                LOG.warn(
                        "the configuration is not reloaded, the one before stays in force; trying again: {}",
                        DatabaseTrouble.reason(e));
            }
        }
    }

    /**
     * Does what was asked for.
     *
     * @throws RuntimeException of the database; nothing has changed then, and it is done next time
     */
    void runOnce() {
        settle();
        if (signalled.getAndSet(false)) {
            try {
                reload(SIGNAL, null);
            } catch (RuntimeException e) {
                if (undecided == null && DatabaseTrouble.isTransient(e)) {
                    signalled.set(true);
                }
                throw e;
            }
        }
        List<Recorded> news = log.readAfter(stream, seen);
        Set<Object> answered =
                news.stream()
                        .map(recorded -> recorded.metadata().get("cause"))
                        .filter(Objects::nonNull)
                        .collect(Collectors.toSet());
        for (Recorded recorded : news) {
            if (recorded.event() instanceof ConfigurationReloadRequested asked
                    && asked.epoch() == author.epoch()
                    && !answered.contains(recorded.id())) {
                answer(asked, recorded);
            }
            seen = recorded.sequence();
        }
    }

    private void answer(ConfigurationReloadRequested asked, Recorded recorded) {
        try {
            reload(asked.requestedBy(), recorded.id());
        } catch (RuntimeException e) {
            if (DatabaseTrouble.isTransient(e)) {
                throw e;
            }
            // Next time it would be the same.
            LOG.error("reloading the configuration failed", e);
        }
    }

    private void reload(String requestedBy, @Nullable String cause) {
        Ready ready;
        try {
            ready = prepare(inForce.file());
        } catch (InvalidConfigurationException e) {
            refuse(requestedBy, cause, bounded(e.problems()));
            return;
        }
        ConfigurationReloaded event =
                new ConfigurationReloaded(
                        author.master(),
                        author.epoch(),
                        requestedBy,
                        ready.differences(),
                        role.equals("builder") ? ready.file().fingerprints() : Map.of());
        Runnable reload =
                () -> {
                    if (isRecorded(cause, event, ready)) {
                        putInForce(event, ready);
                    } else {
                        tellThatLifeIsOver();
                    }
                };
        hold(reload);
    }

    private void hold(Runnable reload) {
        Runnable held = reload;
        for (Reloadable part : parts.get().toList()) {
            Runnable inner = held;
            held = () -> part.hold(inner);
        }
        held.run();
    }

    private boolean isRecorded(@Nullable String cause, ConfigurationReloaded event, Ready ready) {
        long before = lastPlace();
        try {
            return registry.reloaded(
                    author,
                    cause,
                    event,
                    role.equals("builder") ? ready.file().descriptions() : Descriptions.NONE);
        } catch (RuntimeException | Error e) {
            // A commit without an answer may have taken place all the same.
            undecided =
                    new Undecided(
                            event, before, ready, cause == null && DatabaseTrouble.isTransient(e));
            throw e;
        }
    }

    private Ready prepare(ConfigurationFile before) {
        ConfigurationFile next = before.readAgain();
        Set<String> problems = new LinkedHashSet<>(next.needingRestart(before, role));
        List<Runnable> ready = new ArrayList<>();
        parts.get()
                .forEach(part -> {
                    try {
                        ready.add(part.prepare(next));
                    } catch (InvalidConfigurationException e) {
                        problems.addAll(e.problems());
                    }
                });
        if (!problems.isEmpty()) {
            throw new InvalidConfigurationException(List.copyOf(problems));
        }
        return new Ready(next, bounded(next.differencesFrom(before)), ready);
    }

    private void refuse(String requestedBy, @Nullable String cause, List<String> problems) {
        if (!isTold) {
            LOG.error(
                    "the configuration is not reloaded, the one before stays in force (asked for by {}):",
                    requestedBy);
            problems.forEach(LOG::error);
        }
        boolean isRecorded =
                registry.reloadRefused(
                        author,
                        cause,
                        new ConfigurationReloadRefused(
                                author.master(), author.epoch(), requestedBy, problems));
        if (!isRecorded) {
            tellThatLifeIsOver();
        }
    }

    private void tellThatLifeIsOver() {
        LOG.error(
                "the configuration is not reloaded: the others have taken {} (epoch {}) for dead",
                author.master(),
                author.epoch());
    }

    /** Finds out what became of a reload when the database did not answer. */
    private void settle() {
        Undecided attempt = undecided;
        if (attempt == null) {
            return;
        }
        boolean isRecorded = registry.isRecorded(author, attempt.event(), attempt.after());
        undecided = null;
        if (isRecorded) {
            hold(() -> putInForce(attempt.event(), attempt.ready()));
        } else if (attempt.again()) {
            signalled.set(true);
        }
    }

    private void putInForce(ConfigurationReloaded event, Ready ready) {
        inForce.use(ready.file());
        for (Runnable part : ready.parts()) {
            try {
                part.run();
            } catch (RuntimeException | Error e) {
                // The others must not be left behind.
                LOG.error("a part of the new configuration could not be put in force", e);
            }
        }
        List<String> differences = event.differences();
        LOG.info(
                "the configuration is reloaded (asked for by {}){}",
                event.requestedBy(),
                differences.isEmpty() ? ": the file says what it said before" : ":");
        differences.forEach(LOG::info);
    }

    private long lastPlace() {
        return log.lastSequence(stream).orElse(-1);
    }

    /** Lines that may be kept for ever and shown to everybody. */
    private static List<String> bounded(Collection<String> lines) {
        List<String> bounded =
                new ArrayList<>(
                        lines.stream()
                                .limit(MOST_LINES)
                                .map(line -> Printable.cut(Confidential.masked(line), LONGEST_LINE))
                                .toList());
        if (lines.size() > MOST_LINES) {
            bounded.add("and %d more".formatted(lines.size() - MOST_LINES));
        }
        return List.copyOf(bounded);
    }

    @Override
    public void stop() {
        running = false;
        Thread started = thread;
        if (started != null) {
            started.interrupt();
            try {
                started.join(STOP_WITHIN);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
