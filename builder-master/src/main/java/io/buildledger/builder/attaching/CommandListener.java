package io.buildledger.builder.attaching;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes what a command on a worker says and sends. The calls come one at a time for a connection
 * with all its commands, in the order of arrival, on a thread that may block: while it does, the
 * worker is not read from, and other workers don't notice. The worker hears that its request was
 * done after the method has returned.
 *
 * <p>An exception tells the worker that its request failed, but not why, and ends the command here,
 * with that exception. It is a {@link WorkerMisbehavedException} where the worker is to blame: what
 * a listener does not take over from this interface is what its command never asks for, and throws
 * it. An upload or a download then ends on the worker, too; any other command goes on there until
 * it is interrupted, and what it still says is dropped.
 */
public interface CommandListener {

    /**
     * Something that a command said.
     *
     * @param key such as {@code stdout}, {@code log}, {@code rc}
     * @param value text, a {@code Long} (a {@code BigInteger} beyond), a {@code Double}, a {@code
     *     Boolean}, a {@code byte[]}, a {@code List} or {@code Map} of these, or null
     */
    record Update(String key, @Nullable Object value) {}

    /** Updates that came together, in their order. */
    void update(List<Update> updates) throws IOException;

    /** The next piece of the file that {@code upload_file} sends. */
    default void write(byte[] chunk) throws IOException {
        throw uninvited("uploads a file");
    }

    /** The file is complete, as far as the worker could read it. */
    default void closeWrite() throws IOException {
        throw uninvited("uploads a file");
    }

    /** The times of the uploaded file, after {@link #closeWrite}. */
    default void utime(Instant accessed, Instant modified) throws IOException {
        throw uninvited("uploads a file");
    }

    /** The next piece of the tar archive that {@code upload_directory} sends. */
    default void writeDirectory(byte[] chunk) throws IOException {
        throw uninvited("uploads a directory");
    }

    /** The archive is complete. */
    default void unpackDirectory() throws IOException {
        throw uninvited("uploads a directory");
    }

    /**
     * The next piece of the file that {@code download_file} fetches.
     *
     * @param length at most so many bytes; positive
     * @return empty at the end of the file
     */
    default byte[] read(int length) throws IOException {
        throw uninvited("asks for a file");
    }

    /** The worker wants no more of the file. */
    default void closeRead() throws IOException {
        throw uninvited("asks for a file");
    }

    /**
     * The command has ended on the worker. Nothing comes after it. It is not called for a command
     * that ends otherwise: the future of {@link WorkerConnection#startCommand} tells of every end.
     *
     * @param error what went wrong inside the worker; null for a command that ran, whatever its
     *     exit code
     */
    void complete(@Nullable String error) throws IOException;

    private static WorkerMisbehavedException uninvited(String what) {
        return new WorkerMisbehavedException("it %s, which its command does not".formatted(what));
    }
}
