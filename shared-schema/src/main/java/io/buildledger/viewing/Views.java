package io.buildledger.viewing;

import io.buildledger.attaching.WorkerStanding;
import io.buildledger.attaching.WorkerTable;
import io.buildledger.database.UtcColumn;
import io.buildledger.domain.attaching.WorkerName;
import io.buildledger.domain.attaching.WorkerState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;

/**
 * What people ask for: changes, requests, builds, masters and workers. The views follow the log at
 * a distance of a poll interval or so; masters, and how workers stand, are read as they are now.
 */
public final class Views {

    /**
     * No list is longer, whatever is asked for, but for one more where a list goes on from a place:
     * that tells that there is more.
     */
    public static final int MOST = 1000;

    public record Change(
            long changeId,
            String repository,
            @Nullable String branch,
            @Nullable String revision,
            String project,
            String author,
            String comments,
            int fileCount,
            @Nullable String revlink,
            String source,
            Instant receivedAt) {}

    /**
     * What a buildset is of in one codebase.
     *
     * @param id the same wherever the same is said
     */
    public record SourceStamp(
            String id,
            String codebase,
            String repository,
            @Nullable String branch,
            @Nullable String revision,
            String project,
            boolean hasPatch) {}

    /**
     * @param state unclaimed, claimed, running or completed
     * @param attempt how many claims there were so far, the present one included
     * @param master who holds the request or completed it
     * @param buildNumber of the present or the last build
     */
    public record Request(
            long requestId,
            long buildsetId,
            String builder,
            int priority,
            String state,
            int attempt,
            @Nullable String master,
            @Nullable Long buildNumber,
            @Nullable String results,
            String scheduler,
            String reason,
            String repository,
            @Nullable String branch,
            @Nullable String revision,
            Instant submittedAt,
            @Nullable Instant completedAt) {}

    /** A place among the requests on offer. */
    public record Offered(String builder, int priority, Instant submittedAt, long requestId) {}

    /**
     * @param state claimed, running or finished
     * @param results RETRY where the claim was released
     */
    public record Build(
            String builder,
            long buildNumber,
            long requestId,
            int attempt,
            String master,
            long epoch,
            String worker,
            String state,
            @Nullable String results,
            @Nullable String summary,
            Instant claimedAt,
            @Nullable Instant startedAt,
            @Nullable Instant finishedAt) {

        public boolean finished() {
            return state.equals("finished");
        }
    }

    /**
     * A file that a build has left behind.
     *
     * @param artifact its number within the build
     * @param store {@code disk} or {@code database}
     * @param location where the store has it
     */
    public record Artifact(
            int artifact,
            int step,
            String path,
            long size,
            String sha256,
            String store,
            String location,
            Instant storedAt) {}

    /**
     * @param state live, stopped or lost
     * @param leaseSeconds until its lease ends; negative once it has
     * @param claims requests that it holds
     * @param drain what this life was told about its end: {@code drain} (claims nothing more, and
     *     stops when its builds have ended), {@code stop} (the same, and can't be taken back),
     *     {@code now} (interrupts its builds and stops), or null
     */
    public record Master(
            String name,
            long epoch,
            String role,
            String state,
            String host,
            long pid,
            Instant startedAt,
            double leaseSeconds,
            long claims,
            @Nullable String drain) {}

    /**
     * A worker that some master has in its file.
     *
     * @param name {@code MASTER/NAME} for a local one
     * @param state in one word, what people want of it before what it does: stopping, paused,
     *     quarantined, missing (it was told of that it is away for too long), stopped (it was shut
     *     down because somebody wanted that), absent, busy or idle; of a latent one also starting,
     *     ending (it is taken down) and, in the place of absent, off
     * @param master that has it now, or null
     * @param since when it was attached to that one, or null
     * @param version of its software, when it was attached last
     * @param lastSeen now, if it is attached; null of a local one, and if it never was
     * @param maxBuilds how many builds at once
     * @param builds that run on it, as {@code BUILDER/NUMBER}
     * @param paused who wants it to rest, or null
     * @param stopping who wants it to end when its builds have, or null
     * @param quarantine until when it isn't used, or null
     * @param missingSince when it was told of as missing, or null
     */
    public record Worker(
            String name,
            boolean attaches,
            String state,
            @Nullable String master,
            @Nullable Instant since,
            @Nullable String version,
            @Nullable String system,
            @Nullable Instant lastSeen,
            int maxBuilds,
            List<String> builds,
            @Nullable Wish paused,
            @Nullable Wish stopping,
            @Nullable Quarantined quarantine,
            @Nullable Instant missingSince) {

        /** Why it is as its state says, in words; empty where there is nothing to say. */
        public String why() {
            return switch (state) {
                case "stopping" -> told(stopping);
                case "paused" -> told(paused);
                case "quarantined" -> quarantine == null ? "" : quarantine.reason();
                default -> "";
            };
        }

        private static String told(@Nullable Wish wish) {
            if (wish == null) {
                return "";
            }
            return wish.reason().isEmpty()
                    ? "by " + wish.requestedBy()
                    : "by %s: %s".formatted(wish.requestedBy(), wish.reason());
        }
    }

