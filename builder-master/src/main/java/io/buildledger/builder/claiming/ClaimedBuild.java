package io.buildledger.builder.claiming;

import io.buildledger.artifacts.KeptArtifact;
import io.buildledger.attaching.OpenCommands;
import io.buildledger.builder.running.BuildOutcome;
import io.buildledger.builder.running.BuildRunner;
import io.buildledger.builder.running.RunningBuild;
import io.buildledger.builder.running.StepListener;
import io.buildledger.builder.working.Interruption;
import io.buildledger.claiming.Claims;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.commanding.BuildTriggers;
import io.buildledger.commanding.Question;
import io.buildledger.configuring.Configuration;
import io.buildledger.database.DatabaseTrouble;
import io.buildledger.domain.building.BuildEvent;
import io.buildledger.domain.building.BuildEvent.ArtifactStored;
import io.buildledger.domain.building.BuildEvent.BuildDropped;
import io.buildledger.domain.building.BuildEvent.CommandStarted;
import io.buildledger.domain.building.BuildEvent.PropertySet;
import io.buildledger.domain.building.BuildEvent.StepFinished;
import io.buildledger.domain.building.BuildEvent.StepStarted;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.locking.LockUse;
import io.buildledger.domain.rendering.BuildProperties;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCompleted;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildStarted;
import io.buildledger.domain.requesting.Property;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildTriggered;
import io.buildledger.locking.Holder;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.GroupCommit;
import io.buildledger.log.GroupCommit.Outcome;
import io.buildledger.log.GroupCommit.Submission;
import io.buildledger.log.Streams;
import io.buildledger.stepping.CurrentBuild;
import io.buildledger.stepping.LockAccess;
import io.buildledger.stepping.StepAbortedException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A claim on its way to a result. Every event goes through the group commit; the moment one is
 * refused, because the claim was released by others, the build is stopped and what it did is thrown
 * away.
 */
final class ClaimedBuild implements StepListener {

    private static final Logger LOG = LoggerFactory.getLogger(ClaimedBuild.class);

    /** Why an event was refused. */
    private static final String OVER = "the claim is over";

    /** What becomes of the last command that the worker was told of, as far as it is known. */
    private enum Command {
        NONE,
        RUNNING,
        ENDED
    }

    private final Won won;
    private final Author author;
    private final Claims claims;
    private final GroupCommit commit;
    private final OpenCommands commands;
    private final BuildTriggers triggers;
    private final StepLocks stepLocks;
    private final ConfiguredBuilders claimedBy;
    private final RunningBuild build;
    private final String name;
    private long nextOfRequest;
    private long nextOfBuild;
    private Command command = Command.NONE;
    private volatile @Nullable String abandoned;
    private volatile boolean leftLocks;
    private @Nullable BuildOutcome outcome;

    ClaimedBuild(
            Won won,
            Configuration.Builder builder,
            BuildProperties properties,
            Author author,
            Claims claims,
            GroupCommit commit,
            OpenCommands commands,
            BuildTriggers triggers,
            StepLocks stepLocks,
            ConfiguredBuilders claimedBy,
            BuildRunner runner) {
        this.won = won;
        this.author = author;
        this.claims = claims;
        this.commit = commit;
        this.commands = commands;
        this.triggers = triggers;
        this.stepLocks = stepLocks;
        this.claimedBy = claimedBy;
        this.nextOfRequest = won.nextSequence();
        BuildRequestClaimed claim = won.claim();
        CurrentBuild current =
                new CurrentBuild(
                        builder.name(),
                        claim.buildNumber(),
                        claim.requestId(),
                        won.buildset().sourceStamps(),
                        claim.worker(),
                        author.master());
        this.name = current.toString();
        this.build = runner.prepare(current, builder, properties, this);
    }

    BuildRequestClaimed claim() {
        return won.claim();
    }

    /** Stops the build; it will have no result from this master. */
    void abandon(String reason) {
        abandoned = reason;
        build.interrupt(reason);
    }

    /**
     * Runs the build to its end, or to the end of its claim.
     *
     * @return why the claim came to nothing, in which case it may live on; empty if it has ended
     *     with a result
     */
    Optional<String> run() throws InterruptedException {
        BuildRequestClaimed claim = won.claim();
        BuildStarted started = new BuildStarted(claim.requestId(), claim.attempt());
        if (isRefused(place -> Submission.of(Entry.of(place, started)))) {
            return drop(null, OVER);
        }
        LOG.info("{}: started", this);
        BuildOutcome ended = build.run();
        String reason = abandoned;
        if (reason != null) {
            return drop(null, reason);
        }
        outcome = ended;
        if (ended.results() == Results.RETRY) {
            return drop(ended.results(), ended.summary());
        }
        BuildRequestCompleted completed =
                new BuildRequestCompleted(
                        claim.requestId(), claim.attempt(), ended.results(), ended.summary());
        if (isRefused(place -> claims.completion(author, won, place, completed))) {
            return drop(ended.results(), OVER);
        }
        LOG.info("{}: {}: {}", this, ended.results(), ended.summary());
        return Optional.empty();
    }

