package io.buildledger.viewing;

import io.buildledger.domain.acting.Actor;
import io.buildledger.domain.attaching.WorkerEvent.WorkerPaused;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStopRequested;
import io.buildledger.domain.attaching.WorkerEvent.WorkerUnpaused;
import io.buildledger.domain.building.BuildEvent;
import io.buildledger.domain.building.BuildEvent.ArtifactStored;
import io.buildledger.domain.building.BuildEvent.BuildDropped;
import io.buildledger.domain.building.BuildEvent.CommandStarted;
import io.buildledger.domain.building.BuildEvent.PropertySet;
import io.buildledger.domain.building.BuildEvent.SchedulerAsked;
import io.buildledger.domain.building.BuildEvent.StepFinished;
import io.buildledger.domain.building.BuildEvent.StepStarted;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.ChangeEvent;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloadRefused;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloadRequested;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloaded;
import io.buildledger.domain.mastering.MasterEvent.MasterDrained;
import io.buildledger.domain.mastering.MasterEvent.MasterUndrained;
import io.buildledger.domain.requesting.BuildRequestEvent;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCancelled;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCollapsed;
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
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildForced;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildTriggered;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.PatchSubmitted;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.SchedulerSwitched;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerDisabled;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerEnabled;
import io.buildledger.log.NewerEvent;
import io.buildledger.log.Recorded;
import io.buildledger.showing.Printable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What events do to the rows of the views: the one account of it, for who writes the rows and for
 * who checks them. Texts longer than their column are cut.
 */
public final class ViewProjection {

    /** The kinds of streams whose events are shown. */
    static final Set<String> KINDS_SHOWN =
            Set.of(
                    "change",
                    "buildset",
                    "build-request",
                    "build",
                    "scheduler",
                    "scheduler-command",
                    "worker",
                    "master");

    private static final int NAME = 100;
    private static final int SOURCE = 64;
    private static final int TEXT = 500;
    private static final int SUMMARY = 1000;
    private static final int DIGEST = 64;

    /** A TEXT holds 65,535 bytes, and a char takes three at most. */
    private static final int COMMENTS = 20_000;

    /** The events that are shown in some view: all others change no row. */
    public static final Set<Class<?>> SHOWN =
            Set.of(
                    SchedulerSwitched.class,
                    BuildForced.class,
                    BuildTriggered.class,
                    PatchSubmitted.class,
                    SchedulerEnabled.class,
                    SchedulerDisabled.class,
                    WorkerPaused.class,
                    WorkerUnpaused.class,
                    WorkerStopRequested.class,
                    MasterDrained.class,
                    MasterUndrained.class,
                    ConfigurationReloadRequested.class,
                    ConfigurationReloaded.class,
                    ConfigurationReloadRefused.class,
                    ChangeReceived.class,
                    BuildsetSubmitted.class,
                    BuildsetCompleted.class,
                    BuildRequested.class,
                    BuildRequestClaimed.class,
                    BuildStarted.class,
                    BuildRequestReleased.class,
                    BuildRequestCompleted.class,
                    BuildRequestPriorityChanged.class,
                    BuildRequestCancelled.class,
                    BuildRequestCollapsed.class,
                    BuildRequestExpired.class,
                    BuildRequestGivenUp.class,
                    ArtifactStored.class);

    private ViewProjection() {}

    /** Whether some view may lack what a newer program has written there. */
    static boolean mayLack(NewerEvent newer) {
        return KINDS_SHOWN.contains(newer.kind()) && !newer.isKnownButNotOf(SHOWN);
    }

    /** Empty for an event that no view shows, or that a newer program wrote. */
    public static List<RowChange> of(Recorded recorded) {
        List<RowChange> rows = rows(recorded);
        return Actor.of(recorded.event())
                .map(actor -> with(rows, action(recorded, actor)))
                .orElse(rows);
    }

    private static List<RowChange> with(List<RowChange> rows, RowChange another) {
        List<RowChange> all = new ArrayList<>(rows);
        all.add(another);
        return all;
    }

    private static RowChange action(Recorded recorded, String actor) {
        return row(
                ViewTable.ACTIONS,
                "stream",
                recorded.stream(),
                "sequence_number",
                recorded.sequence(),
                "actor",
                cut(actor, TEXT),
                "recorded_at",
                recorded.at());
    }

    private static List<RowChange> rows(Recorded recorded) {
        Instant at = recorded.at();
        return switch (recorded.event()) {
            case ChangeEvent event -> project(event, at);
            case BuildsetEvent event -> project(event, at);
            case BuildRequestEvent event -> project(event, at);
            case BuildEvent event -> project(event, at);
            default -> List.of();
        };
    }

