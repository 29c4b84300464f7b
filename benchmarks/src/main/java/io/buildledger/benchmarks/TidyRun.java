package io.buildledger.benchmarks;

import io.buildledger.database.DatabaseTrouble;
import io.buildledger.database.UnusableDatabaseException;
import io.buildledger.starting.Leftovers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.util.FileSystemUtils;

/** A command that has a directory of its own, and ends what it has started, after Ctrl-C too. */
public final class TidyRun {

    private static final int FAILED = 1;
    private static final int INTERRUPTED = 130;

    /** What the command does. */
    public interface Work {

        /**
         * @param directory is removed afterwards
         * @param leftovers end afterwards
         * @return the status with which the process is to end
         */
        int run(Path directory, Leftovers leftovers) throws InterruptedException;
    }

    private TidyRun() {}

    /**
     * Works, and tidies up.
     *
     * @param name of the command
     * @return the work's own status, 1 if it failed for a reason that it has told, 130 if it was
     *     interrupted
     */
    public static int of(String name, Work work) throws InterruptedException {
        Leftovers leftovers = new Leftovers(System.err);
        Thread hook =
                new Thread(
                        () -> {
                            // What is stopped midway complains of it.
                            logFrom(LogLevel.OFF);
                            leftovers.close();
                        },
                        "stop-" + name);
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            Path directory =
                    leftovers.start(
                            "remove the directory of " + name,
                            () -> newDirectory(name),
                            TidyRun::delete);
            return work.run(directory, leftovers);
        } catch (RunFailedException | UnusableDatabaseException | CancellationException e) {
            if (!leftovers.isClosed()) {
                System.err.println(name + " failed: " + e.getMessage());
            }
            return FAILED;
        } catch (RuntimeException e) {
            if (leftovers.isClosed()) {
                return INTERRUPTED;
            }
            if (DatabaseTrouble.isTransient(e)) {
                System.err.println(name + " failed: " + DatabaseTrouble.reason(e));
                return FAILED;
            }
            throw e;
        } finally {
            leftovers.close();
            removeHook(hook);
        }
    }

    /** From which level on this process's own log is told. */
    public static void logFrom(LogLevel level) {
        LoggingSystem.get(TidyRun.class.getClassLoader())
                .setLogLevel(LoggingSystem.ROOT_LOGGER_NAME, level);
    }

    private static Path newDirectory(String name) {
        try {
            return Files.createTempDirectory("buildledger-" + name + "-");
        } catch (IOException e) {
            throw new UncheckedIOException("can't make a directory for " + name, e);
        }
    }

    private static void delete(Path directory) {
        try {
            FileSystemUtils.deleteRecursively(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("can't delete " + directory, e);
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The hook is running, because of Ctrl-C; it finds everything stopped.
        }
    }
}
