package io.buildledger.mastering;

import io.buildledger.database.DatabaseTrouble;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does something again and again as long as a master lives. Where there is much to do, as after an
 * upgrade, it works for a twentieth of the time at most: so those who write keep nineteen, whatever
 * the machine is and however fast they are. What fails is tried again at the next time.
 */
public final class Upkeep implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);
    private static final Duration STOP_WITHIN = Duration.ofSeconds(10);

    /** After each piece that others follow, so many times as long as it took. */
    private static final int RESTS = 19;

    /** What is to be done. */
    @FunctionalInterface
    public interface Work {

        /**
         * Does a piece of it, if there is something to do.
         *
         * @return whether there is more to do now
         */
        boolean next() throws InterruptedException;
    }

    private final String name;
    private final Work work;
    private final Duration interval;
    private @Nullable Thread thread;

    /**
     * @param name of the work, for people, as in "sealing the log"
     * @param interval how often to look for something to do
     */
    public Upkeep(String name, Work work, Duration interval) {
        this.name = name;
        this.work = work;
        this.interval = interval;
    }

    public synchronized Upkeep start() {
        thread = Thread.ofPlatform().name(name.replace(' ', '-')).daemon().start(this::run);
        return this;
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(interval);
                workAndSurvive();
            }
        } catch (InterruptedException e) {
            // close() ends it.
        }
    }

    private void workAndSurvive() throws InterruptedException {
        try {
            boolean more;
            do {
                long begun = System.nanoTime();
                more = work.next();
                if (more) {
                    Thread.sleep(Duration.ofNanos(RESTS * (System.nanoTime() - begun)));
                }
            } while (more);
        } catch (RuntimeException | Error e) {
            // An Error, too: without this thread it would never be done again.
            if (!DatabaseTrouble.isTransient(e)) {
                LOG.error("{} failed; trying again", name, e);
            }
        }
    }

    @Override
    public synchronized void close() {
        Thread running = thread;
        if (running == null) {
            return;
        }
        running.interrupt();
        try {
            if (!running.join(STOP_WITHIN)) {
                LOG.warn("{} did not end within {} s", name, STOP_WITHIN.toSeconds());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread = null;
    }
}
