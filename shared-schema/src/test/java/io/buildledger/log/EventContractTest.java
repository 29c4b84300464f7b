package io.buildledger.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.attaching.WorkerEvent;
import io.buildledger.domain.attaching.WorkerEvent.WorkerAttached;
import io.buildledger.domain.attaching.WorkerEvent.WorkerContested;
import io.buildledger.domain.attaching.WorkerEvent.WorkerDetached;
import io.buildledger.domain.attaching.WorkerEvent.WorkerEnding;
import io.buildledger.domain.attaching.WorkerEvent.WorkerMissing;
import io.buildledger.domain.attaching.WorkerEvent.WorkerOff;
import io.buildledger.domain.attaching.WorkerEvent.WorkerPaused;
import io.buildledger.domain.attaching.WorkerEvent.WorkerQuarantined;
import io.buildledger.domain.attaching.WorkerEvent.WorkerRecovered;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStartFailed;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStarting;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStopRequested;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStopped;
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
import io.buildledger.domain.changing.ChangeSourceEvent;
import io.buildledger.domain.changing.ChangeSourceEvent.RepositoryPolled;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.changing.SourceStamp.Patch;
import io.buildledger.domain.locking.LockEvent;
import io.buildledger.domain.locking.LockEvent.LockGranted;
import io.buildledger.domain.locking.LockEvent.LockReleased;
import io.buildledger.domain.locking.LockEvent.LockRequested;
import io.buildledger.domain.locking.LockMode;
import io.buildledger.domain.mastering.BuilderDescription;
import io.buildledger.domain.mastering.MasterEvent;
import io.buildledger.domain.mastering.MasterEvent.BuildersDescribed;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloadRefused;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloadRequested;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloaded;
import io.buildledger.domain.mastering.MasterEvent.MasterDrained;
import io.buildledger.domain.mastering.MasterEvent.MasterLost;
import io.buildledger.domain.mastering.MasterEvent.MasterStarted;
import io.buildledger.domain.mastering.MasterEvent.MasterStopped;
import io.buildledger.domain.mastering.MasterEvent.MasterUndrained;
import io.buildledger.domain.mastering.ProjectDescription;
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
import io.buildledger.domain.requesting.BuildRequestEvent.Choice;
import io.buildledger.domain.requesting.BuildsetEvent;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetCompleted;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.requesting.ParentBuild;
import io.buildledger.domain.requesting.Property;
import io.buildledger.domain.requesting.RebuiltFrom;
import io.buildledger.domain.scheduling.SchedulerCommandEvent;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildForced;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildTriggered;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.PatchSubmitted;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.SchedulerSwitched;
import io.buildledger.domain.scheduling.SchedulerEvent;
import io.buildledger.domain.scheduling.SchedulerEvent.ChangeTaken;
import io.buildledger.domain.scheduling.SchedulerEvent.CommandRefused;
import io.buildledger.domain.scheduling.SchedulerEvent.FiringSkipped;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerConfigured;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerDisabled;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerEnabled;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerFired;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerRenamed;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerRetired;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerDropped;
import io.buildledger.domain.scheduling.SchedulerEvent.TriggerKept;
import io.buildledger.domain.scheduling.SchedulerEvent.UpstreamKept;
import io.buildledger.domain.scheduling.TimerEvent;
import io.buildledger.domain.scheduling.TimerEvent.TimerFired;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.axonframework.serialization.SerializedObject;
import org.axonframework.serialization.SimpleSerializedObject;
import org.axonframework.serialization.SimpleSerializedType;
import org.axonframework.serialization.UnknownSerializedType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is on disk stays readable: the name and the JSON of every event are pinned here. To change
 * one means to add a revision and an upcaster, and a new line; an existing line is never edited.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
class EventContractTest {

    record Pinned(String name, String revision, Object event, String json) {}

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00.123456Z");
    private static final SourceStamp STAMP = new SourceStamp("r", "main", "1a2b", "app", "");
    private static final Map<String, Property> PROPERTIES =
            Map.of("k", new Property("v", "Trigger"));
    private static final EventJson JSON = new EventJson();

