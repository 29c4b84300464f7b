package io.buildledger.builder.workers;

import io.buildledger.stepping.StepAbortedException;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Takes a file or a directory that the worker sends; the worker waits for each piece's answer. */
final class UploadListener extends AnswerListener {

    private final OutputStream to;
    private final @Nullable Long most;
    private long count;
    private boolean isTooLarge;

    /**
     * @param most in bytes, or null for any number
     */
    UploadListener(OutputStream to, @Nullable Long most) {
        this.to = to;
        this.most = most;
    }

    @Override
    public synchronized void write(byte[] chunk) throws IOException {
        if (most != null && count + chunk.length > most) {
            isTooLarge = true;
            throw new IOException("the master takes at most " + most + " bytes");
        }
        to.write(chunk);
        count += chunk.length;
    }

    @Override
    public void writeDirectory(byte[] chunk) throws IOException {
        write(chunk);
    }

    @Override
    public void closeWrite() {
        // Whoever asked for the file closes it.
    }

    @Override
    public void utime(Instant accessed, Instant modified) {
        // Nobody asked for the times.
    }

    @Override
    public void unpackDirectory() {
        // Whoever asked for the directory unpacks it.
    }

    synchronized long count() {
        return count;
    }

    /**
     * @throws StepAbortedException if there was more than allowed
     */
    synchronized void requireWithin(String path) throws StepAbortedException {
        if (isTooLarge) {
            throw StepAbortedException.failed("%s has more than %d bytes".formatted(path, most));
        }
    }
}
