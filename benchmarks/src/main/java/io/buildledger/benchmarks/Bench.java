package io.buildledger.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.database.Database;
import io.buildledger.starting.Leftovers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;

/** Where a benchmark runs. */
final class Bench {

    private final BenchServer server;
    private final Path directory;
    private final Leftovers leftovers;
    private int files;

    Bench(BenchServer server, Path directory, Leftovers leftovers) {
        this.server = server;
        this.directory = directory;
        this.leftovers = leftovers;
    }

    Leftovers leftovers() {
        return leftovers;
    }

    /** An empty database without tables. */
    Database freshWithoutSchema() {
        return server.fresh();
    }

    /** An empty database with the product's schema. */
    Database fresh() {
        Database database = server.fresh();
        try (HikariDataSource _ = database.open("bench-schema", 1)) {
            return database;
        }
    }

    /** Ends a database before the benchmark does: the next run shall find the server as empty. */
    void drop(Database database) {
        server.drop(database);
    }

    /** A path in the benchmark's directory that nobody uses. */
    synchronized Path newPath(String name) {
        return directory.resolve(++files + "-" + name);
    }

    /** An empty directory in the benchmark's. */
    Path newDirectory(String name) {
        try {
            return Files.createDirectory(newPath(name));
        } catch (IOException e) {
            throw new UncheckedIOException("can't make " + name + " for the benchmark", e);
        }
    }

    /** A file that only this user can read. */
    Path write(String name, String content) {
        try {
            Path file = Files.writeString(newPath(name), content);
            Files.setPosixFilePermissions(
                    file,
                    EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException("can't write " + name + " for the benchmark", e);
        }
    }

    /** Says what is being done, on standard error: standard output is the report's. */
    void tell(String message) {
        System.err.println("  " + message);
    }
}