    /** How the build itself has ended; empty if it did not come to that, or was stopped. */
    Optional<BuildOutcome> outcome() {
        return Optional.ofNullable(outcome);
    }

    /**
     * Records, on the stream that is this build's alone, that nothing of it counts.
     *
     * @return why
     */
    private Optional<String> drop(@Nullable Results results, String reason) {
        if (results == null) {
            LOG.warn("{}: dropped: {}", this, reason);
        } else {
            LOG.warn("{}: its result, {}, is thrown away: {}", this, results, reason);
        }
        BuildDropped dropped =
                new BuildDropped(claim().builder(), claim().buildNumber(), results, reason);
        record(dropped, claims.drop(author, won, nextOfBuild(dropped)));
        return Optional.of(reason);
    }

    /** Writes the next event of the request, unless the claim is over. */
    private boolean isRefused(LongFunction<Submission<?>> at) throws InterruptedException {
        while (write(at.apply(nextOfRequest)) == Outcome.CONFLICT) {
            long expected = nextOfRequest;
            OptionalLong next =
                    DatabaseTrouble.outlast(
                            () -> claims.nextPlace(claim().requestId(), expected),
                            reason -> LOG.warn("{}: can't read its request: {}", this, reason));
            if (next.isEmpty()) {
                return true;
            }
            nextOfRequest = next.getAsLong();
        }
        nextOfRequest++;
        return false;
    }

    private Outcome write(Submission<?> submission) throws InterruptedException {
        try {
            return commit.submit(submission).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(this + ": could not be recorded", e.getCause());
        }
    }

    @Override
    public void stepStarted(int step, String name) {
        record(new StepStarted(claim().builder(), claim().buildNumber(), step, name));
    }

    @Override
    public void takeLocks(
            int step, List<LockAccess> accesses, Interruption interruption, Consumer<String> told)
            throws StepAbortedException {
        List<LockUse> uses = claimedBy.locksOf(accesses, claim().worker(), author.master());
        stepLocks.take(holder(step), uses, interruption, told);
    }

    @Override
    public void releaseLocks(int step) {
        if (!stepLocks.release(holder(step))) {
            leftLocks = true;
        }
    }

    /** Whether a lock of a step may still be held, which nobody releases but a recovery. */
    boolean hasLeftLocks() {
        return leftLocks;
    }

    private Holder holder(int step) {
        return new Holder(
                claim().builder(),
                claim().buildNumber(),
                claim().requestId(),
                claim().attempt(),
                step);
    }

    @Override
    public void commandStarted(int step, String commandId) throws IOException {
        CommandStarted started =
                new CommandStarted(
                        claim().builder(),
                        claim().buildNumber(),
                        step,
                        claim().worker(),
                        commandId);
        command = Command.RUNNING;
        try {
            if (write(commands.opening(nextOfBuild(started), started)) == Outcome.CONFLICT) {
                throw new IOException("another master writes to the stream of this build");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted before the command was recorded");
        }
    }

    @Override
    public void commandEnded() {
        command = Command.ENDED;
    }

    @Override
    public void propertySet(int step, String name, Property property) {
        record(
                new PropertySet(
                        claim().builder(), claim().buildNumber(), step, name, property.value()));
    }

    @Override
    public void artifactStored(int step, int artifact, KeptArtifact kept) {
        record(
                new ArtifactStored(
                        claim().builder(),
                        claim().buildNumber(),
                        step,
                        artifact,
                        kept.path().text(),
                        kept.size(),
                        kept.sha256(),
                        kept.store(),
                        kept.location()));
    }

    @Override
    public Question schedulerAsked(int step, BuildTriggered command) throws IOException {
        try {
            Question question =
                    triggers.ask(command, step, nextOfBuild)
                            .orElseThrow(() ->
                                    new IOException(
                                            "another master writes to the stream of this build"));
            nextOfBuild++;
            return question;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted before the scheduler was asked");
        }
    }

    @Override
    public void stepFinished(
            int step, Results results, @Nullable Integer exitCode, String summary, boolean hidden) {
        StepFinished finished =
                new StepFinished(
                        claim().builder(),
                        claim().buildNumber(),
                        step,
                        results,
                        exitCode,
                        summary,
                        hidden);
        if (command == Command.ENDED) {
            command = Command.NONE;
            record(finished, commands.closing(nextOfBuild(finished), finished));
        } else {
            record(finished);
        }
    }

    private void record(BuildEvent event) {
        record(event, Submission.of(nextOfBuild(event)));
    }

    private Entry nextOfBuild(BuildEvent event) {
        return new Entry(Streams.build(event.builder(), event.buildNumber()), nextOfBuild++, event);
    }

    /** Does not wait: the build's end comes after it in the same queue. */
    private void record(BuildEvent event, Submission<?> submission) {
        try {
            CompletableFuture<Outcome> _ =
                    commit.submit(submission)
                            .whenComplete((outcome, failure) -> {
                                if (failure != null) {
                                    LOG.error("{}: {} could not be recorded", this, event, failure);
                                } else if (outcome == Outcome.CONFLICT) {
                                    LOG.error(
                                            "{}: another master writes to the stream of this build",
                                            this);
                                }
                            });
        } catch (InterruptedException e) {
            // The next wait of the build ends with it.
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