    private static List<RowChange> project(ChangeEvent event, Instant at) {
        return switch (event) {
            case ChangeReceived change ->
                    List.of(
                            row(
                                    ViewTable.CHANGES,
                                    "change_id",
                                    change.changeId(),
                                    "repository",
                                    cut(change.repository(), TEXT),
                                    "branch",
                                    cut(change.branch(), TEXT),
                                    "revision",
                                    cut(change.revision(), TEXT),
                                    "project",
                                    cut(change.project(), TEXT),
                                    "author",
                                    cut(change.author(), TEXT),
                                    "comments",
                                    cut(change.comments(), COMMENTS),
                                    "file_count",
                                    change.files().size(),
                                    "revlink",
                                    cut(change.revlink(), SUMMARY),
                                    "source",
                                    cut(change.source(), SOURCE),
                                    "received_at",
                                    at));
        };
    }

    private static List<RowChange> project(BuildsetEvent event, Instant at) {
        return switch (event) {
            case BuildsetSubmitted buildset -> project(buildset);
            case BuildsetCompleted completed ->
                    List.of(
                            new RowChange(
                                    ViewTable.BUILDSETS,
                                    values("buildset_id", completed.buildsetId()),
                                    values(
                                            "results",
                                            completed.results().name(),
                                            "completed_at",
                                            at)));
        };
    }

    private static List<RowChange> project(BuildsetSubmitted buildset) {
        SourceStamp first = buildset.sourceStamps().getFirst();
        List<RowChange> rows = new ArrayList<>();
        rows.add(
                row(
                        ViewTable.BUILDSETS,
                        "buildset_id",
                        buildset.buildsetId(),
                        "scheduler",
                        cut(buildset.scheduler(), NAME),
                        "reason",
                        cut(buildset.reason(), TEXT),
                        "repository",
                        cut(first.repository(), TEXT),
                        "branch",
                        cut(first.branch(), TEXT),
                        "revision",
                        cut(first.revision(), TEXT),
                        // Numbers in brackets, as JSON has them too.
                        "change_ids",
                        buildset.changeIds().toString(),
                        "submitted_at",
                        buildset.submittedAt()));
        int number = 1;
        for (SourceStamp stamp : buildset.sourceStamps()) {
            rows.add(sourceStamp(buildset.buildsetId(), number++, stamp));
        }
        for (long change : new LinkedHashSet<>(buildset.changeIds())) {
            rows.add(
                    row(
                            ViewTable.CHANGE_BUILDSETS,
                            "change_id",
                            change,
                            "buildset_id",
                            buildset.buildsetId()));
        }
        return rows;
    }

    private static RowChange sourceStamp(long buildsetId, int number, SourceStamp stamp) {
        return row(
                ViewTable.SOURCE_STAMPS,
                "buildset_id",
                buildsetId,
                "stamp_number",
                number,
                "codebase",
                cut(stamp.codebase(), NAME),
                "source_stamp_id",
                SourceStampId.of(stamp),
                "repository",
                cut(stamp.repository(), TEXT),
                "branch",
                cut(stamp.branch(), TEXT),
                "revision",
                cut(stamp.revision(), TEXT),
                "project",
                cut(stamp.project(), TEXT),
                "has_patch",
                stamp.patch() == null ? 0 : 1);
    }

    private static List<RowChange> project(BuildRequestEvent event, Instant at) {
        return switch (event) {
            case BuildRequested requested ->
                    List.of(
                            row(
                                    ViewTable.REQUESTS,
                                    "request_id",
                                    requested.requestId(),
                                    "buildset_id",
                                    requested.buildsetId(),
                                    "builder",
                                    requested.builder(),
                                    "priority",
                                    requested.priority(),
                                    "submitted_at",
                                    requested.submittedAt(),
                                    "state",
                                    "unclaimed",
                                    "attempt",
                                    0));
            case BuildRequestClaimed claimed -> claim(claimed, at);
            case BuildStarted started ->
                    List.of(
                            request(started.requestId(), "state", "running"),
                            build(
                                    started.requestId(),
                                    started.attempt(),
                                    "state",
                                    "running",
                                    "started_at",
                                    at));
            case BuildRequestReleased released ->
                    List.of(
                            request(
                                    released.requestId(),
                                    "state",
                                    "unclaimed",
                                    "master",
                                    null,
                                    "build_number",
                                    null),
                            finish(
                                    released.requestId(),
                                    released.attempt(),
                                    Results.RETRY,
                                    released.why(),
                                    at));
            case BuildRequestCompleted completed ->
                    List.of(
                            complete(completed.requestId(), completed.results(), at),
                            finish(
                                    completed.requestId(),
                                    completed.attempt(),
                                    completed.results(),
                                    completed.summary(),
                                    at));
            case BuildRequestPriorityChanged changed ->
                    List.of(request(changed.requestId(), "priority", changed.priority()));
            case BuildRequestCancelled cancelled ->
                    List.of(
                            complete(cancelled.requestId(), Results.CANCELLED, at),
                            cancelBuild(cancelled, at));
            case BuildRequestCollapsed collapsed ->
                    List.of(complete(collapsed.requestId(), Results.SKIPPED, at));
            case BuildRequestExpired expired ->
                    List.of(complete(expired.requestId(), Results.EXCEPTION, at));
            case BuildRequestGivenUp givenUp ->
                    List.of(complete(givenUp.requestId(), Results.EXCEPTION, at));
        };
    }

