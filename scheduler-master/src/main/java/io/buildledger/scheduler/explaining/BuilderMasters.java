package io.buildledger.scheduler.explaining;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Which living masters have a builder, and whether they may claim for it. */
final class BuilderMasters {

    /**
     * A living master.
     *
     * @param claims how many it holds
     */
    record Master(
            String name,
            @Nullable String drain,
            boolean leased,
            long claims,
            boolean hasNoUsableWorker) {

        boolean mayClaim() {
            return leased && drain == null && !hasNoUsableWorker;
        }
    }

    /**
     * One that has a builder.
     *
     * @param policy how it chooses the builder's requests and workers; null where that is as usual
     */
    record Serving(Master master, @Nullable String policy) {

        /** What it does for the builder's requests, and what would change that. */
        String told() {
            if (!master.leased()) {
                return "%s has the builder, and its lease has run out: restart it"
                        .formatted(master.name());
            }
            if (master.drain() != null) {
                return "%s has the builder, and is drained: undrain it or start another"
                        .formatted(master.name());
            }
            if (master.hasNoUsableWorker()) {
                return "%s has the builder, and all of its workers are paused or in quarantine: unpause one"
                        .formatted(master.name());
            }
            return master.claims() == 0
                    ? "%s has the builder and holds no claim: it claims when a worker is there"
                            .formatted(master.name())
                    : "%s has the builder; claims that it holds: %d; it claims when a worker of the builder is free"
                            .formatted(master.name(), master.claims());
        }
    }

    private record Row(String builder, String master, @Nullable String policy) {}

    // The builders' masters first: of all masters, those that live are most.
    private static final String SERVING =
            """
            SELECT b.builder, b.master, b.policy
              FROM master_builder b STRAIGHT_JOIN master m ON m.name = b.master
             WHERE b.builder IN (:builders) AND m.state = 'live'
             ORDER BY b.builder, b.master
            """;

    // Each master once, however many builders it has.
    private static final String MASTERS =
            """
            SELECT m.name, m.drain, m.leased_until >= UTC_TIMESTAMP(6) AS leased,
                   (SELECT COUNT(*) FROM claim c WHERE c.master = m.name AND c.epoch = m.epoch) AS claims,
                   EXISTS (SELECT 1 FROM master_worker l WHERE l.master = m.name)
                     AND NOT EXISTS (SELECT 1
                                       FROM master_worker l LEFT JOIN worker w ON w.name = l.worker
                                      WHERE l.master = m.name
                                        AND w.paused_at IS NULL AND w.stop_requested_at IS NULL
                                        AND (w.quarantined_until IS NULL
                                             OR w.quarantined_until < UTC_TIMESTAMP(6))) AS has_no_usable_worker
              FROM master m
             WHERE m.name IN (:masters) AND m.state = 'live'
            """;

    private final JdbcClient jdbc;

    BuilderMasters(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Why the requests of a builder wait that no living master has. */
    static String none(String builder) {
        return "no living master has builder %s: start a builder master whose file has it"
                .formatted(builder);
    }

    /**
     * Of each of some builders its masters, by name; a builder that none has is left out. Two
     * statements, however many they are.
     */
    Map<String, List<Serving>> of(Collection<String> builders) {
        List<Row> rows =
                builders.isEmpty()
                        ? List.of()
                        : jdbc.sql(SERVING)
                                .param("builders", builders)
                                .query((row, _) ->
                                        new Row(
                                                row.getString("builder"),
                                                row.getString("master"),
                                                row.getString("policy")))
                                .list();
        TreeSet<String> names = new TreeSet<>();
        rows.forEach(row -> names.add(row.master()));
        Map<String, Master> masters = masters(names);
        Map<String, List<Serving>> serving = new HashMap<>();
        for (Row row : rows) {
            Master master = masters.get(row.master());
            // Its life may have ended meanwhile.
            if (master != null) {
                serving.computeIfAbsent(row.builder(), _ -> new ArrayList<>())
                        .add(new Serving(master, row.policy()));
            }
        }
        return serving;
    }

    /** Of each builder the names of the masters that may claim for it, if there are any. */
    static Map<String, Set<String>> claiming(Map<String, List<Serving>> serving) {
        Map<String, Set<String>> claiming = new HashMap<>();
        serving.forEach((builder, masters) ->
                masters.stream()
                        .filter(it -> it.master().mayClaim())
                        .forEach(it ->
                                claiming.computeIfAbsent(builder, _ -> new TreeSet<>())
                                        .add(it.master().name())));
        return claiming;
    }

    private Map<String, Master> masters(Collection<String> names) {
        Map<String, Master> masters = new HashMap<>();
        if (!names.isEmpty()) {
            jdbc.sql(MASTERS)
                    .param("masters", names)
                    .query(row -> {
                        masters.put(
                                row.getString("name"),
                                new Master(
                                        row.getString("name"),
                                        row.getString("drain"),
                                        row.getBoolean("leased"),
                                        row.getLong("claims"),
                                        row.getBoolean("has_no_usable_worker")));
                    });
        }
        return masters;
    }
}
