package io.buildledger.chaos;

import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What the database says of the cluster, to one that looks on. */
final class Ledger {

    /** The present life of a name. */
    record Life(long epoch, String state, long pid, boolean isLeased) {
        boolean isLive() {
            return state.equals("live");
        }
    }

    /** A request that has no end, and where it is. */
    record Open(long request, String where) {}

    private static final String LIFE =
            """
            SELECT epoch, state, pid, leased_until >= UTC_TIMESTAMP(6) AS is_leased
              FROM master WHERE name = :name
            """;

    private static final String HELD_BY =
            "SELECT COUNT(*) FROM claim WHERE master = :master AND epoch = :epoch";

    // Axon keeps a row of its own there.
    private static final String UNFOLLOWED =
            """
            SELECT COUNT(*)
              FROM token LEFT JOIN master ON CONCAT(master.name, '#', master.epoch) = token.owner
                                         AND master.state = 'live'
             WHERE token.processor_name NOT LIKE '\\_\\_%' AND master.name IS NULL
            """;

    private static final String OFFERS = "SELECT COUNT(*) FROM build_request_queue";

    private static final String MOST_OPEN =
            """
            SELECT COALESCE(MAX(open), 0)
              FROM (SELECT builder, COUNT(*) AS open
                      FROM (SELECT builder FROM build_request_queue
                             UNION ALL
                            SELECT builder FROM claim) AS requests
                     GROUP BY builder) AS builders
            """;

    private static final String CHANGES =
            "SELECT COUNT(*) FROM event WHERE type = 'change-received'";

    private static final String OPEN_REQUESTS =
            "SELECT (SELECT COUNT(*) FROM build_request_queue) + (SELECT COUNT(*) FROM claim)";

    private static final String SCHEDULER_HAS_BEGUN =
            "SELECT EXISTS (SELECT 1 FROM token WHERE processor_name LIKE 'scheduler/%')";

    private static final String REQUEST_NUMBERS =
            "SELECT COALESCE(MAX(next_number), 1) - 1 FROM number_sequence WHERE name = 'build-request'";

    private static final String REQUESTED =
            "SELECT COUNT(*) FROM event WHERE type = 'build-requested'";

    private static final String SHOWN_AS_ENDED =
            "SELECT COUNT(*) FROM request_view WHERE completed_at IS NOT NULL";

    private static final String OPEN =
            """
            SELECT request_id, 'on offer' AS place FROM build_request_queue
             UNION ALL
            SELECT request_id, CONCAT('claimed by ', master, '#', epoch) FROM claim
             ORDER BY request_id LIMIT 20
            """;

    private static final String LAST_INDEX = "SELECT COALESCE(MAX(global_index), 0) FROM event";

    private static final String LOST_SINCE =
            "SELECT COUNT(*) FROM event WHERE global_index > :index AND type = 'master-lost'";

    private static final String RELEASED_SINCE =
            "SELECT COUNT(*) FROM event WHERE global_index > :index AND type = 'build-request-released'";

    // In the order of the stream: what a life wrote to a request after others had taken its claim.
    private static final String WRITTEN_AFTER_RELEASE =
            """
            SELECT COUNT(*)
              FROM event AS released
                   JOIN event AS claimed ON claimed.stream = released.stream
                                        AND claimed.type = 'build-request-claimed'
                                        AND JSON_VALUE(claimed.payload, '$.attempt')
                                          = JSON_VALUE(released.payload, '$.attempt')
                   JOIN event AS late ON late.stream = released.stream
                                     AND late.sequence_number > released.sequence_number
             WHERE released.global_index > :index AND released.type = 'build-request-released'
               AND JSON_VALUE(released.metadata, '$.master') <> :master
               AND JSON_VALUE(claimed.metadata, '$.master') = :master
               AND JSON_VALUE(claimed.metadata, '$.epoch') = :epoch
               AND JSON_VALUE(late.metadata, '$.master') = :master
               AND JSON_VALUE(late.metadata, '$.epoch') = :epoch
            """;

