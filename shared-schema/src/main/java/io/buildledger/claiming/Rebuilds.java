package io.buildledger.claiming;

import io.buildledger.database.UtcColumn;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.requesting.BuildsetOrder;
import io.buildledger.domain.requesting.RebuiltFrom;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Has builds made once more, whatever became of them: a new buildset with the source stamps,
 * properties, blamelist, priority and queue timeout of the former, which names that and who asked
 * for it. Nobody waits for it and nobody outside knows it, also if that was so of the former.
 *
 * <p>Each call that returns has submitted one buildset, and one that throws none, unless the
 * connection was lost while it committed.
 */
public final class Rebuilds {

    private static final String NOW = "SELECT UTC_TIMESTAMP(6) AS moment";

    private final EventLog log;
    private final JdbcClient jdbc;
    private final Builds builds;
    private final Buildsets buildsets;

    public Rebuilds(EventLog log, DataSource dataSource, Builds builds, Buildsets buildsets) {
        this.log = log;
        this.jdbc = JdbcClient.create(dataSource);
        this.builds = builds;
        this.buildsets = buildsets;
    }

    /**
     * Has the builder of a build asked for the same again, and no other of its buildset.
     *
     * @param requestedBy who asks for it
     * @param reason for people; may be empty
     * @return what was submitted; empty if there is no such build
     */
    public Optional<BuildsetSubmitted> build(
            Author author, String builder, long buildNumber, String requestedBy, String reason) {
        return builds.requestOf(builder, buildNumber)
                .map(this::requested)
                .map(requested -> {
                    BuildsetSubmitted former =
                            find(requested.buildsetId())
                                    .orElseThrow(() ->
                                            new IllegalStateException(
                                                    "the log has no beginning of buildset "
                                                            + requested.buildsetId()));
                    RebuiltFrom from =
                            new RebuiltFrom(former.buildsetId(), builder, buildNumber, requestedBy);
                    return rebuild(
                            author,
                            former,
                            List.of(requested),
                            from,
                            told("build %s/%d".formatted(builder, buildNumber), from, reason));
                });
    }

    /** The same for all builders of a buildset. */
    public Optional<BuildsetSubmitted> buildset(
            Author author, long buildsetId, String requestedBy, String reason) {
        return find(buildsetId)
                .map(former -> {
                    RebuiltFrom from = new RebuiltFrom(buildsetId, null, null, requestedBy);
                    return rebuild(
                            author,
                            former,
                            former.requestIds().values().stream()
                                    .sorted()
                                    .map(this::requested)
                                    .toList(),
                            from,
                            told("buildset " + buildsetId, from, reason));
                });
    }

    private static String told(String former, RebuiltFrom from, String reason) {
        return "rebuild of %s, asked for by %s%s"
                .formatted(former, from.requestedBy(), reason.isEmpty() ? "" : ": " + reason);
    }

    private Optional<BuildsetSubmitted> find(long buildsetId) {
        return log.find(Streams.buildset(buildsetId), 0)
                .map(Recorded::understood)
                .filter(BuildsetSubmitted.class::isInstance)
                .map(BuildsetSubmitted.class::cast);
    }

    private BuildRequested requested(long requestId) {
        return log.find(Streams.buildRequest(requestId), 0)
                .map(Recorded::understood)
                .filter(BuildRequested.class::isInstance)
                .map(BuildRequested.class::cast)
                .orElseThrow(() ->
                        new IllegalStateException(
                                "the log has no beginning of request " + requestId));
    }

    private BuildsetSubmitted rebuild(
            Author author,
            BuildsetSubmitted former,
            List<BuildRequested> requests,
            RebuiltFrom from,
            String reason) {
        BuildsetOrder order =
                new BuildsetOrder(
                        former.scheduler(),
                        former.firing(),
                        reason,
                        former.sourceStamps(),
                        former.changeIds(),
                        former.properties(),
                        requests.stream().map(BuildRequested::builder).toList(),
                        requests.stream()
                                .map(BuildRequested::priority)
                                .max(Comparator.naturalOrder())
                                .orElse(0),
                        requests.getFirst().queueTimeoutMillis(),
                        false,
                        null,
                        null,
                        from);
        String cause = Streams.buildset(former.buildsetId()) + "@0";
        return Races.outlast(
                () -> log.inTransaction(() -> buildsets.submitNow(author, cause, order, now())));
    }

    /** The database's time, which decides the order of claims. */
    private Instant now() {
        return jdbc.sql(NOW).query((row, _) -> UtcColumn.read(row, "moment")).single();
    }
}