    /** What somebody wants of a worker. */
    public record Wish(String requestedBy, String reason, Instant since) {}

    /**
     * @param failures how many builds in a row came to nothing because of the worker
     */
    public record Quarantined(Instant until, int failures, String reason) {}

    private static final String SOURCE_STAMPS =
            """
            SELECT source_stamp_id, codebase, repository, branch, revision, project, has_patch
              FROM source_stamp_view
            """;

    private static final String BUILDSETS_OF =
            """
            SELECT buildset_id FROM source_stamp_view
             WHERE source_stamp_id = :id AND buildset_id < :before
             ORDER BY source_stamp_id DESC, buildset_id DESC
             LIMIT :limit
            """;

    private static final String CHANGES =
            """
            SELECT change_id, repository, branch, revision, project, author, comments, file_count, revlink, source,
                   received_at
              FROM change_view
             WHERE change_id < :before
             ORDER BY change_id DESC
             LIMIT :limit
            """;

    private static final String CHANGE =
            """
            SELECT change_id, repository, branch, revision, project, author, comments, file_count, revlink, source,
                   received_at
              FROM change_view
             WHERE change_id = :change
            """;

    private static final String CHANGES_OF_IDS =
            """
            SELECT change_id, repository, branch, revision, project, author, comments, file_count, revlink, source,
                   received_at
              FROM change_view
             WHERE change_id IN (:changes)
             ORDER BY change_id DESC
            """;

    private static final String CHANGES_OF_REVISION =
            """
            SELECT change_id, repository, branch, revision, project, author, comments, file_count, revlink, source,
                   received_at
              FROM change_view
             WHERE revision LIKE :revision
             ORDER BY change_id DESC
             LIMIT :limit
            """;

    // Left joins: a buildset may have more requests than fit into the batch that brings it.
    private static final String REQUESTS =
            """
            SELECT r.request_id, r.buildset_id, r.builder, r.priority, r.state, r.attempt, r.master, r.build_number,
                   r.results, r.submitted_at, r.completed_at, COALESCE(b.scheduler, '') AS scheduler,
                   COALESCE(b.reason, '') AS reason, COALESCE(b.repository, '') AS repository, b.branch, b.revision
              FROM request_view r LEFT JOIN buildset_view b ON b.buildset_id = r.buildset_id
             WHERE r.request_id < :before
             ORDER BY r.request_id DESC
             LIMIT :limit
            """;

    // The queue's index gives the first of a builder without a sort. What the views don't show yet
    // is
    // left out before it is counted, else a list would end where it has not.
    private static final String ON_OFFER =
            """
            SELECT r.request_id, r.buildset_id, r.builder, q.priority, r.state, r.attempt, r.master, r.build_number,
                   r.results, r.submitted_at, r.completed_at, COALESCE(b.scheduler, '') AS scheduler,
                   COALESCE(b.reason, '') AS reason, COALESCE(b.repository, '') AS repository, b.branch, b.revision
              FROM (SELECT o.request_id, o.priority
                      FROM build_request_queue o FORCE INDEX (build_request_offer)
                           STRAIGHT_JOIN request_view v ON v.request_id = o.request_id
                     WHERE o.builder = :builder%s
                     ORDER BY o.builder, o.priority DESC, o.submitted_at, o.request_id
                     LIMIT :limit) AS q
                   JOIN request_view r ON r.request_id = q.request_id
                   LEFT JOIN buildset_view b ON b.buildset_id = r.buildset_id
             ORDER BY q.priority DESC, r.submitted_at, r.request_id
            """;

