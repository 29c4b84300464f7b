package io.buildledger.scheduler.demonstrating;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The demo's masters: processes of their own, from the jars that production runs. */
final class DemoMasters {

    /** Where the launcher found this program. */
    static final String HOME_PROPERTY = "buildledger.home";

    private static final Duration STOP_WITHIN = Duration.ofSeconds(20);

    private final DemoDirectory directory;
    private final Map<String, Process> processes = new LinkedHashMap<>();
    private final Map<String, List<ProcessHandle>> builds = new HashMap<>();
    private boolean stopped;

    DemoMasters(DemoDirectory directory) {
        this.directory = directory;
    }

    /** Starts a master; its output goes to a file in the demo's directory. */
    synchronized void start(String role, String name) {
        if (stopped) {
            throw new DemoFailedException("it is being stopped");
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m"));
        command.addAll(List.of("-jar", jar(role).toString()));
        if (role.equals("scheduler-master")) {
            command.add(role);
        }
        command.addAll(List.of("--config", directory.configuration().toString(), "--name", name));
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(
                                    ProcessBuilder.Redirect.appendTo(
                                            directory.masterLog(name).toFile()))
                            .start();
            processes.put(name, process);
            directory.writePid(name, process.pid());
        } catch (IOException e) {
            throw new DemoFailedException("can't start " + name + ": " + e.getMessage(), e);
        }
    }

    private static Path jar(String role) {
        String home = System.getProperty(HOME_PROPERTY);
        if (home == null) {
            throw new DemoFailedException("start the demo with bin/buildledger demo");
        }
        Path jar = Path.of(home, role, "target", role + ".jar");
        if (!Files.isRegularFile(jar)) {
            throw new DemoFailedException(jar + " is missing: run ./mvnw -DskipTests package");
        }
        return jar;
    }

    /**
     * Whether a master runs. Once it does not, what it had started is killed, for it may have been
     * killed itself.
     */
    synchronized boolean isAlive(String name) {
        Process process = processes.get(name);
        if (process != null && process.isAlive()) {
            builds.put(name, process.descendants().toList());
            return true;
        }
        builds.getOrDefault(name, List.of()).forEach(ProcessHandle::destroyForcibly);
        builds.remove(name);
        return false;
    }

    synchronized long pid(String name) {
        Process process = processes.get(name);
        return process == null ? -1 : process.pid();
    }

    /** Stops all masters for good, in order, and kills those that don't. */
    synchronized void stopAll() {
        stopped = true;
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
    }

    /** The last lines that a master has printed. */
    String lastWords(String name) {
        try {
            List<String> lines =
                    new String(
                                    Files.readAllBytes(directory.masterLog(name)),
                                    StandardCharsets.UTF_8)
                            .lines()
                            .toList();
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 5), lines.size()));
        } catch (IOException e) {
            return "(it printed nothing)";
        }
    }
}
