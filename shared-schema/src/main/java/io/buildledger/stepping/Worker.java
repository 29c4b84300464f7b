package io.buildledger.stepping;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The machine that a build runs on, as one of its steps sees it. Paths are relative to the
 * builder's directory there, with slashes; one that is absolute or has left the directory by {@code
 * ..} is refused. What a command prints goes to the step's log, or to the one that its invocation
 * names.
 *
 * <p>Every method waits for the worker, and throws {@link StepAbortedException} when the build is
 * interrupted (but {@link #run}, which kills the command and says so, and {@link
 * #removeInAnyCase}), when the worker is lost, and when the worker can't do it: then the step is to
 * end so, unless it knows better.
 */
public interface Worker {

    String name();

    /** Whether paths and the shell are those of Windows. */
    boolean isWindows();

    /** The worker's own environment variable, without what builder and step add. */
    Optional<String> environment(String variable);

    /**
     * What the worker says of itself: {@code system}, {@code version}, {@code basedir}, {@code
     * numcpus}, {@code host}, {@code admin} and the like, of which not every worker says all.
     */
    Optional<Object> info(String key);

    /** The absolute path, in the way of writing of the worker's system. */
    String absolute(String path) throws StepAbortedException;

    /**
     * Runs a command with an empty standard input to its end, which comes with that of all that it
     * has started, but for what has left its process group on purpose.
     *
     * @param tap gets the output besides the log
     * @throws StepAbortedException also if there is no such program
     */
    Ending run(Invocation invocation, OutputTap tap) throws IOException, StepAbortedException;

    /** What is at a path, or nothing. */
    Optional<FileStatus> stat(String path) throws IOException, StepAbortedException;

    /** The names in a directory, in order. */
    List<String> list(String directory) throws IOException, StepAbortedException;

    /**
     * The paths that match a pattern, in order: {@code *}, {@code ?} and {@code [a-z]} within a
     * name, which begins with a dot only if the pattern's does, and {@code **} for any number of
     * directories.
     */
    List<String> glob(String pattern) throws IOException, StepAbortedException;

    /** Makes a directory and those above it; does nothing where it is already. */
    void makeDirectory(String path) throws IOException, StepAbortedException;

    /** Removes what is at a path with all that is in it; does nothing where there is nothing. */
    void remove(String path) throws IOException, StepAbortedException;

    /**
     * Like {@link #remove}, also when the build has been interrupted: for what must not stay on the
     * worker, such as credentials. It waits for no longer than a minute.
     */
    void removeInAnyCase(String path) throws IOException, StepAbortedException;

    /** Removes one file. */
    void removeFile(String path) throws IOException, StepAbortedException;

    /** Copies a directory with all that is in it, as a new one or over what is there. */
    void copyDirectory(String from, String to) throws IOException, StepAbortedException;

    /**
     * Brings a file from the worker, byte by byte; memory does not depend on its size.
     *
     * @param to stays open
     * @param maxSize in bytes, of which a larger file is refused; null for any
     * @return how many bytes
     */
    long upload(String path, OutputStream to, @Nullable Long maxSize)
            throws IOException, StepAbortedException;

    /**
     * Brings a directory from the worker, as an uncompressed tar of what is in it.
     *
     * @param to stays open
     * @param maxSize in bytes, of the tar, of which a larger one is refused; null for any
     * @param compress whether it is compressed on its way, and arrives as {@code .tar.gz}
     */
    void uploadDirectory(String path, OutputStream to, @Nullable Long maxSize, boolean compress)
            throws IOException, StepAbortedException;

    /**
     * Brings a file to the worker, byte by byte, over what is there.
     *
     * @param from stays open; read to its end
     * @param mode the file's permissions, or null for the worker's default
     */
    void download(InputStream from, String path, @Nullable Integer mode)
            throws IOException, StepAbortedException;
}