    // Written out, so that each of the three is a range of the index.
    private static final String ON_OFFER_AFTER =
            ON_OFFER.formatted(
                    """
                     AND (o.priority < :priority
                               OR (o.priority = :priority AND o.submitted_at > :submittedAt)
                               OR (o.priority = :priority AND o.submitted_at = :submittedAt AND o.request_id > :request))\
                    """);

    private static final String FIRST_ON_OFFER = ON_OFFER.formatted("");

    private static final String REQUEST =
            """
            SELECT r.request_id, r.buildset_id, r.builder, r.priority, r.state, r.attempt, r.master, r.build_number,
                   r.results, r.submitted_at, r.completed_at, COALESCE(b.scheduler, '') AS scheduler,
                   COALESCE(b.reason, '') AS reason, COALESCE(b.repository, '') AS repository, b.branch, b.revision
              FROM request_view r LEFT JOIN buildset_view b ON b.buildset_id = r.buildset_id
             WHERE r.request_id = :request
            """;

    // The order of the index build_view_claimed, whose rows end with the primary key. For some
    // hundreds of them MySQL would rather read the whole of a table that is not long yet.
    private static final String BUILDS =
            """
            SELECT builder, build_number, request_id, attempt, master, epoch, worker, state, results, summary,
                   claimed_at, started_at, finished_at
              FROM build_view FORCE INDEX (build_view_claimed)
             ORDER BY claimed_at DESC, builder DESC, build_number DESC
             LIMIT :limit
            """;

    private static final String BUILDS_BEFORE =
            """
            SELECT builder, build_number, request_id, attempt, master, epoch, worker, state, results, summary,
                   claimed_at, started_at, finished_at
              FROM build_view FORCE INDEX (build_view_claimed)
             WHERE claimed_at <= :at
               AND (claimed_at < :at OR builder < :builder OR (builder = :builder AND build_number < :build))
             ORDER BY claimed_at DESC, builder DESC, build_number DESC
             LIMIT :limit
            """;

    private static final String BUILD =
            """
            SELECT builder, build_number, request_id, attempt, master, epoch, worker, state, results, summary,
                   claimed_at, started_at, finished_at
              FROM build_view
             WHERE builder = :builder AND build_number = :build
            """;

    private static final String BUILDS_OF =
            """
            SELECT builder, build_number, request_id, attempt, master, epoch, worker, state, results, summary,
                   claimed_at, started_at, finished_at
              FROM build_view
             WHERE builder = :builder AND build_number < :before
             ORDER BY build_number DESC
             LIMIT :limit
            """;

    private static final String REQUEST_OF_BUILD =
            "SELECT request_id FROM build_view WHERE builder = :builder AND build_number = :build";

    // Of those at one path only the newest is there.
    private static final String ARTIFACTS =
            """
            SELECT artifact, step, path, size, sha256, store, location, stored_at
              FROM artifact_view a
             WHERE builder = :builder AND build_number = :build
               AND NOT EXISTS (SELECT 1 FROM artifact_view later
                                WHERE later.builder = a.builder AND later.build_number = a.build_number
                                  AND later.path = a.path AND later.artifact > a.artifact)
            """;

    private static final String ARTIFACTS_AFTER =
            ARTIFACTS + " AND artifact > :after ORDER BY artifact LIMIT :limit";

    private static final String ARTIFACT_OF_PATH = ARTIFACTS + " AND path = :path";

    private static final String MASTER =
            """
            SELECT name, epoch, role, state, host, pid, started_at, drain,
                   TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6), leased_until) / 1e6 AS lease_seconds,
                   (SELECT COUNT(*) FROM claim WHERE claim.master = master.name AND claim.epoch = master.epoch)
                       AS claims
              FROM master
            """;

    private static final String MASTERS =
            MASTER + " WHERE name > :after ORDER BY name LIMIT :limit";

    private static final String MASTER_OF_NAME = MASTER + " WHERE name = :name";

