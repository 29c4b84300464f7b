package io.buildledger.viewing;

import io.buildledger.domain.building.BuildEvent;
import io.buildledger.domain.building.BuildEvent.StepFinished;
import io.buildledger.domain.building.BuildEvent.StepStarted;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.ChangeEvent;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.requesting.BuildRequestEvent;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCancelled;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCompleted;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestExpired;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestGivenUp;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestPriorityChanged;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestReleased;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildStarted;
import io.buildledger.domain.requesting.BuildsetEvent;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetCompleted;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.log.Follower;
import io.buildledger.log.Recorded;
import io.buildledger.showing.Printable;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;

/**
 * Projects the log into the tables that {@link Views} reads. The rows commit with the position of
 * the follower that reads for it, so that every event is projected once.
 *
 * <p>The views hold nothing that isn't in the log: {@link #clear} them, read the log from its first
 * event on, and they are as they were. Texts longer than their column are cut.
 */
public final class ViewProjector implements Follower.Reader {

    private static final String ADD_CHANGE =
            """
            INSERT INTO change_view
                   (change_id, repository, branch, revision, project, author, comments, file_count, revlink, source,
                    received_at)
            VALUES (:change, :repository, :branch, :revision, :project, :author, :comments, :fileCount, :revlink,
                    :source, :at)
            """;

    private static final String ADD_BUILDSET =
            """
            INSERT INTO buildset_view
                   (buildset_id, scheduler, reason, repository, branch, revision, change_ids, submitted_at)
            VALUES (:buildset, :scheduler, :reason, :repository, :branch, :revision, :changes, :submittedAt)
            """;

    private static final String COMPLETE_BUILDSET =
            """
            UPDATE buildset_view SET results = :results, completed_at = :at WHERE buildset_id = :buildset
            """;

    private static final String ADD_REQUEST =
            """
            INSERT INTO request_view (request_id, buildset_id, builder, priority, submitted_at, state, attempt)
            VALUES (:request, :buildset, :builder, :priority, :submittedAt, 'unclaimed', 0)
            """;

    private static final String CLAIM_REQUEST =
            """
            UPDATE request_view
               SET state = 'claimed', attempt = :attempt, master = :master, build_number = :build
             WHERE request_id = :request
            """;

    private static final String START_REQUEST =
            "UPDATE request_view SET state = 'running' WHERE request_id = :request";

    private static final String RELEASE_REQUEST =
            """
            UPDATE request_view SET state = 'unclaimed', master = NULL, build_number = NULL
             WHERE request_id = :request
            """;

    private static final String COMPLETE_REQUEST =
            """
            UPDATE request_view SET state = 'completed', results = :results, completed_at = :at
             WHERE request_id = :request
            """;

    private static final String CHANGE_PRIORITY =
            "UPDATE request_view SET priority = :priority WHERE request_id = :request";

    private static final String ADD_BUILD =
            """
            INSERT INTO build_view
                   (builder, build_number, request_id, attempt, master, epoch, worker, state, claimed_at)
            VALUES (:builder, :build, :request, :attempt, :master, :epoch, :worker, 'claimed', :at)
            """;

    private static final String START_BUILD =
            """
            UPDATE build_view SET state = 'running', started_at = :at
             WHERE request_id = :request AND attempt = :attempt
            """;

    private static final String FINISH_BUILD =
            """
            UPDATE build_view
               SET state = 'finished', results = :results, summary = :summary, finished_at = :at
             WHERE request_id = :request AND attempt = :attempt
            """;

    private static final String CANCEL_BUILD =
            """
            UPDATE build_view
               SET state = 'finished', results = 'CANCELLED', summary = :summary, finished_at = :at
             WHERE request_id = :request AND state <> 'finished'
            """;

    private static final String ADD_STEP =
            """
            INSERT INTO step_view (builder, build_number, step, name, started_at)
            VALUES (:builder, :build, :step, :name, :at)
            """;

