package io.buildledger.builder.processes;

import io.buildledger.builder.working.Interruption;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file beside a builder's directory that says which processes work in it, and which master
 * started them. By it the next life of a master that was killed finds what it has left running.
 * Between the start of a process and the writing of the file lies a moment in which a master's
 * death goes unrecorded.
 */
final class RunningMark {

    private static final Logger LOG = LoggerFactory.getLogger(RunningMark.class);

    /** No directory of a builder ends like this. */
    static final String SUFFIX = "%running";

    /** Systems compute start times from a boot time that wavers by as much. */
    private static final Duration SAME_START = Duration.ofSeconds(2);

    private static final Pattern CONTENT =
            Pattern.compile("(\\d{1,18}) (\\d{1,18}) (\\d{1,18}) (\\d{1,18})\n");

    private record Identity(long pid, Instant start) {
        static Identity of(ProcessHandle process) {
            // A process that has ended already has no start time, and will not be found again.
            return new Identity(process.pid(), process.info().startInstant().orElse(Instant.EPOCH));
        }

        Optional<ProcessHandle> find() {
            return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).filter(this::isSame);
        }

        private boolean isSame(ProcessHandle process) {
            return process.info()
                    .startInstant()
                    .filter(found ->
                            Duration.between(start, found).abs().compareTo(SAME_START) <= 0)
                    .isPresent();
        }
    }

    private record Mark(Identity leader, Identity owner) {}

    private final Path file;
    private final Path directory;

    RunningMark(BuilderDirectory directory) {
        this.directory = directory.path();
        this.file = this.directory.resolveSibling(this.directory.getFileName() + SUFFIX);
    }

    /** The mark whose file this is. */
    static RunningMark ofFile(Path file) {
        String name = file.getFileName().toString();
        return new RunningMark(
                new BuilderDirectory(
                        file.resolveSibling(name.substring(0, name.length() - SUFFIX.length()))));
    }

    BuilderDirectory directory() {
        return new BuilderDirectory(directory);
    }

    void set(ProcessHandle leader) throws IOException {
        Identity led = Identity.of(leader);
        Identity owner = Identity.of(ProcessHandle.current());
        Path draft = file.resolveSibling(file.getFileName() + "%draft");
        Files.writeString(
                draft,
                "%d %d %d %d\n"
                        .formatted(
                                led.pid(),
                                led.start().toEpochMilli(),
                                owner.pid(),
                                owner.start().toEpochMilli()),
                StandardCharsets.US_ASCII);
        Files.move(
                draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    void clear() throws IOException {
        Files.deleteIfExists(file);
    }

    /**
     * Kills what an earlier life has left running, at once: nobody wants to hear from it.
     *
     * @return false if the processes belong to another master that lives; they are left alone
     */
    boolean reap(Interruption interruption) throws IOException {
        Mark mark = read();
        if (mark == null) {
            clear();
            return true;
        }
        boolean own = mark.owner().pid() == ProcessHandle.current().pid();
        if (!own && mark.owner().find().isPresent()) {
            return false;
        }
        ProcessTree tree = new ProcessTree(mark.leader().pid());
        if (mark.leader().find().isPresent()) {
            LOG.warn("killing process group {}, left running in {}", tree.pid(), directory);
            tree.kill(interruption);
        } else if (ProcessHandle.of(tree.pid()).isEmpty()) {
            killThoseLeftByTheirLeader(tree);
        }
        clear();
        return true;
    }

    /**
     * A group can outlive its leader, and the number may have been given to another group since:
     * only those are killed that work in the directory.
     */
    private void killThoseLeftByTheirLeader(ProcessTree tree) throws IOException {
        for (long pid : tree.members()) {
            if (worksHere(pid)) {
                LOG.warn("killing process {}, left running in {}", pid, directory);
                ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            }
        }
    }

    private boolean worksHere(long pid) {
        try {
            Path here = directory.toRealPath();
            return Files.readSymbolicLink(Path.of("/proc", Long.toString(pid), "cwd"))
                    .startsWith(here);
        } catch (IOException e) {
            // It has just ended, or is somebody else's.
            LOG.debug("process {} can't be looked at", pid, e);
            return false;
        }
    }

    private @Nullable Mark read() throws IOException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return null;
        }
        Matcher content = CONTENT.matcher(Files.readString(file, StandardCharsets.US_ASCII));
        if (!content.matches()) {
            LOG.warn("{} does not say what runs; it is ignored", file);
            return null;
        }
        return new Mark(identity(content, 1), identity(content, 3));
    }

    private static Identity identity(Matcher content, int group) {
        return new Identity(
                Long.parseLong(content.group(group)),
                Instant.ofEpochMilli(Long.parseLong(content.group(group + 1))));
    }
}
