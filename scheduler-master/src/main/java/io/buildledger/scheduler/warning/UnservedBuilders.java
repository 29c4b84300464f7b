package io.buildledger.scheduler.warning;

import io.buildledger.database.DatabaseTrouble;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.mastering.MasterRegistry.Unserved;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Warns of builders with requests on offer that no living master would claim: one line when that
 * begins, and one when it is over. The first look comes an interval after the start, so that a
 * cluster whose masters start together is not told of those that are still on their way.
 */
@Component
final class UnservedBuilders implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(UnservedBuilders.class);
    private static final Duration INTERVAL = Duration.ofSeconds(30);

    private final MasterRegistry registry;
    private Set<String> told = Set.of();
    private volatile @Nullable Thread thread;

    UnservedBuilders(MasterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void start() {
        thread = Thread.ofPlatform().name("unserved").daemon().start(this::run);
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(INTERVAL);
                lookAndSurvive();
            }
        } catch (InterruptedException e) {
            // stop() ends it.
        }
    }

    private void lookAndSurvive() {
        try {
            runOnce();
        } catch (RuntimeException | Error e) {
            // An Error, too: without this thread nobody would be warned any more.
            if (!DatabaseTrouble.isTransient(e)) {
                LOG.error("looking for builders that nobody serves failed; trying again", e);
            }
        }
    }

    /** Looks once, and tells what has changed since the last look. */
    void runOnce() {
        List<Unserved> found = registry.unservedBuilders();
        found.stream().filter(it -> !told.contains(it.builder())).forEach(UnservedBuilders::warn);
        Set<String> unserved = found.stream().map(Unserved::builder).collect(Collectors.toSet());
        told.stream()
                .filter(builder -> !unserved.contains(builder))
                .forEach(builder ->
                        LOG.warn(
                                "builder {} is served again, or nothing waits for it any more",
                                builder));
        told = unserved;
    }

    private static void warn(Unserved builder) {
        LOG.warn(
                "no living master claims for builder {}; requests that wait for it: {}{} (bin/buildledger requests --unserved)",
                builder.builder(),
                builder.requests(),
                builder.requests() == Unserved.COUNTED ? " or more" : "");
    }

    @Override
    public void stop() {
        Thread started = thread;
        if (started != null) {
            started.interrupt();
        }
        thread = null;
    }

    @Override
    public boolean isRunning() {
        return thread != null;
    }
}
