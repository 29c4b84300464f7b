package io.buildledger.scheduler.serving;

import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import java.util.Collection;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * With which builders something is done: as the log has it, since views may not have come to it
 * yet.
 */
@Component
public class BuildersOf {

    private final EventLog log;

    BuildersOf(EventLog log) {
        this.log = log;
    }

    /** None if there is no such request. */
    public List<String> request(long requestId) {
        return log.find(Streams.buildRequest(requestId), 0)
                .map(Recorded::event)
                .filter(BuildRequested.class::isInstance)
                .map(event -> List.of(((BuildRequested) event).builder()))
                .orElse(List.of());
    }

    /** None if there is no such buildset. */
    Collection<String> buildset(long buildsetId) {
        return log.find(Streams.buildset(buildsetId), 0)
                .map(Recorded::event)
                .filter(BuildsetSubmitted.class::isInstance)
                .map(event -> ((BuildsetSubmitted) event).requestIds().keySet())
                .map(it -> (Collection<String>) it)
                .orElse(List.of());
    }
}
