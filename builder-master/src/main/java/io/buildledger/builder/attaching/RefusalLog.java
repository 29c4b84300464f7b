package io.buildledger.builder.attaching;

import java.time.Duration;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs who was refused and why, but a flood of refusals does not fill a disk. */
final class RefusalLog {

    private static final Logger LOG = LoggerFactory.getLogger(RefusalLog.class);
    private static final long INTERVAL = Duration.ofSeconds(1).toNanos();

    private long lastShown = System.nanoTime() - INTERVAL;
    private long lastFailureShown = lastShown;
    private int hidden;

    synchronized void refused(Object address, String why) {
        long now = System.nanoTime();
        if (now - lastShown < INTERVAL) {
            hidden++;
            return;
        }
        String more = hidden == 0 ? "" : " (and %d other refusals before)".formatted(hidden);
        LOG.warn("refused {}: {}{}", Objects.toString(address), why, more);
        lastShown = now;
        hidden = 0;
    }

    /** That a password could not be checked, by the master's own fault. */
    synchronized void checkFailed(String worker, RuntimeException failure) {
        long now = System.nanoTime();
        if (now - lastFailureShown >= INTERVAL) {
            LOG.error("the password of worker {} can't be checked", worker, failure);
            lastFailureShown = now;
        }
    }
}
