package io.buildledger.scheduler.explaining;

import io.buildledger.domain.mastering.Fingerprints;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCancelled;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCollapsed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCompleted;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestExpired;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestGivenUp;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestPriorityChanged;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestReleased;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildStarted;
import io.buildledger.locking.LockListing;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.mastering.PublishedBuilders;
import io.buildledger.scheduler.explaining.BuilderMasters.Serving;
import io.buildledger.scheduler.explaining.Explanations.OfRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Why a request is not running now. */
final class RequestExplanation {

    /** More are not counted. */
    private static final int COUNTED = 1_000;

    // The first of the builder, from the index alone, so many at most.
    private static final String AHEAD =
            """
            SELECT COUNT(*)
              FROM (SELECT request_id, priority, submitted_at
                      FROM build_request_queue FORCE INDEX (build_request_offer)
                     WHERE builder = :builder
                     ORDER BY builder, priority DESC, submitted_at, request_id
                     LIMIT :atMost) AS offered
              JOIN build_request_queue AS own ON own.request_id = :request
             WHERE offered.priority > own.priority
                OR offered.priority = own.priority AND offered.submitted_at < own.submitted_at
                OR offered.priority = own.priority AND offered.submitted_at = own.submitted_at
                   AND offered.request_id < own.request_id
            """;

    private final EventLog log;
    private final JdbcClient jdbc;
    private final BuilderMasters masters;
    private final WorkerStates workers;
    private final PublishedBuilders builders;
    private final LockListing locks;

    RequestExplanation(EventLog log, JdbcClient jdbc, WorkerStates workers) {
        this.log = log;
        this.jdbc = jdbc;
        this.masters = new BuilderMasters(jdbc);
        this.workers = workers;
        this.builders = new PublishedBuilders(jdbc);
        this.locks = new LockListing(jdbc);
    }

    Optional<OfRequest> of(long requestId) {
        List<Recorded> events = log.read(Streams.buildRequest(requestId));
        return events.stream()
                .map(Recorded::event)
                .filter(BuildRequested.class::isInstance)
                .map(BuildRequested.class::cast)
                .findFirst()
                .map(requested -> explain(requested, events));
    }

    private OfRequest explain(BuildRequested requested, List<Recorded> events) {
        String state = "unclaimed";
        List<String> reasons = new ArrayList<>();
        String claim = "";
        for (Recorded recorded : events) {
            switch (recorded.event()) {
                case BuildRequestClaimed claimed -> {
                    state = "claimed";
                    claim =
                            "by %s on worker %s as build %s/%d, attempt %d"
                                    .formatted(
                                            claimed.master(),
                                            claimed.worker(),
                                            claimed.builder(),
                                            claimed.buildNumber(),
                                            claimed.attempt());
                    reasons.clear();
                    reasons.add("claimed %s, since %s".formatted(claim, recorded.at()));
                }
                case BuildStarted _ -> {
                    state = "running";
                    reasons.clear();
                    reasons.add("running %s, since %s".formatted(claim, recorded.at()));
                }
                case BuildRequestReleased released -> {
                    state = "unclaimed";
                    reasons.clear();
                    reasons.add(
                            "attempt %d was released by %s: %s"
                                    .formatted(
                                            released.attempt(),
                                            released.releasedBy(),
                                            released.why()));
                }
                case BuildRequestCompleted completed -> {
                    state = "completed";
                    reasons.clear();
                    reasons.add("%s: %s".formatted(completed.results(), completed.summary()));
                }
                case BuildRequestCancelled cancelled -> {
                    state = "completed";
                    reasons.clear();
                    reasons.add(
                            "cancelled by %s: %s"
                                    .formatted(cancelled.cancelledBy(), cancelled.reason()));
                }
                case BuildRequestCollapsed collapsed -> {
                    state = "completed";
                    reasons.clear();
                    reasons.add(
                            "collapsed into request %d: %s"
                                    .formatted(collapsed.into(), collapsed.reason()));
                }
                case BuildRequestExpired expired -> {
                    state = "completed";
                    reasons.add(
                            "expired: nobody claimed it within %s s"
                                    .formatted(expired.queueTimeoutMillis() / 1000.0));
                }
                case BuildRequestGivenUp givenUp -> {
                    state = "completed";
                    reasons.add(
                            "given up after %d attempts: %s"
                                    .formatted(givenUp.attempts(), givenUp.reason()));
                }
                case BuildRequested _, BuildRequestPriorityChanged _ -> {}
                default ->
                        reasons.add(
                                "a newer program wrote %s, which this master does not understand"
                                        .formatted(recorded.id()));
            }
        }
        if (state.equals("unclaimed")) {
            reasons.addAll(waiting(requested));
        } else if (state.equals("running")) {
            reasons.addAll(locks.waitsOfRequest(requested.requestId()));
        }
        return new OfRequest(requested.requestId(), requested.builder(), state, reasons);
    }

    private List<String> waiting(BuildRequested requested) {
        String builder = requested.builder();
        List<String> reasons = new ArrayList<>();
        List<Serving> serving = masters.of(List.of(builder)).getOrDefault(builder, List.of());
        if (serving.isEmpty()) {
            reasons.add(BuilderMasters.none(builder));
        }
        serving.stream().map(Serving::told).forEach(reasons::add);
        reasons.addAll(
                workers.whatKeeps(BuilderMasters.claiming(Map.of(builder, serving))).values());
        Fingerprints fingerprints = builders.fingerprints(builder);
        if (fingerprints.diverge()) {
            reasons.add(
                    "masters build different things for it: %s; of those with builder_fingerprint: refuse only such claim as have %s"
                            .formatted(
                                    fingerprints.told(),
                                    fingerprints.newest().orElse("the newest")));
        }
        serving.stream()
                .filter(it -> it.policy() != null)
                .map(it ->
                        "%s chooses among the builder's requests and workers by its policy (%s), so another may go first, or this one wait for a worker that may build it"
                                .formatted(it.master().name(), it.policy()))
                .forEach(reasons::add);
        reasons.addAll(locks.waitsOfBuilder(builder));
        int ahead = ahead(requested);
        reasons.add(
                ahead == 0
                        ? "it is the next of builder " + builder
                        : "requests of builder %3$s ahead of it: %1$s%2$d; a higher priority would move it forward"
                                .formatted(ahead == COUNTED ? "at least " : "", ahead, builder));
        return reasons;
    }

    private int ahead(BuildRequested requested) {
        return jdbc.sql(AHEAD)
                .param("builder", requested.builder())
                .param("request", requested.requestId())
                .param("atMost", COUNTED)
                .query(Integer.class)
                .single();
    }
}
