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
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Buildsets: submitted with one request a builder, and completed by whoever completes the last of
 * these.
 */
public final class Buildsets {

    private static final String OPEN =
            "INSERT INTO buildset_progress (buildset_id, remaining, worst) VALUES (:buildset, :remaining, 0)";

    private static final String COUNT_DOWN =
            """
            UPDATE buildset_progress
               SET remaining = remaining - 1, worst = GREATEST(worst, :results)
             WHERE buildset_id = :buildset
            """;

    private static final String WORST_OF_FINISHED =
            "SELECT worst FROM buildset_progress WHERE buildset_id = :buildset AND remaining = 0";

    private static final String CLOSE =
            "DELETE FROM buildset_progress WHERE buildset_id = :buildset";

    private final EventLog log;
    private final JdbcClient jdbc;
    private final Numbers numbers;
    private final BuildRequestQueue queue;

    public Buildsets(EventLog log, JdbcClient jdbc, Numbers numbers, BuildRequestQueue queue) {
        this.log = log;
        this.jdbc = jdbc;
        this.numbers = numbers;
        this.queue = queue;
    }

    /**
     * Submits what a scheduler's firing asks for and puts its requests on offer, in the transaction
     * that runs.
     *
     * @param cause id of the event that recorded the firing
     */
    public void submit(
            Author author,
            String cause,
            ChangesScheduled firing,
            List<String> builderNames,
            int priority,
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
                                        null))));
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
                                        1))
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

    /** Counts one request of the buildset as completed, in the transaction that runs. */
    void countDown(Author author, String cause, long buildsetId, Results results) {
        jdbc.sql(COUNT_DOWN)
                .param("buildset", buildsetId)
                .param("results", results.severity())
                .update();
        jdbc.sql(WORST_OF_FINISHED)
                .param("buildset", buildsetId)
                .query(Integer.class)
                .optional()
                .ifPresent(worst -> {
                    jdbc.sql(CLOSE).param("buildset", buildsetId).update();
                    log.append(
                            author,
                            cause,
                            List.of(
                                    new Entry(
                                            Streams.buildset(buildsetId),
                                            1,
                                            new BuildsetCompleted(
                                                    buildsetId, Results.ofSeverity(worst)))));
                });
    }
}
