package io.buildledger.viewing;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What was asked for because of changes: changes by builders. What it costs depends on how many
 * requests came of these changes, and not on how much there ever was.
 */
public final class ChangeGrid {

    /**
     * The newest request of a builder that came of a change.
     *
     * @param buildNumber of its last build; null if it has none
     * @param results null while it has none
     */
    public record Cell(
            long requestId,
            String builder,
            String state,
            @Nullable Long buildNumber,
            @Nullable String results) {

        /** How it is, in one word. */
        public String word() {
            return results == null ? state : results;
        }
    }

    private record Place(long changeId, Cell cell) {}

    /**
     * @param builders that were asked to build one of the changes, by name
     * @param rows of each change that something came of, by its id, what each builder made of it
     */
    public record Grid(SortedSet<String> builders, Map<Long, SortedMap<String, Cell>> rows) {

        /** The builders with which some change has failed. */
        public Set<String> red() {
            return rows.values().stream()
                    .flatMap(row -> row.values().stream())
                    .filter(cell -> RED.contains(cell.word()))
                    .map(Cell::builder)
                    .collect(Collectors.toSet());
        }

        /** What came of a change for a builder; null if nothing did. */
        public @Nullable Cell cell(long changeId, String builder) {
            SortedMap<String, Cell> row = rows.get(changeId);
            return row == null ? null : row.get(builder);
        }
    }

    private static final Set<String> RED = Set.of("FAILURE", "EXCEPTION");

    private static final String CELLS =
            """
            SELECT c.change_id, r.request_id, r.builder, r.state, r.build_number, r.results
              FROM change_buildset_view c
                   JOIN request_view r ON r.buildset_id = c.buildset_id
             WHERE c.change_id IN (:changes)
            """;

    private final JdbcClient jdbc;

    public ChangeGrid(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    public Grid of(Collection<Long> changeIds) {
        SortedSet<String> builders = new TreeSet<>();
        Map<Long, SortedMap<String, Cell>> rows = new HashMap<>();
        for (Place place : places(changeIds)) {
            builders.add(place.cell().builder());
            rows.computeIfAbsent(place.changeId(), _ -> new TreeMap<>())
                    .merge(place.cell().builder(), place.cell(), ChangeGrid::newer);
        }
        return new Grid(builders, rows);
    }

    private static Cell newer(Cell one, Cell other) {
        return one.requestId() > other.requestId() ? one : other;
    }

    private List<Place> places(Collection<Long> changeIds) {
        return changeIds.isEmpty()
                ? List.of()
                : jdbc.sql(CELLS).param("changes", changeIds).query((row, _) -> place(row)).list();
    }

    private static Place place(ResultSet row) throws SQLException {
        return new Place(
                row.getLong("change_id"),
                new Cell(
                        row.getLong("request_id"),
                        row.getString("builder"),
                        row.getString("state"),
                        row.getObject("build_number", Long.class),
                        row.getString("results")));
    }
}
