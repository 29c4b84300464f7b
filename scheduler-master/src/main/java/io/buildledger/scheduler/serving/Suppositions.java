package io.buildledger.scheduler.serving;

import io.buildledger.scheduler.supposing.Answer;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Has what-if answered, for one at a time and not for long: the schedulers of this master have the
 * same processors and the same memory.
 */
@Component
final class Suppositions {

    /** What to do about a question that is too large for a master. */
    static final String INSTEAD =
            "ask of a shorter time, or run bin/buildledger what-if, which is a process of its own";

    private static final Duration LONGEST = Duration.ofSeconds(30);

    private final Duration longest;
    private final Semaphore free = new Semaphore(1);

    @Autowired
    Suppositions() {
        this(LONGEST);
    }

    /**
     * @param longest after so long whoever asks is told that it takes too long, and the thread that
     *     answers is interrupted
     */
    Suppositions(Duration longest) {
        this.longest = longest;
    }

    /**
     * Answers on a thread of its own. Until that has ended, also one that was interrupted, no other
     * question is answered.
     *
     * @param question how it is answered
     * @throws TooManyAtOnceException if another is being answered
     * @throws BadParameterException if it takes too long
     */
    Answer ask(Callable<Answer> question) throws InterruptedException {
        if (!free.tryAcquire()) {
            throw new TooManyAtOnceException(
                    "another what-if is being answered by this master, and one is at a time; ask again in %d s"
                            .formatted(LONGEST.toSeconds()),
                    LONGEST);
        }
        FutureTask<Answer> answer = new FutureTask<>(question);
        boolean isBegun = false;
        try {
            Thread.ofPlatform()
                    .name("what-if")
                    .daemon()
                    .start(() -> {
                        try {
                            answer.run();
                        } finally {
                            free.release();
                        }
                    });
            isBegun = true;
        } finally {
            if (!isBegun) {
                free.release();
            }
        }
        return awaited(answer);
    }

    private Answer awaited(FutureTask<Answer> answer) throws InterruptedException {
        try {
            return answer.get(longest.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new BadParameterException(
                    "since: to look at that time takes more than %d s: %s"
                            .formatted(longest.toSeconds(), INSTEAD));
        } catch (ExecutionException e) {
            throw switch (e.getCause()) {
                case RuntimeException failure -> failure;
                case Error failure -> throw failure;
                case null, default -> new IllegalStateException(e);
            };
        } finally {
            // Does nothing if it has ended.
            answer.cancel(true);
        }
    }
}
