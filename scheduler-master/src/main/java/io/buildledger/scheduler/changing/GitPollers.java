package io.buildledger.scheduler.changing;

import io.buildledger.configuring.Configuration.GitPoller;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.log.DatabaseTrouble;
import io.buildledger.log.EventLog;
import io.buildledger.scheduler.changing.Git.GitException;
import io.buildledger.starting.MasterIdentity;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * The git pollers of this master's file, each on a thread of its own, so that a slow repository
 * delays no other.
 */
@Component
final class GitPollers implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(GitPollers.class);
    private static final Duration STOP_WITHIN = Duration.ofSeconds(5);

    private final List<GitPoller> pollers;
    private final Path directory;
    private final EventLog log;
    private final ChangeIntake intake;
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean running;

    GitPollers(ConfigurationFile file, MasterIdentity identity, EventLog log, ChangeIntake intake) {
        this.pollers =
                file.configuration().changeSources().stream()
                        .filter(GitPoller.class::isInstance)
                        .map(GitPoller.class::cast)
                        .toList();
        this.directory = file.basedir(identity.name()).resolve("git");
        this.log = log;
        this.intake = intake;
    }

    @Override
    public void start() {
        running = true;
        for (GitPoller poller : pollers) {
            Path own =
                    directory.resolve(URLEncoder.encode(poller.repourl(), StandardCharsets.UTF_8));
            GitPollerLoop loop =
                    new GitPollerLoop(poller, new Git(own, poller.repourl()), log, intake);
            threads.add(
                    Thread.ofPlatform()
                            .name("poll " + poller.repourl())
                            .daemon()
                            .start(() -> poll(poller, loop)));
        }
    }

    private void poll(GitPoller poller, GitPollerLoop loop) {
        boolean failing = false;
        while (running) {
            try {
                List<Long> changes = loop.runOnce();
                if (failing) {
                    LOG.info("polling {} works again", poller.repourl());
                    failing = false;
                }
                if (!changes.isEmpty()) {
                    LOG.info("{}: {} new changes", poller.repourl(), changes.size());
                }
            } catch (GitException | UncheckedIOException e) {
                if (!failing && running) {
                    LOG.warn("can't poll {}; trying again: {}", poller.repourl(), e.getMessage());
                }
                failing = true;
            } catch (RuntimeException e) {
                if (DatabaseTrouble.isTransient(e)) {
                    LOG.warn(
                            "can't record what {} has; trying again: {}",
                            poller.repourl(),
                            e.toString());
                } else {
                    LOG.error("polling {} failed; trying again", poller.repourl(), e);
                }
            }
            try {
                Thread.sleep(poller.pollInterval());
            } catch (InterruptedException e) {
                return;
            }
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
