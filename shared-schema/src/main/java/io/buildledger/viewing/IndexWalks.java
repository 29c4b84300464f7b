package io.buildledger.viewing;

import io.buildledger.database.UtcColumn;
import io.buildledger.viewing.Views.Build;
import io.buildledger.viewing.Views.Change;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;

/**
 * Rows of the views that only grow, each list along one index and in its order, so that it costs as
 * much as the rows that are asked for and not as many as there are.
 */
public final class IndexWalks {

    /** So many characters of each comment are read where there may be thousands of them. */
    public static final int COMMENT = 2000;

    /** Numbers from one to another, both in. */
    public record Numbers(long from, long to) {
        public static final Numbers ALL = new Numbers(0, Long.MAX_VALUE);
    }

    /** Times from one to another, both in. */
    public record Times(Instant from, Instant to) {
        public static final Times ALL =
                new Times(
                        Instant.parse("1000-01-01T00:00:00Z"),
                        Instant.parse("9999-12-31T23:59:59Z"));
    }

    /**
     * In which direction a list goes, and how far.
     *
     * @param newestFirst or else the oldest first
     * @param rows at most
     */
    public record Walk(boolean newestFirst, int rows) {

        private String direction() {
            return newestFirst ? "DESC" : "ASC";
        }
    }

    /**
     * @param state unclaimed, claimed, running or completed
     * @param master who holds the request or completed it
     * @param claimedAt when it was claimed last; null if it never was
     */
    public record Request(
            long requestId,
            long buildsetId,
            String builder,
            int priority,
            String state,
            @Nullable String master,
            @Nullable String results,
            Instant submittedAt,
            @Nullable Instant claimedAt,
            @Nullable Instant completedAt) {}

    public record Buildset(
            long buildsetId,
            String scheduler,
            String reason,
            Instant submittedAt,
            @Nullable String results,
            @Nullable Instant completedAt) {}

    /**
     * A source stamp of a buildset.
     *
     * @param number within its buildset, from 1
     * @param firstBuildset the first that is of a source stamp which says the same, with that one's
     *     number there, and when it was submitted
     */
    public record Stamp(
            long buildsetId,
            int number,
            String codebase,
            String repository,
            @Nullable String branch,
            @Nullable String revision,
            String project,
            boolean hasPatch,
            long firstBuildset,
            int firstNumber,
            Instant firstSubmittedAt) {}

    private static final String BUILD =
            """
            SELECT v.builder, v.build_number, v.request_id, v.attempt, v.master, v.epoch, v.worker, v.state, v.results,
                   v.summary, v.claimed_at, v.started_at, v.finished_at
            """;

    // The order of the index build_view_claimed.
    private static final String BUILDS =
            BUILD
                    + """
                      FROM build_view v
                     WHERE v.claimed_at BETWEEN :since AND :until
                     ORDER BY v.claimed_at %1$s, v.builder %1$s, v.build_number %1$s
                     LIMIT :rows
                    """;

    private static final String BUILDS_OF_BUILDER =
            BUILD
                    + """
                      FROM build_view v
                     WHERE v.builder = :builder AND v.build_number BETWEEN :from AND :to
                     ORDER BY v.build_number %1$s
                     LIMIT :rows
                    """;

    // The order of the index build_view_request.
    private static final String BUILDS_BY_REQUEST =
            BUILD
                    + """
                      FROM build_view v
                     WHERE v.request_id BETWEEN :from AND :to
                     ORDER BY v.request_id %1$s, v.attempt %1$s
                     LIMIT :rows
                    """;

    private static final String BUILDS_OF_REQUESTS =
            BUILD
                    + """
                      FROM build_view v
                     WHERE v.request_id IN (:requests)
                     ORDER BY v.request_id %1$s, v.attempt %1$s
                     LIMIT :rows
                    """;

    // The inner list first, in the order of the primary key of its first table.
    private static final String BUILDS_OF_CHANGE =
            BUILD
                    + """
                      FROM (SELECT r.request_id
                              FROM change_buildset_view c
                                   STRAIGHT_JOIN request_view r ON r.buildset_id = c.buildset_id
                             WHERE c.change_id = :change
                             ORDER BY c.buildset_id %1$s
                             LIMIT :rows) AS q
                           STRAIGHT_JOIN build_view v ON v.request_id = q.request_id
                     ORDER BY v.claimed_at %1$s, v.builder %1$s, v.build_number %1$s
                     LIMIT :rows
                    """;

    // The order of the index build_view_master.
    private static final String BUILDS_OF_MASTER =
            BUILD
                    + """
                      FROM build_view v
                     WHERE v.master = :master AND v.claimed_at BETWEEN :since AND :until
                     ORDER BY v.claimed_at %1$s, v.builder %1$s, v.build_number %1$s
                     LIMIT :rows
                    """;