    private static List<RowChange> claim(BuildRequestClaimed claimed, Instant at) {
        return List.of(
                request(
                        claimed.requestId(),
                        "state",
                        "claimed",
                        "attempt",
                        claimed.attempt(),
                        "master",
                        claimed.master(),
                        "build_number",
                        claimed.buildNumber()),
                row(
                        ViewTable.BUILDS,
                        "builder",
                        claimed.builder(),
                        "build_number",
                        claimed.buildNumber(),
                        "request_id",
                        claimed.requestId(),
                        "attempt",
                        claimed.attempt(),
                        "master",
                        claimed.master(),
                        "epoch",
                        claimed.epoch(),
                        "worker",
                        cut(claimed.worker(), NAME),
                        "state",
                        "claimed",
                        "claimed_at",
                        at));
    }

    private static RowChange complete(long requestId, Results results, Instant at) {
        return request(
                requestId, "state", "completed", "results", results.name(), "completed_at", at);
    }

    private static RowChange finish(
            long requestId, int attempt, Results results, String summary, Instant at) {
        return build(
                requestId,
                attempt,
                "state",
                "finished",
                "results",
                results.name(),
                "summary",
                cut(summary, SUMMARY),
                "finished_at",
                at);
    }

    /** The build that the request may be under: the one that has not finished. */
    private static RowChange cancelBuild(BuildRequestCancelled cancelled, Instant at) {
        String summary =
                "cancelled by %s: %s".formatted(cancelled.cancelledBy(), cancelled.reason());
        return new RowChange(
                ViewTable.BUILDS,
                values("request_id", cancelled.requestId(), "finished_at", null),
                values(
                        "state",
                        "finished",
                        "results",
                        Results.CANCELLED.name(),
                        "summary",
                        cut(summary, SUMMARY),
                        "finished_at",
                        at));
    }

    private static List<RowChange> project(BuildEvent event, Instant at) {
        return switch (event) {
            case ArtifactStored stored ->
                    List.of(
                            row(
                                    ViewTable.ARTIFACTS,
                                    "builder",
                                    stored.builder(),
                                    "build_number",
                                    stored.buildNumber(),
                                    "artifact",
                                    stored.artifact(),
                                    "step",
                                    stored.step(),
                                    "path",
                                    cut(stored.path(), TEXT),
                                    "size",
                                    stored.size(),
                                    "sha256",
                                    cut(stored.sha256(), DIGEST),
                                    "store",
                                    cut(stored.store(), SOURCE),
                                    "location",
                                    cut(stored.location(), SUMMARY),
                                    "stored_at",
                                    at));
            // What the build was is shown by what ended its claim, what it asked for by that, and
            // its steps are read where they are.
            case StepStarted _,
                    StepFinished _,
                    CommandStarted _,
                    PropertySet _,
                    SchedulerAsked _,
                    BuildDropped _ ->
                    List.of();
        };
    }

    private static RowChange row(ViewTable table, @Nullable Object... columnsAndValues) {
        return new RowChange(table, Map.of(), values(columnsAndValues));
    }

    private static RowChange request(long requestId, @Nullable Object... columnsAndValues) {
        return new RowChange(
                ViewTable.REQUESTS, values("request_id", requestId), values(columnsAndValues));
    }

    private static RowChange build(
            long requestId, int attempt, @Nullable Object... columnsAndValues) {
        return new RowChange(
                ViewTable.BUILDS,
                values("request_id", requestId, "attempt", attempt),
                values(columnsAndValues));
    }

    private static Map<String, @Nullable Object> values(@Nullable Object... columnsAndValues) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        for (int i = 0; i < columnsAndValues.length; i += 2) {
            values.put(String.valueOf(columnsAndValues[i]), columnsAndValues[i + 1]);
        }
        return values;
    }

    private static @Nullable String cut(@Nullable String text, int length) {
        return text == null ? null : Printable.cut(text, length);
    }
}
