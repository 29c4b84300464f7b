package io.buildledger.reloading;

import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SIGHUP, which has a master read its configuration again, instead of ending the process. What it
 * asks for while the master is still starting is done afterwards.
 */
public final class Hangup {

    private static final Logger LOG = LoggerFactory.getLogger(Hangup.class);

    private final AtomicBoolean early = new AtomicBoolean();
    private final AtomicReference<@Nullable Runnable> told = new AtomicReference<>();

    private volatile boolean isIgnored;

    private Hangup() {}

    /** Takes the signal from now on. */
    public static Hangup listen() {
        Hangup hangup = new Hangup();
        try {
            hangup.isIgnored = isIgnored(hangup::come);
        } catch (ReflectiveOperationException e) {
            // Such as -Xrs, by which the JVM leaves signals alone.
            LOG.warn("SIGHUP can't be used here; 'bin/buildledger reload' does the same", e);
        }
        return hangup;
    }

    /**
     * Has something run at the signal, unless this process was started with it ignored.
     *
     * <p>By reflection, because the compiler warns of each use of {@code sun.misc.Signal}, and
     * can't be told that it is meant; Java has no other way to be told of a signal.
     */
    private static boolean isIgnored(Runnable come) throws ReflectiveOperationException {
        Class<?> signal = Class.forName("sun.misc.Signal");
        Class<?> handler = Class.forName("sun.misc.SignalHandler");
        Object handling =
                Proxy.newProxyInstance(
                        Hangup.class.getClassLoader(),
                        new Class<?>[] {handler},
                        (_, method, _) -> {
                            if (method.getName().equals("handle")) {
                                come.run();
                            }
                            return null;
                        });
        Object before =
                signal.getMethod("handle", signal, handler)
                        .invoke(
                                null,
                                signal.getConstructor(String.class).newInstance("HUP"),
                                handling);
        // The JVM leaves it at that then.
        return handler.getField("SIG_IGN").get(null).equals(before);
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
        if (isIgnored) {
            // Only now, for a master that can't start has to say why, and nothing else.
            LOG.info("SIGHUP is ignored, as under nohup; 'bin/buildledger reload' does the same");
        }
        told.set(listener);
        tell();
    }
}