    static Stream<Pinned> pinned() {
        return Stream.of(
                pin(
                        "change-received",
                        new ChangeReceived(
                                17,
                                "https://example.org/app.git",
                                "main",
                                "1a2b",
                                "app",
                                "core",
                                "push",
                                "A <a@example.org>",
                                "Fix it",
                                List.of("a.c", "b/ü.h"),
                                "https://example.org/c/1a2b",
                                NOON,
                                Map.of("k", "v"),
                                "git_poller"),
                        """
                        {"changeId":17,"repository":"https://example.org/app.git","branch":"main","revision":"1a2b",\
                        "project":"app","codebase":"core","category":"push","author":"A <a@example.org>",\
                        "comments":"Fix it","files":["a.c","b/ü.h"],"revlink":"https://example.org/c/1a2b",\
                        "when":"2026-01-01T12:00:00.123456Z","properties":{"k":"v"},"source":"git_poller"}\
                        """),
                pin(
                        "repository-polled",
                        new RepositoryPolled(
                                "https://example.org/app.git",
                                Map.of("main", "1a2b"),
                                List.of("(?s)v.*"),
                                true),
                        """
                        {"repository":"https://example.org/app.git","heads":{"main":"1a2b"},\
                        "tagPatterns":["(?s)v.*"],"branchesFollowed":true}\
                        """),
                pin(
                        "scheduler-configured",
                        new SchedulerConfigured(
                                "main", "single_branch", "ab12", List.of("linux", "docs"), "{}"),
                        """
                        {"scheduler":"main","type":"single_branch","digest":"ab12","builderNames":["linux","docs"],\
                        "configuration":"{}"}\
                        """),
                pin(
                        "change-taken",
                        new ChangeTaken(
                                "main", 17, "r", null, "1a2b", "app", "", false, Map.of("k", "v")),
                        """
                        {"scheduler":"main","changeId":17,"repository":"r","revision":"1a2b","project":"app","codebase":"",\
                        "important":false,"properties":{"k":"v"}}\
                        """),
                pin(
                        "change-taken",
                        new ChangeTaken("main", 17, "r", "main", null, "", "", null, null),
                        """
                        {"scheduler":"main","changeId":17,"repository":"r","branch":"main","project":"","codebase":""}\
                        """),
                pin(
                        "timer-armed",
                        new TimerArmed("main", 3, NOON, "k"),
                        """
                        {"scheduler":"main","timer":3,"fireAt":"2026-01-01T12:00:00.123456Z","key":"k"}\
                        """),
                pin(
                        "timer-dropped",
                        new TimerDropped("main", 3, "why"),
                        """
                        {"scheduler":"main","timer":3,"reason":"why"}\
                        """),
                pin(
                        "firing-skipped",
                        new FiringSkipped("main", 3, "why"),
                        """
                        {"scheduler":"main","timer":3,"reason":"why"}\
                        """),
                pin(
                        "scheduler-fired",
                        new SchedulerFired("main", 2, List.of(16L, 17L), "k"),
                        """
                        {"scheduler":"main","firing":2,"changeIds":[16,17],"key":"k"}\
                        """),
                pin(
                        "scheduler-renamed",
                        new SchedulerRenamed("main", "old", 7, 3L, 5L),
                        """
                        {"scheduler":"main","from":"old","upTo":7,"timersArmed":3,"firings":5}\
                        """),
                pin(
                        "scheduler-retired",
                        new SchedulerRetired("old", "main"),
                        """
                        {"scheduler":"old","renamedTo":"main"}\
                        """),
                pin(
                        "scheduler-enabled",
                        new SchedulerEnabled("main", "me", "why"),
                        """
                        {"scheduler":"main","by":"me","reason":"why"}\
                        """),
                pin(
                        "scheduler-disabled",
                        new SchedulerDisabled("main", "me", "why"),
                        """
                        {"scheduler":"main","by":"me","reason":"why"}\
                        """),
                pin(
                        "trigger-kept",
                        new TriggerKept(
                                "main",
                                List.of(STAMP),
                                PROPERTIES,
                                new ParentBuild("linux", 12, "Triggered from"),
                                7,
                                "x"),
                        """
                        {"scheduler":"main","sourceStamps":[{"repository":"r","branch":"main","revision":"1a2b",\
                        "project":"app","codebase":""}],"properties":{"k":{"value":"v","source":"Trigger"}},\
                        "parent":{"builder":"linux","buildNumber":12,"relationship":"Triggered from"},"priority":7,\
                        "externalId":"x"}\
                        """),
                pin(
                        "upstream-kept",
                        new UpstreamKept("main", 7, "fast", List.of(STAMP), List.of(1L, 2L)),
                        """
                        {"scheduler":"main","buildsetId":7,"upstream":"fast","sourceStamps":[{"repository":"r",\
                        "branch":"main","revision":"1a2b","project":"app","codebase":""}],"changeIds":[1,2]}\
                        """),
                pin(
                        "command-refused",
                        new CommandRefused("main", "force", "why"),
                        """
                        {"scheduler":"main","command":"force","reason":"why"}\
                        """),
                pin(
                        "scheduler-switched",
                        new SchedulerSwitched("main", false, "me", "why"),
                        """
                        {"scheduler":"main","enabled":false,"requestedBy":"me","reason":"why"}\
                        """),
                pin(
                        "build-forced",
                        new BuildForced(
                                "main",
                                "me",
                                "why",
                                List.of("linux"),
                                List.of(STAMP),
                                PROPERTIES,
                                7),
                        """
                        {"scheduler":"main","requestedBy":"me","reason":"why","builderNames":["linux"],\
                        "sourceStamps":[{"repository":"r","branch":"main","revision":"1a2b","project":"app","codebase":""}],\
                        "properties":{"k":{"value":"v","source":"Trigger"}},"priority":7}\
                        """),
                pin(
                        "build-triggered",
                        new BuildTriggered(
                                "main",
                                List.of(STAMP),
                                PROPERTIES,
                                true,
                                new ParentBuild("linux", 12, "Triggered from"),
                                7,
                                "x"),
                        """
                        {"scheduler":"main","sourceStamps":[{"repository":"r","branch":"main","revision":"1a2b",\
                        "project":"app","codebase":""}],"properties":{"k":{"value":"v","source":"Trigger"}},\
                        "waitedFor":true,"parent":{"builder":"linux","buildNumber":12,"relationship":"Triggered from"},\
                        "priority":7,"externalId":"x"}\
                        """),
                pin(
                        "patch-submitted",
                        new PatchSubmitted(
                                "main",
                                "me",
                                "why",
                                List.of("linux"),
                                new SourceStamp(
                                        "r",
                                        "main",
                                        "1a2b",
                                        "app",
                                        "",
                                        new Patch("diff", 1, "me", "why", "sub")),
                                PROPERTIES,
                                "x"),
                        """
                        {"scheduler":"main","requestedBy":"me","comment":"why","builderNames":["linux"],\
                        "sourceStamp":{"repository":"r","branch":"main","revision":"1a2b","project":"app","codebase":"",\
                        "patch":{"body":"diff","level":1,"author":"me","comment":"why","subdir":"sub"}},\
                        "properties":{"k":{"value":"v","source":"Trigger"}},"externalId":"x"}\
                        """),
                pin(
                        "timer-fired",
                        new TimerFired("main", 3, NOON),
                        """
                        {"scheduler":"main","timer":3,"firedAt":"2026-01-01T12:00:00.123456Z"}\
                        """),
                new Pinned(
                        "buildset-submitted",
                        "2",
                        new BuildsetSubmitted(
                                5,
                                "main",
                                2,
                                "why",
                                List.of(STAMP),
                                List.of(16L, 17L),
                                PROPERTIES,
                                Map.of("linux", 41L),
                                NOON,
                                true,
                                new ParentBuild("linux", 12, "Triggered from"),
                                "x",
                                null),
                        """
                        {"buildsetId":5,"scheduler":"main","firing":2,"reason":"why","sourceStamps":[{"repository":"r",\
                        "branch":"main","revision":"1a2b","project":"app","codebase":""}],"changeIds":[16,17],\
                        "properties":{"k":{"value":"v","source":"Trigger"}},"requestIds":{"linux":41},\
                        "submittedAt":"2026-01-01T12:00:00.123456Z","waitedFor":true,\
                        "parent":{"builder":"linux","buildNumber":12,"relationship":"Triggered from"},"externalId":"x"}\
                        """),
                new Pinned(
                        "buildset-submitted",
                        "2",
                        new BuildsetSubmitted(
                                9,
                                "main",
                                2,
                                "why",
                                List.of(STAMP),
                                List.of(16L, 17L),
                                PROPERTIES,
                                Map.of("linux", 47L),
                                NOON,
                                false,
                                null,
                                null,
                                new RebuiltFrom(5, "linux", 12L, "me")),
                        """
                        {"buildsetId":9,"scheduler":"main","firing":2,"reason":"why","sourceStamps":[{"repository":"r",\
                        "branch":"main","revision":"1a2b","project":"app","codebase":""}],"changeIds":[16,17],\
                        "properties":{"k":{"value":"v","source":"Trigger"}},"requestIds":{"linux":47},\
                        "submittedAt":"2026-01-01T12:00:00.123456Z","waitedFor":false,\
                        "rebuiltFrom":{"buildsetId":5,"builder":"linux","buildNumber":12,"requestedBy":"me"}}\
                        """),
                pin(
                        "buildset-completed",
                        new BuildsetCompleted(5, Results.FAILURE),
                        """
                        {"buildsetId":5,"results":"FAILURE"}\
                        """),
                pin(
                        "build-requested",
                        new BuildRequested(41, 5, "linux", 7, NOON, null),
                        """
                        {"requestId":41,"buildsetId":5,"builder":"linux","priority":7,\
                        "submittedAt":"2026-01-01T12:00:00.123456Z"}\
                        """),
                pin(
                        "build-requested",
                        new BuildRequested(41, 5, "linux", 7, NOON, 3_600_000L),
                        """
                        {"requestId":41,"buildsetId":5,"builder":"linux","priority":7,\
                        "submittedAt":"2026-01-01T12:00:00.123456Z","queueTimeoutMillis":3600000}\
                        """),
                pin(
                        "build-request-claimed",
                        new BuildRequestClaimed(
                                41, "linux", 12, "b1", 3, 2, "w1", "0123456789ab", null, null),
                        """
                        {"requestId":41,"builder":"linux","buildNumber":12,"master":"b1","epoch":3,"attempt":2,\
                        "worker":"w1","fingerprint":"0123456789ab"}\
                        """),
                pin(
                        "build-request-claimed",
                        new BuildRequestClaimed(
                                41,
                                "linux",
                                12,
                                "b1",
                                3,
                                2,
                                "w1",
                                "0123456789ab",
                                3,
                                new Choice(1, 4, 44L)),
                        """
                        {"requestId":41,"builder":"linux","buildNumber":12,"master":"b1","epoch":3,"attempt":2,\
                        "worker":"w1","fingerprint":"0123456789ab","maxAttempts":3,\
                        "choice":{"place":1,"seen":4,"next":44}}\
                        """),
                pin(
                        "build-started",
                        new BuildStarted(41, 2),
                        """
                        {"requestId":41,"attempt":2}\
                        """),
                pin(
                        "build-request-completed",
                        new BuildRequestCompleted(41, 2, Results.SUCCESS, "build successful"),
                        """
                        {"requestId":41,"attempt":2,"results":"SUCCESS","summary":"build successful"}\
                        """),
                pin(
                        "build-request-released",
                        new BuildRequestReleased(41, 1, "b2", "master b1 is gone", null),
                        """
                        {"requestId":41,"attempt":1,"releasedBy":"b2","reason":"master b1 is gone"}\
                        """),
                pin(
                        "build-request-released",
                        new BuildRequestReleased(41, 1, "s1", "it hangs", "alice"),
                        """
                        {"requestId":41,"attempt":1,"releasedBy":"s1","reason":"it hangs","requestedBy":"alice"}\
                        """),
                pin(
                        "build-request-priority-changed",
                        new BuildRequestPriorityChanged(41, 9, "alice"),
                        """
                        {"requestId":41,"priority":9,"changedBy":"alice"}\
                        """),
                pin(
                        "build-request-cancelled",
                        new BuildRequestCancelled(41, "alice", "not needed"),
                        """
                        {"requestId":41,"cancelledBy":"alice","reason":"not needed"}\
                        """),
                pin(
                        "build-request-collapsed",
                        new BuildRequestCollapsed(41, 43, "why"),
                        """
                        {"requestId":41,"into":43,"reason":"why"}\
                        """),
                pin(
                        "build-request-expired",
                        new BuildRequestExpired(41, 3_600_000),
                        """
                        {"requestId":41,"queueTimeoutMillis":3600000}\
                        """),
                pin(
                        "build-request-given-up",
                        new BuildRequestGivenUp(41, 3, "master b1 is gone"),
                        """
                        {"requestId":41,"attempts":3,"reason":"master b1 is gone"}\
                        """),
                pin(
                        "step-started",
                        new StepStarted("linux", 12, 1, "git"),
                        """
                        {"builder":"linux","buildNumber":12,"step":1,"name":"git"}\
                        """),
                pin(
                        "command-started",
                        new CommandStarted("linux", 12, 1, "w1", "41.2.1.1"),
                        """
                        {"builder":"linux","buildNumber":12,"step":1,"worker":"w1","commandId":"41.2.1.1"}\
                        """),
                pin(
                        "property-set",
                        new PropertySet("linux", 12, 1, "version", "1.2"),
                        """
                        {"builder":"linux","buildNumber":12,"step":1,"name":"version","value":"1.2"}\
                        """),
                pin(
                        "artifact-stored",
                        new ArtifactStored(
                                "linux",
                                12,
                                1,
                                3,
                                "dist/app.tgz",
                                4096,
                                "f00d",
                                "disk",
                                "linux/12/dist/app.tgz"),
                        """
                        {"builder":"linux","buildNumber":12,"step":1,"artifact":3,"path":"dist/app.tgz","size":4096,"sha256":"f00d","store":"disk","location":"linux/12/dist/app.tgz"}\
                        """),
                pin(
                        "scheduler-asked",
                        new SchedulerAsked(
                                "linux", 12, 1, "tests", "scheduler-command/tests@4", true),
                        """
                        {"builder":"linux","buildNumber":12,"step":1,"scheduler":"tests","command":"scheduler-command/tests@4","waitedFor":true}\
                        """),
                pin(
                        "step-finished",
                        new StepFinished("linux", 12, 1, Results.WARNINGS, 3, "three", false),
                        """
                        {"builder":"linux","buildNumber":12,"step":1,"results":"WARNINGS","exitCode":3,"summary":"three"}\
                        """),
                pin(
                        "step-finished",
                        new StepFinished("linux", 12, 2, Results.SKIPPED, null, "skipped", true),
                        """
                        {"builder":"linux","buildNumber":12,"step":2,"results":"SKIPPED","summary":"skipped","hidden":true}\
                        """),
                pin(
                        "build-dropped",
                        new BuildDropped(
                                "linux", 12, Results.SUCCESS, "the claim was released by b2"),
                        """
                        {"builder":"linux","buildNumber":12,"results":"SUCCESS","reason":"the claim was released by b2"}\
                        """),
                pin(
                        "build-dropped",
                        new BuildDropped("linux", 13, null, "cancelled by joe: no longer needed"),
                        """
                        {"builder":"linux","buildNumber":13,"reason":"cancelled by joe: no longer needed"}\
                        """),
                pin(
                        "worker-attached",
                        new WorkerAttached("w1", "b1", 3, "3.7.0", "posix", List.of("41.12.1.1")),
                        """
                        {"worker":"w1","master":"b1","epoch":3,"version":"3.7.0","system":"posix","orphans":["41.12.1.1"]}\
                        """),
                pin(
                        "worker-detached",
                        new WorkerDetached("w1", "b1", 3, "the worker has closed the connection"),
                        """
                        {"worker":"w1","master":"b1","epoch":3,"reason":"the worker has closed the connection"}\
                        """),
                pin(
                        "worker-contested",
                        new WorkerContested("w1", "b1", 3, "b2"),
                        """
                        {"worker":"w1","master":"b1","epoch":3,"contestedBy":"b2"}\
                        """),
                pin(
                        "worker-paused",
                        new WorkerPaused("w1", "new disk", "alice"),
                        """
                        {"worker":"w1","reason":"new disk","requestedBy":"alice"}\
                        """),
                pin(
                        "worker-unpaused",
                        new WorkerUnpaused("b1/local", "", "alice"),
                        """
                        {"worker":"b1/local","reason":"","requestedBy":"alice"}\
                        """),
                pin(
                        "worker-stop-requested",
                        new WorkerStopRequested("w1", "it moves", "alice"),
                        """
                        {"worker":"w1","reason":"it moves","requestedBy":"alice"}\
                        """),
                pin(
                        "worker-stopped",
                        new WorkerStopped("w1", "b1", 3),
                        """
                        {"worker":"w1","master":"b1","epoch":3}\
                        """),
                pin(
                        "worker-quarantined",
                        new WorkerQuarantined(
                                "w1",
                                "b1",
                                3,
                                2,
                                Instant.parse("2026-01-01T12:00:20.5Z"),
                                "worker w1 is lost"),
                        """
                        {"worker":"w1","master":"b1","epoch":3,"failures":2,"until":"2026-01-01T12:00:20.500Z",\
                        "reason":"worker w1 is lost"}\
                        """),
                pin(
                        "worker-recovered",
                        new WorkerRecovered("w1", "b1", 3),
                        """
                        {"worker":"w1","master":"b1","epoch":3}\
                        """),
                pin(
                        "worker-missing",
                        new WorkerMissing("w1", "b1", 3, 3_600_000),
                        """
                        {"worker":"w1","master":"b1","epoch":3,"missingTimeoutMillis":3600000}\
                        """),
                pin(
                        "worker-starting",
                        new WorkerStarting("w1", "b1", 3),
                        """
                        {"worker":"w1","master":"b1","epoch":3}\
                        """),
                pin(
                        "worker-start-failed",
                        new WorkerStartFailed("w1", "b1", 3, "docker ended with status 125"),
                        """
                        {"worker":"w1","master":"b1","epoch":3,"reason":"docker ended with status 125"}\
                        """),
                pin(
                        "worker-ending",
                        new WorkerEnding("w1", "b1", 3, "it was shut down"),
                        """
                        {"worker":"w1","master":"b1","epoch":3,"reason":"it was shut down"}\
                        """),
                pin(
                        "worker-off",
                        new WorkerOff("w1", "b1", 3),
                        """
                        {"worker":"w1","master":"b1","epoch":3}\
                        """),
                pin(
                        "lock-requested",
                        new LockRequested(
                                "licences/w1",
                                5,
                                "linux",
                                7,
                                41,
                                2,
                                3,
                                LockMode.COUNTING,
                                2,
                                4,
                                "b1",
                                3),
                        """
                        {"lock":"licences/w1","ticket":5,"builder":"linux","buildNumber":7,"requestId":41,"attempt":2,\
                        "step":3,"mode":"COUNTING","count":2,"maxCount":4,"master":"b1","epoch":3}\
                        """),
                pin(
                        "lock-requested",
                        new LockRequested(
                                "builder:linux",
                                0,
                                "linux",
                                7,
                                41,
                                1,
                                null,
                                LockMode.EXCLUSIVE,
                                1,
                                1,
                                "b1",
                                3),
                        """
                        {"lock":"builder:linux","ticket":0,"builder":"linux","buildNumber":7,"requestId":41,"attempt":1,\
                        "mode":"EXCLUSIVE","count":1,"maxCount":1,"master":"b1","epoch":3}\
                        """),
                pin(
                        "lock-granted",
                        new LockGranted("licences/w1", 5, "linux", 7, 3),
                        """
                        {"lock":"licences/w1","ticket":5,"builder":"linux","buildNumber":7,"step":3}\
                        """),
                pin(
                        "lock-released",
                        new LockReleased("site", 6, "linux", 7, null, "the build has ended"),
                        """
                        {"lock":"site","ticket":6,"builder":"linux","buildNumber":7,\
                        "reason":"the build has ended"}\
                        """),
                pin(
                        "master-started",
                        new MasterStarted(
                                "b1", 3, "builder", "host", 4711, Map.of("linux", "0123456789ab")),
                        """
                        {"master":"b1","epoch":3,"role":"builder","host":"host","pid":4711,\
                        "fingerprints":{"linux":"0123456789ab"}}\
                        """),
                pin(
                        "master-drained",
                        new MasterDrained("b1", 3, true, "alice"),
                        """
                        {"master":"b1","epoch":3,"now":true,"requestedBy":"alice"}\
                        """),
                pin(
                        "master-undrained",
                        new MasterUndrained("b1", 3, "alice"),
                        """
                        {"master":"b1","epoch":3,"requestedBy":"alice"}\
                        """),
                pin(
                        "configuration-reload-requested",
                        new ConfigurationReloadRequested("b1", 3, "alice"),
                        """
                        {"master":"b1","epoch":3,"requestedBy":"alice"}\
                        """),
                pin(
                        "configuration-reloaded",
                        new ConfigurationReloaded(
                                "b1",
                                3,
                                "signal",
                                List.of("builders.docs: added"),
                                Map.of("docs", "f00d")),
                        """
                        {"master":"b1","epoch":3,"requestedBy":"signal",\
                        "differences":["builders.docs: added"],"fingerprints":{"docs":"f00d"}}\
                        """),
                pin(
                        "configuration-reload-refused",
                        new ConfigurationReloadRefused(
                                "b1", 3, "alice", List.of("c.yaml:1:1: db_user is missing")),
                        """
                        {"master":"b1","epoch":3,"requestedBy":"alice",\
                        "problems":["c.yaml:1:1: db_user is missing"]}\
                        """),
                pin(
                        "builders-described",
                        new BuildersDescribed(
                                "b1",
                                3,
                                Map.of(
                                        "docs",
                                        new BuilderDescription(
                                                List.of("slow"),
                                                "makes the manual",
                                                "app",
                                                "can_start_build")),
                                Map.of(
                                        "app",
                                        new ProjectDescription(
                                                "the application", "https://example.org/app"))),
                        """
                        {"master":"b1","epoch":3,"builders":{"docs":{"tags":["slow"],\
                        "description":"makes the manual","project":"app","policy":"can_start_build"}},\
                        "projects":{"app":{"description":"the application","url":"https://example.org/app"}}}\
                        """),
                pin(
                        "master-stopped",
                        new MasterStopped("b1", 3),
                        """
                        {"master":"b1","epoch":3}\
                        """),
                pin(
                        "master-lost",
                        new MasterLost("b1", 3, "b2", "its lease ended"),
                        """
                        {"master":"b1","epoch":3,"declaredBy":"b2","reason":"its lease ended"}\
                        """));
    }

