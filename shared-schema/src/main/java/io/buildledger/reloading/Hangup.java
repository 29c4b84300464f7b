package io.buildledger.reloading;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/**
 * SIGHUP, which has a master read its configuration again. From the first on it ends the process no
 * more, also while the master is still starting; what it asks for then is done afterwards.
 */
@SuppressWarnings("sunapi") // Java has no other way to be told of a signal.
public final class Hangup {

    private static final Logger LOG = LoggerFactory.getLogger(Hangup.class);

    private final AtomicBoolean early = new AtomicBoolean();
    private final AtomicReference<@Nullable Runnable> told = new AtomicReference<>();

    private Hangup() {}

    /** Takes the signal from now on. */
    public static Hangup listen() {
        Hangup hangup = new Hangup();
        try {
            Signal.handle(new Signal("HUP"), _ -> hangup.come());
        } catch (IllegalArgumentException e) {
            LOG.warn(
                    "SIGHUP can't be used here; 'bin/buildledger reload' does the same: {}",
                    e.getMessage());
        }
        return hangup;
    }

    private void come() {
        early.set(true);
        tell();
    }

    private void tell() {
        Runnable listener = told.get();
        if (listener != null && early.getAndSet(false)) {
            listener.run();
        }
    }

    /** What runs at a SIGHUP, and now if there was one already; it must return at once. */
    public void onHangup(Runnable listener) {
        told.set(listener);
        tell();
    }
}
