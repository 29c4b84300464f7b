package io.buildledger.builder.logging;

import io.buildledger.secrets.ScrubbedStream;
import io.buildledger.secrets.Scrubber;
import io.buildledger.steplog.StepLogs.Source;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Takes what one step prints, from any number of threads, without the secrets that its scrubber
 * knows. What has been taken is on the local disk when the call returns, except for the line that
 * has not ended yet, and for bytes that may be the beginning of a secret; nothing here waits for
 * the database.
 */
public final class StepOutput implements AutoCloseable {

    private final OutputStream file;
    private final ByteArrayOutputStream batch = new ByteArrayOutputStream();
    private final LineSplitter stdout =
            new LineSplitter((line, length, _) -> add(Source.STDOUT, line, length));
    private final LineSplitter stderr =
            new LineSplitter((line, length, _) -> add(Source.STDERR, line, length));
    private final Scrubber scrubber;
    private final ScrubbedStream scrubbedStdout;
    private final ScrubbedStream scrubbedStderr;
    private long written;
    private boolean closed;

    StepOutput(Path spool, LogKey key, Scrubber scrubber) throws IOException {
        this.scrubber = scrubber;
        scrubbedStdout = scrubber.stream(stdout::write);
        scrubbedStderr = scrubber.stream(stderr::write);
        file = Files.newOutputStream(spool, StandardOpenOption.WRITE);
        batch.writeBytes((key.toLine() + "\n").getBytes(StandardCharsets.US_ASCII));
        store();
    }

    /**
     * Adds lines of the master's own; ends the lines that the command has begun. Bytes of the
     * command that may be the beginning of a secret come behind them: let go, they would be half a
     * secret.
     */
    public synchronized void header(String text) {
        if (closed) {
            return;
        }
        stdout.endLine();
        stderr.endLine();
        scrubber.scrub(text).lines().forEach(line -> add(Source.HEADER, line));
        storeUnchecked();
    }

    /**
     * Adds bytes that a command has printed. What comes after {@link #close} is dropped: it is of a
     * process that has outlived its step and slipped away from its group.
     *
     * @throws UncheckedIOException if the local disk does not take it
     */
    public synchronized void write(Source source, byte[] bytes, int count) {
        if (closed) {
            return;
        }
        switch (source) {
            case STDOUT -> scrubbedStdout.write(bytes, count);
            case STDERR -> scrubbedStderr.write(bytes, count);
            case HEADER -> throw new IllegalArgumentException("no command prints headers");
        }
        storeUnchecked();
    }

    /**
     * A command prints no more: adds what was held back. Another command may begin.
     *
     * @throws UncheckedIOException if the local disk does not take it
     */
    public synchronized void endOfStream(Source source) {
        if (closed) {
            return;
        }
        switch (source) {
            case STDOUT -> scrubbedStdout.flush();
            case STDERR -> scrubbedStderr.flush();
            case HEADER -> throw new IllegalArgumentException("no command prints headers");
        }
        storeUnchecked();
    }

    /** Ends the log; does nothing the second time. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        scrubbedStdout.flush();
        scrubbedStderr.flush();
        stdout.endLine();
        stderr.endLine();
        try (file) {
            store();
        } catch (IOException e) {
            throw new UncheckedIOException("the log can't be stored", e);
        } finally {
            closed = true;
        }
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** How many bytes of the spool file are there to be read: whole lines. */
    synchronized long written() {
        return written;
    }

    private void add(Source source, byte[] line, int length) {
        add(source, new String(line, 0, length, StandardCharsets.UTF_8));
    }

    private void add(Source source, String line) {
        batch.write(source.letter());
        batch.writeBytes(line.getBytes(StandardCharsets.UTF_8));
        batch.write('\n');
    }

    private void storeUnchecked() {
        try {
            store();
        } catch (IOException e) {
            throw new UncheckedIOException("the log can't be stored", e);
        }
    }

    private void store() throws IOException {
        if (batch.size() > 0) {
            batch.writeTo(file);
            written += batch.size();
            batch.reset();
        }
    }
}