    /** What is written no longer, and read for ever. */
    static Stream<Pinned> older() {
        return Stream.of(
                pin(
                        "repository-polled",
                        new RepositoryPolled(
                                "https://example.org/app.git", Map.of("main", "1a2b"), null, null),
                        """
                        {"repository":"https://example.org/app.git","heads":{"main":"1a2b"}}\
                        """),
                pin(
                        "scheduler-configured",
                        new SchedulerConfigured(
                                "main", "single_branch", "ab12", List.of("linux", "docs"), null),
                        """
                        {"scheduler":"main","type":"single_branch","digest":"ab12","builderNames":["linux","docs"]}\
                        """),
                pin(
                        "scheduler-renamed",
                        new SchedulerRenamed("main", "old", 7, null, null),
                        """
                        {"scheduler":"main","from":"old","upTo":7}\
                        """),
                pin(
                        "change-taken",
                        new ChangeTaken("main", 17, "r", null, "1a2b", "app", "", null, null),
                        """
                        {"scheduler":"main","changeId":17,"repository":"r","revision":"1a2b","project":"app","codebase":""}\
                        """),
                pin(
                        "timer-armed",
                        new TimerArmed("main", 3, NOON, null),
                        """
                        {"scheduler":"main","timer":3,"fireAt":"2026-01-01T12:00:00.123456Z"}\
                        """),
                pin(
                        "changes-scheduled",
                        new SchedulerFired("main", 2, List.of(16L, 17L), null),
                        """
                        {"scheduler":"main","firing":2,"changeIds":[16,17],"repository":"r","branch":"main",\
                        "revision":"1a2b","project":"app","codebase":""}\
                        """),
                pin(
                        "buildset-submitted",
                        new BuildsetSubmitted(
                                5,
                                "main",
                                2,
                                "why",
                                List.of(STAMP),
                                List.of(16L, 17L),
                                Map.of(),
                                Map.of("linux", 41L),
                                NOON,
                                false,
                                null,
                                null,
                                null),
                        """
                        {"buildsetId":5,"scheduler":"main","firing":2,"reason":"why","sourceStamp":{"repository":"r",\
                        "branch":"main","revision":"1a2b","project":"app","codebase":""},"changeIds":[16,17],\
                        "requestIds":{"linux":41},"submittedAt":"2026-01-01T12:00:00.123456Z"}\
                        """));
    }

