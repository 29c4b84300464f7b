package io.buildledger.benchmarks;

import io.buildledger.database.UtcColumn;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerFired;
import io.buildledger.log.Entry;
import io.buildledger.log.Streams;
import io.buildledger.numbering.Numbers;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Build requests by the thousand, each of a buildset of its own, as a scheduler would have left
 * them that fires without a change: the same events and the same rows, but many in one statement.
 */
public final class PendingRequests {

    private static final String OFFER =
            """
            INSERT INTO build_request_queue
                   (request_id, buildset_id, builder, priority, submitted_at, attempts, next_sequence)
            VALUES (?, ?, ?, 0, ?, 0, 1)
            """;

    private static final String OPEN =
            "INSERT INTO buildset_progress (buildset_id, remaining, worst) VALUES (?, 1, 0)";

    /** All alike, so that two databases that are filled in the same way hold the same. */
    private static final Instant SUBMITTED_AT = Instant.parse("2026-01-01T00:00:00Z");

    private static final int ROWS_A_STATEMENT = 5_000;

    private static final String SCHEDULER = "bench";
    private static final String REPOSITORY = "https://git.example.org/app.git";
    private static final String BRANCH = "main";
    private static final String REVISION = "0123456789abcdef0123456789abcdef01234567";

    private PendingRequests() {}

    /**
     * Puts requests on offer in one transaction, in turn for each of so many builders; they become
     * visible all at once.
     */
    public static void submit(Product product, int requests, int builders) {
        long firstBuildset = product.numbers.take(Numbers.BUILDSET, requests);
        long firstRequest = product.numbers.take(Numbers.BUILD_REQUEST, requests);
        long firstFiring = product.log.lastSequence(Streams.scheduler(SCHEDULER)).orElse(-1) + 2;
        JdbcTemplate jdbc = new JdbcTemplate(product.dataSource);
        product.log.inTransaction(() -> {
            for (int done = 0; done < requests; done += ROWS_A_STATEMENT) {
                submit(
                        product,
                        jdbc,
                        firstFiring + done,
                        firstBuildset + done,
                        firstRequest + done,
                        Math.min(ROWS_A_STATEMENT, requests - done),
                        builders);
            }
        });
    }

    private static void submit(
            Product product,
            JdbcTemplate jdbc,
            long firstFiring,
            long firstBuildset,
            long firstRequest,
            int requests,
            int builders) {
        List<Entry> entries = new ArrayList<>();
        List<Object[]> offers = new ArrayList<>();
        List<Object[]> open = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            long firing = firstFiring + i;
            long buildset = firstBuildset + i;
            long request = firstRequest + i;
            String builder = ClusterFile.builder((int) (request % builders) + 1);
            entries.add(new Entry(Streams.scheduler(SCHEDULER), firing - 1, fired(firing)));
            entries.add(
                    new Entry(
                            Streams.buildset(buildset),
                            0,
                            submitted(buildset, firing, request, builder)));
            entries.add(
                    Entry.of(
                            0,
                            new BuildRequested(request, buildset, builder, 0, SUBMITTED_AT, null)));
            offers.add(new Object[] {request, buildset, builder, UtcColumn.of(SUBMITTED_AT)});
            open.add(new Object[] {buildset});
        }
        product.log.append(product.author, null, entries);
        jdbc.batchUpdate(OFFER, offers);
        jdbc.batchUpdate(OPEN, open);
    }

    private static SchedulerFired fired(long firing) {
        return new SchedulerFired(SCHEDULER, firing, List.of(), null);
    }

    private static BuildsetSubmitted submitted(
            long buildset, long firing, long request, String builder) {
        return new BuildsetSubmitted(
                buildset,
                SCHEDULER,
                firing,
                "scheduler bench fired for 0 changes",
                List.of(new SourceStamp(REPOSITORY, BRANCH, REVISION, "", "")),
                List.of(),
                Map.of(),
                Map.of(builder, request),
                SUBMITTED_AT,
                false,
                null,
                null,
                null);
    }
}
