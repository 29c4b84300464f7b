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
            Drain drain = new Drain(bench, observer.jdbc());
            StatementCount statementsBefore = observer.statements();
            try (Product product = new Product(database)) {
                PendingRequests.submit(product, requests, builders);
            }
            // The masters have nothing to do before the commit, but for a poll now and then.
            drain.visible();
            TopStatements topStatements = new TopStatements(observer, database);
            Duration mastersBefore = masters.cpu();
            Duration machineBefore = ProcessCost.cpuOfMachine();
            drain.await(masters, requests);
            Duration mastersUsed = masters.cpu().minus(mastersBefore);
            Duration machineUsed = ProcessCost.cpuOfMachine().minus(machineBefore);
            StatementCount.PerUnit statements =
                    observer.statements().since(statementsBefore).per(requests);
            drain.requireThatEachWasBuiltOnce(count * warmUp + requests);
            Drain.Span span = drain.span();
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
            new Drain(bench, jdbc).await(masters, requests);
            masters.awaitIdle();
        }
    }
}
