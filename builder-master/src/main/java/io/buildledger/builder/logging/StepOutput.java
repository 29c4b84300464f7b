package io.buildledger.builder.logging;

import io.buildledger.secrets.ScrubbedStream;
import io.buildledger.secrets.Scrubber;
import io.buildledger.steplog.StepLogs.Source;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Takes what one step prints, from any number of threads, without the secrets that its scrubber
 * knows. What has been taken is on the local disk when the call returns, except for the line that
 * has not ended yet, and for bytes that may be the beginning of a secret; nothing here waits for
 * the database. However much is printed, it holds some hundred KiB of memory at most, and of the
 * disk what the {@link LogLimits} say, with the tail twice.
 */
public final class StepOutput implements AutoCloseable {

    /** So much goes to the disk at once. */
    private static final int ENOUGH = 32 * 1024;

    private final Path spool;
    private final LogLimits limits;
    private final FileChannel file;
    private final ByteArrayOutputStream batch = new ByteArrayOutputStream();
    private final LineSplitter stdout;
    private final LineSplitter stderr;
    private final Scrubber scrubber;
    private final ScrubbedStream scrubbedStdout;
    private final ScrubbedStream scrubbedStderr;
    private int linesInBatch;
    private long size;
    private @Nullable TailFiles tail;
    private volatile long written;
    private volatile boolean closed;

    StepOutput(Path spool, LogKey key, LogLimits limits, Scrubber scrubber) throws IOException {
        this.spool = spool;
        this.limits = limits;
        stdout =
                new LineSplitter(
                        (line, length, partial) -> add(Source.STDOUT, line, length, partial));
        stderr =
                new LineSplitter(
                        (line, length, partial) -> add(Source.STDERR, line, length, partial));
        this.scrubber = scrubber;
        scrubbedStdout = scrubber.stream(stdout::write);
        scrubbedStderr = scrubber.stream(stderr::write);
        file = FileChannel.open(spool, StandardOpenOption.WRITE);
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
        scrubber.scrub(text)
                .lines()
                .forEach(line -> {
                    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
                    add(Source.HEADER, bytes, bytes.length, false);
                });
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
            if (tail != null) {
                tail.close();
                written = TailFiles.moveTo(spool);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the log can't be stored", e);
        } finally {
            closed = true;
        }
    }

    // The shipper asks these two without waiting for a disk.

    boolean isClosed() {
        return closed;
    }

    /** How many bytes of the spool file are there to be read: whole lines. */
    long written() {
        return written;
    }

    private void add(Source source, byte[] line, int length, boolean partial) {
        if (VisibleBytes.isText(line, length)) {
            addText(source, line, length, partial);
        } else {
            byte[] visible = VisibleBytes.of(line, length);
            addText(source, visible, visible.length, partial);
        }
    }

    private void addText(Source source, byte[] text, int length, boolean partial) {
        int more = length + 2;
        if (tail == null && size + more > limits.maxSize().bytes()) {
            beginTail();
        }
        addLine(source, text, length, partial);
        if (tail == null) {
            size += more;
        }
        if (batch.size() >= ENOUGH) {
            storeUnchecked();
        }
    }

    private void beginTail() {
        byte[] notice =
                "the log has reached its log_max_size, %s; its last %s follow at the step's end"
                        .formatted(limits.maxSize(), limits.maxTailSize())
                        .getBytes(StandardCharsets.US_ASCII);
        addLine(Source.HEADER, notice, notice.length, false);
        storeUnchecked();
        tail = new TailFiles(spool, written, limits.maxTailSize().bytes());
    }

    private void addLine(Source source, byte[] text, int length, boolean partial) {
        batch.write(source.letter(partial));
        batch.write(text, 0, length);
        batch.write('\n');
        linesInBatch++;
    }

    private void storeUnchecked() {
        try {
            store();
        } catch (IOException e) {
            throw new UncheckedIOException("the log can't be stored", e);
        }
    }

    private void store() throws IOException {
        if (batch.size() == 0) {
            return;
        }
        if (tail == null) {
            long end = written;
            SpoolFile.write(file, end, ByteBuffer.wrap(batch.toByteArray()));
            written = end + batch.size();
        } else {
            tail.write(batch.toByteArray(), linesInBatch);
        }
        batch.reset();
        linesInBatch = 0;
    }
}
