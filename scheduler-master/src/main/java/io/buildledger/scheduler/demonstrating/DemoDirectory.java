package io.buildledger.scheduler.demonstrating;

import io.buildledger.database.Database;
import io.buildledger.database.EmbeddedDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where one demo keeps all that it has, readable by its user alone; gone when the demo has ended. A
 * second terminal finds the demo by it.
 */
record DemoDirectory(Path path) {

    /**
     * What a second terminal needs to know.
     *
     * @param demo process of the demo
     * @param repository the demo's own repository; null where it watches somebody else's
     */
    record State(long demo, Database database, @Nullable String repository, String web) {}

    private static final String PREFIX = "buildledger-demo-";
    private static final String STATE = "demo.json";
    private static final JsonMapper JSON = JsonMapper.shared();

    static DemoDirectory create() {
        try {
            return new DemoDirectory(Files.createTempDirectory(PREFIX));
        } catch (IOException e) {
            throw new DemoFailedException(
                    "can't make a directory for the demo: " + e.getMessage(), e);
        }
    }

    /** The demos that run now and belong to this user. */
    static List<DemoDirectory> running() {
        List<DemoDirectory> running = new ArrayList<>();
        try (Stream<Path> paths = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            for (Path path : paths.sorted().toList()) {
                DemoDirectory demo = new DemoDirectory(path);
                if (path.getFileName().toString().startsWith(PREFIX)
                        && Files.isReadable(path.resolve(STATE))
                        && ProcessHandle.of(demo.state().demo()).isPresent()) {
                    running.add(demo);
                }
            }
        } catch (IOException e) {
            throw new DemoFailedException("can't look for running demos: " + e.getMessage(), e);
        }
        return running;
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
        EmbeddedDatabase.delete(path);
    }
}