    /** One of each type and revision, for others that must take them all. */
    static Stream<Object> events() {
        return pinned().map(Pinned::event);
    }

    private static Pinned pin(String name, Object event, String json) {
        return new Pinned(name, "1", event, json);
    }

    @ParameterizedTest
    @MethodSource("pinned")
    void an_event_is_written_as_it_is_pinned(Pinned pinned) {
        SerializedObject<String> written = JSON.serialize(pinned.event(), String.class);

        assertThat(written.getType().getName()).isEqualTo(pinned.name());
        assertThat(written.getType().getRevision()).isEqualTo(pinned.revision());
        assertThat(written.getData()).isEqualTo(pinned.json());
    }

    @ParameterizedTest
    @MethodSource({"pinned", "older"})
    void what_is_pinned_is_read_as_the_event(Pinned pinned) {
        assertThat(read(pinned.name(), pinned.revision(), pinned.json())).isEqualTo(pinned.event());
    }

    @Test
    void every_event_of_the_domain_is_pinned() {
        Set<Class<?>> events = new HashSet<>();
        for (Class<?> stream :
                List.of(
                        ChangeEvent.class,
                        ChangeSourceEvent.class,
                        SchedulerEvent.class,
                        SchedulerCommandEvent.class,
                        TimerEvent.class,
                        BuildsetEvent.class,
                        BuildRequestEvent.class,
                        BuildEvent.class,
                        WorkerEvent.class,
                        LockEvent.class,
                        MasterEvent.class)) {
            events.addAll(Arrays.asList(stream.getPermittedSubclasses()));
        }

        assertThat(pinned().map(pinned -> (Object) pinned.event().getClass()).distinct())
                .containsExactlyInAnyOrderElementsOf(events);
    }

