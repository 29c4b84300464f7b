package io.buildledger.benchmarks;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.buildledger.database.Database;
import java.time.Duration;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Drains a queue with builder masters. */
final class DrainByMasters {

    /**
     * @param buildsPerSecond from the first claim to the last completion, by the log
     * @param secondsToFirstClaim from the commit of all requests to the first claim
     * @param statementsPerBuild all that the server executed since before the requests were
     *     submitted, the idle masters' too; the warm-up is over by then
     * @param masterCpuMillisPerBuild processor time of all masters
     * @param otherCpuMillisPerBuild of everything else on the machine, which is mostly the server
     */
    record Run(
            int masters,
            double buildsPerSecond,
            double seconds,
            double secondsToFirstClaim,
            double statementsPerBuild,
            double selectsPerBuild,
            double insertsPerBuild,
            double updatesPerBuild,
            double deletesPerBuild,
            double commitsPerBuild,
            double othersPerBuild,
            double masterCpuMillisPerBuild,
            double otherCpuMillisPerBuild,
            double masterMegabytes,
            @JsonIgnore List<TopStatements.Statement> topStatements) {}

    private record Span(double seconds, double secondsToFirstClaim) {}

    /** Of one kind, on how many streams. */
    private record Recorded(long events, long streams) {}

    private static final Duration PATIENCE_WITHOUT_PROGRESS = Duration.ofSeconds(60);

    private static final String IS_DRAINED =
            """
            SELECT NOT EXISTS (SELECT 1 FROM build_request_queue)
               AND NOT EXISTS (SELECT 1 FROM claim)
            """;

    private static final String LAST_INDEX = "SELECT MAX(global_index) FROM event";

    private static final String NOW = "SELECT UTC_TIMESTAMP(6)";

    private static final String SPAN =
            """
            SELECT TIMESTAMPDIFF(MICROSECOND, MIN(claimed), MAX(completed)) / 1e6 AS seconds,
                   TIMESTAMPDIFF(MICROSECOND, :visible, MIN(claimed)) / 1e6 AS to_first
              FROM (SELECT CASE type WHEN 'build-request-claimed' THEN recorded_at END AS claimed,
                           CASE type WHEN 'build-request-completed' THEN recorded_at END AS completed
                      FROM event
                     WHERE global_index > :from) AS times
            """;

    private static final String RECORDED =
            "SELECT COUNT(*) AS events, COUNT(DISTINCT stream) AS streams FROM event WHERE type = :type";

    private final Bench bench;
    private final Database database;
    private final int builders;
    private final int workers;
    private final int warmUp;
    private final List<String> javaOptions;

    /**
     * @param warmUp how many requests each master drains before, so that its code is compiled
     */
    DrainByMasters(
            Bench bench,
            Database database,
            int builders,
            int workers,
            int warmUp,
            List<String> javaOptions) {
        this.bench = bench;
        this.database = database;
        this.builders = builders;
        this.workers = workers;
        this.warmUp = warmUp;
        this.javaOptions = javaOptions;
    }

