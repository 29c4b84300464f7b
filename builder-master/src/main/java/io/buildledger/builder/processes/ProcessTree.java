package io.buildledger.builder.processes;

import io.buildledger.builder.working.Interruption;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A command's processes. Where the system has {@code setsid} and {@code /proc} they are a process
 * group, which a process leaves only on purpose; elsewhere they are the descendants of the first
 * process for as long as that one lives.
 */
record ProcessTree(long pid) {

    private static final Logger LOG = LoggerFactory.getLogger(ProcessTree.class);

    static final Duration KILLED_WITHIN = Duration.ofSeconds(2);
    private static final long FIRST_LOOK_MILLIS = 5;
    private static final long SLOWEST_LOOK_MILLIS = 100;
    private static final Path PROC = Path.of("/proc");
    private static final @Nullable Path SETSID = findSetsid();

    private static @Nullable Path findSetsid() {
        if (!Files.isReadable(PROC.resolve("self/stat"))) {
            return null;
        }
        String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
        for (String directory : path.split(File.pathSeparator, -1)) {
            Path file = Path.of(directory, "setsid");
            if (Files.isExecutable(file)) {
                return file;
            }
        }
        return null;
    }

    /** The words that run a command as a tree of its own. */
    static List<String> wrap(List<String> words) {
        if (SETSID == null) {
            return words;
        }
        List<String> wrapped = new ArrayList<>(List.of(SETSID.toString(), "--"));
        wrapped.addAll(words);
        return wrapped;
    }

    boolean isAlive() throws IOException {
        return SETSID == null ? !descendants().isEmpty() : !members().isEmpty();
    }

    private List<ProcessHandle> descendants() {
        return ProcessHandle.of(pid).stream()
                .flatMap(root -> Stream.concat(root.descendants(), Stream.of(root)))
                .filter(ProcessHandle::isAlive)
                .toList();
    }

    /** The living processes of the group. */
    List<Long> members() throws IOException {
        if (SETSID == null) {
            return descendants().stream().map(ProcessHandle::pid).toList();
        }
        List<Long> members = new ArrayList<>();
        try (var entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path entry : entries) {
                if (isMember(entry)) {
                    members.add(Long.parseLong(entry.getFileName().toString()));
                }
            }
        }
        return members;
    }

    private boolean isMember(Path entry) {
        try {
            String stat = Files.readString(entry.resolve("stat"), StandardCharsets.ISO_8859_1);
            int endOfName = stat.lastIndexOf(") ");
            if (endOfName < 0) {
                return false;
            }
            // After the name, which is in parentheses and may contain anything: state, parent,
            // group.
            String[] fields = stat.substring(endOfName + 2).split(" ", 4);
            return Long.parseLong(fields[2]) == pid && !fields[0].equals("Z");
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            // Reading the file of a process that ends at this moment fails in several ways.
            LOG.trace("{} is gone", entry, e);
            return false;
        }
    }

    /** Asks all of them to end, and after the grace kills those that have not. */
    void end(Duration grace, Interruption interruption) throws IOException {
        signal("TERM", interruption);
        if (!isGoneWithin(grace, interruption)) {
            kill(interruption);
        }
    }

    void kill(Interruption interruption) throws IOException {
        signal("KILL", interruption);
        if (!isGoneWithin(KILLED_WITHIN, interruption)) {
            LOG.warn("processes {} can't be killed", members());
        }
    }

    private boolean isGoneWithin(Duration limit, Interruption interruption) throws IOException {
        long deadline = System.nanoTime() + limit.toNanos();
        for (long pause = FIRST_LOOK_MILLIS; isAlive(); pause = slower(pause)) {
            if (System.nanoTime() - deadline >= 0) {
                return false;
            }
            pause(Duration.ofMillis(pause), interruption);
        }
        return true;
    }

    private static long slower(long pause) {
        return Math.min(2 * pause, SLOWEST_LOOK_MILLIS);
    }

    private static void pause(Duration duration, Interruption interruption) {
        boolean _ = interruption.await(new CompletableFuture<>(), duration);
    }

    private void signal(String name, Interruption interruption) throws IOException {
        if (SETSID == null) {
            for (ProcessHandle process : descendants()) {
                boolean _ = name.equals("KILL") ? process.destroyForcibly() : process.destroy();
            }
            return;
        }
        // A kill that finds nobody is no failure: whether somebody is left is looked at afterwards.
        // The shell's own kill is everywhere; the program is not.
        Process kill =
                new ProcessBuilder(
                                "/bin/sh",
                                "-c",
                                "kill -s \"$0\" -- \"-$1\"",
                                name,
                                Long.toString(pid))
                        .redirectInput(new File("/dev/null"))
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        boolean _ = interruption.await(kill.onExit(), KILLED_WITHIN);
    }
}
