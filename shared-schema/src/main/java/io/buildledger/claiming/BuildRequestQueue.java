package io.buildledger.claiming;

import io.buildledger.database.UtcColumn;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.namedparam.SqlParameterSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The unclaimed build requests: the outbox of the schedulers and the inbox of the builder masters.
 */
public final class BuildRequestQueue {

    /**
     * A request on offer.
     *
     * @param attempts how many claims of it came to nothing
     * @param nextSequence where on the request's stream a claim must be written
     */
    public record Offer(
            long requestId,
            long buildsetId,
            String builder,
            int priority,
            Instant submittedAt,
            int attempts,
            long nextSequence) {}

    private static final String OFFER =
            """
            INSERT INTO build_request_queue
                   (request_id, buildset_id, builder, priority, submitted_at, attempts, next_sequence)
            VALUES (:request, :buildset, :builder, :priority, :submittedAt, :attempts, :nextSequence)
            """;

    private static final String TAKE_FIRST =
            """
            SELECT request_id, buildset_id, builder, priority, submitted_at, attempts, next_sequence
              FROM build_request_queue FORCE INDEX (build_request_offer)
             WHERE builder = :builder
             ORDER BY builder, priority DESC, submitted_at, request_id
             LIMIT :limit
               FOR UPDATE SKIP LOCKED
            """;

    // One row each: MySQL scans a short table for a list of keys, even with its index forced, and
    // would wait for rows that others have locked.
    private static final String REMOVE =
            "DELETE FROM build_request_queue WHERE request_id = :request";

    private static final String WITH_WORK =
            """
            SELECT DISTINCT builder FROM build_request_queue WHERE builder IN (:builders)
            """;

    private final JdbcClient jdbc;
    private final NamedParameterJdbcTemplate batches;

    public BuildRequestQueue(DataSource dataSource) {
        this.jdbc = JdbcClient.create(dataSource);
        this.batches = new NamedParameterJdbcTemplate(dataSource);
    }

    void offer(List<Offer> offers) {
        batches.batchUpdate(
                OFFER,
                offers.stream()
                        .map(offer ->
                                new MapSqlParameterSource("request", offer.requestId())
                                        .addValue("buildset", offer.buildsetId())
                                        .addValue("builder", offer.builder())
                                        .addValue("priority", offer.priority())
                                        .addValue("submittedAt", UtcColumn.of(offer.submittedAt()))
                                        .addValue("attempts", offer.attempts())
                                        .addValue("nextSequence", offer.nextSequence()))
                        .toArray(SqlParameterSource[]::new));
    }

    /**
     * Locks the first offers for the builder that nobody else has locked; highest priority, then
     * oldest.
     */
    List<Offer> takeFirst(String builder, int limit) {
        return jdbc.sql(TAKE_FIRST)
                .param("builder", builder)
                .param("limit", limit)
                .query((row, _) -> offer(row))
                .list();
    }

    static Offer offer(ResultSet row) throws SQLException {
        return new Offer(
                row.getLong("request_id"),
                row.getLong("buildset_id"),
                row.getString("builder"),
                row.getInt("priority"),
                UtcColumn.read(row, "submitted_at"),
                row.getInt("attempts"),
                row.getLong("next_sequence"));
    }

    void remove(Collection<Long> requestIds) {
        batches.batchUpdate(
                REMOVE,
                requestIds.stream()
                        .map(id -> new MapSqlParameterSource("request", id))
                        .toArray(SqlParameterSource[]::new));
    }

    /**
     * Which of the builders have requests on offer; reads without locking, so some may be gone
     * already.
     */
    public Set<String> buildersWithWork(Collection<String> builders) {
        return builders.isEmpty()
                ? Set.of()
                : jdbc.sql(WITH_WORK).param("builders", builders).query(String.class).set();
    }
}