    Run run(int requests, int count) throws InterruptedException {
        ClusterFile file = new ClusterFile(database, "1s", true, 0, builders, workers, "[]");
        var configuration = bench.write("cluster.yaml", file.yaml(bench.newPath("builds")));
        try (Masters masters = new Masters(bench, javaOptions);
                Observer observer = new Observer(database)) {
            for (int i = 1; i <= count; i++) {
                masters.startBuilder("m" + i, configuration);
            }
            masters.awaitReady(database);
            warmUp(masters, observer.jdbc(), count * warmUp);
            long from = observer.jdbc().sql(LAST_INDEX).query(Long.class).single();
            StatementCount statementsBefore = observer.statements();
            try (Product product = new Product(database)) {
                PendingRequests.submit(product, requests, builders);
            }
            // The masters have nothing to do before the commit, but for a poll now and then.
            String visible = observer.jdbc().sql(NOW).query(String.class).single();
            TopStatements topStatements = new TopStatements(observer, database);
            Duration mastersBefore = masters.cpu();
            Duration machineBefore = ProcessCost.cpuOfMachine();
            awaitDrained(masters, observer.jdbc(), requests);
            Duration mastersUsed = masters.cpu().minus(mastersBefore);
            Duration machineUsed = ProcessCost.cpuOfMachine().minus(machineBefore);
            StatementCount.PerUnit statements =
                    observer.statements().since(statementsBefore).per(requests);
            requireThatEachWasBuiltOnce(observer.jdbc(), count * warmUp + requests);
            Span span =
                    observer.jdbc()
                            .sql(SPAN)
                            .param("visible", visible)
                            .param("from", from)
                            .query((row, _) ->
                                    new Span(row.getDouble("seconds"), row.getDouble("to_first")))
                            .single();
            double megabytes = ProcessCost.residentMegabytes(masters.pid("m1"));
            return new Run(
                    count,
                    requests / span.seconds(),
                    span.seconds(),
                    span.secondsToFirstClaim(),
                    statements.total(),
                    statements.select(),
                    statements.insert(),
                    statements.update(),
                    statements.delete(),
                    statements.commit(),
                    statements.other(),
                    (double) mastersUsed.toMillis() / requests,
                    (double) machineUsed.minus(mastersUsed).toMillis() / requests,
                    megabytes,
                    topStatements.perUnit(count + " master(s)", requests));
        }
    }

    private void warmUp(Masters masters, JdbcClient jdbc, int requests)
            throws InterruptedException {
        if (requests > 0) {
            try (Product product = new Product(database)) {
                PendingRequests.submit(product, requests, builders);
            }
            awaitDrained(masters, jdbc, requests);
            masters.awaitIdle();
        }
    }

    private void awaitDrained(Masters masters, JdbcClient jdbc, int requests)
            throws InterruptedException {
        long began = System.nanoTime();
        long lastIndex = -1;
        long lastProgress = System.nanoTime();
        long lastTold = System.nanoTime();
        while (!jdbc.sql(IS_DRAINED).query(Boolean.class).single()) {
            masters.requireThatAllRun();
            Thread.sleep(250);
            long index = jdbc.sql(LAST_INDEX).query(Long.class).single();
            if (index != lastIndex) {
                lastIndex = index;
                lastProgress = System.nanoTime();
            }
            if (System.nanoTime() - lastProgress > PATIENCE_WITHOUT_PROGRESS.toNanos()) {
                throw new RunFailedException(
                        "nothing was recorded for %d s, and the queue is not empty"
                                .formatted(PATIENCE_WITHOUT_PROGRESS.toSeconds()));
            }
            if (System.nanoTime() - lastTold > Duration.ofSeconds(15).toNanos()) {
                lastTold = System.nanoTime();
                long left =
                        jdbc.sql("SELECT COUNT(*) FROM build_request_queue")
                                .query(Long.class)
                                .single();
                bench.tell(
                        "  %,d claimed after %d s"
                                .formatted(
                                        requests - left,
                                        Duration.ofNanos(lastTold - began).toSeconds()));
            }
        }
    }

    private static void requireThatEachWasBuiltOnce(JdbcClient jdbc, int requests) {
        for (String type :
                List.of("build-request-claimed", "build-started", "build-request-completed")) {
            Recorded recorded =
                    jdbc.sql(RECORDED)
                            .param("type", type)
                            .query((row, _) ->
                                    new Recorded(row.getLong("events"), row.getLong("streams")))
                            .single();
            if (recorded.events() != requests || recorded.streams() != requests) {
                throw new RunFailedException(
                        "%,d requests have %,d events %s, on %,d streams"
                                .formatted(requests, recorded.events(), type, recorded.streams()));
            }
        }
    }
}
