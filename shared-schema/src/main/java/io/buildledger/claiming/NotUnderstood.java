package io.buildledger.claiming;

import io.buildledger.log.EventLog;
import io.buildledger.log.NewerEvent;
import io.buildledger.log.Streams;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests on whose streams a newer program has written what this one does not understand. They are
 * left to masters of that program: by what the tables say they might be claimed or ended, but what
 * their streams say may forbid it. Of each that is told once.
 */
final class NotUnderstood {

    private static final Logger LOG = LoggerFactory.getLogger(NotUnderstood.class);

    /** More than anybody wants to read of; then it begins again. */
    private static final int TOLD_AT_MOST = 10_000;

    private final EventLog log;
    private final Set<String> told = ConcurrentHashMap.newKeySet();

    NotUnderstood(EventLog log) {
        this.log = log;
    }

    /**
     * Those of some requests that this program may decide upon.
     *
     * @param undone what does not happen to the others; for people
     */
    <T> List<T> leftOut(Collection<T> requests, ToLongFunction<T> number, String undone) {
        Map<String, NewerEvent> newer =
                log.newerOn(
                        requests.stream()
                                .map(it -> Streams.buildRequest(number.applyAsLong(it)))
                                .toList());
        List<T> left = new ArrayList<>();
        for (T request : requests) {
            NewerEvent first = newer.get(Streams.buildRequest(number.applyAsLong(request)));
            if (first == null) {
                left.add(request);
            } else {
                tell(number.applyAsLong(request), first, undone);
            }
        }
        return left;
    }

    /**
     * @throws io.buildledger.log.NewerProgramException if this program may not decide upon a
     *     request
     */
    void require(long requestId) {
        String stream = Streams.buildRequest(requestId);
        NewerEvent newer = log.newerOn(List.of(stream)).get(stream);
        if (newer != null) {
            throw newer.refused();
        }
    }

    void tell(long requestId, NewerEvent newer, String undone) {
        if (told.size() >= TOLD_AT_MOST) {
            told.clear();
        }
        if (told.add(requestId + undone)) {
            LOG.warn("request {} is {}: {}", requestId, undone, newer.told());
        }
    }
}
