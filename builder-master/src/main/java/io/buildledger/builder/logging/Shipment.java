package io.buildledger.builder.logging;

import io.buildledger.builder.logging.SpoolFile.Chunk;
import io.buildledger.steplog.StepLogs;
import io.buildledger.steplog.StepLogs.Batch;
import io.buildledger.steplog.StepLogs.End;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * One log on its way from its spool file to the database. Lines wait for others, so that a log that
 * grows by a line now and then does not become as many chunks as it has lines.
 */
final class Shipment {

    /** So long a line waits at most; whoever reads the log as it grows waits with it. */
    static final Duration LONGEST_WAIT = Duration.ofMillis(250);

    /** How far the writing end has come. */
    interface Progress {
        boolean ended();

        long length();
    }

    private final LogKey key;
    private final SpoolFile spool;
    private final Progress progress;

    /** How far the database has come, or null if that has to be asked. */
    private @Nullable End end;

    private long position;

    /** What has been put into a batch, which is not stored yet. */
    private @Nullable End nextEnd;

    private long nextPosition;

    /** Lines that begin before this are shipped now. */
    private long due;

    /** When no line was waiting yet, as seen last: no line waits longer than since then. */
    private long noneWaitedAt;

    private long notBefore;
    private boolean delivered;

    private Shipment(LogKey key, SpoolFile spool, Progress progress, long now) {
        this.key = key;
        this.spool = spool;
        this.progress = progress;
        this.noneWaitedAt = now;
        this.notBefore = now;
    }

    /**
     * @param now in nanoseconds, on the clock of the later calls
     */
    static Shipment of(LogKey key, SpoolFile spool, StepOutput output, long now) {
        return new Shipment(
                key,
                spool,
                new Progress() {
                    @Override
                    public boolean ended() {
                        return output.isClosed();
                    }

                    @Override
                    public long length() {
                        return output.written();
                    }
                },
                now);
    }

    /**
     * What an earlier life of the master has left behind.
     *
     * @param now in nanoseconds, on the clock of the later calls
     */
    static Shipment ofLeftOver(SpoolFile spool, long now) throws IOException {
        long length = spool.wholeLength();
        return new Shipment(
                LogKey.ofLine(spool.firstLine()),
                spool,
                new Progress() {
                    @Override
                    public boolean ended() {
                        return true;
                    }

                    @Override
                    public long length() {
                        return length;
                    }
                },
                now);
    }

    boolean isOf(LogKey other) {
        return !delivered && key.equals(other);
    }

    boolean isDelivered() {
        return delivered;
    }

    boolean mayBeTried(long now) {
        return now - notBefore >= 0;
    }

    void setAside(long until) {
        notBefore = until;
    }

    /**
     * Puts lines into a batch that are due, or finds that the log has ended and there are no more.
     * Lines are due when they fill a chunk, when one of them has waited for {@link #LONGEST_WAIT},
     * and when the log has ended. What was put into the batch is to be {@link #stored} or {@link
     * #forget forgotten} before the next call.
     *
     * @param now in nanoseconds
     * @param flush whether no line is to wait
     * @param mostChunks of a log that has more
     * @param finished gets the log's id if it ends with this batch
     * @return whether there is anything to store
     */
    boolean collect(
            StepLogs logs,
            long now,
            boolean flush,
            int mostChunks,
            Batch batch,
            Collection<Long> finished)
            throws IOException {
        End from = end == null ? resume(logs) : end;
        end = from;
        nextEnd = from;
        nextPosition = position;
        if (from.complete()) {
            return true;
        }
        boolean ended = progress.ended();
        long length = progress.length();
        findDue(length, now, flush || ended);
        long lines = from.lines();
        for (int i = 0; i < mostChunks && nextPosition < due; i++) {
            Chunk chunk = spool.read(nextPosition, length);
            batch.add(from.logId(), lines, chunk.lines, chunk.text);
            lines += chunk.lines;
            nextPosition = chunk.end;
        }
        boolean complete = ended && nextPosition == length;
        if (complete) {
            finished.add(from.logId());
        }
        nextEnd = new End(from.logId(), lines, complete);
        return complete || nextPosition > position;
    }

    private void findDue(long length, long now, boolean all) {
        if (position == length) {
            noneWaitedAt = now;
        } else if (all || now - noneWaitedAt >= LONGEST_WAIT.toNanos()) {
            due = length;
        } else {
            long full = (length - position) / SpoolFile.LARGEST_CHUNK * SpoolFile.LARGEST_CHUNK;
            due = Math.max(due, position + full);
        }
    }

    /** The database has what was put into the batch. */
    void stored(long now) throws IOException {
        end = nextEnd;
        if (nextPosition > position) {
            position = nextPosition;
            noneWaitedAt = now;
        }
        if (end != null && end.complete()) {
            delivered = true;
            spool.delete();
        }
    }

    /** It is open whether the database has what was put into the batch: it is asked again. */
    void forget() {
        end = null;
    }

    private End resume(StepLogs logs) throws IOException {
        End found = logs.resume(key.builder(), key.build(), key.step(), key.name());
        if (!found.complete()) {
            position = spool.startOfLine(found.lines());
        }
        return found;
    }

    @Override
    public String toString() {
        return "log %s of build %s/%d, step %d (%s)"
                .formatted(key.name(), key.builder(), key.build(), key.step(), spool);
    }
}
