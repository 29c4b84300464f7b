package io.buildledger.benchmarks;

import io.buildledger.database.DatabaseTrouble;
import io.buildledger.database.UnusableDatabaseException;
import io.buildledger.starting.Leftovers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.util.FileSystemUtils;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** What all benchmarks have in common: a server, the report, and that nothing is left behind. */
abstract class Benchmark implements Callable<Integer> {

    private static final int INTERRUPTED = 130;

    @ArgGroup(exclusive = false)
    private @Nullable GivenServer given;

    @Option(names = "--json", description = "Print one JSON object, for programs")
    private boolean json;

    /** Runs on a server that is ready, and adds what it finds to the report. */
    abstract void measure(Bench bench, Report report) throws InterruptedException;

    @Override
    public final Integer call() throws InterruptedException {
        Leftovers leftovers = new Leftovers(System.err);
        Thread hook =
                new Thread(
                        () -> {
                            // What is stopped midway complains of it.
                            LoggingSystem.get(Benchmark.class.getClassLoader())
                                    .setLogLevel(LoggingSystem.ROOT_LOGGER_NAME, LogLevel.OFF);
                            leftovers.close();
                        },
                        "stop-bench");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            Path directory =
                    leftovers.start(
                            "remove the benchmark's directory",
                            Benchmark::newDirectory,
                            Benchmark::delete);
            BenchServer server = BenchServer.start(given, directory, leftovers);
            Bench bench = new Bench(server, directory, leftovers);
            Report report = new Report(Conditions.of(server.administration()));
            measure(bench, report);
            System.out.println(json ? report.json() : report.text());
            return 0;
        } catch (BenchmarkFailedException | UnusableDatabaseException | CancellationException e) {
            if (!leftovers.isClosed()) {
                System.err.println("the benchmark failed: " + e.getMessage());
            }
            return 1;
        } catch (RuntimeException e) {
            if (leftovers.isClosed()) {
                return INTERRUPTED;
            }
            if (DatabaseTrouble.isTransient(e)) {
                System.err.println("the benchmark failed: " + DatabaseTrouble.reason(e));
                return 1;
            }
            throw e;
        } finally {
            leftovers.close();
            removeHook(hook);
        }
    }

    private static Path newDirectory() {
        try {
            return Files.createTempDirectory("buildledger-bench-");
        } catch (IOException e) {
            throw new UncheckedIOException("can't make a directory for the benchmark", e);
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
