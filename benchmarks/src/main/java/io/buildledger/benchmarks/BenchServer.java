package io.buildledger.benchmarks;

import io.buildledger.database.Database;
import io.buildledger.database.EmbeddedDatabase;
import io.buildledger.starting.Leftovers;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** The database server that is measured, with databases that are made for one run each. */
final class BenchServer {

    private static final String PREFIX = "buildledger_bench_";

    private final Database administration;
    private final Leftovers leftovers;

    private BenchServer(Database administration, Leftovers leftovers) {
        this.administration = administration;
        this.leftovers = leftovers;
    }

    static BenchServer start(@Nullable GivenServer given, Path directory, Leftovers leftovers) {
        if (given != null) {
            return new BenchServer(given.database("mysql"), leftovers);
        }
        System.err.println("starting an embedded MariaDB ...");
        EmbeddedDatabase embedded =
                leftovers.start(
                        "stop the database",
                        () -> EmbeddedDatabase.start(directory.resolve("database")),
                        EmbeddedDatabase::close);
        return new BenchServer(embedded.database(), leftovers);
    }

    Database administration() {
        return administration;
    }

    /** An empty database without tables. */
    Database fresh() {
        String name = PREFIX + Long.toHexString(ThreadLocalRandom.current().nextLong());
        leftovers.start(
                "drop database " + name,
                () -> {
                    execute("CREATE DATABASE " + name);
                    return name;
                },
                this::drop);
        return new Database(
                administration.url().replaceFirst("/[^/?]*(\\?.*)?$", "/" + name + "$1"),
                administration.user(),
                administration.password());
    }

    void drop(Database database) {
        drop(name(database));
    }

    static String name(Database database) {
        return database.url().replaceFirst("\\?.*$", "").replaceFirst("^.*/", "");
    }

    private void drop(String name) {
        execute("DROP DATABASE IF EXISTS " + name);
    }

    private void execute(String sql) {
        JdbcClient.create(
                        new DriverManagerDataSource(
                                administration.url(),
                                administration.user(),
                                administration.password()))
                .sql(sql)
                .update();
    }
}
