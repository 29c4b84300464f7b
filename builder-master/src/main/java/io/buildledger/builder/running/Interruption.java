package io.buildledger.builder.running;

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
final class Interruption {

    private final CompletableFuture<String> reason = new CompletableFuture<>();
    private boolean threadInterrupted;

    /** Only the first reason counts. */
    void interrupt(String why) {
        reason.complete(why);
    }

    @Nullable String reason() {
        return reason.getNow(null);
    }

    /** Done when the other is, or when the build is interrupted. */
    CompletableFuture<Object> or(CompletableFuture<?> other) {
        return CompletableFuture.anyOf(other, reason);
    }

    /**
     * Waits, interrupted or not.
     *
     * @return whether the future is done
     */
    boolean await(CompletableFuture<?> future, Duration limit) {
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

    void restoreThread() {
        if (threadInterrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
