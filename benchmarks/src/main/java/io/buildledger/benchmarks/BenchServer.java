package io.buildledger.benchmarks;

import io.buildledger.database.Database;
import io.buildledger.database.EmbeddedDatabase;
import io.buildledger.starting.Leftovers;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The database server that is measured, with databases that are made for one run each. */
final class BenchServer {

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
        return FreshDatabase.make(administration, "bench", leftovers);
    }

    void drop(Database database) {
        FreshDatabase.drop(administration, database);
    }
}