    // Local workers of masters that are gone are gone with them.
    private static final String WORKER =
            """
            SELECT listed.worker, listed.attaches, listed.latent, listed.max_builds, listed.local_to, worker.*,
                   UTC_TIMESTAMP(6) AS moment,
                   COALESCE(worker.detached_at, LEAST(holder.leased_until, UTC_TIMESTAMP(6)), worker.attached_at)
                       AS seen_at,
                   worker.master IS NOT NULL AND worker.detached_at IS NULL AND holder.state = 'live' AS attached,
                   worker.machine IN ('starting', 'ending') AND hand.state = 'live' AS in_hand
              FROM (SELECT master_worker.worker, MAX(attaches) AS attaches, MAX(latent) AS latent,
                           MIN(max_builds) AS max_builds,
                           MIN(master_worker.master) AS local_to
                      FROM master_worker JOIN master ON master.name = master_worker.master
                     WHERE master_worker.attaches OR master.state = 'live'
                     GROUP BY master_worker.worker) AS listed
                   LEFT JOIN worker ON worker.name = listed.worker
                   LEFT JOIN master AS holder ON holder.name = worker.master AND holder.epoch = worker.epoch
                   LEFT JOIN master AS hand ON hand.name = worker.machine_master
                                           AND hand.epoch = worker.machine_epoch
            """;

    private static final String WORKERS =
            WORKER + " WHERE listed.worker > :after ORDER BY listed.worker LIMIT :limit";

    private static final String WORKER_OF_NAME = WORKER + " WHERE listed.worker = :name";

    private static final String BUILDS_ON_WORKERS =
            """
            SELECT build_view.builder, build_view.build_number, build_view.worker, build_view.master
              FROM claim JOIN build_view ON build_view.builder = claim.builder
                                        AND build_view.build_number = claim.build_number
             ORDER BY build_view.builder, build_view.build_number
            """;

    private static final String HAS_ACTED =
            "SELECT EXISTS (SELECT 1 FROM action_view WHERE actor = :actor)";

    private static final String NOW = "SELECT UTC_TIMESTAMP(6) AS now";

    private static final String HEAD = "SELECT COALESCE(MAX(global_index), 0) FROM event";

    private final JdbcClient jdbc;

