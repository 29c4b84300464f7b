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
 * that anew. What a follower makes rows of is told of once the follower has read it, however far
 * behind it is, and everything else as soon as it is committed. Payloads are not read, and what a
 * look costs depends on what is new alone.
 *
 * <p>A stream that grows is told at least once to whoever begins where {@link Growth#upTo} of
 * another one has ended, and may be told again. Not for several threads.
 */
public final class GrownStreams {

    /**
     * What has grown since the last look.
     *
     * @param upTo index up to which every event has been told that there will ever be
     * @param newest whoever knows of all events up to this one need not be told of this growth
     */
    public record Growth(long upTo, long newest, Set<String> streams) {

        /** What has grown in this time and in the one that followed. */
        public Growth and(Growth later) {
            Set<String> both = new LinkedHashSet<>(streams);
            both.addAll(later.streams);
            return new Growth(later.upTo, Math.max(newest, later.newest), both);
        }
    }

    private record Row(long index, String stream, String type) {}

    /** More than this is told by the next look. */
    public static final int ROWS = 5_000;

    /** So many are remembered while the follower is behind; after that they are told again. */
    private static final int MOST_TOLD = 100_000;

    private static final String BETWEEN =
            """
            SELECT global_index, stream, type
              FROM event
             WHERE global_index > :after AND global_index <= :last
             ORDER BY global_index
             LIMIT :limit
            """;

    private static final String THOSE =
            "SELECT global_index, stream, type FROM event WHERE global_index IN (:indexes)";

    private final JdbcClient jdbc;
    private final Supplier<LogPosition> follower;
    private final Set<String> ofNobody;

    /** All up to here has been told that the follower has read. */
    private long read;

    /** All up to here has been looked at for what the follower does not make rows of. */
    private long seen;

    /** Of events after {@link #read} that have been told. */
    private final Set<Long> told = new HashSet<>();

    /** Up to {@link #read}, and not committed when the follower passed them. */
    private Set<Long> passedOver = Set.of();

    /** The last event seen that the follower makes rows of. */
    private long awaited;

    private boolean isBehind;

    /**
     * @param follower how far the follower is
     * @param followed the events that it makes rows of
     * @param after index of the last event that is not to be told
     */
    public GrownStreams(
            JdbcClient jdbc, Supplier<LogPosition> follower, Set<Class<?>> followed, long after) {
        this.jdbc = jdbc;
        this.follower = follower;
        this.read = after;
        this.seen = after;
        Set<String> names = new TreeSet<>(Upcasters.OF_THIS_PROGRAM.namesOf(EventNames.all()));
        names.removeAll(Upcasters.OF_THIS_PROGRAM.namesOf(followed));
        this.ofNobody = names;
    }

    /**
     * Looks once.
     *
     * @throws org.springframework.dao.DataAccessException if the database fails; the next look
     *     tells what this one would have
     */
    public Growth look() {
        // Before the rows: those that it covers are there to be read then.
        LogPosition position = follower.get();
        Set<Long> late = passedOver.stream().filter(position::covers).collect(Collectors.toSet());
        List<Row> filled = late.isEmpty() ? List.of() : those(late);
        List<Row> followed = position.index() > read ? between(read, position.index()) : List.of();
        List<Row> ahead = between(Math.max(seen, position.index()), Long.MAX_VALUE);

        Set<String> grown = new LinkedHashSet<>();
        long newest = -1;
        for (Row row : filled) {
            grown.add(row.stream());
            newest = Math.max(newest, row.index());
        }
        for (Row row : followed) {
            if (position.covers(row.index()) && !told.remove(row.index())) {
                grown.add(row.stream());
                newest = Math.max(newest, row.index());
            }
        }
        for (Row row : ahead) {
            if (ofNobody.contains(row.type())) {
                told.add(row.index());
                grown.add(row.stream());
                newest = Math.max(newest, row.index());
            } else {
                awaited = row.index();
            }
        }
        read =
                followed.size() == ROWS
                        ? followed.getLast().index()
                        : Math.max(read, position.index());
        seen = Math.max(seen, ahead.isEmpty() ? position.index() : ahead.getLast().index());
        isBehind = followed.size() == ROWS || ahead.size() == ROWS;
        told.removeIf(index -> index <= read);
        if (told.size() > MOST_TOLD) {
            told.clear();
        }
        passedOver = position.gaps().stream().filter(it -> it <= read).collect(Collectors.toSet());
        long upTo = Math.min(read, position.complete());
        return new Growth(upTo, Math.max(upTo, newest), grown);
    }

    /** Whether the last look ended before all was told, so that there should be no pause. */
    public boolean isBehind() {
        return isBehind;
    }

    /** Whether something is told only when the follower has read on. */
    public boolean isAwaiting() {
        return awaited > read;
    }

    private List<Row> between(long after, long last) {
        return jdbc.sql(BETWEEN)
                .param("after", after)
                .param("last", last)
                .param("limit", ROWS)
                .query((row, _) -> row(row))
                .list();
    }

    private List<Row> those(Collection<Long> indexes) {
        return jdbc.sql(THOSE).param("indexes", indexes).query((row, _) -> row(row)).list();
    }

    private static Row row(ResultSet row) throws SQLException {
        return new Row(row.getLong(1), row.getString(2), row.getString(3));
    }
}
