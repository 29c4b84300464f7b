package io.buildledger.scheduler.demonstrating;

import io.buildledger.domain.building.BuildEvent.StepFinished;
import io.buildledger.domain.building.BuildEvent.StepStarted;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.mastering.MasterEvent.MasterDrained;
import io.buildledger.domain.mastering.MasterEvent.MasterLost;
import io.buildledger.domain.mastering.MasterEvent.MasterStarted;
import io.buildledger.domain.mastering.MasterEvent.MasterStopped;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCancelled;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCompleted;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestExpired;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestGivenUp;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestReleased;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetCompleted;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import io.buildledger.log.Recorded;
import io.buildledger.showing.Printable;
import io.buildledger.showing.ShortRevision;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tells people what happens, event by event, as the log has it. */
final class Narrator {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

    private final PrintStream out;
    private final String web;
    private final String command;
    private final Consumer<Results> onBuilt;
    private final Map<Long, BuildRequestClaimed> claims = new HashMap<>();
    private final Map<Long, Instant> claimedAt = new HashMap<>();

    /**
     * @param web address of the pages
     * @param command how the command line has to be called for this cluster
     * @param onBuilt told the result of each request that was built
     */
    Narrator(PrintStream out, String web, String command, Consumer<Results> onBuilt) {
        this.out = out;
        this.web = web;
        this.command = command;
        this.onBuilt = onBuilt;
    }

    void read(Recorded recorded) {
        switch (recorded.event()) {
            case MasterStarted started ->
                    tell(
                            recorded,
                            "master " + started.master(),
                            "%s, started (epoch %d, process %d)"
                                    .formatted(started.role(), started.epoch(), started.pid()));
            case MasterDrained drained ->
                    tell(
                            recorded,
                            "master " + drained.master(),
                            "drained by " + drained.requestedBy());
            case MasterStopped stopped -> tell(recorded, "master " + stopped.master(), "stopped");
            case MasterLost lost ->
                    tell(
                            recorded,
                            "MASTER LOST",
                            "%s (epoch %d), declared by %s: %s"
                                    .formatted(
                                            lost.master(),
                                            lost.epoch(),
                                            lost.declaredBy(),
                                            lost.reason()));
            case ChangeReceived change ->
                    tell(
                            recorded,
                            "change " + change.changeId(),
                            "%s%s by %s: %s"
                                    .formatted(
                                            abbreviated(change.revision()),
                                            change.branch() == null ? "" : " on " + change.branch(),
                                            change.author(),
                                            firstLine(change.comments())));
            case TimerArmed armed ->
                    tell(
                            recorded,
                            "scheduler",
                            "%s waits for a quiet tree until %s"
                                    .formatted(armed.scheduler(), TIME.format(armed.fireAt())));
            case BuildRequested requested ->
                    tell(
                            recorded,
                            "request " + requested.requestId(),
                            "for builder " + requested.builder());
            case BuildRequestClaimed claimed -> {
                claims.put(claimed.requestId(), claimed);
                claimedAt.put(claimed.requestId(), recorded.at());
                tell(
                        recorded,
                        "CLAIMED",
                        "request %d by %s (epoch %d, attempt %d): build %s/%d on worker %s"
                                .formatted(
                                        claimed.requestId(),
                                        claimed.master(),
                                        claimed.epoch(),
                                        claimed.attempt(),
                                        claimed.builder(),
                                        claimed.buildNumber(),
                                        claimed.worker()));
            }
            case StepStarted started ->
                    tell(
                            recorded,
                            "",
                            "%s/%d %s ..."
                                    .formatted(
                                            started.builder(),
                                            started.buildNumber(),
                                            started.name()));
            case StepFinished finished when finished.results() != Results.SUCCESS ->
                    tell(
                            recorded,
                            "",
                            "%s/%d %s: %s"
                                    .formatted(
                                            finished.builder(),
                                            finished.buildNumber(),
                                            finished.results(),
                                            finished.summary()));
            case BuildRequestReleased released ->
                    tell(
                            recorded,
                            "RELEASED",
                            "request %d by %s: %s"
                                    .formatted(
                                            released.requestId(),
                                            released.releasedBy(),
                                            released.why()));
            case BuildRequestCompleted completed -> completed(recorded, completed);
            case BuildRequestCancelled cancelled ->
                    tell(
                            recorded,
                            "CANCELLED",
                            "request %d by %s: %s"
                                    .formatted(
                                            cancelled.requestId(),
                                            cancelled.cancelledBy(),
                                            cancelled.reason()));
            case BuildRequestExpired expired ->
                    tell(
                            recorded,
                            "EXPIRED",
                            "request %d: nobody claimed it in time".formatted(expired.requestId()));
            case BuildRequestGivenUp givenUp ->
                    tell(
                            recorded,
                            "GIVEN UP",
                            "request %d after %d attempts: %s"
                                    .formatted(
                                            givenUp.requestId(),
                                            givenUp.attempts(),
                                            givenUp.reason()));
            case BuildsetCompleted completed ->
                    tell(
                            recorded,
                            "buildset " + completed.buildsetId(),
                            completed.results().toString());
            default -> {}
        }
    }

    private void completed(Recorded recorded, BuildRequestCompleted completed) {
        BuildRequestClaimed claim = claims.remove(completed.requestId());
        Instant since = claimedAt.remove(completed.requestId());
        if (claim == null || since == null) {
            return;
        }
        String build = claim.builder() + "/" + claim.buildNumber();
        tell(
                recorded,
                completed.results().toString(),
                "build %s of request %d on %s in %.1f s, attempt %d"
                        .formatted(
                                build,
                                completed.requestId(),
                                claim.master(),
                                Duration.between(since, recorded.at()).toMillis() / 1000.0,
                                completed.attempt()));
        add("page: %s/builds/%s".formatted(web, build));
        add("log:  %s log %s".formatted(command, build));
        if (completed.attempt() > 1) {
            add("who did what: %s audit request %d".formatted(command, completed.requestId()));
        }
        onBuilt.accept(completed.results());
    }

    private void tell(Recorded recorded, String what, String details) {
        String line = "%s %-13s %s".formatted(TIME.format(recorded.at()), what, details);
        // Authors and comments are anybody's, and a terminal obeys.
        out.println(Printable.of(line));
    }

    private void add(String details) {
        out.println(Printable.of("%-26s %s".formatted("", details)));
    }

    private static String abbreviated(@Nullable String revision) {
        return revision == null ? "newest" : ShortRevision.of(revision);
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }
}