    // The order of the index build_view_worker.
    private static final String BUILDS_ON_WORKER =
            BUILD
                    + """
                      FROM build_view v
                     WHERE v.worker = :worker AND v.claimed_at BETWEEN :since AND :until
                     ORDER BY v.claimed_at %1$s, v.builder %1$s, v.build_number %1$s
                     LIMIT :rows
                    """;

    // The order of the index build_view_local_worker.
    private static final String BUILDS_ON_LOCAL_WORKER =
            BUILD
                    + """
                      FROM build_view v
                     WHERE v.worker = :worker AND v.master = :master AND v.claimed_at BETWEEN :since AND :until
                     ORDER BY v.claimed_at %1$s, v.builder %1$s, v.build_number %1$s
                     LIMIT :rows
                    """;

    private static final String RUNNING =
            BUILD
                    + """
                      FROM claim c JOIN build_view v ON v.builder = c.builder AND v.build_number = c.build_number
                     WHERE v.state <> 'finished'
                     ORDER BY v.claimed_at %1$s, v.builder %1$s, v.build_number %1$s
                     LIMIT :rows
                    """;

    private static final String REQUEST =
            """
            SELECT r.request_id, r.buildset_id, r.builder, r.priority, r.state, r.master, r.results, r.submitted_at,
                   v.claimed_at, r.completed_at
            """;

    private static final String LAST_CLAIM =
            " LEFT JOIN build_view v ON v.request_id = r.request_id AND v.attempt = r.attempt ";

    private static final String REQUESTS =
            REQUEST
                    + "  FROM request_view r"
                    + LAST_CLAIM
                    + """
                     WHERE r.request_id BETWEEN :from AND :to
                     ORDER BY r.request_id %1$s
                     LIMIT :rows
                    """;

    private static final String REQUESTS_OF_IDS =
            REQUEST
                    + "  FROM request_view r"
                    + LAST_CLAIM
                    + """
                     WHERE r.request_id IN (:requests)
                     ORDER BY r.request_id %1$s
                     LIMIT :rows
                    """;

    // The order of the index request_view_builder.
    private static final String REQUESTS_OF_BUILDER =
            REQUEST
                    + "  FROM request_view r"
                    + LAST_CLAIM
                    + """
                     WHERE r.builder = :builder AND r.submitted_at BETWEEN :since AND :until
                     ORDER BY r.submitted_at %1$s, r.request_id %1$s
                     LIMIT :rows
                    """;

    private static final String REQUESTS_OF_BUILDSETS =
            REQUEST
                    + "  FROM request_view r"
                    + LAST_CLAIM
                    + """
                     WHERE r.buildset_id IN (:buildsets)
                     ORDER BY r.request_id %1$s
                     LIMIT :rows
                    """;

    // The inner list first: it is what an index gives, and the join then has few rows.
    private static final String WAITING =
            REQUEST
                    + """
                      FROM (SELECT request_id FROM build_request_queue
                             WHERE request_id BETWEEN :from AND :to
                             ORDER BY request_id %1$s LIMIT :rows) AS q
                           JOIN request_view r ON r.request_id = q.request_id
                    """
                    + LAST_CLAIM
                    + " ORDER BY r.request_id %1$s";

    // The order of the index build_request_offer, backwards for the newest first.
    private static final String WAITING_FOR =
            REQUEST
                    + """
                      FROM (SELECT request_id, priority, submitted_at
                              FROM build_request_queue FORCE INDEX (build_request_offer)
                             WHERE builder = :builder
                             ORDER BY builder %1$s, priority %2$s, submitted_at %1$s, request_id %1$s
                             LIMIT :rows) AS q
                           JOIN request_view r ON r.request_id = q.request_id
                    """
                    + LAST_CLAIM
                    + " ORDER BY q.priority %2$s, q.submitted_at %1$s, r.request_id %1$s";

    private static final String HELD =
            REQUEST
                    + """
                      FROM (SELECT request_id FROM claim
                             WHERE request_id BETWEEN :from AND :to
                             ORDER BY request_id %1$s LIMIT :rows) AS c
                           JOIN request_view r ON r.request_id = c.request_id
                    """
                    + LAST_CLAIM
                    + " ORDER BY r.request_id %1$s";

    private static final String BUILDSETS =
            """
            SELECT buildset_id, scheduler, reason, submitted_at, results, completed_at
              FROM buildset_view
             WHERE buildset_id BETWEEN :from AND :to
             ORDER BY buildset_id %1$s
             LIMIT :rows
            """;

