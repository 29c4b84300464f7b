package io.buildledger.claiming;

import io.buildledger.domain.building.Results;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetCompleted;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.requesting.BuildsetEvent.SourceStamp;
import io.buildledger.domain.scheduling.SchedulerEvent.ChangesScheduled;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.EventLog;
import io.buildledger.log.Streams;
import io.buildledger.numbering.Numbers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.namedparam.SqlParameterSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Buildsets: submitted with one request a builder, and completed by whoever completes the last of
 * these.
 */
public final class Buildsets {

    private static final String OPEN =
            "INSERT INTO buildset_progress (buildset_id, remaining, worst) VALUES (:buildset, :remaining, 0)";

    // An upsert, because it counts down many buildsets in one statement. All of them are there; a
    // row that this were to insert would stay, for the verifier to find.
    private static final String COUNT_DOWN =
            """
            INSERT INTO buildset_progress (buildset_id, remaining, worst) VALUES (:buildset, :ended, :worst)
                ON DUPLICATE KEY UPDATE
                   remaining = remaining - VALUES(remaining), worst = GREATEST(worst, VALUES(worst))
            """;

    private static final String FINISHED =
            """
            SELECT buildset_id, worst FROM buildset_progress
             WHERE buildset_id IN (:buildsets) AND remaining = 0
            """;

    // The join looks each key up; see BuildRequestQueue.
    private static final String CLOSE =
            """
            DELETE buildset_progress
              FROM JSON_TABLE(:buildsets, '$[*]' COLUMNS (id BIGINT PATH '$')) AS finished
                   STRAIGHT_JOIN buildset_progress ON buildset_progress.buildset_id = finished.id
            """;

    /**
     * A request that has ended.
     *
     * @param cause id of the event that says so
     */
    record Ended(long buildsetId, Results results, String cause) {}

    private final EventLog log;
    private final JdbcClient jdbc;
    private final NamedParameterJdbcTemplate batches;
    private final Numbers numbers;
    private final BuildRequestQueue queue;

    public Buildsets(
            EventLog log, DataSource dataSource, Numbers numbers, BuildRequestQueue queue) {
        this.log = log;
        this.jdbc = JdbcClient.create(dataSource);
        this.batches = new NamedParameterJdbcTemplate(dataSource);
        this.numbers = numbers;
        this.queue = queue;
    }

    /**
     * Submits what a scheduler's firing asks for and puts its requests on offer, in the transaction
     * that runs.
     *
     * @param cause id of the event that recorded the firing
     * @param queueTimeout how long each request may wait for a claim, or null for ever
     */
    public void submit(
            Author author,
            String cause,
            ChangesScheduled firing,
            List<String> builderNames,
            int priority,
            @Nullable Duration queueTimeout,
            Instant submittedAt) {
        long buildsetId = numbers.take(Numbers.BUILDSET, 1);
        long firstRequest = numbers.take(Numbers.BUILD_REQUEST, builderNames.size());
        Map<String, Long> requestIds = new LinkedHashMap<>();
        for (String builder : builderNames) {
            requestIds.put(builder, firstRequest + requestIds.size());
        }
        List<Entry> entries = new ArrayList<>();
        entries.add(
                new Entry(
                        Streams.buildset(buildsetId),
                        0,
                        new BuildsetSubmitted(
                                buildsetId,
                                firing.scheduler(),
                                firing.firing(),
                                reason(firing),
                                new SourceStamp(
                                        firing.repository(),
                                        firing.branch(),
                                        firing.revision(),
                                        firing.project(),
                                        firing.codebase()),
                                firing.changeIds(),
                                requestIds,
                                submittedAt)));
        requestIds.forEach((builder, requestId) ->
                entries.add(
                        Entry.of(
                                0,
                                new BuildRequested(
                                        requestId,
                                        buildsetId,
                                        builder,
                                        priority,
                                        submittedAt,
                                        queueTimeout == null ? null : queueTimeout.toMillis()))));
        log.append(author, cause, entries);
        queue.offer(
                requestIds.entrySet().stream()
                        .map(request ->
                                new BuildRequestQueue.Offer(
                                        request.getValue(),
                                        buildsetId,
                                        request.getKey(),
                                        priority,
                                        submittedAt,
                                        0,
                                        1,
                                        queueTimeout))
                        .toList());
        jdbc.sql(OPEN)
                .param("buildset", buildsetId)
                .param("remaining", builderNames.size())
                .update();
    }

    private static String reason(ChangesScheduled firing) {
        return "scheduler %s fired for %d change%s"
                .formatted(
                        firing.scheduler(),
                        firing.changeIds().size(),
                        firing.changeIds().size() == 1 ? "" : "s");
    }

    /**
     * Counts requests as ended, in the transaction that runs, and completes the buildsets of which
     * these were the last.
     */
    void countDown(Author author, List<Ended> ended) {
        // In one order, so that two who count down the same buildsets don't wait for each other.
        Map<Long, List<Ended>> ofBuildset =
                ended.stream()
                        .collect(
                                Collectors.groupingBy(
                                        Ended::buildsetId, TreeMap::new, Collectors.toList()));
        batches.batchUpdate(
                COUNT_DOWN,
                ofBuildset.entrySet().stream()
                        .map(buildset ->
                                new MapSqlParameterSource("buildset", buildset.getKey())
                                        .addValue("ended", buildset.getValue().size())
                                        .addValue("worst", worst(buildset.getValue()).severity()))
                        .toArray(SqlParameterSource[]::new));
        Map<Long, Results> finished = new HashMap<>();
        jdbc.sql(FINISHED)
                .param("buildsets", ofBuildset.keySet())
                .query(row -> {
                    finished.put(
                            row.getLong("buildset_id"), Results.ofSeverity(row.getInt("worst")));
                });
        if (finished.isEmpty()) {
            return;
        }
        jdbc.sql(CLOSE).param("buildsets", finished.keySet().toString()).update();
        ofBuildset.forEach((id, requests) -> {
            Results worst = finished.get(id);
            if (worst != null) {
                log.append(
                        author,
                        requests.getLast().cause(),
                        List.of(
                                new Entry(
                                        Streams.buildset(id),
                                        1,
                                        new BuildsetCompleted(id, worst))));
            }
        });
    }

    private static Results worst(List<Ended> ended) {
        return ended.stream().map(Ended::results).reduce(Results.SKIPPED, Results::worse);
    }
}
