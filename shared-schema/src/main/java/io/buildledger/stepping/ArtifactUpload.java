package io.buildledger.stepping;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Files on their way from the worker to the artifacts of its build. All are kept together by {@link
 * #keep}, or nothing of them is left. Where artifacts are to be is told by paths with slashes,
 * which may not lead out; what can't be kept ends the step as FAILURE.
 */
public interface ArtifactUpload extends AutoCloseable {

    /**
     * What has been kept.
     *
     * @param bytes of all together
     */
    record Kept(int files, long bytes) {}

    /**
     * Brings a file.
     *
     * @param path on the worker, relative to the builder's directory
     * @param artifact where it is to be
     * @param maxSize in bytes, of which a larger file is refused; null for any
     */
    void file(String path, String artifact, @Nullable Long maxSize)
            throws IOException, StepAbortedException;

    /**
     * Brings a directory's files, at most 10,000 of them. A link to one of them is brought as a
     * copy; one to anything else there is left out, which the step's log tells. One that leads out
     * is refused, and so is what is neither file, directory nor link.
     *
     * @param path on the worker, relative to the builder's directory
     * @param directory where its files are to be; empty or {@code .} for the top
     * @param maxSize in bytes, which neither what the worker sends nor all files together may
     *     exceed; null for any
     * @param compress whether it is compressed on its way
     */
    void directory(String path, String directory, @Nullable Long maxSize, boolean compress)
            throws IOException, StepAbortedException;

    /** Keeps all that was brought. Called once at most, at the end. */
    Kept keep() throws IOException, StepAbortedException;

    @Override
    void close() throws IOException;
}
