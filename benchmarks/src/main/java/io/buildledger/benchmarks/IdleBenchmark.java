package io.buildledger.benchmarks;

import io.buildledger.database.Database;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a cluster costs that has nothing to do: one scheduler master and some builder masters. */
@Command(
        name = "idle",
        description = "Count what masters do that have nothing to do",
        mixinStandardHelpOptions = true)
final class IdleBenchmark extends Benchmark {

    /**
     * @param statementsPerSecond of all masters together, as are the others of their kind
     * @param builderMasterCpuMillisPerSecond of one builder master, on average
     */
    record Run(
            int builderMasters,
            double statementsPerSecond,
            double selectsPerSecond,
            double updatesPerSecond,
            double commitsPerSecond,
            double othersPerSecond,
            double schedulerMasterCpuMillisPerSecond,
            double builderMasterCpuMillisPerSecond,
            double schedulerMasterMegabytes,
            double builderMasterMegabytes) {}

    private static final int BUILDERS = 4;
    private static final int WORKERS = 4;
    private static final String SCHEDULER = "s";

    @Option(
            names = "--masters",
            paramLabel = "N",
            split = ",",
            defaultValue = "1,2,4",
            description = "How many builder masters, for each run (${DEFAULT-VALUE})")
    private List<Integer> masters = List.of();

    @Option(
            names = "--poll-interval",
            paramLabel = "TIME",
            defaultValue = "1s",
            description = "db_poll_interval of all masters (${DEFAULT-VALUE})")
    private String pollInterval = "";

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "30",
            description = "How long they are watched (${DEFAULT-VALUE})")
    private int seconds;

    @Override
    void measure(Bench bench, Report report) throws InterruptedException {
        report.parameter("poll interval", pollInterval);
        report.parameter("seconds", seconds);
        report.parameter("scheduler masters", 1);
        List<Run> runs = new ArrayList<>();
        List<Verified> verified = new ArrayList<>();
        for (int count : masters) {
            bench.tell("%d builder master(s) with nothing to do".formatted(count));
            Database database = bench.fresh();
            runs.add(run(bench, database, count));
            verified.add(Verified.of(count + " builder master(s)", database));
            bench.drop(database);
        }
        report.section("runs", runs);
        report.section("verified", verified);
    }

    private Run run(Bench bench, Database database, int count) throws InterruptedException {
        Path configuration =
                bench.write(
                        "cluster.yaml",
                        new ClusterFile(
                                        database,
                                        pollInterval,
                                        true,
                                        FreePort.find(),
                                        BUILDERS,
                                        WORKERS,
                                        "[]")
                                .yaml(bench.newPath("builds")));
        try (Masters cluster = new Masters(bench, List.of());
                Observer observer = new Observer(database)) {
            cluster.startScheduler(SCHEDULER, configuration);
            List<String> builders =
                    IntStream.rangeClosed(1, count).mapToObj(number -> "m" + number).toList();
            builders.forEach(name -> cluster.startBuilder(name, configuration));
            cluster.awaitReady(database);
            // What the start has left to be done: compilers, purges.
            Thread.sleep(Duration.ofSeconds(5));
            StatementCount statementsBefore = observer.statements();
            Duration schedulerBefore = cluster.cpu(SCHEDULER);
            Duration allBefore = cluster.cpu();
            long began = System.nanoTime();
            Thread.sleep(Duration.ofSeconds(seconds));
            double watched = (System.nanoTime() - began) / 1e9;
            StatementCount statements = observer.statements().since(statementsBefore);
            Duration scheduler = cluster.cpu(SCHEDULER).minus(schedulerBefore);
            Duration all = cluster.cpu().minus(allBefore);
            cluster.requireThatAllRun();
            StatementCount.PerUnit perSecond = statements.per(1).dividedBy(watched);
            return new Run(
                    count,
                    perSecond.total(),
                    perSecond.select(),
                    perSecond.update(),
                    perSecond.commit(),
                    perSecond.other(),
                    scheduler.toMillis() / watched,
                    all.minus(scheduler).toMillis() / watched / count,
                    ProcessCost.residentMegabytes(cluster.pid(SCHEDULER)),
                    builders.stream()
                            .mapToDouble(name -> ProcessCost.residentMegabytes(cluster.pid(name)))
                            .average()
                            .orElse(0));
        }
    }
}
