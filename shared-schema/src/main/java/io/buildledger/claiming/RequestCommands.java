package io.buildledger.claiming;

import io.buildledger.claiming.BuildRequestQueue.Offer;
import io.buildledger.claiming.Buildsets.Ended;
import io.buildledger.claiming.Claims.Held;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.requesting.BuildRequest;
import io.buildledger.domain.requesting.BuildRequestEvent;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCancelled;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestExpired;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestPriorityChanged;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What people ask of a request, and time. A command reaches a request wherever it is: on offer,
 * claimed or running. It holds the request's row while it writes, so it can't meet a claim, a
 * completion or a release half-way.
 */
public final class RequestCommands {

    /** What became of a command. */
    public sealed interface Answer {

        record Done() implements Answer {}

        /** Nobody has asked for such a request. */
        record Unknown() implements Answer {}

        /** It came too late. */
        record Over(Results results) implements Answer {}
    }

    /** What became of a command that was about a build. */
    public sealed interface BuildAnswer {

        /** The request that it was for has ended, or is on offer again. */
        record Done(long requestId) implements BuildAnswer {}

        /** There is no such build, or its end is too young for the views. */
        record Unknown() implements BuildAnswer {}

        /**
         * It came too late.
         *
         * @param results RETRY where its claim was released
         */
        record Over(Results results, String summary) implements BuildAnswer {}
    }

    private record Cancellation(Offer offer, BuildRequestCancelled event) {}

    private static final int EXPIRED_AT_ONCE = 100;

    private final EventLog log;
    private final BuildRequestQueue queue;
    private final Claims claims;
    private final Buildsets buildsets;
    private final Builds builds;
    private final NotUnderstood notUnderstood;

    public RequestCommands(
            EventLog log,
            BuildRequestQueue queue,
            Claims claims,
            Buildsets buildsets,
            Builds builds) {
        this.log = log;
        this.queue = queue;
        this.claims = claims;
        this.buildsets = buildsets;
        this.builds = builds;
        this.notUnderstood = new NotUnderstood(log);
    }

    /**
     * Ends a request as CANCELLED. The master that may be building it stops as soon as it learns of
     * it; what it still has to say of its end is refused.
     *
     * @param cancelledBy who asks for it
     * @param reason for people; may be empty
     */
    public Answer cancel(Author author, long requestId, String cancelledBy, String reason) {
        BuildRequestCancelled cancelled = new BuildRequestCancelled(requestId, cancelledBy, reason);
        return command(
                requestId, offer -> end(author, null, List.of(new Cancellation(offer, cancelled))));
    }

    /**
     * Ends requests as CANCELLED like {@link #cancel(Author, long, String, String)}, in the
     * transaction that runs. Those that have ended, and those on whose streams a newer program has
     * written, are left as they are. If the holder of one writes at the same moment, the
     * transaction can't commit.
     *
     * @param cause id of the event that these follow from
     * @param asked none of a request that the transaction has ended
     */
    public void cancel(Author author, String cause, Collection<BuildRequestCancelled> asked) {
        List<Cancellation> cancellations = new ArrayList<>();
        // In one order, so that two who cancel the same don't wait for each other.
        notUnderstood.leftOut(asked, BuildRequestCancelled::requestId, "not cancelled").stream()
                .sorted(Comparator.comparingLong(BuildRequestCancelled::requestId))
                .forEach(event ->
                        ifOpen(
                                event.requestId(),
                                offer -> cancellations.add(new Cancellation(offer, event))));
        end(author, cause, cancellations);
    }

    private void end(Author author, @Nullable String cause, List<Cancellation> cancellations) {
        if (cancellations.isEmpty()) {
            return;
        }
        List<Entry> entries = new ArrayList<>();
        List<Ended> ended = new ArrayList<>();
        for (Cancellation cancellation : cancellations) {
            Offer offer = cancellation.offer();
            Entry entry = Entry.of(offer.nextSequence(), cancellation.event());
            entries.add(entry);
            ended.add(ended(offer, Results.CANCELLED, entry));
        }
        log.append(author, cause, entries);
        List<Long> requestIds = cancellations.stream().map(it -> it.offer().requestId()).toList();
        queue.remove(requestIds);
        claims.letGo(requestIds);
        buildsets.countDown(author, ended);
    }

    /**
     * Ends a build as CANCELLED, and its request with it, if it has not ended or been released. A
     * later build of the same request is left alone.
     *
     * @param stoppedBy who asks for it
     * @param reason for people; may be empty
     */
    public BuildAnswer stop(
            Author author, String builder, long buildNumber, String stoppedBy, String reason) {
        String told =
                "build %s/%d was stopped%s"
                        .formatted(builder, buildNumber, reason.isEmpty() ? "" : ": " + reason);
        return command(
                builder,
                buildNumber,
                live -> {
                    long requestId = live.offer().requestId();
                    Offer offer = live.offer().at(nextSequence(requestId));
                    BuildRequestCancelled event =
                            new BuildRequestCancelled(requestId, stoppedBy, told);
                    end(author, null, List.of(new Cancellation(offer, event)));
                });
    }

    /**
     * Stops a build, if it has not ended or been released, and puts its request back on offer where
     * it was. The attempt counts, but the request is offered once more even after the last that its
     * builder allows: it is given up only when the next comes to nothing, too.
     *
     * @param requestedBy who asks for it
     * @param reason for people; may be empty
     */
    public BuildAnswer retry(
            Author author, String builder, long buildNumber, String requestedBy, String reason) {
        return command(
                builder, buildNumber, live -> claims.retry(author, live, requestedBy, reason));
    }

