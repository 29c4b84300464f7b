package io.buildledger.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A real {@code buildbot-worker}, as a process. */
public final class StockWorker implements AutoCloseable {

    private static final String PROGRAM = "buildbot-worker";

    private final Path directory;
    private @Nullable Process process;

    private StockWorker(Path directory) {
        this.directory = directory;
    }

    /**
     * @param options of {@code create-worker}, beside the protocol
     */
    public static StockWorker create(
            Path directory, String address, String name, String password, String... options)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(PROGRAM);
        command.add("create-worker");
        command.add("--protocol=msgpack_experimental_v7");
        command.addAll(List.of(options));
        command.addAll(List.of(directory.toString(), address, name, password));
        StockWorker worker = new StockWorker(directory);
        Process creation = worker.run(command, Map.of(), "create");
        if (!creation.waitFor(30, TimeUnit.SECONDS) || creation.exitValue() != 0) {
            throw new AssertionError("create-worker failed: " + worker.output("create"));
        }
        return worker;
    }

    public StockWorker start() throws IOException {
        return start(Map.of());
    }

    public StockWorker start(Map<String, String> environment) throws IOException {
        process =
                run(
                        List.of(PROGRAM, "start", "--nodaemon", directory.toString()),
                        environment,
                        "start");
        return this;
    }

    private Process run(List<String> command, Map<String, String> environment, String what)
            throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(outputFile(what).toFile());
        builder.environment().putAll(environment);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new AssertionError(
                    "these tests need the real buildbot-worker: apt-get install buildbot-worker",
                    e);
        }
    }

    private Path outputFile(String what) {
        return directory.resolveSibling(directory.getFileName() + "." + what + ".out");
    }

    private String output(String what) throws IOException {
        return Files.readString(outputFile(what));
    }

    public Path directory() {
        return directory;
    }

    public Process process() {
        return Objects.requireNonNull(process);
    }

    /** What the worker has logged, for a failing test. */
    public String log() throws IOException {
        Path log = directory.resolve("twistd.log");
        return Files.exists(log) ? Files.readString(log) : output("start");
    }

    /** Kills it, and what it has started: with {@code kill -9}, where there is that. */
    @Override
    public void close() throws IOException {
        if (process != null) {
            List<ProcessHandle> started = process.descendants().toList();
            // First, or it might still tell its master how they have ended.
            process.destroyForcibly().onExit().orTimeout(30, TimeUnit.SECONDS).join();
            started.forEach(ProcessHandle::destroyForcibly);
        }
    }
}
