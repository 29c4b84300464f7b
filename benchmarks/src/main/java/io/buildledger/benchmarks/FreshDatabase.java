package io.buildledger.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.database.Database;
import io.buildledger.starting.Leftovers;
import java.util.concurrent.ThreadLocalRandom;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Databases that are made for one run each. */
public final class FreshDatabase {

    private FreshDatabase() {}

    /**
     * Makes an empty database without tables, which is dropped with the leftovers.
     *
     * @param administration a database of the same server, as a user who may make and drop others
     * @param kind what it is for, a part of its name
     */
    public static Database make(Database administration, String kind, Leftovers leftovers) {
        String name =
                "buildledger_%s_%s"
                        .formatted(kind, Long.toHexString(ThreadLocalRandom.current().nextLong()));
        leftovers.start(
                "drop database " + name,
                () -> {
                    execute(administration, "CREATE DATABASE " + name);
                    return name;
                },
                made -> drop(administration, made));
        return new Database(
                administration.url().replaceFirst("/[^/?]*(\\?.*)?$", "/" + name + "$1"),
                administration.user(),
                administration.password());
    }

    static void drop(Database administration, Database database) {
        drop(administration, name(database));
    }

    static String name(Database database) {
        return database.url().replaceFirst("\\?.*$", "").replaceFirst("^.*/", "");
    }

    private static void drop(Database administration, String name) {
        execute(administration, "DROP DATABASE IF EXISTS " + name);
    }

    private static void execute(Database administration, String sql) {
        try (HikariDataSource pool = administration.pool("administration", 1)) {
            JdbcClient.create(pool).sql(sql).update();
        }
    }
}
