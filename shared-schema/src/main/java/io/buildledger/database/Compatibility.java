package io.buildledger.database;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationState;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Whether programs of two versions can work with one schema. Each migration says, in the table
 * {@code schema_compatibility}, which older programs can go on after it; one that says nothing
 * leaves none.
 */
final class Compatibility {

    /** Before this migration nothing was said. */
    static final int FIRST_THAT_SAYS = 20;

    private static final Pattern SAID =
            Pattern.compile(
                    "INSERT INTO schema_compatibility \\(version, oldest\\) VALUES \\((?<version>\\d+), (?<oldest>\\d+)\\);");

    private static final String OLDEST =
            "SELECT version, oldest FROM schema_compatibility WHERE version > :version";

    private static final String LIVING =
            """
            SELECT name FROM master
             WHERE state = 'live' AND leased_until > UTC_TIMESTAMP(6)
             ORDER BY name
            """;

    private final MigrationInfoService migrations;
    private final JdbcClient jdbc;

    Compatibility(MigrationInfoService migrations, DataSource dataSource) {
        this.migrations = migrations;
        this.jdbc = JdbcClient.create(dataSource);
    }

    /** The migrations that the schema has had and this program does not know, oldest first. */
    List<MigrationInfo> newer() {
        return Arrays.stream(migrations.applied())
                .filter(it -> it.getState() == MigrationState.FUTURE_SUCCESS)
                .toList();
    }

    /** Whether this program can go on after migrations that it does not know. */
    boolean allow(List<MigrationInfo> newer) {
        int own = own();
        if (own < FIRST_THAT_SAYS) {
            return false;
        }
        Map<Integer, Integer> oldest = new HashMap<>();
        jdbc.sql(OLDEST)
                .param("version", own)
                .query(row -> {
                    oldest.put(row.getInt("version"), row.getInt("oldest"));
                });
        return newer.stream()
                .allMatch(it -> oldest.getOrDefault(version(it), Integer.MAX_VALUE) <= own);
    }

    /** The newest migration of this program. */
    private int own() {
        return Arrays.stream(migrations.all())
                .filter(it -> it.getState() != MigrationState.FUTURE_SUCCESS)
                .mapToInt(Compatibility::version)
                .max()
                .orElse(0);
    }

    /** The first of the migrations to come with which the masters that live now can't work. */
    OptionalInt breaking() {
        MigrationInfo current = migrations.current();
        if (current == null) {
            return OptionalInt.empty();
        }
        int now = version(current);
        return Arrays.stream(migrations.pending())
                .filter(it -> version(it) >= FIRST_THAT_SAYS)
                .filter(it -> oldest(it).orElse(Integer.MAX_VALUE) > now)
                .mapToInt(Compatibility::version)
                .findFirst();
    }

    /** Masters whose lease has not ended. */
    List<String> living() {
        return jdbc.sql(LIVING).query(String.class).list();
    }

    /** What a migration that has not run will say. */
    private static OptionalInt oldest(MigrationInfo migration) {
        String script = "/db/migration/" + migration.getScript();
        try (InputStream sql = Compatibility.class.getResourceAsStream(script)) {
            return sql == null
                    ? OptionalInt.empty()
                    : oldest(
                            version(migration),
                            new String(sql.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static OptionalInt oldest(int version, String sql) {
        Matcher said = SAID.matcher(sql);
        return said.find() && Integer.parseInt(said.group("version")) == version
                ? OptionalInt.of(Integer.parseInt(said.group("oldest")))
                : OptionalInt.empty();
    }

    static int version(MigrationInfo migration) {
        return Integer.parseInt(migration.getVersion().getVersion());
    }
}
