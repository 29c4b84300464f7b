package io.buildledger.builder.claiming;

import io.buildledger.builder.logging.LogShipper;
import io.buildledger.builder.running.BuildRunner;
import io.buildledger.claiming.BuildRequestQueue;
import io.buildledger.claiming.Claims;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.database.DatabaseTrouble;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.Follower;
import io.buildledger.log.GroupCommit;
import io.buildledger.steplog.StepLogs;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Keeps the claim loop running, and ends it in order: claims nothing more, stops the builds that
 * run, hands their requests back at once, and ships what their logs still hold.
 */
@Component
final class ClaimingService implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(ClaimingService.class);
    private static final Duration STOP_WITHIN = Duration.ofSeconds(15);

    private final Claims claims;
    private final Author author;
    private final Duration interval;
    private final GroupCommit commit;
    private final LogShipper shipper;
    private final BuildRunner runner;
    private final ClaimLoop loop;
    private final Follower follower;
    private @Nullable Thread thread;
    private volatile boolean running;

    ClaimingService(
            ConfigurationFile file,
            EventLog log,
            JdbcClient jdbc,
            BuildRequestQueue queue,
            Claims claims,
            Author author) {
        Path basedir = file.basedir(author.master());
        this.claims = claims;
        this.author = author;
        this.interval = file.configuration().dbPollInterval();
        this.commit = new GroupCommit(log, author);
        this.shipper = new LogShipper(new StepLogs(jdbc), basedir.resolve("logs"));
        this.runner = new BuildRunner(basedir.resolve("workers"), shipper);
        this.loop =
                new ClaimLoop(
                        file.configuration(),
                        queue,
                        claims,
                        commit,
                        runner,
                        author,
                        System::nanoTime);
        this.follower = Follower.fromHead("builder/" + author.master(), log, loop);
    }

    @Override
    public void start() {
        runner.reapOrphans();
        shipper.start();
        follower.start();
        running = true;
        thread = Thread.ofPlatform().name("claim").start(this::run);
    }

    private void run() {
        while (running) {
            try {
                loop.runOnce();
                loop.await(interval);
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException | Error e) {
                // An Error, too: a master without this thread would live on and do nothing.
                if (DatabaseTrouble.isTransient(e)) {
                    LOG.warn("can't claim; trying again: {}", DatabaseTrouble.reason(e));
                } else {
                    LOG.error("claiming failed; trying again", e);
                }
                pause();
            }
        }
    }

    private void pause() {
        try {
            Thread.sleep(interval);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void stop() {
        running = false;
        try {
            if (thread != null) {
                thread.interrupt();
                thread.join(STOP_WITHIN);
            }
            loop.stop("master " + author.master() + " stops", STOP_WITHIN);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        follower.close();
        commit.close();
        shipper.close();
        handBack();
    }

    private void handBack() {
        try {
            int released =
                    claims.releaseAllOf(author, author, "master " + author.master() + " stopped");
            if (released > 0) {
                LOG.info("handed back {} requests", released);
            }
        } catch (RuntimeException e) {
            LOG.warn(
                    "the others will release this master's claims when its lease ends: {}",
                    DatabaseTrouble.reason(e));
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
