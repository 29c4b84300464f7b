package io.buildledger.hinting;

import io.buildledger.configuring.Configuration;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.mastering.MasterRegistry.HintAddress;
import java.io.IOException;
import java.nio.channels.UnresolvedAddressException;
import org.jspecify.annotations.Nullable;

/** This master's part in telling and being told, or none where the configuration says so. */
public final class Hints implements AutoCloseable {

    private final @Nullable HintListener listener;
    private final @Nullable HintSender sender;

    private Hints(@Nullable HintListener listener, @Nullable HintSender sender) {
        this.listener = listener;
        this.sender = sender;
    }

    /**
     * Listens from now on, if the configuration wants it.
     *
     * @param self name of this master
     * @throws NoHintAddressException if the address can't be had
     */
    public static Hints open(Configuration.Hints wanted, String self, MasterRegistry registry) {
        if (!wanted.enabled()) {
            return new Hints(null, null);
        }
        try {
            return new Hints(
                    HintListener.open(wanted.address(), wanted.port()),
                    new HintSender(registry, self, System::nanoTime));
        } catch (IOException | UnresolvedAddressException e) {
            throw new NoHintAddressException(
                    "hints: port %d of %s can't be had (%s): free it, or set another hints.port or hints.address"
                            .formatted(wanted.port(), wanted.address(), reason(e)),
                    e);
        }
    }

    private static String reason(Exception failure) {
        return failure instanceof UnresolvedAddressException
                ? "there is no such address"
                : String.valueOf(failure.getMessage());
    }

    /** Where this master takes hints; null where it takes none. */
    public @Nullable HintAddress address() {
        return listener == null ? null : listener.address();
    }

    /** What runs at a hint of others; it must return at once. */
    public void onHint(Runnable look) {
        if (listener != null) {
            listener.onHint(look);
        }
    }

    /** Tells the other masters to look; returns at once. */
    public void tell() {
        if (sender != null) {
            sender.tell();
        }
    }

    @Override
    public void close() {
        if (sender != null) {
            sender.close();
        }
        if (listener != null) {
            listener.close();
        }
    }
}