    /** Has something done to a build that holds its claim, which it does until then. */
    private BuildAnswer command(String builder, long buildNumber, Consumer<Held> act) {
        return builds.requestOf(builder, buildNumber)
                .map(request ->
                        Races.outlast(
                                () -> log.inTransaction(() -> ifLive(request, buildNumber, act))))
                .orElseGet(BuildAnswer.Unknown::new);
    }

    private BuildAnswer ifLive(long requestId, long buildNumber, Consumer<Held> act) {
        Optional<Held> live =
                claims.claimOf(requestId).filter(held -> held.buildNumber() == buildNumber);
        if (live.isPresent()) {
            notUnderstood.require(requestId);
            act.accept(live.get());
            return new BuildAnswer.Done(requestId);
        }
        Builds.End end =
                builds.endOf(requestId, buildNumber)
                        .orElseThrow(() ->
                                new IllegalStateException(
                                        "build %d of request %d has no end, but is under no claim"
                                                .formatted(buildNumber, requestId)));
        return new BuildAnswer.Over(end.results(), end.summary());
    }

    /**
     * Gives a request another priority. A build that runs goes on; the priority counts if it is
     * offered again.
     *
     * @param changedBy who asks for it
     */
    public Answer changePriority(Author author, long requestId, int priority, String changedBy) {
        BuildRequestPriorityChanged changed =
                new BuildRequestPriorityChanged(requestId, priority, changedBy);
        return command(
                requestId,
                offer -> {
                    log.append(author, null, List.of(Entry.of(offer.nextSequence(), changed)));
                    // It is in one of the two tables.
                    queue.changePriority(requestId, priority, offer.nextSequence() + 1);
                    claims.changePriority(requestId, priority);
                });
    }

    private Answer command(long requestId, Consumer<Offer> act) {
        return Races.outlast(() ->
                log.inTransaction(() ->
                        ifOpen(
                                requestId,
                                offer -> {
                                    notUnderstood.require(requestId);
                                    act.accept(offer);
                                })));
    }

    /**
     * Has something done to a request as it is on offer or was claimed, which stays so until the
     * transaction that runs has ended.
     */
    private Answer ifOpen(long requestId, Consumer<Offer> act) {
        // Between the two looks it may have been claimed and released again.
        for (int i = 0; i < Races.TRIES; i++) {
            Optional<Offer> open =
                    queue.take(requestId)
                            .or(() ->
                                    claims.claimOf(requestId)
                                            .map(held -> held.offer().at(nextSequence(requestId))));
            if (open.isPresent()) {
                act.accept(open.get());
                return new Answer.Done();
            }
            Optional<Answer> tooLate = refusal(requestId);
            if (tooLate.isPresent()) {
                return tooLate.get();
            }
        }
        throw new IllegalStateException(
                "request %d is open, but neither on offer nor under a claim".formatted(requestId));
    }

    /** Empty while the request is open. */
    private Optional<Answer> refusal(long requestId) {
        BuildRequest state = BuildRequest.UNKNOWN;
        for (Recorded recorded : log.readToDecide(Streams.buildRequest(requestId))) {
            if (recorded.event() instanceof BuildRequestEvent event) {
                state = BuildRequest.evolve(state, event);
            }
        }
        return switch (state) {
            case BuildRequest.Unknown _ -> Optional.of(new Answer.Unknown());
            case BuildRequest.Completed completed ->
                    Optional.of(new Answer.Over(completed.results()));
            case BuildRequest.Unclaimed _, BuildRequest.Claimed _, BuildRequest.Running _ ->
                    Optional.empty();
        };
    }

    private long nextSequence(long requestId) {
        return log.lastSequence(Streams.buildRequest(requestId)).orElse(-1) + 1;
    }

    private static Ended ended(Offer offer, Results results, Entry entry) {
        return new Ended(offer.buildsetId(), results, entry.id());
    }

    /**
     * Ends the requests that nobody has claimed within their queue timeout, on the database's
     * clock.
     *
     * @return how many
     */
    public int expire(Author author) {
        int expired = 0;
        int some;
        do {
            some = log.inTransaction(() -> expireSome(author));
            expired += some;
        } while (some == EXPIRED_AT_ONCE);
        return expired;
    }

    private int expireSome(Author author) {
        List<Offer> late =
                notUnderstood.leftOut(
                        queue.takeExpired(EXPIRED_AT_ONCE), Offer::requestId, "not expired");
        if (late.isEmpty()) {
            return 0;
        }
        List<Entry> entries = new ArrayList<>();
        List<Ended> ended = new ArrayList<>();
        for (Offer offer : late) {
            Duration timeout = offer.queueTimeout();
            Entry entry =
                    Entry.of(
                            offer.nextSequence(),
                            new BuildRequestExpired(
                                    offer.requestId(), timeout == null ? 0 : timeout.toMillis()));
            entries.add(entry);
            ended.add(ended(offer, Results.EXCEPTION, entry));
        }
        log.append(author, null, entries);
        queue.remove(late.stream().map(Offer::requestId).toList());
        buildsets.countDown(author, ended);
        return late.size();
    }
}
