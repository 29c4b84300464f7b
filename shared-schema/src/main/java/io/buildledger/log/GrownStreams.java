package io.buildledger.log;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Tells which streams of the log have grown, for who shows what is made of them and then looks at
 * that anew. What a follower makes rows of is told of once the follower has read it, everything
 * else as soon as it is committed. Payloads are not read.
 *
 * <p>A stream that grows is told at least once; twice, where {@link Growth#upTo} had to stand still
 * meanwhile and somebody goes on from there. Not for several threads.
 */
public final class GrownStreams {

    /**
     * What has grown since the last look.
     *
     * @param upTo index of the event up to which all has been told
     */
    public record Growth(long upTo, Set<String> streams) {}

    private record Row(long index, String stream, String type) {}

    private static final int ROWS = 5_000;

    private static final String AFTER =
            """
            SELECT global_index, stream, type
              FROM event
             WHERE global_index > :after
             ORDER BY global_index
             LIMIT :limit
            """;

    private static final String THOSE =
            "SELECT global_index, stream, type FROM event WHERE global_index IN (:indexes)";

    private final JdbcClient jdbc;
    private final Supplier<LogPosition> follower;
    private final Set<String> ofNobody;

    /** Of events after {@link #upTo} that have been told. */
    private final Set<Long> told = new HashSet<>();

    /** Before {@link #upTo}, and not committed when the follower passed them. */
    private Set<Long> passedOver = Set.of();

    private long upTo;

    /**
     * @param follower how far the follower is
     * @param followed the events that it makes rows of
     * @param after index of the last event that is not to be told
     */
    public GrownStreams(
            JdbcClient jdbc, Supplier<LogPosition> follower, Set<Class<?>> followed, long after) {
        this.jdbc = jdbc;
        this.follower = follower;
        this.upTo = after;
        Set<String> names =
                new TreeSet<>(Upcasters.OF_THIS_PROGRAM.namesOf(EventNames.all()));
        names.removeAll(Upcasters.OF_THIS_PROGRAM.namesOf(followed));
        this.ofNobody = names;
    }

    /**
     * Looks once, by three statements at most.
     *
     * @throws org.springframework.dao.DataAccessException if the database fails; the next look
     *     tells what this one would have
     */
    public Growth look() {
        // Before the rows: those that it covers are there to be read then.
        LogPosition position = follower.get();
        Set<String> grown = new LinkedHashSet<>();
        Set<Long> late =
                passedOver.stream().filter(position::covers).collect(Collectors.toSet());
        if (!late.isEmpty()) {
            those(late).forEach(row -> grown.add(row.stream()));
        }
        List<Row> rows =
                jdbc.sql(AFTER)
                        .param("after", upTo)
                        .param("limit", ROWS)
                        .query((row, _) -> row(row))
                        .list();
        for (Row row : rows) {
            if ((position.covers(row.index()) || ofNobody.contains(row.type()))
                    && !told.contains(row.index())) {
                told.add(row.index());
                grown.add(row.stream());
            }
        }
        long last = rows.size() < ROWS ? position.index() : rows.getLast().index();
        upTo = Math.max(upTo, Math.min(last, position.index()));
        told.removeIf(index -> index <= upTo);
        passedOver =
                position.gaps().stream().filter(gap -> gap <= upTo).collect(Collectors.toSet());
        return new Growth(upTo, grown);
    }

    private List<Row> those(Collection<Long> indexes) {
        return jdbc.sql(THOSE).param("indexes", indexes).query((row, _) -> row(row)).list();
    }

    private static Row row(ResultSet row) throws SQLException {
        return new Row(row.getLong(1), row.getString(2), row.getString(3));
    }
}
