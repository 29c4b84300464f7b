package io.buildledger.builder.working;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Whether a build is to end early, and the way its thread waits. An interrupt of the thread itself
 * counts as an interruption of the build; it is given back by {@link #restoreThread}.
 */
public final class Interruption {

    private final CompletableFuture<String> reason = new CompletableFuture<>();
    private boolean threadInterrupted;

    /** Only the first reason counts. */
    public void interrupt(String why) {
        reason.complete(why);
    }

    public @Nullable String reason() {
        return reason.getNow(null);
    }

    /** Done when the other is, or when the build is interrupted. */
    public CompletableFuture<Object> or(CompletableFuture<?> other) {
        return CompletableFuture.anyOf(other, reason);
    }

    /**
     * Waits, interrupted or not.
     *
     * @return whether the future is done
     */
    public boolean await(CompletableFuture<?> future, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            try {
                Object _ = future.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                return true;
            } catch (ExecutionException e) {
                // It is done; whoever waits for it looks at its result.
                return true;
            } catch (TimeoutException e) {
                return false;
            } catch (InterruptedException e) {
                threadInterrupted = true;
                interrupt("the build's thread was interrupted");
            }
        }
    }

    public void restoreThread() {
        if (threadInterrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
