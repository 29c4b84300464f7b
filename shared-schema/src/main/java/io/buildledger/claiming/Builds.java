package io.buildledger.claiming;

import io.buildledger.domain.building.Results;
import io.buildledger.domain.requesting.BuildRequestEvent;
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
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.viewing.Views;
import java.util.Optional;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Builds by their number within their builder, as people name them. */
public final class Builds {

    // The table holds what runs now, and nothing is locked.
    private static final String REQUEST_OF_LIVE =
            "SELECT request_id FROM claim WHERE builder = :builder AND build_number = :build";

    /**
     * How a build ended.
     *
     * @param results RETRY where its claim was released
     * @param summary for people
     */
    record End(Results results, String summary) {}

    private final EventLog log;
    private final JdbcClient jdbc;
    private final Views views;

    public Builds(EventLog log, DataSource dataSource) {
        this.log = log;
        this.jdbc = JdbcClient.create(dataSource);
        this.views = new Views(jdbc);
    }

    /** Whether a build has not ended, and its master has not lost it, as far as is known. */
    public boolean isUnderClaim(String builder, long buildNumber) {
        return liveRequestOf(builder, buildNumber).isPresent();
    }

    private Optional<Long> liveRequestOf(String builder, long buildNumber) {
        return jdbc.sql(REQUEST_OF_LIVE)
                .param("builder", builder)
                .param("build", buildNumber)
                .query(Long.class)
                .optional();
    }

    /**
     * The request that a build is or was for. One that runs is found at once; one that has ended is
     * found as soon as the views show it.
     */
    public Optional<Long> requestOf(String builder, long buildNumber) {
        return liveRequestOf(builder, buildNumber).or(() -> views.requestOf(builder, buildNumber));
    }

    /** Empty while the build is under its claim, and if it is not of that request. */
    Optional<End> endOf(long requestId, long buildNumber) {
        boolean isIts = false;
        for (Recorded recorded : log.readToDecide(Streams.buildRequest(requestId))) {
            if (recorded.event() instanceof BuildRequestClaimed claimed) {
                isIts = claimed.buildNumber() == buildNumber;
            } else if (isIts && recorded.event() instanceof BuildRequestEvent event) {
                Optional<End> end = end(event);
                if (end.isPresent()) {
                    return end;
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<End> end(BuildRequestEvent event) {
        return switch (event) {
            case BuildRequestCompleted completed ->
                    Optional.of(new End(completed.results(), completed.summary()));
            case BuildRequestCancelled cancelled ->
                    Optional.of(
                            new End(
                                    Results.CANCELLED,
                                    "cancelled by %s: %s"
                                            .formatted(
                                                    cancelled.cancelledBy(), cancelled.reason())));
            case BuildRequestReleased released ->
                    Optional.of(new End(Results.RETRY, released.why()));
            case BuildRequested _,
                    BuildRequestClaimed _,
                    BuildStarted _,
                    BuildRequestPriorityChanged _,
                    BuildRequestCollapsed _,
                    BuildRequestExpired _,
                    BuildRequestGivenUp _ ->
                    Optional.empty();
        };
    }
}