    public Views(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** The newest changes, the last first. */
    public List<Change> changes(int limit) {
        return changes(Long.MAX_VALUE, limit);
    }

    /**
     * The newest changes before one, the last first.
     *
     * @param before of those with lower ids alone
     */
    public List<Change> changes(long before, int limit) {
        return jdbc.sql(CHANGES)
                .param("before", before)
                .param("limit", bounded(limit))
                .query((row, _) -> change(row))
                .list();
    }

    public Optional<Change> change(long changeId) {
        return jdbc.sql(CHANGE).param("change", changeId).query((row, _) -> change(row)).optional();
    }

    /** Those of some changes that the views have, the last first. */
    public List<Change> changes(Collection<Long> changeIds) {
        return changeIds.isEmpty()
                ? List.of()
                : jdbc.sql(CHANGES_OF_IDS)
                        .param("changes", changeIds)
                        .query((row, _) -> change(row))
                        .list();
    }

    /** The changes whose revisions begin with a text, the last first. */
    public List<Change> changesOfRevision(String beginning, int limit) {
        return jdbc.sql(CHANGES_OF_REVISION)
                .param("revision", beginning.replaceAll("[\\\\%_]", "\\\\$0") + "%")
                .param("limit", bounded(limit))
                .query((row, _) -> change(row))
                .list();
    }

    static Change change(ResultSet row) throws SQLException {
        return new Change(
                row.getLong("change_id"),
                row.getString("repository"),
                row.getString("branch"),
                row.getString("revision"),
                row.getString("project"),
                row.getString("author"),
                row.getString("comments"),
                row.getInt("file_count"),
                row.getString("revlink"),
                row.getString("source"),
                UtcColumn.read(row, "received_at"));
    }

    /** The newest requests, the last first. */
    public List<Request> requests(int limit) {
        return requests(Long.MAX_VALUE, limit);
    }

    /**
     * The newest requests before one, the last first.
     *
     * @param before of those with lower ids alone
     */
    public List<Request> requests(long before, int limit) {
        return jdbc.sql(REQUESTS)
                .param("before", before)
                .param("limit", bounded(limit))
                .query((row, _) -> request(row))
                .list();
    }

    /** The requests that wait for a claim, by builder, each builder's in the order of claims. */
    public List<Request> requestsOnOffer(List<String> builders, int limit) {
        return requestsOnOffer(builders, null, limit);
    }

    /**
     * The same, from a place on.
     *
     * @param builders in the order of their names
     * @param after of those that come after this place alone; null for the first
     */
    public List<Request> requestsOnOffer(
            List<String> builders, @Nullable Offered after, int limit) {
        return builders.stream()
                .filter(builder -> after == null || builder.compareTo(after.builder()) >= 0)
                .flatMap(builder ->
                        onOffer(
                                builder,
                                after != null && builder.equals(after.builder()) ? after : null,
                                limit)
                                .stream())
                .limit(bounded(limit))
                .toList();
    }

    private List<Request> onOffer(String builder, @Nullable Offered after, int limit) {
        StatementSpec statement =
                after == null
                        ? jdbc.sql(FIRST_ON_OFFER)
                        : jdbc.sql(ON_OFFER_AFTER)
                                .param("priority", after.priority())
                                .param("submittedAt", UtcColumn.of(after.submittedAt()))
                                .param("request", after.requestId());
        return statement
                .param("builder", builder)
                .param("limit", bounded(limit))
                .query((row, _) -> request(row))
                .list();
    }

    public Optional<Request> request(long requestId) {
        return jdbc.sql(REQUEST)
                .param("request", requestId)
                .query((row, _) -> request(row))
                .optional();
    }

    private static Request request(ResultSet row) throws SQLException {
        return new Request(
                row.getLong("request_id"),
                row.getLong("buildset_id"),
                row.getString("builder"),
                row.getInt("priority"),
                row.getString("state"),
                row.getInt("attempt"),
                row.getString("master"),
                row.getObject("build_number", Long.class),
                row.getString("results"),
                row.getString("scheduler"),
                row.getString("reason"),
                row.getString("repository"),
                row.getString("branch"),
                row.getString("revision"),
                UtcColumn.read(row, "submitted_at"),
                UtcColumn.readOrNull(row, "completed_at"));
    }

    /** The source stamps of a buildset, in its order; empty if the views have no such buildset. */
    public List<SourceStamp> sourceStamps(long buildsetId) {
        return jdbc.sql(SOURCE_STAMPS + " WHERE buildset_id = :buildset ORDER BY stamp_number")
                .param("buildset", buildsetId)
                .query((row, _) -> sourceStamp(row))
                .list();
    }

    /** Empty, too, for what can't be an id. */
    public Optional<SourceStamp> sourceStamp(String id) {
        if (!SourceStampId.hasForm(id)) {
            // MySQL would refuse to compare it with an id if it is not ASCII.
            return Optional.empty();
        }
        return jdbc.sql(SOURCE_STAMPS + " WHERE source_stamp_id = :id LIMIT 1")
                .param("id", id)
                .query((row, _) -> sourceStamp(row))
                .optional();
    }

    /**
     * Numbers of the buildsets that are of a source stamp, newest first.
     *
     * @param before of those with lower numbers alone
     */
    public List<Long> buildsetsOf(String sourceStampId, long before, int limit) {
        return jdbc.sql(BUILDSETS_OF)
                .param("id", sourceStampId)
                .param("before", before)
                .param("limit", bounded(limit))
                .query(Long.class)
                .list();
    }

    private static SourceStamp sourceStamp(ResultSet row) throws SQLException {
        return new SourceStamp(
                row.getString("source_stamp_id"),
                row.getString("codebase"),
                row.getString("repository"),
                row.getString("branch"),
                row.getString("revision"),
                row.getString("project"),
                row.getBoolean("has_patch"));
    }

    public List<Build> builds(int limit) {
        return jdbc.sql(BUILDS).param("limit", bounded(limit)).query((row, _) -> build(row)).list();
    }

    /** The builds that were claimed before one, the newest first. */
    public List<Build> buildsBefore(Build build, int limit) {
        return jdbc.sql(BUILDS_BEFORE)
                .param("at", UtcColumn.of(build.claimedAt()))
                .param("builder", build.builder())
                .param("build", build.buildNumber())
                .param("limit", bounded(limit))
                .query((row, _) -> build(row))
                .list();
    }

    /** The builds of a builder whose numbers are below one, the newest first. */
    public List<Build> builds(String builder, long before, int limit) {
        return jdbc.sql(BUILDS_OF)
                .param("builder", builder)
                .param("before", before)
                .param("limit", bounded(limit))
                .query((row, _) -> build(row))
                .list();
    }

    public Optional<Build> build(String builder, long buildNumber) {
        return jdbc.sql(BUILD)
                .param("builder", builder)
                .param("build", buildNumber)
                .query((row, _) -> build(row))
                .optional();
    }

    /** The request that a build is or was for. */
    public Optional<Long> requestOf(String builder, long buildNumber) {
        return jdbc.sql(REQUEST_OF_BUILD)
                .param("builder", builder)
                .param("build", buildNumber)
                .query(Long.class)
                .optional();
    }

    static Build build(ResultSet row) throws SQLException {
        return new Build(
                row.getString("builder"),
                row.getLong("build_number"),
                row.getLong("request_id"),
                row.getInt("attempt"),
                row.getString("master"),
                row.getLong("epoch"),
                row.getString("worker"),
                row.getString("state"),
                row.getString("results"),
                row.getString("summary"),
                UtcColumn.read(row, "claimed_at"),
                UtcColumn.readOrNull(row, "started_at"),
                UtcColumn.readOrNull(row, "finished_at"));
    }

    /**
     * Files that a build has left behind, in the order in which it did.
     *
     * @param after number of the artifact after which to go on, or 0
     */
    public List<Artifact> artifacts(String builder, long buildNumber, int after, int limit) {
        return jdbc.sql(ARTIFACTS_AFTER)
                .param("builder", builder)
                .param("build", buildNumber)
                .param("after", after)
                .param("limit", bounded(limit))
                .query((row, _) -> artifact(row))
                .list();
    }

    public Optional<Artifact> artifact(String builder, long buildNumber, String path) {
        return jdbc.sql(ARTIFACT_OF_PATH)
                .param("builder", builder)
                .param("build", buildNumber)
                .param("path", path)
                .query((row, _) -> artifact(row))
                .optional();
    }

    private static Artifact artifact(ResultSet row) throws SQLException {
        return new Artifact(
                row.getInt("artifact"),
                row.getInt("step"),
                row.getString("path"),
                row.getLong("size"),
                row.getString("sha256"),
                row.getString("store"),
                row.getString("location"),
                UtcColumn.read(row, "stored_at"));
    }

    /** Whether somebody of exactly this name has had a part in anything. */
    public boolean hasActed(String actor) {
        return jdbc.sql(HAS_ACTED).param("actor", actor).query(Boolean.class).single();
    }

    /** The masters that ever were, by name. */
    public List<Master> masters() {
        return masters("", MOST);
    }

    /**
     * Some of them.
     *
     * @param after the name after which to go on; empty for the first
     */
    public List<Master> masters(String after, int limit) {
        return jdbc.sql(MASTERS)
                .param("after", after)
                .param("limit", bounded(limit))
                .query((row, _) -> master(row))
                .list();
    }

    /** The present or last life of a master. */
    public Optional<Master> master(String name) {
        return jdbc.sql(MASTER_OF_NAME)
                .param("name", name)
                .query((row, _) -> master(row))
                .optional();
    }

    private static Master master(ResultSet row) throws SQLException {
        return new Master(
                row.getString("name"),
                row.getLong("epoch"),
                row.getString("role"),
                row.getString("state"),
                row.getString("host"),
                row.getLong("pid"),
                UtcColumn.read(row, "started_at"),
                row.getDouble("lease_seconds"),
                row.getLong("claims"),
                row.getString("drain"));
    }

    /** The workers that masters have in their files, by name. */
    public List<Worker> workers(int limit) {
        return workers("", limit);
    }

    /**
     * Some of them.
     *
     * @param after the name after which to go on; empty for the first
     */
    public List<Worker> workers(String after, int limit) {
        Map<String, List<String>> builds = buildsOnWorkers();
        return jdbc.sql(WORKERS)
                .param("after", after)
                .param("limit", bounded(limit))
                .query((row, _) -> worker(row, builds))
                .list();
    }

    /** How many workers there are in each {@linkplain Worker#state state}, by its word. */
    public Map<String, Long> workersByState() {
        Map<String, List<String>> builds = buildsOnWorkers();
        return jdbc.sql(WORKER).query((row, _) -> worker(row, builds)).list().stream()
                .collect(Collectors.groupingBy(Worker::state, Collectors.counting()));
    }

    /**
     * @param name {@code MASTER/NAME} for a local one
     */
    public Optional<Worker> worker(String name) {
        Map<String, List<String>> builds = buildsOnWorkers();
        return jdbc.sql(WORKER_OF_NAME)
                .param("name", name)
                .query((row, _) -> worker(row, builds))
                .optional();
    }

    /** What runs now, by the names that workers have in files, and by those of local workers. */
    private Map<String, List<String>> buildsOnWorkers() {
        Map<String, List<String>> builds = new HashMap<>();
        jdbc.sql(BUILDS_ON_WORKERS)
                .query(row -> {
                    String build = row.getString("builder") + "/" + row.getLong("build_number");
                    for (boolean attaches : List.of(true, false)) {
                        builds.computeIfAbsent(
                                        WorkerName.of(
                                                attaches,
                                                row.getString("master"),
                                                row.getString("worker")),
                                        _ -> new ArrayList<>())
                                .add(build);
                    }
                });
        return builds;
    }

    private static Worker worker(ResultSet row, Map<String, List<String>> buildsOnWorkers)
            throws SQLException {
        String name = row.getString("worker");
        boolean attaches = row.getBoolean("attaches");
        boolean isAttached = row.getBoolean("attached");
        WorkerStanding standing = row.getString("name") == null ? null : WorkerTable.standing(row);
        WorkerState state = standing == null ? WorkerState.NEW : standing.state();
        WorkerState.Quarantine quarantine =
                state.isQuarantined(UtcColumn.read(row, "moment")) ? state.quarantine() : null;
        List<String> builds = List.copyOf(buildsOnWorkers.getOrDefault(name, List.of()));
        return new Worker(
                name,
                attaches,
                stateOfWorker(row, state, quarantine != null, isAttached || !attaches, builds),
                attaches ? isAttached ? row.getString("master") : null : row.getString("local_to"),
                isAttached ? UtcColumn.readOrNull(row, "attached_at") : null,
                row.getString("version"),
                row.getString("platform"),
                UtcColumn.readOrNull(row, "seen_at"),
                row.getInt("max_builds"),
                builds,
                wish(state.pause()),
                wish(state.stop()),
                quarantine == null
                        ? null
                        : new Quarantined(
                                quarantine.until(), state.failures(), quarantine.reason()),
                state.missingSince());
    }

    private static String stateOfWorker(
            ResultSet row,
            WorkerState state,
            boolean isQuarantined,
            boolean isThere,
            List<String> builds)
            throws SQLException {
        WorkerState.Machine hand = row.getBoolean("in_hand") ? state.machine() : null;
        // A latent one that is not there has stopped already.
        if (state.stop() != null && (isThere || hand != null || !row.getBoolean("latent"))) {
            return "stopping";
        }
        if (state.pause() != null) {
            return "paused";
        }
        if (isQuarantined) {
            return "quarantined";
        }
        if (hand != null) {
            return hand.phase().name().toLowerCase(Locale.ROOT);
        }
        if (isThere) {
            return builds.isEmpty() ? "idle" : "busy";
        }
        if (row.getBoolean("latent")) {
            return "off";
        }
        if (state.missingSince() != null) {
            return "missing";
        }
        return state.isStopped() ? "stopped" : "absent";
    }

    private static @Nullable Wish wish(WorkerState.@Nullable Wish wish) {
        return wish == null ? null : new Wish(wish.requestedBy(), wish.reason(), wish.since());
    }

    /** By the database's clock, as the times of builds are. */
    public Instant now() {
        return jdbc.sql(NOW).query((row, _) -> UtcColumn.read(row, "now")).single();
    }

    /** Index of the newest event of the log; 0 where there is none. */
    public long headOfLog() {
        return jdbc.sql(HEAD).query(Long.class).single();
    }

    private static int bounded(int limit) {
        return Math.clamp(limit, 1, MOST + 1);
    }
}