    private static final String RECORDED_SINCE =
            """
            SELECT COUNT(*)
              FROM event
             WHERE global_index > :index AND type = :type
               AND JSON_VALUE(metadata, '$.master') = :master AND JSON_VALUE(metadata, '$.epoch') = :epoch
            """;

    private final JdbcClient jdbc;

    Ledger(DataSource dataSource) {
        this.jdbc = JdbcClient.create(dataSource);
    }

    JdbcClient jdbc() {
        return jdbc;
    }

    Optional<Life> life(String master) {
        return jdbc.sql(LIFE)
                .param("name", master)
                .query((row, _) ->
                        new Life(
                                row.getLong("epoch"),
                                row.getString("state"),
                                row.getLong("pid"),
                                row.getBoolean("is_leased")))
                .optional();
    }

    long heldBy(String master, long epoch) {
        return jdbc.sql(HELD_BY)
                .param("master", master)
                .param("epoch", epoch)
                .query(Long.class)
                .single();
    }

    /** How many followers of the log no living master has. */
    long unfollowed() {
        return jdbc.sql(UNFOLLOWED).query(Long.class).single();
    }

    long offers() {
        return jdbc.sql(OFFERS).query(Long.class).single();
    }

    /** How many requests of the builder that is farthest behind have no end yet. */
    long mostOpen() {
        return jdbc.sql(MOST_OPEN).query(Long.class).single();
    }

    long changes() {
        return jdbc.sql(CHANGES).query(Long.class).single();
    }

    /** How many requests have no end yet. */
    long openRequests() {
        return jdbc.sql(OPEN_REQUESTS).query(Long.class).single();
    }

    /** Whether the scheduler has its first place in the log. */
    boolean schedulerHasBegun() {
        return jdbc.sql(SCHEDULER_HAS_BEGUN).query(Boolean.class).single();
    }

    /** How many numbers of requests have been given out; a few may belong to none. */
    long requestNumbers() {
        return jdbc.sql(REQUEST_NUMBERS).query(Long.class).single();
    }

    long requested() {
        return jdbc.sql(REQUESTED).query(Long.class).single();
    }

    /** How many requests have ended by the views. */
    long shownAsEnded() {
        return jdbc.sql(SHOWN_AS_ENDED).query(Long.class).single();
    }

    List<Open> open() {
        return jdbc.sql(OPEN)
                .query((row, _) -> new Open(row.getLong("request_id"), row.getString("place")))
                .list();
    }

    long lastIndex() {
        return jdbc.sql(LAST_INDEX).query(Long.class).single();
    }

    long lostSince(long index) {
        return jdbc.sql(LOST_SINCE).param("index", index).query(Long.class).single();
    }

    /** How many attempts came to nothing. */
    long releasedSince(long index) {
        return jdbc.sql(RELEASED_SINCE).param("index", index).query(Long.class).single();
    }

    /** How many events a life has on requests after these were taken from it. */
    long writtenAfterRelease(String master, long epoch, long sinceIndex) {
        return jdbc.sql(WRITTEN_AFTER_RELEASE)
                .param("master", master)
                .param("epoch", Long.toString(epoch))
                .param("index", sinceIndex)
                .query(Long.class)
                .single();
    }

    /** How many builds a life has said that it threw away. */
    long dropped(String master, long epoch, long sinceIndex) {
        return recorded("build-dropped", master, epoch, sinceIndex);
    }

    /** How many requests a life has put back on offer. */
    long releasedBy(String master, long epoch, long sinceIndex) {
        return recorded("build-request-released", master, epoch, sinceIndex);
    }

    private long recorded(String type, String master, long epoch, long sinceIndex) {
        return jdbc.sql(RECORDED_SINCE)
                .param("type", type)
                .param("master", master)
                .param("epoch", Long.toString(epoch))
                .param("index", sinceIndex)
                .query(Long.class)
                .single();
    }
}
