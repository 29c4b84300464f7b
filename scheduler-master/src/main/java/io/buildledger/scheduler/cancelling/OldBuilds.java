package io.buildledger.scheduler.cancelling;

import io.buildledger.claiming.RequestCommands;
import io.buildledger.domain.cancelling.Branch;
import io.buildledger.domain.cancelling.OldBuildCanceller;
import io.buildledger.domain.cancelling.OldBuildCanceller.Newer;
import io.buildledger.domain.cancelling.OldBuildCanceller.Reading;
import io.buildledger.domain.cancelling.OldBuildCanceller.Watched;
import io.buildledger.domain.requesting.BuildRequestEvent;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCancelled;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.Follower;
import io.buildledger.log.NewerEvent;
import io.buildledger.log.Recorded;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;

/**
 * Runs one {@link OldBuildCanceller} over the log. What it watches over, what it ends and its place
 * in the log commit together: a request is ended once, whoever runs the canceller and however often
 * that one dies.
 */
final class OldBuilds implements Follower.Reader {

    private final OldBuildCanceller canceller;
    private final ChangesMade changes;
    private final CancellableRequests requests;
    private final RequestCommands commands;
    private final Author author;

    /** Requests whose end the batch has read or written. */
    private final Set<Long> over = new HashSet<>();

    OldBuilds(
            OldBuildCanceller canceller,
            EventLog log,
            DataSource dataSource,
            RequestCommands commands,
            Author author) {
        this.canceller = canceller;
        this.changes = new ChangesMade(log);
        this.requests = new CancellableRequests(canceller.name(), dataSource);
        this.commands = commands;
        this.author = author;
    }

    @Override
    public boolean concerns(Object event) {
        return switch (event) {
            case BuildsetSubmitted buildset -> !canceller.branches(buildset).isEmpty();
            case BuildRequestEvent ofRequest -> isEnd(ofRequest);
            // Of an end in a newer revision nothing is known; what it leaves is asked for in vain.
            case NewerEvent newer -> newer.isOf(BuildsetSubmitted.class);
            default -> false;
        };
    }

    private static boolean isEnd(BuildRequestEvent event) {
        return switch (event) {
            case BuildRequestEvent.BuildRequestCompleted _,
                    BuildRequestEvent.BuildRequestCancelled _,
                    BuildRequestEvent.BuildRequestCollapsed _,
                    BuildRequestEvent.BuildRequestExpired _,
                    BuildRequestEvent.BuildRequestGivenUp _ ->
                    true;
            case BuildRequestEvent.BuildRequested _,
                    BuildRequestEvent.BuildRequestClaimed _,
                    BuildRequestEvent.BuildStarted _,
                    BuildRequestEvent.BuildRequestReleased _,
                    BuildRequestEvent.BuildRequestPriorityChanged _ ->
                    false;
        };
    }

    @Override
    public void read(Recorded recorded) {
        switch (recorded.event()) {
            case BuildsetSubmitted buildset -> read(buildset, recorded.id());
            case BuildRequestEvent ofRequest -> over.add(ofRequest.requestId());
            case NewerEvent newer -> throw newer.refused();
            default -> throw new IllegalArgumentException(recorded.id());
        }
    }

    private void read(BuildsetSubmitted buildset, String cause) {
        Set<Branch> branches = canceller.branches(buildset);
        Reading reading = canceller.read(buildset, changes.newest(buildset.changeIds(), branches));
        List<BuildRequestCancelled> cancelled = new ArrayList<>();
        for (Watched older : requests.find(reading.newer())) {
            for (Newer newer : reading.newer()) {
                older.supersededBy(newer)
                        .filter(_ -> over.add(older.requestId()))
                        .ifPresent(reason ->
                                cancelled.add(
                                        new BuildRequestCancelled(
                                                older.requestId(), canceller.signature(), reason)));
            }
        }
        commands.cancel(author, cause, cancelled);
        requests.add(reading.watched());
    }

    @Override
    public void endOfBatch() {
        requests.remove(over);
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
