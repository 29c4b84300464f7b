package io.buildledger.benchmarks;

import io.buildledger.database.Database;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What many workers cost one builder master: simulated ones, which speak the protocol of real ones
 * and are processes of nobody. First they are attached and idle, then some of them build.
 */
@Command(
        name = "workers",
        description = "Attach many workers to one builder master, and build on some of them",
        mixinStandardHelpOptions = true)
final class WorkersBenchmark extends Benchmark {

    /**
     * @param seconds until all were attached
     * @param heapMegabytes what is live on the master's heap, after a collection
     * @param kilobytesPerWorker of the heap, less what the master had before any was attached
     * @param residentMegabytes all memory that the master holds
     */
    record Attached(
            int workers,
            double seconds,
            double heapMegabytes,
            double kilobytesPerWorker,
            double residentMegabytes) {}

    /**
     * @param buildsAtOnce the most commands that ran at the same moment
     * @param buildsPerSecond from the first claim to the last completion, by the log
     * @param logMegabytesPerSecond of text, before it is compressed, into the database in that time
     * @param heapMegabytes what is live on the master's heap in the middle of it
     * @param masterCpuMillisPerBuild processor time of the master
     * @param otherCpuMillisPerBuild of everything else: mostly the server, and the simulation
     */
    record Built(
            int builds,
            int buildsAtOnce,
            double buildsPerSecond,
            double logMegabytesPerSecond,
            double heapMegabytes,
            double residentMegabytes,
            double statementsPerBuild,
            double masterCpuMillisPerBuild,
            double otherCpuMillisPerBuild) {}

    private static final int HEAP_MEBIBYTES = 1024;
    private static final String MASTER = "m1";

    @Option(
            names = "--workers",
            paramLabel = "N",
            defaultValue = "2000",
            description = "How many are attached (${DEFAULT-VALUE})")
    private int workers;

    @Option(
            names = "--busy",
            paramLabel = "N",
            defaultValue = "200",
            description = "How many of them build, each one build at a time (${DEFAULT-VALUE})")
    private int busy;

    @Option(
            names = "--builds",
            paramLabel = "N",
            defaultValue = "4000",
            description = "How many builds in all (${DEFAULT-VALUE})")
    private int builds;

    @Option(
            names = "--build-time",
            paramLabel = "MILLIS",
            defaultValue = "1000",
            description = "How long the command of a build takes (${DEFAULT-VALUE})")
    private int buildMillis;

    @Option(
            names = "--log",
            paramLabel = "KIB",
            defaultValue = "16",
            description = "How much the command of a build prints (${DEFAULT-VALUE})")
    private int logKibibytes;

    @Override
    void measure(Bench bench, Report report) throws InterruptedException {
        report.parameter("heap of the builder master", "-Xmx%dm".formatted(HEAP_MEBIBYTES));
        report.parameter("milliseconds that a command takes", buildMillis);
        report.parameter("KiB that a command prints", logKibibytes);
        Database database = bench.fresh();
        int port = FreePort.find();
        Path configuration = bench.write("cluster.yaml", file(database, port, bench));
        try (Masters masters = new Masters(bench, List.of("-Xmx%dm".formatted(HEAP_MEBIBYTES)));
                Observer observer = new Observer(database);
                SimulatedFarm farm =
                        new SimulatedFarm(
                                port, Duration.ofMillis(buildMillis), 1024 * logKibibytes)) {
            masters.startBuilder(MASTER, configuration);
            masters.awaitReady(database);
            long pid = masters.pid(MASTER);
            double before = LiveHeap.megabytes(pid);
            bench.tell("%,d workers attach".formatted(workers));
            long began = System.nanoTime();
            farm.attach(workers);
            farm.awaitAttached(observer.jdbc(), workers);
            double seconds = (System.nanoTime() - began) / 1e9;
            masters.awaitIdle();
            double attached = LiveHeap.megabytes(pid);
            report.section(
                    "attached",
                    List.of(
                            new Attached(
                                    workers,
                                    seconds,
                                    attached,
                                    1024 * (attached - before) / workers,
                                    ProcessCost.residentMegabytes(pid))));
            bench.tell("%,d builds on %,d of them".formatted(builds, busy));
            Built built = build(bench, database, masters, observer, farm);
            masters.requireThatAllRun();
            farm.requireThatAllAreAttached();
            report.section("built", List.of(built));
            report.section("verified", List.of(Verified.of("workers", database)));
            report.atLeast("workers of one master", workers, farm.attached());
            report.atLeast("builds at once", busy, built.buildsAtOnce());
            report.atMost("MB live on the heap", HEAP_MEBIBYTES, built.heapMegabytes());
        }
    }

    private Built build(
            Bench bench, Database database, Masters masters, Observer observer, SimulatedFarm farm)
            throws InterruptedException {
        long pid = masters.pid(MASTER);
        // So that the code of a build is compiled.
        int warmUp = 2 * busy;
        try (Product product = new Product(database)) {
            PendingRequests.submit(product, warmUp, 1);
        }
        new Drain(bench, observer.jdbc()).await(masters, warmUp);
        masters.awaitIdle();
        farm.forget();
        Drain drain = new Drain(bench, observer.jdbc());
        StatementCount statementsBefore = observer.statements();
        Duration masterBefore = masters.cpu();
        Duration machineBefore = ProcessCost.cpuOfMachine();
        try (Product product = new Product(database)) {
            PendingRequests.submit(product, builds, 1);
        }
        drain.visible();
        farm.awaitBegun(builds / 2);
        double heap = LiveHeap.megabytes(pid);
        double resident = ProcessCost.residentMegabytes(pid);
        drain.await(masters, builds);
        Duration masterUsed = masters.cpu().minus(masterBefore);
        Duration machineUsed = ProcessCost.cpuOfMachine().minus(machineBefore);
        StatementCount.PerUnit statements =
                observer.statements().since(statementsBefore).per(builds);
        drain.requireThatEachWasBuiltOnce(warmUp + builds);
        double seconds = drain.span().seconds();
        return new Built(
                builds,
                farm.mostAtOnce(),
                builds / seconds,
                builds * logKibibytes * 1024 / 1e6 / seconds,
                heap,
                resident,
                statements.total(),
                (double) masterUsed.toMillis() / builds,
                (double) machineUsed.minus(masterUsed).toMillis() / builds);
    }

    private String file(Database database, int port, Bench bench) {
        List<String> lines = new ArrayList<>();
        for (int i = 1; i <= workers; i++) {
            lines.add(
                    "  - {name: %s, password: %s}"
                            .formatted(SimulatedFarm.worker(i), SimulatedFarm.PASSWORD));
        }
        return """
        db_url: "%s"
        db_user: "%s"
        db_password: "%s"
        drain_timeout: 1s
        basedir: %s
        worker_protocol: {port: %d}
        builders:
          - {name: %s, worker_names: [%s], factory: [shell: {command: simulated}]}
          - {name: idle, worker_names: [%s], factory: []}
        workers:
        %s
        """
                .formatted(
                        database.url(),
                        database.user(),
                        database.password(),
                        bench.newPath("builds"),
                        port,
                        ClusterFile.builder(1),
                        names(busy),
                        names(workers),
                        String.join("\n", lines));
    }

    private static String names(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(SimulatedFarm::worker)
                .collect(Collectors.joining(", "));
    }
}