    private static final String FINISH_STEP =
            """
            UPDATE step_view SET results = :results, exit_code = :exitCode, summary = :summary, finished_at = :at
             WHERE builder = :builder AND build_number = :build AND step = :step
            """;

    private static final List<String> TABLES =
            List.of("change_view", "buildset_view", "request_view", "build_view", "step_view");

    private static final int NAME = 100;
    private static final int SOURCE = 64;
    private static final int TEXT = 500;
    private static final int SUMMARY = 1000;

    /** A TEXT holds 65,535 bytes, and a char takes three at most. */
    private static final int COMMENTS = 20_000;

    private final NamedParameterJdbcTemplate database;
    private final ViewRows changes = new ViewRows();
    private final ViewRows buildsets = new ViewRows();
    private final ViewRows requests = new ViewRows();
    private final ViewRows builds = new ViewRows();
    private final ViewRows steps = new ViewRows();

    // Each table is written from its own events alone, so only the order within a table matters.
    private final List<ViewRows> all = List.of(changes, buildsets, requests, builds, steps);

    public ViewProjector(DataSource dataSource) {
        this.database = new NamedParameterJdbcTemplate(dataSource);
    }

    @Override
    public void read(Recorded recorded) {
        switch (recorded.event()) {
            case ChangeEvent event -> project(event, recorded.at());
            case BuildsetEvent event -> project(event, recorded.at());
            case BuildRequestEvent event -> project(event, recorded.at());
            case BuildEvent event -> project(event, recorded.at());
            default -> {
                // Shown by no view, or written by a newer program.
            }
        }
    }

    private void project(ChangeEvent event, Instant at) {
        switch (event) {
            case ChangeReceived change ->
                    changes.add(
                            ADD_CHANGE,
                            values(
                                    "change", change.changeId(),
                                    "repository", cut(change.repository(), TEXT),
                                    "branch", cut(change.branch(), TEXT),
                                    "revision", cut(change.revision(), TEXT),
                                    "project", cut(change.project(), TEXT),
                                    "author", cut(change.author(), TEXT),
                                    "comments", cut(change.comments(), COMMENTS),
                                    "fileCount", change.files().size(),
                                    "revlink", cut(change.revlink(), SUMMARY),
                                    "source", cut(change.source(), SOURCE),
                                    "at", at));
        }
    }

    private void project(BuildsetEvent event, Instant at) {
        switch (event) {
            case BuildsetSubmitted buildset ->
                    buildsets.add(
                            ADD_BUILDSET,
                            values(
                                    "buildset", buildset.buildsetId(),
                                    "scheduler", cut(buildset.scheduler(), NAME),
                                    "reason", cut(buildset.reason(), TEXT),
                                    "repository", cut(buildset.sourceStamp().repository(), TEXT),
                                    "branch", cut(buildset.sourceStamp().branch(), TEXT),
                                    "revision", cut(buildset.sourceStamp().revision(), TEXT),
                                    // Numbers in brackets, as JSON has them too.
                                    "changes", buildset.changeIds().toString(),
                                    "submittedAt", buildset.submittedAt()));
            case BuildsetCompleted completed ->
                    buildsets.add(
                            COMPLETE_BUILDSET,
                            values(
                                    "buildset", completed.buildsetId(),
                                    "results", completed.results().name(),
                                    "at", at));
        }
    }

