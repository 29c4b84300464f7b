package io.buildledger.auditing;

import io.buildledger.database.UtcColumn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Where in the log is what somebody or something had a part in, by the views; newest first, as far
 * as these have followed. Each question is answered by a key, however long the history is.
 */
final class AuditIndex {

    /** A claim of a request. */
    record Claim(long requestId, int attempt, Instant at) {}

    /** A request or a buildset. */
    record Item(long id, Instant at) {}

    /** An event. */
    record Place(String stream, long sequence, Instant at) {}

    // The keys are named, so that no statistics make the database read the table and sort it.
    private static final String CLAIMS_OF_MASTER =
            """
            SELECT request_id, attempt, claimed_at AS moment
              FROM build_view FORCE INDEX (build_view_master)
             WHERE master = :name
            """;

    private static final String CLAIMS_OF_WORKER =
            """
            SELECT request_id, attempt, claimed_at AS moment
              FROM build_view FORCE INDEX (build_view_worker)
             WHERE worker = :name
            """;

    // A master names its own worker without itself.
    private static final String CLAIMS_OF_LOCAL_WORKER =
            """
            SELECT request_id, attempt, claimed_at AS moment
              FROM build_view FORCE INDEX (build_view_local_worker)
             WHERE worker = :name AND master = :master
            """;

    private static final String REQUESTS_OF_BUILDER =
            """
            SELECT request_id AS id, submitted_at AS moment
              FROM request_view FORCE INDEX (request_view_builder)
             WHERE builder = :name
            """;

    private static final String ACTIONS_OF =
            """
            SELECT stream, sequence_number, recorded_at AS moment
              FROM action_view FORCE INDEX (action_view_actor)
             WHERE actor = :name
            """;

    private static final String BUILDSETS_OF_CHANGE =
            """
            SELECT change_buildset_view.buildset_id AS id, buildset_view.submitted_at AS moment
              FROM change_buildset_view
                   JOIN buildset_view ON buildset_view.buildset_id = change_buildset_view.buildset_id
             WHERE change_buildset_view.change_id = :change
             ORDER BY change_buildset_view.buildset_id DESC
            """;

    private static final String REQUEST_OF_LIVE =
            "SELECT request_id FROM claim WHERE builder = :builder AND build_number = :build";

    private static final String REQUEST_OF_BUILD =
            "SELECT request_id FROM build_view WHERE builder = :builder AND build_number = :build";

    private static final String SCHEDULERS = "SELECT name FROM scheduler_status ORDER BY name";

    private static final RowMapper<Claim> CLAIM =
            (row, _) ->
                    new Claim(
                            row.getLong("request_id"),
                            row.getInt("attempt"),
                            UtcColumn.read(row, "moment"));

    private static final RowMapper<Item> ITEM =
            (row, _) -> new Item(row.getLong("id"), UtcColumn.read(row, "moment"));

    private static final RowMapper<Place> PLACE =
            (row, _) ->
                    new Place(
                            row.getString("stream"),
                            row.getLong("sequence_number"),
                            UtcColumn.read(row, "moment"));

    private final JdbcClient jdbc;

    AuditIndex(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    List<Claim> claimsOfMaster(String master, Period period, int limit) {
        return newest(CLAIMS_OF_MASTER, "claimed_at", master, null, period, limit, CLAIM);
    }

    /**
     * @param worker {@code MASTER/NAME} for a local one
     */
    List<Claim> claimsOfWorker(String worker, Period period, int limit) {
        int slash = worker.indexOf('/');
        return slash < 0
                ? newest(CLAIMS_OF_WORKER, "claimed_at", worker, null, period, limit, CLAIM)
                : newest(
                        CLAIMS_OF_LOCAL_WORKER,
                        "claimed_at",
                        worker.substring(slash + 1),
                        worker.substring(0, slash),
                        period,
                        limit,
                        CLAIM);
    }

    List<Item> requestsOfBuilder(String builder, Period period, int limit) {
        return newest(REQUESTS_OF_BUILDER, "submitted_at", builder, null, period, limit, ITEM);
    }

    List<Place> actionsOf(String actor, Period period, int limit) {
        return newest(ACTIONS_OF, "recorded_at", actor, null, period, limit, PLACE);
    }

    private <T> List<T> newest(
            String select,
            String time,
            String name,
            @Nullable String master,
            Period period,
            int limit,
            RowMapper<T> rows) {
        List<String> conditions = new ArrayList<>();
        if (period.since() != null) {
            conditions.add("AND %s >= :since".formatted(time));
        }
        if (period.until() != null) {
            conditions.add("AND %s <= :until".formatted(time));
        }
        JdbcClient.StatementSpec statement =
                jdbc.sql(
                                "%s%s ORDER BY %s DESC LIMIT :limit"
                                        .formatted(select, String.join(" ", conditions), time))
                        .param("name", name)
                        .param("limit", limit);
        if (master != null) {
            statement = statement.param("master", master);
        }
        if (period.since() != null) {
            statement = statement.param("since", UtcColumn.of(period.since()));
        }
        if (period.until() != null) {
            statement = statement.param("until", UtcColumn.of(period.until()));
        }
        return statement.query(rows).list();
    }

    /** The buildsets that a change is in, of any time. */
    List<Item> buildsetsOfChange(long changeId) {
        return jdbc.sql(BUILDSETS_OF_CHANGE).param("change", changeId).query(ITEM).list();
    }

    /** The request that a build is or was for; of one that runs, whether or not a view shows it. */
    Optional<Long> requestOf(String builder, long buildNumber) {
        return requestOf(REQUEST_OF_LIVE, builder, buildNumber)
                .or(() -> requestOf(REQUEST_OF_BUILD, builder, buildNumber));
    }

    private Optional<Long> requestOf(String query, String builder, long buildNumber) {
        return jdbc.sql(query)
                .param("builder", builder)
                .param("build", buildNumber)
                .query(Long.class)
                .optional();
    }

    /** The names of all schedulers that ever did something. */
    List<String> schedulers() {
        return jdbc.sql(SCHEDULERS).query(String.class).list();
    }
}
