package io.buildledger.bundling;

import io.buildledger.database.ReadingConnection;
import io.buildledger.domain.requesting.BuildRequestEvent;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCancelled;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCollapsed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCompleted;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestExpired;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestGivenUp;
import io.buildledger.log.LogSlice;
import io.buildledger.log.LogSlice.Span;
import io.buildledger.log.Streams;
import io.buildledger.log.WholeLog;
import io.buildledger.replaying.ClusterState;
import io.buildledger.replaying.PastStates;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which events of a log are wanted: of some streams all from the first one on, up to a number in
 * the whole log. So what a stream says of what it is about can be told as well from these as from
 * the whole log.
 *
 * @param of what it is a slice of, for people
 * @param last the number of the last event that may be in it
 */
public record Slice(String of, Set<String> streams, long last) {

    private static final String REQUESTS = "build-request/";

    /**
     * All that has to do with a request: its buildset and the other requests of that, their builds,
     * changes, locks, masters and workers, the scheduler and what was asked of it. Of a request
     * that has not ended it goes up to now.
     *
     * @throws NoSuchSliceException if there is no such request
     */
    public static Slice ofRequest(ReadingConnection connection, long requestId) {
        WholeLog log = new WholeLog(connection);
        LogSlice rows = new LogSlice(connection);
        String request = Streams.buildRequest(requestId);
        if (rows.span(Set.of(request)).last() < 0) {
            throw new NoSuchSliceException("there is no request " + requestId);
        }
        long head = log.head();
        Set<String> streams = new References(log).of(Set.of(request));
        Set<String> work = References.work(streams);
        Span span = rows.span(work);
        return new Slice(
                "request " + requestId,
                withLocksAndTimers(log, rows, streams, span.first()),
                hasEnded(log, request) ? span.last() : head);
    }

    private static boolean hasEnded(WholeLog log, String request) {
        AtomicBoolean hasEnded = new AtomicBoolean();
        log.read(
                Set.of(request),
                it -> {
                    if (it.recorded().event() instanceof BuildRequestEvent event && isEnd(event)) {
                        hasEnded.set(true);
                    }
                });
        return hasEnded.get();
    }

    private static boolean isEnd(BuildRequestEvent event) {
        return event instanceof BuildRequestCompleted
                || event instanceof BuildRequestCancelled
                || event instanceof BuildRequestCollapsed
                || event instanceof BuildRequestExpired
                || event instanceof BuildRequestGivenUp;
    }

    /**
     * All that was recorded from one time to another, with what that refers to, and what was open
     * when it began: requests, masters' lives, workers, locks and schedulers.
     *
     * @param until the last moment, or null for up to the end of the log, whatever the time is here
     * @throws NoSuchSliceException if nothing was recorded then
     */
    public static Slice ofTime(ReadingConnection connection, Instant since, @Nullable Instant until)
            throws InterruptedException {
        WholeLog log = new WholeLog(connection);
        long head = log.head();
        if (until == null) {
            Instant end = log.recordedAt(head).orElse(since);
            return ofTime(connection, log, since, end.isBefore(since) ? since : end, head);
        }
        return ofTime(connection, log, since, until, log.lastUntil(until));
    }

    private static Slice ofTime(
            ReadingConnection connection, WholeLog log, Instant since, Instant until, long last)
            throws InterruptedException {
        LogSlice rows = new LogSlice(connection);
        Set<String> seeds = rows.streamsRecorded(since, until);
        if (seeds.isEmpty()) {
            throw new NoSuchSliceException(
                    "nothing was recorded from %s to %s".formatted(since, until));
        }
        long first = log.lastUntil(since.minusNanos(1_000)) + 1;
        addOpen(seeds, new PastStates(connection).atEvent(first - 1).state());
        Set<String> streams = new References(log).of(seeds);
        return new Slice(
                "%s to %s".formatted(since, until),
                withLocksAndTimers(log, rows, streams, first),
                last);
    }

    private static void addOpen(Set<String> streams, ClusterState state) {
        state.requests().keySet().forEach(it -> streams.add(Streams.buildRequest(it)));
        state.buildsets().keySet().forEach(it -> streams.add(Streams.buildset(it)));
        state.masters()
                .forEach((name, master) -> {
                    if (master.end() == null) {
                        streams.add(Streams.master(name));
                    }
                });
        state.workers().keySet().forEach(it -> streams.add(Streams.worker(it)));
        state.locks().keySet().forEach(it -> streams.add(Streams.lock(it)));
        state.schedulers().keySet().forEach(it -> streams.add(Streams.scheduler(it)));
    }

    private static Set<String> withLocksAndTimers(
            WholeLog log, LogSlice rows, Set<String> streams, long first) {
        Set<String> all = new TreeSet<>(streams);
        all.addAll(
                rows.locksOf(
                        streams.stream()
                                .filter(stream -> stream.startsWith(REQUESTS))
                                .map(stream -> Long.valueOf(stream.substring(REQUESTS.length())))
                                .collect(Collectors.toSet())));
        all.addAll(References.timers(log, streams, first));
        return all;
    }
}
