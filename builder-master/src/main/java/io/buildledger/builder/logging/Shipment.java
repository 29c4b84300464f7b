package io.buildledger.builder.logging;

import io.buildledger.builder.logging.SpoolFile.Chunk;
import io.buildledger.steplog.StepLogs;
import io.buildledger.steplog.StepLogs.End;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One log on its way from its spool file to the database. Lines wait for others, so that a log that
 * grows by a line now and then does not become as many chunks as it has lines.
 */
final class Shipment {

    /** So long a line waits at most; whoever reads the log as it grows waits with it. */
    static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

    /** How far the writing end has come. */
    interface Progress {
        boolean ended();

        long length();
    }

    private final LogKey key;
    private final SpoolFile spool;
    private final Progress progress;
    private @Nullable End end;
    private long position;

    /** Lines that begin before this are shipped now. */
    private long due;

    /** When no line was waiting yet, as seen last: no line waits longer than since then. */
    private long noneWaitedAt;

    private boolean delivered;

    private Shipment(LogKey key, SpoolFile spool, Progress progress, long now) {
        this.key = key;
        this.spool = spool;
        this.progress = progress;
        this.noneWaitedAt = now;
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

    /** What an earlier life of the master has left behind. */
    static Shipment ofLeftOver(SpoolFile spool) throws IOException {
        long length = spool.wholeLength();
        return new Shipment(
                spool.key(),
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
                0);
    }

    boolean isDelivered() {
        return delivered;
    }

    /**
     * Ships one chunk if it is due, or ends the log when there is nothing more to come. Lines are
     * due when they fill a chunk, when one of them has waited for {@link #LONGEST_WAIT}, and when
     * the log has ended.
     *
     * @param now in nanoseconds
     * @param flush whether no line is to wait
     * @return whether there was anything to do
     */
    boolean shipChunk(StepLogs logs, long now, boolean flush) throws IOException {
        End from = end == null ? resume(logs) : end;
        // Whatever fails below leaves open how far the database has come: it is asked again.
        end = null;
        if (from.complete()) {
            return deliver();
        }
        boolean ended = progress.ended();
        long length = progress.length();
        if (isDue(length, now, flush || ended)) {
            Chunk chunk = spool.read(position, length);
            logs.append(from.logId(), from.lines(), chunk.lines());
            position = chunk.end();
            end = new End(from.logId(), from.lines() + chunk.lines().size(), false);
            noneWaitedAt = now;
            return true;
        }
        if (ended) {
            logs.finish(from.logId());
            return deliver();
        }
        end = from;
        return false;
    }

    private boolean isDue(long length, long now, boolean all) {
        if (position == length) {
            noneWaitedAt = now;
            return false;
        }
        if (all || now - noneWaitedAt >= LONGEST_WAIT.toNanos()) {
            due = length;
        } else if (length - position >= SpoolFile.LARGEST_CHUNK) {
            due = Math.max(due, position + SpoolFile.LARGEST_CHUNK);
        }
        return position < due;
    }

    private End resume(StepLogs logs) throws IOException {
        End found = logs.resume(key.builder(), key.build(), key.step(), key.name());
        if (!found.complete()) {
            position = spool.startOfLine(found.lines());
        }
        return found;
    }

    private boolean deliver() throws IOException {
        delivered = true;
        spool.delete();
        return true;
    }

    @Override
    public String toString() {
        return "log %s of build %s/%d, step %d (%s)"
                .formatted(key.name(), key.builder(), key.build(), key.step(), spool);
    }
}
