package io.buildledger.scheduler.cancelling;

import io.buildledger.claiming.Builds;
import io.buildledger.claiming.RequestCommands;
import io.buildledger.commanding.SchedulerCommands.Outcome;
import io.buildledger.commanding.TriggeredBuilds;
import io.buildledger.commanding.TriggeredBuilds.Triggered;
import io.buildledger.domain.building.BuildEvent.SchedulerAsked;
import io.buildledger.domain.building.BuildEvent.StepFinished;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCancelled;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestReleased;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.requesting.ParentBuild;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.Follower;
import io.buildledger.log.NewerEvent;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Ends the builds that another build waits for when that comes to nothing: because somebody
 * cancelled or retried it, because its master stopped or was lost, or because it had come to
 * nothing before the scheduler asked for them; and when the step that waits for them gives up, as
 * when another scheduler that it asked does not answer. What it ends and its place in the log
 * commit together.
 *
 * <p>A step that has ended by itself has left nothing that it waits for, and so has its build.
 * Builds that nobody waits for in the first place go on.
 */
final class UnawaitedBuilds implements Follower.Reader {

    static final String NAME = "unawaited-builds";

    private static final Set<Class<?>> TYPES =
            Set.of(
                    BuildRequestReleased.class,
                    BuildRequestCancelled.class,
                    BuildsetSubmitted.class,
                    StepFinished.class);

    private final EventLog log;
    private final Builds builds;
    private final TriggeredBuilds triggered;
    private final RequestCommands commands;
    private final Author author;

    /** Requests whose end the batch has written. */
    private final Set<Long> over = new HashSet<>();

    UnawaitedBuilds(EventLog log, DataSource dataSource, RequestCommands commands, Author author) {
        this.log = log;
        this.builds = new Builds(log, dataSource);
        this.triggered = new TriggeredBuilds(log);
        this.commands = commands;
        this.author = author;
    }

    @Override
    public boolean concerns(Object event) {
        return switch (event) {
            case BuildRequestReleased _, BuildRequestCancelled _ -> true;
            case BuildsetSubmitted submitted -> submitted.waitedFor();
            case StepFinished finished -> mayHaveGivenUp(finished);
            case NewerEvent newer -> TYPES.stream().anyMatch(newer::isOf);
            default -> false;
        };
    }

    /**
     * One that has waited to the end may be among them, and has left nothing that could be ended.
     */
    private static boolean mayHaveGivenUp(StepFinished finished) {
        return switch (finished.results()) {
            case EXCEPTION, RETRY, CANCELLED -> true;
            case SKIPPED, SUCCESS, WARNINGS, FAILURE -> false;
        };
    }

    @Override
    public void read(Recorded recorded) {
        switch (recorded.event()) {
            case BuildRequestReleased released ->
                    claimBefore(recorded)
                            .ifPresent(claim ->
                                    endThoseOf(claim, "was released: " + released.why(), recorded));
            case BuildRequestCancelled cancelled ->
                    claimBefore(recorded)
                            .ifPresent(claim ->
                                    endThoseOf(
                                            claim,
                                            "was cancelled by %s: %s"
                                                    .formatted(
                                                            cancelled.cancelledBy(),
                                                            cancelled.reason()),
                                            recorded));
            case BuildsetSubmitted submitted -> endIfTooLate(submitted, recorded);
            case StepFinished finished -> endThoseOf(finished, recorded);
            case NewerEvent newer -> throw newer.refused();
            default -> throw new IllegalArgumentException(recorded.id());
        }
    }

    /** The claim that an event of a request ends; empty where there is none. */
    private Optional<BuildRequestClaimed> claimBefore(Recorded end) {
        @Nullable BuildRequestClaimed claim = null;
        for (Recorded recorded : log.read(end.stream())) {
            if (recorded.sequence() >= end.sequence()) {
                break;
            }
            switch (recorded.event()) {
                case BuildRequestClaimed claimed -> claim = claimed;
                case BuildRequestReleased _ -> claim = null;
                default -> {}
            }
        }
        return Optional.ofNullable(claim);
    }

    private void endThoseOf(BuildRequestClaimed claim, String why, Recorded cause) {
        endThoseOf(
                claim.builder(),
                claim.buildNumber(),
                _ -> true,
                "the build that waits for this " + why,
                cause);
    }

    private void endThoseOf(StepFinished finished, Recorded cause) {
        endThoseOf(
                finished.builder(),
                finished.buildNumber(),
                asked -> asked.step() == finished.step(),
                "the step that waits for this has ended: " + finished.summary(),
                cause);
    }

    private void endThoseOf(
            String builder,
            long buildNumber,
            Predicate<SchedulerAsked> which,
            String reason,
            Recorded cause) {
        for (Triggered each : triggered.by(builder, buildNumber)) {
            SchedulerAsked asked = each.asked();
            if (asked.waitedFor()
                    && which.test(asked)
                    && each.outcome().orElse(null) instanceof Outcome.Submitted submitted) {
                end(
                        submitted.buildset(),
                        "build %s/%d".formatted(builder, buildNumber),
                        reason,
                        cause);
            }
        }
    }

    private void endIfTooLate(BuildsetSubmitted submitted, Recorded recorded) {
        ParentBuild parent = submitted.parent();
        if (parent == null) {
            return;
        }
        String by = "build %s/%d".formatted(parent.builder(), parent.buildNumber());
        if (!builds.isUnderClaim(parent.builder(), parent.buildNumber())) {
            end(submitted, by, "the build that was to wait for this had ended", recorded);
        } else if (isOverForStep(parent, submitted.buildsetId())) {
            end(submitted, by, "the step that was to wait for this had ended", recorded);
        }
    }

    /** Whether the step that asked for a buildset has given up to wait for it. */
    private boolean isOverForStep(ParentBuild parent, long buildsetId) {
        Set<Integer> finished =
                log
                        .readOfType(
                                Streams.build(parent.builder(), parent.buildNumber()),
                                StepFinished.class)
                        .stream()
                        .map(Recorded::event)
                        .filter(StepFinished.class::isInstance)
                        .map(it -> ((StepFinished) it).step())
                        .collect(Collectors.toSet());
        return !finished.isEmpty()
                && triggered.by(parent.builder(), parent.buildNumber()).stream()
                        .filter(it -> finished.contains(it.asked().step()))
                        .anyMatch(it ->
                                it.outcome().orElse(null) instanceof Outcome.Submitted submitted
                                        && submitted.buildset().buildsetId() == buildsetId);
    }

    private void end(BuildsetSubmitted buildset, String by, String reason, Recorded cause) {
        Collection<Long> requests =
                buildset.requestIds().values().stream().filter(over::add).toList();
        commands.cancel(
                author,
                cause.id(),
                requests.stream()
                        .map(request -> new BuildRequestCancelled(request, by, reason))
                        .toList());
    }

    @Override
    public void committed() {
        over.clear();
    }

    @Override
    public void rolledBack() {
        over.clear();
    }
}