    private void project(BuildRequestEvent event, Instant at) {
        switch (event) {
            case BuildRequested requested ->
                    requests.add(
                            ADD_REQUEST,
                            values(
                                    "request", requested.requestId(),
                                    "buildset", requested.buildsetId(),
                                    "builder", requested.builder(),
                                    "priority", requested.priority(),
                                    "submittedAt", requested.submittedAt()));
            case BuildRequestClaimed claimed -> claim(claimed, at);
            case BuildStarted started -> {
                requests.add(START_REQUEST, values("request", started.requestId()));
                builds.add(
                        START_BUILD,
                        values(
                                "request", started.requestId(),
                                "attempt", started.attempt(),
                                "at", at));
            }
            case BuildRequestReleased released -> {
                requests.add(RELEASE_REQUEST, values("request", released.requestId()));
                finish(
                        released.requestId(),
                        released.attempt(),
                        Results.RETRY,
                        released.reason(),
                        at);
            }
            case BuildRequestCompleted completed -> {
                complete(completed.requestId(), completed.results(), at);
                finish(
                        completed.requestId(),
                        completed.attempt(),
                        completed.results(),
                        completed.summary(),
                        at);
            }
            case BuildRequestPriorityChanged changed ->
                    requests.add(
                            CHANGE_PRIORITY,
                            values(
                                    "request", changed.requestId(),
                                    "priority", changed.priority()));
            case BuildRequestCancelled cancelled -> {
                complete(cancelled.requestId(), Results.CANCELLED, at);
                builds.add(
                        CANCEL_BUILD,
                        values(
                                "request", cancelled.requestId(),
                                "summary",
                                        cut(
                                                "cancelled by %s: %s"
                                                        .formatted(
                                                                cancelled.cancelledBy(),
                                                                cancelled.reason()),
                                                SUMMARY),
                                "at", at));
            }
            case BuildRequestExpired expired ->
                    complete(expired.requestId(), Results.EXCEPTION, at);
            case BuildRequestGivenUp givenUp ->
                    complete(givenUp.requestId(), Results.EXCEPTION, at);
        }
    }

    private void complete(long requestId, Results results, Instant at) {
        requests.add(
                COMPLETE_REQUEST,
                values("request", requestId, "results", results.name(), "at", at));
    }

    private void claim(BuildRequestClaimed claimed, Instant at) {
        requests.add(
                CLAIM_REQUEST,
                values(
                        "request", claimed.requestId(),
                        "attempt", claimed.attempt(),
                        "master", claimed.master(),
                        "build", claimed.buildNumber()));
        builds.add(
                ADD_BUILD,
                values(
                        "builder", claimed.builder(),
                        "build", claimed.buildNumber(),
                        "request", claimed.requestId(),
                        "attempt", claimed.attempt(),
                        "master", claimed.master(),
                        "epoch", claimed.epoch(),
                        "worker", cut(claimed.worker(), NAME),
                        "at", at));
    }

    private void finish(
            long requestId, int attempt, Results results, String summary, Instant finishedAt) {
        builds.add(
                FINISH_BUILD,
                values(
                        "request", requestId,
                        "attempt", attempt,
                        "results", results.name(),
                        "summary", cut(summary, SUMMARY),
                        "at", finishedAt));
    }

    private void project(BuildEvent event, Instant at) {
        switch (event) {
            case StepStarted started ->
                    steps.add(
                            ADD_STEP,
                            values(
                                    "builder", started.builder(),
                                    "build", started.buildNumber(),
                                    "step", started.step(),
                                    "name", cut(started.name(), NAME),
                                    "at", at));
            case StepFinished finished ->
                    steps.add(
                            FINISH_STEP,
                            values(
                                    "builder", finished.builder(),
                                    "build", finished.buildNumber(),
                                    "step", finished.step(),
                                    "results", finished.results().name(),
                                    "exitCode", finished.exitCode(),
                                    "summary", cut(finished.summary(), SUMMARY),
                                    "at", at));
        }
    }

    private static Map<String, @Nullable Object> values(@Nullable Object... namesAndValues) {
        Map<String, @Nullable Object> values = new HashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            values.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
        }
        return values;
    }

    private static @Nullable String cut(@Nullable String text, int length) {
        return text == null ? null : Printable.cut(text, length);
    }

    @Override
    public void endOfBatch() {
        all.forEach(rows -> rows.writeTo(database));
    }

    @Override
    public void rolledBack() {
        all.forEach(ViewRows::clear);
    }

    /** Empties the views, in the transaction that runs if one does. */
    public void clear() {
        TABLES.forEach(table -> database.getJdbcTemplate().update("DELETE FROM " + table));
    }
}