    private static final String BUILDSETS_OF_IDS =
            """
            SELECT buildset_id, scheduler, reason, submitted_at, results, completed_at
              FROM buildset_view
             WHERE buildset_id IN (:buildsets)
             ORDER BY buildset_id %1$s
             LIMIT :rows
            """;

    private static final String OPEN_BUILDSETS =
            """
            SELECT b.buildset_id, b.scheduler, b.reason, b.submitted_at, b.results, b.completed_at
              FROM (SELECT buildset_id FROM buildset_progress
                     WHERE buildset_id BETWEEN :from AND :to
                     ORDER BY buildset_id %1$s LIMIT :rows) AS p
                   JOIN buildset_view b ON b.buildset_id = p.buildset_id
             ORDER BY b.buildset_id %1$s
            """;

    private static final String CHANGES =
            """
            SELECT change_id, repository, branch, revision, project, author, LEFT(comments, :characters) AS comments,
                   file_count, revlink, source, received_at
              FROM change_view
             WHERE change_id BETWEEN :from AND :to
             ORDER BY change_id %1$s
             LIMIT :rows
            """;

    // The index of source_stamp_view by id ends with the primary key, so that the first is its
    // first.
    private static final String STAMPS =
            """
            SELECT s.buildset_id, s.stamp_number, s.codebase, s.repository, s.branch, s.revision, s.project, s.has_patch,
                   s.first_buildset, b.submitted_at,
                   (SELECT MIN(n.stamp_number) FROM source_stamp_view n
                     WHERE n.source_stamp_id = s.source_stamp_id AND n.buildset_id = s.first_buildset) AS first_number
              FROM (SELECT stamp.*,
                           (SELECT f.buildset_id FROM source_stamp_view f
                             WHERE f.source_stamp_id = stamp.source_stamp_id
                             ORDER BY f.buildset_id
                             LIMIT 1) AS first_buildset
                      FROM source_stamp_view stamp
                     WHERE stamp.buildset_id IN (:buildsets)) AS s
                   JOIN buildset_view b ON b.buildset_id = s.first_buildset
             ORDER BY s.buildset_id, s.stamp_number
            """;

    private final JdbcClient jdbc;

