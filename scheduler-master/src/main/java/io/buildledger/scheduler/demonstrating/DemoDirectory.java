package io.buildledger.scheduler.demonstrating;

import io.buildledger.database.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where one demo keeps all that it has, readable by its user alone; gone when the demo has ended. A
 * second terminal finds the demo by it. Its name says from its first moment whose it is: the number
 * of the demo's process, and when it was made.
 */
record DemoDirectory(Path path) {

    /**
     * What a second terminal needs to know; there once the demo is up.
     *
     * @param repository the demo's own repository; null where it watches somebody else's
     */
    record State(Database database, @Nullable String repository, String web) {}

    private static final Pattern NAME = Pattern.compile("buildledger-demo-(\\d{1,18})-(\\d{1,12})");
    private static final String STATE = "demo.json";
    private static final JsonMapper JSON = JsonMapper.shared();

    static DemoDirectory create() {
        try {
            Path path =
                    temporary()
                            .resolve(
                                    "buildledger-demo-%d-%d"
                                            .formatted(
                                                    ProcessHandle.current().pid(),
                                                    Instant.now().getEpochSecond()));
            return new DemoDirectory(
                    Files.createDirectory(
                            path,
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rwx------"))));
        } catch (IOException e) {
            throw new DemoFailedException(
                    "can't make a directory for the demo: " + e.getMessage(), e);
        }
    }

    /** With no links in it, for the system tells programs by where they really are. */
    private static Path temporary() throws IOException {
        return Path.of(System.getProperty("java.io.tmpdir")).toRealPath();
    }

    /** The directories of demos, whether they run or not. */
    static List<DemoDirectory> all() {
        try (Stream<Path> paths = Files.list(temporary())) {
            return paths.sorted()
                    .filter(path ->
                            NAME.matcher(path.getFileName().toString()).matches()
                                    && Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                    .map(DemoDirectory::new)
                    .toList();
        } catch (IOException e) {
            throw new DemoFailedException("can't look for running demos: " + e.getMessage(), e);
        }
    }

    /** The demos that are up and belong to this user. */
    static List<DemoDirectory> running() {
        return all().stream()
                .filter(demo -> Files.isReadable(demo.path().resolve(STATE)) && demo.isRunning())
                .toList();
    }

    /** Whether the process that made it still runs. */
    boolean isRunning() {
        Matcher name = NAME.matcher(path.getFileName().toString());
        if (!name.matches()) {
            return false;
        }
        long demo = Long.parseLong(name.group(1));
        return ProcessHandle.of(demo)
                .filter(process -> RunningProcess.of(process).isDemo(demo))
                .isPresent();
    }

    Path database() {
        return path.resolve("database");
    }

    Path repository() {
        return path.resolve("repository");
    }

    Path configuration() {
        return path.resolve("cluster.yaml");
    }

    Path masterLog(String master) {
        return path.resolve(master + ".log");
    }

    void write(State state) {
        write(STATE, JSON.writeValueAsString(state));
    }

    State state() {
        try {
            return JSON.readValue(Files.readString(path.resolve(STATE)), State.class);
        } catch (IOException e) {
            throw new DemoFailedException("the demo in " + path + " has ended", e);
        }
    }

    /** Which process a master is. */
    void writePid(String master, long pid) {
        write(master + ".pid", String.valueOf(pid));
    }

    Optional<ProcessHandle> process(String master) {
        try {
            Path file = path.resolve(master + ".pid");
            return Files.exists(file)
                    ? ProcessHandle.of(Long.parseLong(Files.readString(file)))
                    : Optional.empty();
        } catch (IOException e) {
            throw new DemoFailedException("the demo in " + path + " has ended", e);
        }
    }

    void write(String name, String content) {
        try {
            // Whole or not at all: a second terminal may be reading.
            Path temporary = Files.writeString(path.resolve(name + ".new"), content);
            Files.move(temporary, path.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new DemoFailedException(
                    "can't write " + name + " in " + path + ": " + e.getMessage(), e);
        }
    }

    void delete() {
        try {
            FileSystemUtils.deleteRecursively(path);
        } catch (IOException e) {
            throw new UncheckedIOException("can't delete " + path, e);
        }
    }
}
