package io.buildledger.builder.claiming;

import io.buildledger.builder.working.Interruption;
import io.buildledger.database.DatabaseTrouble;
import io.buildledger.domain.locking.LockEvent.LockGranted;
import io.buildledger.domain.locking.LockUse;
import io.buildledger.locking.Holder;
import io.buildledger.locking.Locks;
import io.buildledger.locking.Locks.Answer.Granted;
import io.buildledger.locking.Locks.Answer.Over;
import io.buildledger.locking.Locks.Answer.Waiting;
import io.buildledger.log.Author;
import io.buildledger.stepping.StepAbortedException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The locks of this master's steps. A step that waits is woken when the log tells that it has a
 * lock; it looks again each half a minute, because the word can be missed.
 */
final class StepLocks {

    private static final Logger LOG = LoggerFactory.getLogger(StepLocks.class);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

    private record Waiter(String builder, long buildNumber, @Nullable Integer step) {}

    private final Locks locks;
    private final Author author;
    private final Map<Waiter, CompletableFuture<LockGranted>> waiters = new ConcurrentHashMap<>();

    StepLocks(Locks locks, Author author) {
        this.locks = locks;
        this.author = author;
    }

    /** The log tells that somebody has a lock. */
    void granted(LockGranted granted) {
        CompletableFuture<LockGranted> news =
                waiters.get(new Waiter(granted.builder(), granted.buildNumber(), granted.step()));
        if (news != null) {
            news.complete(granted);
        }
    }

    /**
     * Takes locks, and waits for them until the build is interrupted. They are to be {@linkplain
     * #release released} in any case.
     *
     * @param told what is waited for, for people
     */
    void take(Holder step, List<LockUse> uses, Interruption interruption, Consumer<String> told)
            throws StepAbortedException {
        Waiter waiter = new Waiter(step.builder(), step.buildNumber(), step.step());
        List<String> lastTold = List.of();
        try {
            while (true) {
                CompletableFuture<LockGranted> news = new CompletableFuture<>();
                // Before it asks, so that no word is missed.
                waiters.put(waiter, news);
                switch (request(step, uses)) {
                    case Granted _ -> {
                        if (!lastTold.isEmpty()) {
                            told.accept("has its locks");
                        }
                        return;
                    }
                    case Over _ ->
                            throw StepAbortedException.interrupted(
                                    "master %s is over to the others, and may hold no lock"
                                            .formatted(author.master()));
                    case Waiting(List<String> reasons) -> {
                        if (!reasons.equals(lastTold)) {
                            reasons.forEach(reason -> told.accept("waits for " + reason));
                            lastTold = reasons;
                        }
                    }
                }
                boolean _ = interruption.await(interruption.or(news), LOOK_AGAIN);
                String reason = interruption.reason();
                if (reason != null) {
                    throw StepAbortedException.interrupted(reason);
                }
            }
        } finally {
            waiters.remove(waiter);
        }
    }

    private Locks.Answer request(Holder step, List<LockUse> uses) throws StepAbortedException {
        try {
            return outlast(step, () -> locks.request(author, step, uses));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw StepAbortedException.interrupted("the build's thread was interrupted");
        }
    }

    /**
     * Ends what the step has of locks, and what it waits for. The build goes on in any case.
     *
     * @return whether that is done; if not, its locks are to be recovered when its build has ended
     */
    boolean release(Holder step) {
        try {
            outlast(step, () -> locks.release(author, step, "the step has ended"))
                    // Of this master's own, who need not wait for its tail of the log.
                    .forEach(this::granted);
            return true;
        } catch (InterruptedException e) {
            LOG.warn("{}: interrupted; its locks end when its build is recovered", step);
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("{}: its locks could not be released, and end after its build", step, e);
        }
        return false;
    }

    private static <T> T outlast(Holder step, Supplier<T> work) throws InterruptedException {
        return DatabaseTrouble.outlast(
                work, reason -> LOG.warn("{}: can't move its locks: {}", step, reason));
    }
}
