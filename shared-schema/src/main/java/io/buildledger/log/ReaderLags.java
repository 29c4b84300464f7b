package io.buildledger.log;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;

/**
 * How far readers are behind, by the positions that are kept in the database. What concerns nobody
 * is passed over in memory some seconds before that is kept, so a reader may seem to be behind by
 * as much. Three statements at most, however many readers there are.
 */
public final class ReaderLags {

    private static final String POSITIONS =
            """
            SELECT processor_name, token, token_type, owner
              FROM token
             WHERE processor_name IN (:names) AND segment = 0
            """;

    // What has an owner alone, such as the sealing, reads nothing.
    private static final String ALL_POSITIONS =
            """
            SELECT processor_name, token, token_type, owner
              FROM token
             WHERE segment = 0 AND token IS NOT NULL
            """;

    // One for each place: by a place that is read from elsewhere, both databases would go through
    // the log from its beginning.
    private static final String AGE_BEHIND =
            """
            (SELECT ? AS last_index, TIMESTAMPDIFF(MICROSECOND, recorded_at, UTC_TIMESTAMP(6)) AS age_micros
               FROM event
              WHERE global_index > ?
              ORDER BY global_index
              LIMIT 1)
            """;

    private record Place(String reader, long index, @Nullable String master) {

        private static Place of(ResultSet row) throws SQLException {
            String owner = row.getString("owner");
            return new Place(
                    row.getString("processor_name"),
                    LogPosition.of(row.getString("token"), row.getString("token_type")).index(),
                    owner == null ? null : owner.substring(0, owner.lastIndexOf('#')));
        }
    }

    private final EventLog log;
    private final JdbcClient jdbc;

    public ReaderLags(EventLog log, DataSource dataSource) {
        this.log = log;
        this.jdbc = JdbcClient.create(dataSource);
    }

    /** Of this process's followers, those that have begun to read, by any master. */
    public List<ReaderLag> all() {
        Set<String> readers = log.readers();
        return readers.isEmpty() ? List.of() : behind(jdbc.sql(POSITIONS).param("names", readers));
    }

    /**
     * Of all masters, whoever asks; also of those that were given up, whose position stays where
     * they ended.
     */
    public List<ReaderLag> ofCluster() {
        return behind(jdbc.sql(ALL_POSITIONS));
    }

    private List<ReaderLag> behind(StatementSpec positions) {
        List<Place> places = positions.query((row, _) -> Place.of(row)).list();
        // After the positions, so that nobody is ahead of it.
        long head = log.head();
        Map<Long, Duration> ages = ages(places.stream().map(Place::index).toList(), head);
        return places.stream()
                .map(place ->
                        new ReaderLag(
                                place.reader(),
                                Math.max(0, head - Math.max(0, place.index())),
                                ages.getOrDefault(place.index(), Duration.ZERO),
                                place.master()))
                .toList();
    }

    private Map<Long, Duration> ages(Iterable<Long> positions, long head) {
        Set<Long> behind = new TreeSet<>();
        positions.forEach(index -> {
            if (index < head) {
                behind.add(index);
            }
        });
        Map<Long, Duration> ages = new HashMap<>();
        if (!behind.isEmpty()) {
            jdbc.sql(String.join(" UNION ALL ", Collections.nCopies(behind.size(), AGE_BEHIND)))
                    .params(behind.stream().flatMap(place -> Stream.of(place, place)).toList())
                    .query(row -> {
                        ages.put(
                                row.getLong("last_index"),
                                Duration.of(
                                        Math.max(0, row.getLong("age_micros")), ChronoUnit.MICROS));
                    });
        }
        return ages;
    }
}
