package io.buildledger.log;

import io.buildledger.database.DatabaseTrouble;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends what many threads submit, as few transactions: the writer takes what is there, without
 * waiting for more.
 *
 * <p>A submission commits as a whole or not at all. One that meets another master's event ends as
 * {@link Outcome#CONFLICT} and costs its neighbours nothing. While the database is away submissions
 * wait, up to {@link #CAPACITY}, then {@link #submit} blocks; they are written in order when it is
 * back. A commit whose answer was lost is recognised and not repeated.
 */
public final class GroupCommit implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(GroupCommit.class);

    /** Submissions that wait at most. */
    public static final int CAPACITY = 10_000;

    private static final int BATCH = 200;

    public enum Outcome {
        APPENDED,
        /** Somebody else has written there: what was submitted is void. */
        CONFLICT
    }

    /**
     * Events, and the rows that go with them.
     *
     * @param entries what is appended; at least one
     * @param rows writes the item; the same object for all that are to be written together
     */
    public record Submission<T>(List<Entry> entries, Rows<T> rows, T item) {

        /** Events without rows. */
        public static Submission<?> of(List<Entry> entries) {
            return new Submission<>(entries, NO_ROWS, NO_ROWS);
        }

        /** An event without rows. */
        public static Submission<?> of(Entry entry) {
            return new Submission<>(List.of(entry), NO_ROWS, NO_ROWS);
        }
    }

    private static final Rows<Object> NO_ROWS = _ -> {};

    private record Waiting(Submission<?> submission, CompletableFuture<Outcome> outcome) {}

    private final EventLog log;
    private final Author author;

    // Linked, so that those who submit and the writer don't wait for each other.
    private final BlockingQueue<Waiting> queue = new LinkedBlockingQueue<>(CAPACITY);
    private final Thread writer;
    private volatile boolean closed;

    public GroupCommit(EventLog log, Author author) {
        this.log = log;
        this.author = author;
        this.writer = Thread.ofPlatform().name("group-commit").daemon().start(this::run);
    }

    /**
     * Queues a submission.
     *
     * @return completes when its transaction has; never exceptionally, but for a bug or {@link
     *     #close}
     */
    public CompletableFuture<Outcome> submit(Submission<?> submission) throws InterruptedException {
        Waiting waiting = new Waiting(submission, new CompletableFuture<>());
        queue.put(waiting);
        if (closed) {
            abandon();
        }
        return waiting.outcome();
    }

    /** How many submissions wait for their transaction to begin. */
    public int waiting() {
        return queue.size();
    }

    private void run() {
        try {
            while (!closed || !queue.isEmpty()) {
                Waiting first = queue.poll(100, TimeUnit.MILLISECONDS);
                if (first != null) {
                    List<Waiting> batch = new ArrayList<>();
                    batch.add(first);
                    queue.drainTo(batch, BATCH - 1);
                    settle(batch);
                }
            }
        } catch (InterruptedException e) {
            // Only close() interrupts, when the database did not come back in time.
            LOG.warn("stopped with submissions unwritten, {} of them queued", queue.size());
        } finally {
            closed = true;
            abandon();
        }
    }

    /** Whatever happens, nobody waits for the batch afterwards. */
    private void settle(List<Waiting> batch) throws InterruptedException {
        try {
            append(batch);
        } catch (InterruptedException | RuntimeException | Error e) {
            batch.forEach(waiting -> waiting.outcome().completeExceptionally(e));
            if (e instanceof InterruptedException) {
                throw e;
            }
        }
    }

    private void append(List<Waiting> batch) throws InterruptedException {
        try {
            write(batch);
        } catch (ConflictException e) {
            splitConflict(batch);
            return;
        } catch (RuntimeException e) {
            // A bug in one submission: it gets the exception, its neighbours are written.
            if (batch.size() == 1) {
                batch.getFirst().outcome().completeExceptionally(e);
            } else {
                for (Waiting waiting : batch) {
                    append(List.of(waiting));
                }
            }
            return;
        }
        batch.forEach(waiting -> waiting.outcome().complete(Outcome.APPENDED));
    }

    private void splitConflict(List<Waiting> batch) throws InterruptedException {
        if (batch.size() == 1) {
            Waiting only = batch.getFirst();
            only.outcome()
                    .complete(isRecorded(only.submission()) ? Outcome.APPENDED : Outcome.CONFLICT);
        } else {
            for (Waiting waiting : batch) {
                append(List.of(waiting));
            }
        }
    }

    private void write(List<Waiting> batch) throws InterruptedException {
        List<Entry> entries =
                batch.stream().flatMap(waiting -> waiting.submission().entries().stream()).toList();
        untilTheDatabaseAnswers(() -> {
            log.inTransaction(() -> {
                log.append(author, null, entries);
                batch.forEach(waiting -> writeRows(waiting.submission()));
            });
            return true;
        });
    }

    private <T> void writeRows(Submission<T> submission) {
        log.atEnd(submission.rows(), submission.item());
    }

    /** Whether the events at the submission's places are the submission's own. */
    private boolean isRecorded(Submission<?> submission) throws InterruptedException {
        Collection<String> streams =
                submission.entries().stream().map(Entry::stream).distinct().toList();
        List<Recorded> recorded = untilTheDatabaseAnswers(() -> log.read(streams));
        return submission.entries().stream()
                .allMatch(entry -> recorded.stream().anyMatch(event -> isOwn(entry, event)));
    }

    private boolean isOwn(Entry entry, Recorded recorded) {
        return recorded.stream().equals(entry.stream())
                && recorded.sequence() == entry.sequence()
                && recorded.event().equals(entry.event())
                && author.master().equals(recorded.metadata().get("master"))
                && recorded.metadata().get("epoch") instanceof Number epoch
                && epoch.longValue() == author.epoch();
    }

    private <T> T untilTheDatabaseAnswers(Supplier<T> attempt) throws InterruptedException {
        return DatabaseTrouble.outlast(
                attempt,
                reason ->
                        LOG.warn(
                                "the database does not answer; {} submissions wait: {}",
                                queue.size() + 1,
                                reason));
    }

    private void abandon() {
        @Nullable Waiting waiting;
        while ((waiting = queue.poll()) != null) {
            waiting.outcome()
                    .completeExceptionally(new IllegalStateException("the writer is closed"));
        }
    }

    /** Writes what is queued, for at most ten seconds, then gives the rest up. */
    @Override
    public void close() {
        closed = true;
        try {
            if (!writer.join(Duration.ofSeconds(10))) {
                writer.interrupt();
            }
        } catch (InterruptedException e) {
            writer.interrupt();
            Thread.currentThread().interrupt();
        }
    }
}
