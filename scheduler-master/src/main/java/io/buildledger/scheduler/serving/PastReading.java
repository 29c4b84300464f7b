package io.buildledger.scheduler.serving;

import io.buildledger.database.Database;
import io.buildledger.database.ReadingConnection;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/**
 * Reads what was so at moments that are past, for few at once: each takes a connection, and the
 * memory of all that was open then.
 */
@Component
final class PastReading {

    private static final int AT_ONCE = 2;

    /** As long as one takes, so that whoever moves on quickly through the moments gets the last. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** What is asked of the log. */
    interface Question<T> {
        T ask(ReadingConnection connection) throws InterruptedException;
    }

    private final Database database;
    private final Semaphore free = new Semaphore(AT_ONCE);

    PastReading(Database database) {
        this.database = database;
    }

    /**
     * @throws TooManyAtOnceException if others ask already, and are not answered soon
     */
    <T> T read(Question<T> question) throws InterruptedException {
        if (!free.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new TooManyAtOnceException(
                    "%d moments that are past are being read already; ask again in a few seconds"
                            .formatted(AT_ONCE),
                    PATIENCE);
        }
        try (ReadingConnection connection = database.connectToRead()) {
            return question.ask(connection);
        } finally {
            free.release();
        }
    }
}
