package io.buildledger.sealing;

import io.buildledger.database.DatabaseTrouble;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Seals the log as long as a master lives. Where there is much to seal, as after an upgrade, it
 * works for a twentieth of the time at most: so those who write keep nineteen, whatever the machine
 * is and however fast they are. What they write faster than that is sealed when they rest.
 */
public final class SealingLoop implements AutoCloseable {

    /**
     * How often it looks. An event is seen at the next look, and sealed at the first one that is
     * {@link io.buildledger.database.Database#LONGEST_TRANSACTION} later: two minutes after it was
     * written at most, where no master has died and there is no more to seal than a block.
     */
    public static final Duration INTERVAL = Duration.ofSeconds(30);

    private static final Logger LOG = LoggerFactory.getLogger(SealingLoop.class);

    /** After each block that others follow, so many times as long as it took. */
    private static final int RESTS = 19;

    private static final Duration STOP_WITHIN = Duration.ofSeconds(10);

    private final Sealing sealing;
    private final Duration interval;
    private @Nullable Thread thread;

    public SealingLoop(Sealing sealing, Duration interval) {
        this.sealing = sealing;
        this.interval = interval;
    }

    public synchronized SealingLoop start() {
        thread = Thread.ofPlatform().name("sealing").daemon().start(this::run);
        return this;
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(interval);
                sealAndSurvive();
            }
        } catch (InterruptedException e) {
            // close() ends it.
        }
    }

    private void sealAndSurvive() throws InterruptedException {
        try {
            boolean more;
            do {
                long begun = System.nanoTime();
                more = sealing.sealNext();
                if (more) {
                    Thread.sleep(Duration.ofNanos(RESTS * (System.nanoTime() - begun)));
                }
            } while (more);
        } catch (RuntimeException | Error e) {
            // An Error, too: without this thread nothing would be sealed any more.
            if (!DatabaseTrouble.isTransient(e)) {
                LOG.error("sealing the log failed; trying again", e);
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
                LOG.warn("sealing did not end within {} s", STOP_WITHIN.toSeconds());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread = null;
    }
}
