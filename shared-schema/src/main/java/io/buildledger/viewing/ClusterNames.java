package io.buildledger.viewing;

import io.buildledger.database.UtcColumn;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What builders, workers and masters the cluster has, or has had. There are few of them. */
public final class ClusterNames {

    // Whoever built is there, also where no file has it any more.
    private static final String BUILDERS =
            """
            SELECT builder FROM master_builder
             UNION
            SELECT SUBSTRING(name, 7) FROM number_sequence WHERE name LIKE 'build/%'
            """;

    private static final String WORKERS =
            """
            SELECT worker FROM master_worker
             UNION
            SELECT name FROM worker
            """;

    private static final String LAST_SEEN =
            """
            SELECT name, leased_until - INTERVAL lease_micros MICROSECOND AS renewed_at
              FROM master
             ORDER BY name
            """;

    private static final String MASTERS_OF_WORKERS =
            """
            SELECT master_worker.worker, master_worker.master
              FROM master_worker JOIN master ON master.name = master_worker.master
             WHERE master.state = 'live'
            """;

    private final JdbcClient jdbc;

    public ClusterNames(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** The builders that some master has in its file, and those that ever built. */
    public SortedSet<String> builders() {
        return new TreeSet<>(jdbc.sql(BUILDERS).query(String.class).set());
    }

    /**
     * The workers that some master has in its file, and those that the log tells of; a local one is
     * {@code MASTER/NAME}.
     */
    public Set<String> workers() {
        return new HashSet<>(jdbc.sql(WORKERS).query(String.class).set());
    }

    /** The masters that ever were, by name, with when each renewed its lease last. */
    public SortedMap<String, Instant> mastersLastSeen() {
        SortedMap<String, Instant> seen = new TreeMap<>();
        jdbc.sql(LAST_SEEN)
                .query(row -> {
                    seen.put(row.getString("name"), UtcColumn.read(row, "renewed_at"));
                });
        return seen;
    }

    /** Which living masters have each worker in their file. */
    public Map<String, SortedSet<String>> mastersOfWorkers() {
        Map<String, SortedSet<String>> masters = new TreeMap<>();
        jdbc.sql(MASTERS_OF_WORKERS)
                .query(row -> {
                    masters.computeIfAbsent(row.getString("worker"), _ -> new TreeSet<>())
                            .add(row.getString("master"));
                });
        return masters;
    }
}
