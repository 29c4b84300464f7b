package io.buildledger.chaos;

import io.buildledger.benchmarks.RunFailedException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A master of the cluster: one name, and one process after the other. */
final class ChaosMaster {

    private static final Pattern DATED = Pattern.compile("^\\d{4}-\\d\\d-\\d\\d [0-9:.]{12}");

    private final String name;
    private final List<String> program;
    private final Path configuration;
    private final Path output;
    private final Map<String, String> environment;
    private @Nullable Process process;
    private @Nullable Long startAt;
    private long startedAt;
    private boolean isHeld;

    /**
     * @param program the jar, and what comes before its options
     * @param output where all its processes write
     * @param environment besides this process's own
     */
    ChaosMaster(
            String name,
            List<String> program,
            Path configuration,
            Path output,
            Map<String, String> environment) {
        this.name = name;
        this.program = List.copyOf(program);
        this.configuration = configuration;
        this.output = output;
        this.environment = Map.copyOf(environment);
    }

    String name() {
        return name;
    }

    Path output() {
        return output;
    }

    void start() {
        startedAt = System.nanoTime();
        process = launch(List.of(), configuration, output);
        startAt = null;
    }

    /**
     * Starts another process under the name.
     *
     * @param wrapper words before the command
     */
    Process launch(List<String> wrapper, Path ownConfiguration, Path ownOutput) {
        List<String> command = new ArrayList<>(wrapper);
        command.addAll(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "-jar"));
        command.addAll(program);
        command.addAll(List.of("--config", ownConfiguration.toString(), "--name", name));
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(ownOutput.toFile()));
        builder.environment().putAll(environment);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new RunFailedException("can't start " + name + ": " + e.getMessage(), e);
        }
    }

    /** When its process was started, by {@link System#nanoTime}. */
    long startedAt() {
        return startedAt;
    }

    /** From now on another process has the name. */
    void replaceBy(Process other) {
        startedAt = System.nanoTime();
        process = other;
    }

    /** It is started again after a while, by {@link #startIfDue}. */
    void startAfter(Duration pause) {
        startAt = System.nanoTime() + pause.toNanos();
    }

    boolean startIfDue() {
        Long at = startAt;
        if (at == null || System.nanoTime() < at) {
            return false;
        }
        start();
        return true;
    }

    boolean waitsForItsStart() {
        return startAt != null;
    }

    /** Whether its death is somebody's doing and wants no explanation. */
    boolean isHeld() {
        return isHeld;
    }

    void hold(boolean held) {
        isHeld = held;
    }

    boolean isRunning() {
        Process running = process;
        return running != null && running.isAlive();
    }

    Process process() {
        Process running = process;
        if (running == null) {
            throw new IllegalStateException(name + " was never started");
        }
        return running;
    }

    /** {@code kill -9}, of the master alone: what it has started goes on, as it would. */
    void kill() throws InterruptedException {
        process().destroyForcibly().waitFor();
    }

    void suspend() throws InterruptedException {
        signal("STOP");
    }

    void resume() throws InterruptedException {
        signal("CONT");
    }

    private void signal(String signal) throws InterruptedException {
        Shell.run("kill", "-" + signal, Long.toString(process().pid()));
    }

    /** SIGTERM, and its status; -1 if it has to be killed for it. */
    int stop(Duration atMost) throws InterruptedException {
        Process running = process();
        running.destroy();
        if (!running.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
            kill();
            return -1;
        }
        return running.exitValue();
    }

    /** Kills it and all that it runs. */
    void remove() {
        startAt = null;
        Process running = process;
        if (running != null) {
            List<ProcessHandle> children = running.descendants().toList();
            running.destroyForcibly();
            children.forEach(ProcessHandle::destroyForcibly);
        }
    }

    /** How far the clock by which it dates its log is from this process's, at its last line. */
    Duration wallClockOff() {
        List<String> dates =
                lastLines(output).stream()
                        .map(DATED::matcher)
                        .filter(Matcher::find)
                        .map(Matcher::group)
                        .toList();
        return dates.isEmpty()
                ? Duration.ZERO
                : Duration.between(
                        LocalDateTime.now(ZoneId.systemDefault()),
                        LocalDateTime.parse(dates.getLast().replace(' ', 'T')));
    }

    String lastWords() {
        return lastWords(output);
    }

    /** The last lines of a log. */
    static String lastWords(Path log) {
        List<String> lines = lastLines(log);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
    }

    private static List<String> lastLines(Path log) {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            long from = Math.max(0, file.length() - 2_000);
            file.seek(from);
            byte[] end = new byte[(int) (file.length() - from)];
            file.readFully(end);
            return new String(end, StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
