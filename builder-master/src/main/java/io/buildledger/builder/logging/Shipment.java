package io.buildledger.builder.logging;

import io.buildledger.builder.logging.SpoolFile.Chunk;
import io.buildledger.steplog.StepLogs;
import io.buildledger.steplog.StepLogs.End;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** One log on its way from its spool file to the database. */
final class Shipment {

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
    private boolean delivered;

    private Shipment(LogKey key, SpoolFile spool, Progress progress) {
        this.key = key;
        this.spool = spool;
        this.progress = progress;
    }

    static Shipment of(LogKey key, SpoolFile spool, StepOutput output) {
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
                });
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
                });
    }

    boolean isDelivered() {
        return delivered;
    }

    /**
     * Ships one chunk, or ends the log when there is nothing more to come.
     *
     * @return whether there was anything to do
     */
    boolean shipChunk(StepLogs logs) throws IOException {
        End from = end == null ? resume(logs) : end;
        // Whatever fails below leaves open how far the database has come: it is asked again.
        end = null;
        if (from.complete()) {
            return deliver();
        }
        boolean ended = progress.ended();
        Chunk chunk = spool.read(position, progress.length());
        if (!chunk.lines().isEmpty()) {
            logs.append(from.logId(), from.lines(), chunk.lines());
            position = chunk.end();
            end = new End(from.logId(), from.lines() + chunk.lines().size(), false);
            return true;
        }
        if (ended) {
            logs.finish(from.logId());
            return deliver();
        }
        end = from;
        return false;
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
        return "log %s of %s #%d, step %d (%s)"
                .formatted(key.name(), key.builder(), key.build(), key.step(), spool);
    }
}
