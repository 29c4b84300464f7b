package io.buildledger.benchmarks;

import io.buildledger.database.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Processes that are measured: masters as the launcher starts them, and what they compete with. */
final class Masters implements AutoCloseable {

    /** Where the launcher found this program. */
    private static final String HOME_PROPERTY = "buildledger.home";

    private static final Duration LIVE_WITHIN = Duration.ofSeconds(90);
    private static final Duration IDLE_WITHIN = Duration.ofSeconds(60);
    private static final Duration STOP_WITHIN = Duration.ofSeconds(60);

    /** A share of a processor over a second, below which a process has nothing more to start. */
    private static final Duration IDLE = Duration.ofMillis(50);

    private static final String LIVE =
            "SELECT COUNT(*) FROM master WHERE name = :name AND state = 'live'";

    private final Bench bench;
    private final List<String> javaOptions;
    private final Map<String, Process> processes = new LinkedHashMap<>();
    private final Map<String, Path> outputs = new LinkedHashMap<>();

    /**
     * @param javaOptions as {@code BUILDLEDGER_JAVA_OPTIONS}
     */
    Masters(Bench bench, List<String> javaOptions) {
        this.bench = bench;
        this.javaOptions = List.copyOf(javaOptions);
        bench.leftovers().add("stop the masters", this::close);
    }

    void startBuilder(String name, Path configuration) {
        start("builder-master", name, "--config", configuration.toString(), "--name", name);
    }

    void startScheduler(String name, Path configuration) {
        start(
                "scheduler-master",
                name,
                "scheduler-master",
                "--config",
                configuration.toString(),
                "--name",
                name);
    }

    /** Starts a program of the module's jar; what it prints goes to a file. */
    synchronized void start(String module, String name, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(javaOptions);
        command.addAll(List.of("-jar", jar(module).toString()));
        command.addAll(List.of(arguments));
        Path output = bench.newPath(name + ".log");
        try {
            processes.put(
                    name,
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .start());
            outputs.put(name, output);
        } catch (IOException e) {
            throw new RunFailedException("can't start " + name + ": " + e.getMessage(), e);
        }
    }

    /** The program of a module, as the launcher starts it. */
    static Path jar(String module) {
        String home = System.getProperty(HOME_PROPERTY);
        if (home == null) {
            throw new RunFailedException("start it with bin/buildledger bench");
        }
        return Path.of(home, module, "target", module + ".jar");
    }

    /** Waits until all masters are registered, and have nothing more to do for their start. */
    void awaitReady(Database database) throws InterruptedException {
        try (Observer observer = new Observer(database)) {
            for (String name : List.copyOf(processes.keySet())) {
                awaitLive(observer, name);
            }
        }
        awaitIdle();
    }

    void awaitLive(Observer observer, String name) throws InterruptedException {
        long deadline = System.nanoTime() + LIVE_WITHIN.toNanos();
        while (observer.jdbc().sql(LIVE).param("name", name).query(Long.class).single() == 0) {
            requireThatAllRun();
            if (System.nanoTime() > deadline) {
                throw new RunFailedException(
                        "%s is not live after %d s: %s"
                                .formatted(name, LIVE_WITHIN.toSeconds(), lastWords(name)));
            }
            Thread.sleep(10);
        }
    }

    /** Waits until none uses the processor any more. */
    void awaitIdle() throws InterruptedException {
        long deadline = System.nanoTime() + IDLE_WITHIN.toNanos();
        Duration before = cpu();
        while (true) {
            Thread.sleep(1000);
            requireThatAllRun();
            Duration now = cpu();
            if (now.minus(before).compareTo(IDLE.multipliedBy(processes.size())) < 0) {
                return;
            }
            if (System.nanoTime() > deadline) {
                throw new RunFailedException(
                        "%s are not idle after %d s"
                                .formatted(processes.keySet(), IDLE_WITHIN.toSeconds()));
            }
            before = now;
        }
    }

    /** A figure that was taken while one of them was dead would be another figure. */
    synchronized void requireThatAllRun() {
        processes.forEach((name, process) -> {
            if (!process.isAlive()) {
                throw new RunFailedException(name + " has ended: " + lastWords(name));
            }
        });
    }

    /** Processor time of all of them so far. */
    synchronized Duration cpu() {
        return processes.values().stream()
                .map(process -> ProcessCost.cpu(process.pid()))
                .reduce(Duration.ZERO, Duration::plus);
    }

    /** Processor time of one of them so far. */
    Duration cpu(String name) {
        return ProcessCost.cpu(pid(name));
    }

    synchronized long pid(String name) {
        Process process = processes.get(name);
        if (process == null) {
            throw new IllegalArgumentException("there is no " + name);
        }
        return process.pid();
    }

    String output(String name) {
        Path output = outputs.get(name);
        try {
            return output == null
                    ? ""
                    : new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String lastWords(String name) {
        List<String> lines = output(name).lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 5), lines.size()));
    }

    /** SIGTERM for all, and the end of those that don't end. */
    @Override
    public synchronized void close() {
        processes.values().forEach(Process::destroy);
        long deadline = System.nanoTime() + STOP_WITHIN.toNanos();
        for (Process process : processes.values()) {
            try {
                if (!process.waitFor(
                        Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                    process.destroyForcibly().waitFor();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
        processes.clear();
    }
}
