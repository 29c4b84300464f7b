package io.buildledger.locking;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Who has which lock at this moment, and who waits for it. It locks nothing. */
public final class LockListing {

    /**
     * A lock that somebody wants.
     *
     * @param lock its name, as in its stream
     * @param waiting in the order in which they come to it
     */
    public record Line(String lock, List<Place> holders, List<Place> waiting) {

        /** The lock's name, and who is before those that wait, for people. */
        String told() {
            return LockNames.shown(lock)
                    + holders.stream()
                            .map(holder -> "held by " + holder.told())
                            .collect(Collectors.joining(", ", holders.isEmpty() ? "" : ": ", ""));
        }
    }

    /**
     * One who holds a lock or waits for it.
     *
     * @param buildNumber null for a builder whose next request waits
     * @param requestId null for the same
     * @param step null for a whole build
     * @param mode exclusive or counting
     * @param master null for a builder whose next request waits
     */
    public record Place(
            String builder,
            @Nullable Long buildNumber,
            @Nullable Long requestId,
            @Nullable Integer step,
            String mode,
            int count,
            int maxCount,
            @Nullable String master) {

        private String told() {
            return "build %s/%s%s%s"
                    .formatted(
                            builder,
                            buildNumber,
                            step == null ? "" : ", step " + step,
                            master == null ? "" : " on master " + master);
        }
    }

    private record Row(String lock, boolean held, Place place) {}

    // A lock is not kept for a builder whose row here is left out; see LockTable.
    private static final String TICKETS =
            """
            SELECT lock_name, held, builder, build_number, request_id, step, mode, amount, max_count, master
              FROM lock_ticket
             WHERE lock_name > :after
               AND (expires_at IS NULL
                    OR expires_at >= UTC_TIMESTAMP(6)
                       AND EXISTS (SELECT 1 FROM build_request_queue
                                    WHERE build_request_queue.builder = lock_ticket.builder))
             ORDER BY lock_name, ticket
            """;

    private final JdbcClient jdbc;

    public LockListing(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** All locks that somebody holds or waits for, by their names. */
    public List<Line> lines() {
        return lines("");
    }

    /**
     * Some of them.
     *
     * @param after the name after which to go on; empty for the first
     */
    public List<Line> lines(String after) {
        Map<String, Line> lines = new LinkedHashMap<>();
        for (Row row :
                jdbc.sql(TICKETS).param("after", after).query((row, _) -> read(row)).list()) {
            Line line =
                    lines.computeIfAbsent(
                            row.lock(),
                            lock -> new Line(lock, new ArrayList<>(), new ArrayList<>()));
            (row.held() ? line.holders() : line.waiting()).add(row.place());
        }
        return List.copyOf(lines.values());
    }

    private static Row read(ResultSet row) throws SQLException {
        return new Row(
                row.getString("lock_name"),
                row.getBoolean("held"),
                new Place(
                        row.getString("builder"),
                        row.getObject("build_number", Long.class),
                        row.getObject("request_id", Long.class),
                        row.getObject("step", Integer.class),
                        row.getString("mode").toLowerCase(Locale.ROOT),
                        row.getInt("amount"),
                        row.getInt("max_count"),
                        row.getString("master")));
    }

    /** What the requests of a builder that are on offer wait for, one sentence for each lock. */
    public List<String> waitsOfBuilder(String builder) {
        return waitsOfBuilder(builder, lines());
    }

    /**
     * The same of several builders, by one statement; a builder that waits for no lock is left out.
     */
    public Map<String, List<String>> waitsOfBuilders(Collection<String> builders) {
        List<Line> lines = lines();
        Map<String, List<String>> waits = new HashMap<>();
        for (String builder : builders) {
            List<String> told = waitsOfBuilder(builder, lines);
            if (!told.isEmpty()) {
                waits.put(builder, told);
            }
        }
        return waits;
    }

    private static List<String> waitsOfBuilder(String builder, List<Line> lines) {
        return waits(
                lines,
                place -> place.requestId() == null && place.builder().equals(builder),
                "its builder waits for ");
    }

    /** What the steps of a request's build wait for, one sentence for each lock. */
    public List<String> waitsOfRequest(long requestId) {
        return waits(
                lines(),
                place -> place.requestId() != null && place.requestId() == requestId,
                "a step of it waits for ");
    }

    private static List<String> waits(List<Line> lines, Predicate<Place> which, String beginning) {
        return lines.stream()
                .filter(line -> line.waiting().stream().anyMatch(which))
                .map(line -> beginning + line.told() + ahead(line, which))
                .toList();
    }

    private static String ahead(Line line, Predicate<Place> which) {
        long ahead = line.waiting().stream().takeWhile(which.negate()).count();
        if (ahead == 0) {
            return line.holders().isEmpty() ? " (free, kept for it)" : "";
        }
        return "; %d ahead of it in the line".formatted(ahead);
    }
}
