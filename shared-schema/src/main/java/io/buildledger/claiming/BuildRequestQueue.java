package io.buildledger.claiming;

import io.buildledger.database.UtcColumn;
import io.buildledger.domain.choosing.NextBuild;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
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
     * @param queueTimeout how long it may wait from the offer on, or null for ever
     */
    public record Offer(
            long requestId,
            long buildsetId,
            String builder,
            int priority,
            Instant submittedAt,
            int attempts,
            long nextSequence,
            @Nullable Duration queueTimeout) {

        /** The same offer, to be claimed at another place of its stream. */
        Offer at(long sequence) {
            return new Offer(
                    requestId,
                    buildsetId,
                    builder,
                    priority,
                    submittedAt,
                    attempts,
                    sequence,
                    queueTimeout);
        }

        /** The one order of claims: highest priority, then first submitted, then lowest number. */
        static final Comparator<Offer> ORDER =
                Comparator.comparingInt(Offer::priority)
                        .reversed()
                        .thenComparing(Offer::submittedAt)
                        .thenComparingLong(Offer::requestId);
    }

    /**
     * Which offers of a builder are looked at.
     *
     * @param limit how many at most
     * @param next in which order they are looked at
     * @param after where to go on behind, in that order; null to begin with the first
     */
    record Glance(String builder, int limit, NextBuild next, @Nullable Offer after) {}

    private static final String OFFER =
            """
            INSERT INTO build_request_queue
                   (request_id, buildset_id, builder, priority, submitted_at, attempts, next_sequence,
                    queue_timeout_micros, expires_at)
            VALUES (:request, :buildset, :builder, :priority, :submittedAt, :attempts, :nextSequence,
                    :queueTimeout, UTC_TIMESTAMP(6) + INTERVAL :queueTimeout MICROSECOND)
            """;

    private static final String COLUMNS =
            "request_id, buildset_id, builder, priority, submitted_at, attempts, next_sequence, queue_timeout_micros";

    private static final String FIRST_OF_BUILDER =
            "(SELECT "
                    + COLUMNS
                    + """

                       FROM build_request_queue FORCE INDEX (build_request_offer)
                      WHERE builder = ?
                      ORDER BY builder, priority DESC, submitted_at, request_id
                      LIMIT ?\
                    """;

    private static final String LOOK = FIRST_OF_BUILDER + ")";

    private static final String TAKE = FIRST_OF_BUILDER + " FOR UPDATE SKIP LOCKED)";

    // The index backwards, for of one priority it is in the order of age. So there is no need of
    // another index, which each offer and each claim would have to write.
    private static final String NEWEST_OF_BUILDER =
            "(SELECT "
                    + COLUMNS
                    + """

                       FROM build_request_queue FORCE INDEX (build_request_offer)
                      WHERE builder = ?
                        AND priority = (SELECT top.priority
                                          FROM build_request_queue AS top FORCE INDEX (build_request_offer)
                                         WHERE top.builder = ?
                                         ORDER BY top.builder, top.priority DESC, top.submitted_at, top.request_id
                                         LIMIT 1)
                      ORDER BY submitted_at DESC, request_id DESC
                      LIMIT ?)\
                    """;

    // These two walk along what they leave out; the second sorts. They lock nothing.
    private static final String OF_BUILDER_AFTER =
            "(SELECT "
                    + COLUMNS
                    + """

                       FROM build_request_queue FORCE INDEX (build_request_offer)
                      WHERE builder = ?
                        AND (priority < ? OR priority = ? AND (submitted_at > ? OR submitted_at = ? AND request_id > ?))
                      ORDER BY builder, priority DESC, submitted_at, request_id
                      LIMIT ?)\
                    """;

    private static final String NEWEST_OF_BUILDER_AFTER =
            OF_BUILDER_AFTER
                    .replace("submitted_at > ?", "submitted_at < ?")
                    .replace("request_id > ?", "request_id < ?")
                    .replace("submitted_at, request_id", "submitted_at DESC, request_id DESC");

    private static final String TAKE_OF_NUMBER =
            "(SELECT "
                    + COLUMNS
                    + " FROM build_request_queue FORCE INDEX (PRIMARY) WHERE request_id = ? FOR UPDATE SKIP LOCKED)";

    private static final String TAKE_ONE =
            "SELECT "
                    + COLUMNS
                    + " FROM build_request_queue FORCE INDEX (PRIMARY) WHERE request_id = :request FOR UPDATE";

    private static final String TAKE_EXPIRED =
            "SELECT "
                    + COLUMNS
                    + """

                       FROM build_request_queue FORCE INDEX (build_request_expiry)
                      WHERE expires_at < UTC_TIMESTAMP(6)
                      ORDER BY expires_at
                      LIMIT :limit
                        FOR UPDATE SKIP LOCKED
                    """;

    // The join looks each key up. For a list of keys MySQL scans a short table, even with its index
    // forced, and would wait for rows that others have locked.
    private static final String REMOVE =
            """
            DELETE build_request_queue
              FROM JSON_TABLE(:requests, '$[*]' COLUMNS (id BIGINT PATH '$')) AS removed
                   STRAIGHT_JOIN build_request_queue ON build_request_queue.request_id = removed.id
            """;

    private static final String CHANGE_PRIORITY =
            """
            UPDATE build_request_queue SET priority = :priority, next_sequence = :nextSequence
             WHERE request_id = :request
            """;

    private static final String DEPTHS =
            """
            SELECT builder, COUNT(*) AS requests,
                   TIMESTAMPDIFF(MICROSECOND, MIN(submitted_at), UTC_TIMESTAMP(6)) AS oldest_micros
              FROM build_request_queue FORCE INDEX (build_request_offer)
             GROUP BY builder
            """;

    private final JdbcClient jdbc;
    private final NamedParameterJdbcTemplate batches;

    public BuildRequestQueue(DataSource dataSource) {
        this.jdbc = JdbcClient.create(dataSource);
        this.batches = new NamedParameterJdbcTemplate(dataSource);
    }

    /**
     * What waits for a builder.
     *
     * @param requests how many are on offer
     * @param oldest for how long the one that was submitted first has been waiting, at least 0
     */
    public record Depth(String builder, long requests, Duration oldest) {}

    /**
     * What waits for each builder for which something does, in one statement that reads an index of
     * the queue from one end to the other and locks nothing.
     */
    public List<Depth> depths() {
        return jdbc.sql(DEPTHS)
                .query((row, _) ->
                        new Depth(
                                row.getString("builder"),
                                row.getLong("requests"),
                                Duration.ofNanos(Math.max(0, row.getLong("oldest_micros")) * 1000)))
                .list();
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
                                        .addValue("nextSequence", offer.nextSequence())
                                        .addValue("queueTimeout", micros(offer.queueTimeout())))
                        .toArray(SqlParameterSource[]::new));
    }

    /**
     * Offers of some builders, in the order of claims. Nothing is locked, so that some may be
     * another master's already. Of those of which the newest are wanted from the first on, only
     * such are seen as have the highest priority that there is.
     */
    List<Offer> look(Collection<Glance> glances) {
        List<Object> parameters = new ArrayList<>();
        List<String> parts = new ArrayList<>();
        for (Glance glance : glances) {
            boolean isNewest = glance.next() == NextBuild.NEWEST_FIRST;
            Offer after = glance.after();
            parameters.add(glance.builder());
            if (after != null) {
                parts.add(isNewest ? NEWEST_OF_BUILDER_AFTER : OF_BUILDER_AFTER);
                parameters.add(after.priority());
                parameters.add(after.priority());
                parameters.add(UtcColumn.of(after.submittedAt()));
                parameters.add(UtcColumn.of(after.submittedAt()));
                parameters.add(after.requestId());
            } else if (isNewest) {
                parts.add(NEWEST_OF_BUILDER);
                parameters.add(glance.builder());
            } else {
                parts.add(LOOK);
            }
            parameters.add(glance.limit());
        }
        return union(parts, parameters);
    }

    /** Locks the offers of these numbers that are there and that nobody else has locked. */
    List<Offer> take(List<Long> requestIds) {
        return union(requestIds.stream().map(_ -> TAKE_OF_NUMBER).toList(), requestIds);
    }

    /**
     * Locks the first offers of some builders that nobody else has locked, and no others; in the
     * order of claims.
     *
     * @param counts how many of each builder at most
     */
    List<Offer> take(Map<String, Integer> counts) {
        List<Object> parameters = new ArrayList<>();
        counts.forEach((builder, count) -> {
            parameters.add(builder);
            parameters.add(count);
        });
        return union(counts.keySet().stream().map(_ -> TAKE).toList(), parameters);
    }

    private List<Offer> union(List<String> parts, List<?> parameters) {
        return parts.isEmpty()
                ? List.of()
                : jdbc
                        .sql(String.join(" UNION ALL ", parts))
                        .params(parameters)
                        .query((row, _) -> offer(row))
                        .list()
                        .stream()
                        .sorted(Offer.ORDER)
                        .toList();
    }

    /** Locks a request's offer, whoever has to be waited for; empty where it is not on offer. */
    Optional<Offer> take(long requestId) {
        return jdbc.sql(TAKE_ONE)
                .param("request", requestId)
                .query((row, _) -> offer(row))
                .optional();
    }

    /** Locks some of the offers that have waited too long and that nobody else has locked. */
    List<Offer> takeExpired(int limit) {
        return jdbc.sql(TAKE_EXPIRED).param("limit", limit).query((row, _) -> offer(row)).list();
    }

    private static Offer offer(ResultSet row) throws SQLException {
        return new Offer(
                row.getLong("request_id"),
                row.getLong("buildset_id"),
                row.getString("builder"),
                row.getInt("priority"),
                UtcColumn.read(row, "submitted_at"),
                row.getInt("attempts"),
                row.getLong("next_sequence"),
                duration(row, "queue_timeout_micros"));
    }

    static @Nullable Duration duration(ResultSet row, String column) throws SQLException {
        long micros = row.getLong(column);
        return row.wasNull() ? null : Duration.ofNanos(micros * 1000);
    }

    static @Nullable Long micros(@Nullable Duration duration) {
        return duration == null ? null : duration.toNanos() / 1000;
    }

    void remove(Collection<Long> requestIds) {
        if (!requestIds.isEmpty()) {
            // Numbers in brackets, as JSON has them too.
            jdbc.sql(REMOVE)
                    .param("requests", requestIds.stream().sorted().toList().toString())
                    .update();
        }
    }

    void changePriority(long requestId, int priority, long nextSequence) {
        jdbc.sql(CHANGE_PRIORITY)
                .param("request", requestId)
                .param("priority", priority)
                .param("nextSequence", nextSequence)
                .update();
    }
}
