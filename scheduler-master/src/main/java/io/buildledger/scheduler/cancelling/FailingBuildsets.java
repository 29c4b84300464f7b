package io.buildledger.scheduler.cancelling;

import io.buildledger.claiming.RequestCommands;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.cancelling.FailingBuildsetCanceller;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCancelled;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCompleted;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.Follower;
import io.buildledger.log.NewerEvent;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Runs one {@link FailingBuildsetCanceller} over the log. What it ends and its place in the log
 * commit together: the others of a buildset are ended once, whoever runs the canceller and however
 * often that one dies.
 */
final class FailingBuildsets implements Follower.Reader {

    private final FailingBuildsetCanceller canceller;
    private final EventLog log;
    private final RequestCommands commands;
    private final Author author;

    /** Requests whose end the batch has written. */
    private final Set<Long> over = new HashSet<>();

    FailingBuildsets(
            FailingBuildsetCanceller canceller,
            EventLog log,
            RequestCommands commands,
            Author author) {
        this.canceller = canceller;
        this.log = log;
        this.commands = commands;
        this.author = author;
    }

    @Override
    public boolean concerns(Object event) {
        return switch (event) {
            case BuildRequestCompleted completed -> completed.results() == Results.FAILURE;
            case NewerEvent newer -> newer.isOf(BuildRequestCompleted.class);
            default -> false;
        };
    }

    @Override
    public void read(Recorded recorded) {
        BuildRequestCompleted failed = (BuildRequestCompleted) recorded.understood();
        first(Streams.buildRequest(failed.requestId()), BuildRequested.class)
                .filter(it -> canceller.heeds(it.builder()))
                .ifPresent(it ->
                        first(Streams.buildset(it.buildsetId()), BuildsetSubmitted.class)
                                .ifPresent(buildset ->
                                        end(
                                                buildset,
                                                it.builder(),
                                                it.requestId(),
                                                recorded.id())));
    }

    private <T> Optional<T> first(String stream, Class<T> type) {
        return log.find(stream, 0)
                .map(Recorded::understood)
                .filter(type::isInstance)
                .map(type::cast);
    }

    private void end(BuildsetSubmitted buildset, String failed, long requestId, String cause) {
        String reason = FailingBuildsetCanceller.reason(buildset, failed, requestId);
        commands.cancel(
                author,
                cause,
                canceller.notWorthABuild(buildset, failed).stream()
                        .filter(over::add)
                        .map(it -> new BuildRequestCancelled(it, canceller.signature(), reason))
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