    @Test
    void an_event_of_a_newer_program_is_passed_on_as_unknown() {
        assertThat(read("something-new", "1", "{}")).isInstanceOf(UnknownSerializedType.class);
    }

    @Test
    void a_revision_of_a_newer_program_is_not_taken_for_the_one_that_is_known() {
        assertThat(read("build-started", "2", "{\"requestId\":41,\"attempt\":2}"))
                .isInstanceOf(UnknownSerializedType.class);
    }

    @Test
    void a_component_that_a_newer_program_added_is_passed_over() {
        assertThat(read("build-started", "1", "{\"requestId\":41,\"attempt\":2,\"new\":[1]}"))
                .isEqualTo(new BuildStarted(41, 2));
    }

    @Test
    void the_page_on_events_has_each_with_its_fields() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "events.md"));

        pinned().forEach(pinned ->
                assertThat(page)
                        .contains(
                                "`%s` | %s |"
                                        .formatted(
                                                pinned.name(),
                                                Arrays.stream(
                                                                pinned.event()
                                                                        .getClass()
                                                                        .getRecordComponents())
                                                        .map(RecordComponent::getName)
                                                        .collect(Collectors.joining(", ")))));
    }

    private static @Nullable Object read(String name, String revision, String json) {
        return JSON.deserialize(
                new SimpleSerializedObject<>(
                        json, String.class, new SimpleSerializedType(name, revision)));
    }
}
