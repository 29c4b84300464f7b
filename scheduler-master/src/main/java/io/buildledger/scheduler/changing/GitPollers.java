package io.buildledger.scheduler.changing;

import io.buildledger.configuring.Configuration.GitPoller;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.configuring.RepositoryAddress;
import io.buildledger.database.DatabaseTrouble;
import io.buildledger.log.EventLog;
import io.buildledger.scheduler.changing.GitPollerLoop.NewerCursorException;
import io.buildledger.scheduler.fetching.Git;
import io.buildledger.scheduler.fetching.Git.GitException;
import io.buildledger.starting.MasterIdentity;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * The git pollers of this master's file, each on a thread of its own, so that a slow repository
 * delays no other. Pollers of one repository share its clone and take turns.
 */
@Component
final class GitPollers implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(GitPollers.class);
    private static final Duration STOP_WITHIN = Duration.ofSeconds(5);

    private final List<GitPoller> pollers;
    private final Path directory;
    private final EventLog log;
    private final ChangeIntake intake;
    private final InstantSource clock;
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean running;

    GitPollers(
            ConfigurationFile file,
            MasterIdentity identity,
            EventLog log,
            ChangeIntake intake,
            InstantSource databaseClock) {
        this.pollers =
                file.configuration().changeSources().stream()
                        .filter(GitPoller.class::isInstance)
                        .map(GitPoller.class::cast)
                        .toList();
        this.directory = file.basedir(identity.name()).resolve("git");
        this.log = log;
        this.intake = intake;
        this.clock = databaseClock;
    }

    @Override
    public void start() {
        running = true;
        Map<String, ReentrantLock> turns = new HashMap<>();
        for (GitPoller poller : pollers) {
            RepositoryAddress address = new RepositoryAddress(poller.repourl());
            Git git = new Git(directory.resolve(address.directoryName()), address);
            GitPollerLoop loop = new GitPollerLoop(poller, git, log, intake, clock);
            ReentrantLock turn =
                    turns.computeIfAbsent(address.directoryName(), _ -> new ReentrantLock());
            threads.add(
                    Thread.ofPlatform()
                            .name("poll " + address)
                            .daemon()
                            .start(() -> poll(address, loop, turn, poller.pollInterval())));
        }
    }

    private void poll(
            RepositoryAddress address, GitPollerLoop loop, ReentrantLock turn, Duration interval) {
        @Nullable Class<?> failure = null;
        try {
            while (running) {
                turn.lockInterruptibly();
                try {
                    failure = look(address, loop, failure);
                } finally {
                    turn.unlock();
                }
                Thread.sleep(interval);
            }
        } catch (InterruptedException e) {
            // Told to stop.
        }
    }

    /**
     * Polls once.
     *
     * @param former how the last poll failed, which is not told at every one; null if it did not
     * @return how this one failed
     */
    private @Nullable Class<?> look(
            RepositoryAddress address, GitPollerLoop loop, @Nullable Class<?> former) {
        try {
            List<Long> changes = loop.runOnce();
            if (former != null) {
                LOG.info("polling {} works again", address);
            }
            if (!changes.isEmpty()) {
                LOG.info("{}: {} new changes", address, changes.size());
            }
            return null;
        } catch (RuntimeException | Error e) {
            // An Error, too: without its thread a repository would be watched by nobody.
            Class<?> failure =
                    DatabaseTrouble.isTransient(e) ? DatabaseTrouble.class : e.getClass();
            // What fails while this stops was cut short by it.
            if (running && failure != former) {
                tell(address, e);
            }
            return failure;
        }
    }

    private static void tell(RepositoryAddress address, Throwable failure) {
        switch (failure) {
            case GitException _, NewerCursorException _, UncheckedIOException _ ->
                    LOG.warn("can't poll {}; trying again: {}", address, failure.getMessage());
            case Throwable _ when DatabaseTrouble.isTransient(failure) ->
                    LOG.warn(
                            "can't record what {} has; trying again: {}",
                            address,
                            DatabaseTrouble.reason(failure));
            default -> LOG.error("polling {} failed; trying again", address, failure);
        }
    }

    @Override
    public void stop() {
        running = false;
        threads.forEach(Thread::interrupt);
        for (Thread thread : threads) {
            try {
                thread.join(STOP_WITHIN);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** After the schedulers, so that a new scheduler sees what a new poller finds. */
    @Override
    public int getPhase() {
        return 1;
    }
}
