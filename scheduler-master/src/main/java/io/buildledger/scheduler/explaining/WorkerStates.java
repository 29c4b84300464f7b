package io.buildledger.scheduler.explaining;

import io.buildledger.domain.attaching.WorkerName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Whether any worker of a builder can build at the masters that have it. */
final class WorkerStates {

    /** More workers are counted alone. */
    private static final int NAMED = 3;

    /**
     * @param keeps what keeps it from building; null if nothing does
     * @param holder the master to which it is attached; null if to none, and of what never attaches
     */
    private record State(@Nullable String keeps, @Nullable String holder) {}

    private static final String STATES =
            """
            SELECT l.worker, w.paused_by,
                   CASE WHEN w.paused_at IS NOT NULL THEN 'paused'
                        WHEN w.stop_requested_at IS NOT NULL THEN 'stopping'
                        WHEN w.quarantined_until > UTC_TIMESTAMP(6) THEN 'quarantined'
                        WHEN l.attaches AND NOT l.latent
                             AND (w.master IS NULL OR w.detached_at IS NOT NULL OR holder.name IS NULL) THEN 'absent'
                        ELSE '' END AS state,
                   CASE WHEN l.attaches AND w.detached_at IS NULL THEN holder.name END AS holder
              FROM master_worker l
                   LEFT JOIN worker w ON w.name = l.worker
                   LEFT JOIN master holder ON holder.name = w.master AND holder.epoch = w.epoch
                                          AND holder.state = 'live'
             WHERE l.worker IN (:workers) AND l.master IN (:masters)
            """;

    private final JdbcClient jdbc;
    private final WorkersOfBuilders workers;

    WorkerStates(JdbcClient jdbc, WorkersOfBuilders workers) {
        this.jdbc = jdbc;
        this.workers = workers;
    }

    /**
     * Of builders none of whose workers can build, what keeps each from it; one whose workers this
     * master does not know is left out. One statement at most.
     *
     * @param masters those that may claim for each builder
     */
    Map<String, String> whatKeeps(Map<String, ? extends Collection<String>> masters) {
        Set<String> names =
                masters.entrySet().stream()
                        .flatMap(it -> candidates(it.getKey(), it.getValue()))
                        .collect(Collectors.toSet());
        if (names.isEmpty()) {
            return Map.of();
        }
        Map<String, State> states = new HashMap<>();
        jdbc.sql(STATES)
                .param("workers", names)
                .param(
                        "masters",
                        masters.values().stream()
                                .flatMap(Collection::stream)
                                .collect(Collectors.toSet()))
                .query(row -> {
                    states.put(row.getString("worker"), state(row));
                });
        Map<String, String> keeps = new HashMap<>();
        masters.forEach((builder, claiming) -> {
            List<String> told = told(builder, claiming, states);
            if (!told.isEmpty()) {
                keeps.put(builder, sentence(told));
            }
        });
        return keeps;
    }

    /** What the workers of a builder may be called in the cluster. */
    private Stream<String> candidates(String builder, Collection<String> masters) {
        return workers.of(builder).stream().flatMap(name -> candidatesOf(name, masters));
    }

    private static Stream<String> candidatesOf(String worker, Collection<String> masters) {
        return Stream.concat(
                Stream.of(worker),
                masters.stream().map(master -> WorkerName.of(false, master, worker)));
    }

    private static State state(ResultSet row) throws SQLException {
        String by = row.getString("paused_by");
        return new State(
                switch (row.getString("state")) {
                    case "paused" -> "is paused" + (by == null || by.isEmpty() ? "" : " by " + by);
                    case "stopping" -> "is told to stop";
                    case "quarantined" -> "is in quarantine";
                    case "absent" -> "is not attached";
                    default -> null;
                },
                row.getString("holder"));
    }

    /** Of each worker what keeps it; empty if one can build. */
    private List<String> told(
            String builder, Collection<String> masters, Map<String, State> states) {
        List<String> told = new ArrayList<>();
        for (String worker : workers.of(builder)) {
            List<String> known = candidatesOf(worker, masters).filter(states::containsKey).toList();
            for (String name : known) {
                State state = Objects.requireNonNull(states.get(name));
                String holder = state.holder();
                if (state.keeps() != null) {
                    told.add(name + " " + state.keeps());
                } else if (holder != null && !masters.contains(holder)) {
                    told.add("%s is attached to %s".formatted(name, holder));
                } else {
                    return List.of();
                }
            }
            if (known.isEmpty()) {
                told.add("%s is in no file of a master that may claim".formatted(worker));
            }
        }
        return told;
    }

    private static String sentence(List<String> told) {
        String named = String.join(", ", told.subList(0, Math.min(NAMED, told.size())));
        return "no worker of the builder can build: %s%s"
                .formatted(
                        named,
                        told.size() <= NAMED
                                ? ""
                                : ", and %d more can't either".formatted(told.size() - NAMED));
    }
}
