package io.buildledger.builder.processes;

import io.buildledger.builder.logging.StepOutput;
import io.buildledger.steplog.StepLogs.Source;
import io.buildledger.stepping.OutputTap;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries one stream of a command to the log. It never stops reading before the stream's end, so
 * that a command is not held up by a log that can't be stored.
 */
final class Pump {

    private static final Logger LOG = LoggerFactory.getLogger(Pump.class);
    private static final int BUFFER = 16 * 1024;

    private final InputStream stream;
    private final Source source;
    private final StepOutput output;
    private final OutputTap tap;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile long lastOutput = System.nanoTime();
    private volatile @Nullable RuntimeException failure;

    Pump(InputStream stream, Source source, StepOutput output, OutputTap tap) {
        this.stream = stream;
        this.source = source;
        this.output = output;
        this.tap = tap;
    }

    void start() {
        Thread.ofPlatform().name("read-" + source.name()).daemon().start(this::run);
    }

    CompletableFuture<Void> ended() {
        return ended;
    }

    long lastOutput() {
        return lastOutput;
    }

    /**
     * @throws IOException if some of the output could not be stored
     */
    void requireStored() throws IOException {
        if (failure != null) {
            throw new IOException("the command's output could not be stored", failure);
        }
    }

    private void run() {
        byte[] buffer = new byte[BUFFER];
        try (stream) {
            for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
                lastOutput = System.nanoTime();
                store(buffer, count);
            }
        } catch (IOException e) {
            // Java closes the pipes of a process that has ended under the hands of their readers.
            LOG.debug("{} ended", source, e);
        } finally {
            end();
            ended.complete(null);
        }
    }

    private void end() {
        if (failure != null) {
            return;
        }
        try {
            output.endOfStream(source);
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    private void store(byte[] buffer, int count) {
        if (failure != null) {
            return;
        }
        try {
            output.write(source, buffer, count);
            tap.write(source, buffer, count);
        } catch (RuntimeException e) {
            failure = e;
        }
    }
}