    public IndexWalks(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Builds in the order in which they were claimed. */
    public List<Build> builds(Times claimed, Walk walk) {
        return builds(during(sql(BUILDS, walk), claimed));
    }

    /** Builds of a builder, by their numbers. */
    public List<Build> buildsOf(String builder, Numbers numbers, Walk walk) {
        return builds(between(sql(BUILDS_OF_BUILDER, walk).param("builder", builder), numbers));
    }

    /** Builds by the requests that they are for, and those of one request as they came. */
    public List<Build> buildsByRequest(Numbers requests, Walk walk) {
        return builds(between(sql(BUILDS_BY_REQUEST, walk), requests));
    }

    /** All builds of some requests, in the same order. */
    public List<Build> buildsOfRequests(Collection<Long> requests, Walk walk) {
        return requests.isEmpty()
                ? List.of()
                : builds(sql(BUILDS_OF_REQUESTS, walk).param("requests", requests));
    }

    /**
     * Builds of the requests of the buildsets that a change is in, of so many requests as rows are
     * asked for, in the order in which they were claimed.
     */
    public List<Build> buildsOfChange(long changeId, Walk walk) {
        return builds(sql(BUILDS_OF_CHANGE, walk).param("change", changeId));
    }

    /** Builds that a master had, in the order in which they were claimed. */
    public List<Build> buildsOfMaster(String master, Times claimed, Walk walk) {
        return builds(during(sql(BUILDS_OF_MASTER, walk).param("master", master), claimed));
    }

    /**
     * Builds on a worker, in the order in which they were claimed.
     *
     * @param master whose local worker it is, or null for one that attaches
     */
    public List<Build> buildsOn(String worker, @Nullable String master, Times claimed, Walk walk) {
        return builds(
                during(
                        master == null
                                ? sql(BUILDS_ON_WORKER, walk).param("worker", worker)
                                : sql(BUILDS_ON_LOCAL_WORKER, walk)
                                        .param("worker", worker)
                                        .param("master", master),
                        claimed));
    }

    /** Builds that are claimed or run, in the order in which they were claimed. */
    public List<Build> running(Walk walk) {
        return builds(sql(RUNNING, walk));
    }

    private static List<Build> builds(StatementSpec query) {
        return query.query((row, _) -> Views.build(row)).list();
    }

    /** Requests by their numbers. */
    public List<Request> requests(Numbers numbers, Walk walk) {
        return requests(between(sql(REQUESTS, walk), numbers));
    }

    /** Some requests by their numbers. */
    public List<Request> requestsOfIds(Collection<Long> requests, Walk walk) {
        return requests.isEmpty()
                ? List.of()
                : requests(sql(REQUESTS_OF_IDS, walk).param("requests", requests));
    }

    /** Requests for a builder, in the order in which they were submitted. */
    public List<Request> requestsOf(String builder, Times submitted, Walk walk) {
        return requests(
                during(sql(REQUESTS_OF_BUILDER, walk).param("builder", builder), submitted));
    }

    /** Requests of some buildsets, by their numbers. */
    public List<Request> requestsOfBuildsets(Collection<Long> buildsets, Walk walk) {
        return buildsets.isEmpty()
                ? List.of()
                : requests(sql(REQUESTS_OF_BUILDSETS, walk).param("buildsets", buildsets));
    }

    /** Requests that nobody has claimed, by their numbers. */
    public List<Request> waiting(Numbers numbers, Walk walk) {
        return requests(between(sql(WAITING, walk), numbers));
    }

    /** Requests for a builder that nobody has claimed, in the order in which they will be. */
    public List<Request> waitingFor(String builder, Walk walk) {
        return requests(
                jdbc.sql(
                                WAITING_FOR.formatted(
                                        walk.direction(), walk.newestFirst() ? "ASC" : "DESC"))
                        .param("rows", walk.rows())
                        .param("builder", builder));
    }

    /** Requests that somebody holds, by their numbers. */
    public List<Request> held(Numbers numbers, Walk walk) {
        return requests(between(sql(HELD, walk), numbers));
    }

    private static List<Request> requests(StatementSpec query) {
        return query.query((row, _) ->
                        new Request(
                                row.getLong("request_id"),
                                row.getLong("buildset_id"),
                                row.getString("builder"),
                                row.getInt("priority"),
                                row.getString("state"),
                                row.getString("master"),
                                row.getString("results"),
                                UtcColumn.read(row, "submitted_at"),
                                UtcColumn.readOrNull(row, "claimed_at"),
                                UtcColumn.readOrNull(row, "completed_at")))
                .list();
    }

    /** Buildsets by their numbers. */
    public List<Buildset> buildsets(Numbers numbers, Walk walk) {
        return between(sql(BUILDSETS, walk), numbers).query((row, _) -> buildset(row)).list();
    }

    /** Some buildsets by their numbers. */
    public List<Buildset> buildsetsOfIds(Collection<Long> buildsets, Walk walk) {
        return buildsets.isEmpty()
                ? List.of()
                : sql(BUILDSETS_OF_IDS, walk)
                        .param("buildsets", buildsets)
                        .query((row, _) -> buildset(row))
                        .list();
    }

    /** Buildsets of which some request is open, by their numbers. */
    public List<Buildset> openBuildsets(Numbers numbers, Walk walk) {
        return between(sql(OPEN_BUILDSETS, walk), numbers).query((row, _) -> buildset(row)).list();
    }

    private static Buildset buildset(ResultSet row) throws SQLException {
        return new Buildset(
                row.getLong("buildset_id"),
                row.getString("scheduler"),
                row.getString("reason"),
                UtcColumn.read(row, "submitted_at"),
                row.getString("results"),
                UtcColumn.readOrNull(row, "completed_at"));
    }

    /** Changes by their numbers, with the {@linkplain #COMMENT beginnings} of their comments. */
    public List<Change> changes(Numbers numbers, Walk walk) {
        return between(sql(CHANGES, walk).param("characters", COMMENT), numbers)
                .query((row, _) -> Views.change(row))
                .list();
    }

    /** The source stamps of some buildsets, in their order there. */
    public List<Stamp> stamps(Collection<Long> buildsets) {
        if (buildsets.isEmpty()) {
            return List.of();
        }
        return jdbc.sql(STAMPS)
                .params(Map.of("buildsets", buildsets))
                .query((row, _) ->
                        new Stamp(
                                row.getLong("buildset_id"),
                                row.getInt("stamp_number"),
                                row.getString("codebase"),
                                row.getString("repository"),
                                row.getString("branch"),
                                row.getString("revision"),
                                row.getString("project"),
                                row.getBoolean("has_patch"),
                                row.getLong("first_buildset"),
                                row.getInt("first_number"),
                                UtcColumn.read(row, "submitted_at")))
                .list();
    }

    private StatementSpec sql(String query, Walk walk) {
        return jdbc.sql(query.formatted(walk.direction())).param("rows", walk.rows());
    }

    private static StatementSpec between(StatementSpec query, Numbers numbers) {
        return query.param("from", numbers.from()).param("to", numbers.to());
    }

    private static StatementSpec during(StatementSpec query, Times times) {
        return query.param("since", UtcColumn.of(times.from()))
                .param("until", UtcColumn.of(times.to()));
    }
}
