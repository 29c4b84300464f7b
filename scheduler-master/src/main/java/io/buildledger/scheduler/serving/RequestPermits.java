package io.buildledger.scheduler.serving;

import io.buildledger.configuring.Access.Act;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.scheduler.admitting.Asker;
import io.buildledger.scheduler.admitting.Asker.Permit;
import io.buildledger.scheduler.admitting.NotAllowedException;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Whether somebody may do something with a request or a buildset, by its builders. These are looked
 * up in the log, since views may not have come to them yet.
 */
@Component
public class RequestPermits {

    private final EventLog log;

    RequestPermits(EventLog log) {
        this.log = log;
    }

    /**
     * @return nothing if there is no such request, so that nothing may be done with one that comes
     *     to be a moment later
     * @throws NotAllowedException if they may not, also where there is no such request
     */
    public Optional<Permit> request(Asker asker, Act act, long requestId) {
        asker.require(act);
        return log.find(Streams.buildRequest(requestId), 0)
                .map(Recorded::event)
                .filter(BuildRequested.class::isInstance)
                .map(event -> asker.require(act, ((BuildRequested) event).builder()));
    }

    /**
     * @return nothing if there is no such buildset
     * @throws NotAllowedException if they may not with all of its builders, also where there is no
     *     such buildset
     */
    Optional<Permit> buildset(Asker asker, Act act, long buildsetId) {
        asker.require(act);
        return log.find(Streams.buildset(buildsetId), 0)
                .map(Recorded::event)
                .filter(BuildsetSubmitted.class::isInstance)
                .map(event ->
                        asker.require(act, ((BuildsetSubmitted) event).requestIds().keySet()));
    }
}
