package io.buildledger.benchmarks;

import io.buildledger.database.Database;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How long it takes from a change to the claim of its build request: from the moment at which the
 * HTTP request was due to the moment at which another connection sees the claim. One scheduler
 * master and one builder master, each a process.
 */
@Command(
        name = "latency",
        description = "Time changes from the HTTP request to the committed claim",
        mixinStandardHelpOptions = true)
final class LatencyBenchmark extends Benchmark {

    /**
     * @param bareMillis median of the same three commits (change, request, claim) by bare JDBC, one
     *     row each, with nobody to wait for
     * @param answerMedianMillis until the hook has answered, which is when the change is in the log
     * @param toRequestMillis median from there to the build request, by the log's times
     * @param toClaimMillis median from there to the claim, by the log's times
     */
    record Run(
            int pollIntervalSeconds,
            boolean hints,
            int changes,
            double medianMillis,
            double p90Millis,
            double p99Millis,
            double worstMillis,
            double answerMedianMillis,
            double answerP99Millis,
            double toRequestMillis,
            double toClaimMillis,
            double bareMillis,
            double timesBare) {}

    private static final double MEDIAN_WITH_HINTS = 50;
    private static final double P99_WITH_HINTS = 150;
    private static final double ON_TOP_OF_THE_INTERVAL = 50;

    private static final int WORKERS = 50;
    private static final String SCHEDULER = "s";

    @Option(
            names = "--poll-interval",
            paramLabel = "SECONDS",
            split = ",",
            defaultValue = "1,60",
            description = "db_poll_interval of both masters, for each run (${DEFAULT-VALUE})")
    private List<Integer> pollIntervals = List.of();

    @Option(
            names = "--hints",
            paramLabel = "BOOLEAN",
            arity = "1",
            split = ",",
            defaultValue = "true,false",
            description = "Whether masters tell each other, for each run (${DEFAULT-VALUE})")
    private List<Boolean> hints = List.of();

    @Option(
            names = "--changes-per-second",
            paramLabel = "N",
            defaultValue = "20",
            description = "At which rate they are sent (${DEFAULT-VALUE})")
    private int rate;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "30",
            description = "For how long; at least two intervals without hints (${DEFAULT-VALUE})")
    private int seconds;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description =
                    "For how long changes are sent before, and not counted (${DEFAULT-VALUE})")
    private int warmUp;

    @Override
    void measure(Bench bench, Report report) throws InterruptedException {
        report.parameter("changes per second", rate);
        report.parameter("warm up seconds", warmUp);
        report.parameter("looks for claims every", "2 ms, which is part of the figures");
        List<Run> runs = new ArrayList<>();
        List<Verified> verified = new ArrayList<>();
        for (boolean hinted : hints) {
            for (int interval : pollIntervals) {
                bench.tell(name(interval, hinted));
                runs.add(run(bench, interval, hinted, verified));
            }
        }
        report.section("runs", runs);
        report.section("verified", verified);
        runs.forEach(run -> judge(report, run));
    }

    private static String name(int interval, boolean hinted) {
        return "interval %d s, hints %s".formatted(interval, hinted ? "on" : "off");
    }

    private static void judge(Report report, Run run) {
        if (run.hints()) {
            String where = " ms with hints, interval %d s".formatted(run.pollIntervalSeconds());
            report.atMost("median" + where, MEDIAN_WITH_HINTS, run.medianMillis());
            report.atMost("p99" + where, P99_WITH_HINTS, run.p99Millis());
        } else {
            report.atMost(
                    "worst ms without hints, interval %d s".formatted(run.pollIntervalSeconds()),
                    1_000.0 * run.pollIntervalSeconds() + ON_TOP_OF_THE_INTERVAL,
                    run.worstMillis());
        }
    }

    private Run run(Bench bench, int interval, boolean hinted, List<Verified> verified)
            throws InterruptedException {
        Database database = bench.fresh();
        int port = FreePort.find();
        Path configuration =
                bench.write(
                        "cluster.yaml",
                        new ClusterFile(database, interval + "s", hinted, port, 1, WORKERS, "[]")
                                .yaml(bench.newPath("builds")));
        Duration patience = Duration.ofSeconds(3L * interval + 30);
        int sent = hinted ? seconds : Math.max(seconds, 2 * interval);
        try (Masters cluster = new Masters(bench, List.of())) {
            cluster.startScheduler(SCHEDULER, configuration);
            cluster.startBuilder("m1", configuration);
            cluster.awaitReady(database);
            try (ClaimWatch watch = new ClaimWatch(database);
                    ChangeLoad load = new ChangeLoad(port)) {
                watch.start();
                List<ChangeLoad.Sent> first = load.send(rate, warmUp);
                watch.await(first, patience);
                List<ChangeLoad.Sent> changes = load.send(rate, sent);
                Map<Long, Long> claimed = watch.await(changes, patience);
                cluster.requireThatAllRun();
                verified.add(Verified.of(name(interval, hinted), database));
                return result(
                        bench,
                        interval,
                        hinted,
                        changes,
                        claimed,
                        ChangeHops.of(database, changes));
            }
        } finally {
            bench.drop(database);
        }
    }

    private static Run result(
            Bench bench,
            int interval,
            boolean hinted,
            List<ChangeLoad.Sent> changes,
            Map<Long, Long> claimed,
            ChangeHops hops) {
        List<Double> latencies = new ArrayList<>();
        List<Double> answers = new ArrayList<>();
        for (ChangeLoad.Sent change : changes) {
            Long at = claimed.get(change.changeId());
            if (at == null) {
                throw new RunFailedException(
                        "change %d of %d has no claim"
                                .formatted(change.changeId(), changes.size()));
            }
            latencies.add((at - change.dueNanos()) / 1e6);
            answers.add((change.answeredNanos() - change.dueNanos()) / 1e6);
        }
        Percentiles latency = Percentiles.of(latencies);
        Percentiles answer = Percentiles.of(answers);
        double bare = bareMillis(bench);
        return new Run(
                interval,
                hinted,
                changes.size(),
                latency.median(),
                latency.percentile(90),
                latency.percentile(99),
                latency.greatest(),
                answer.median(),
                answer.percentile(99),
                hops.toRequestMillis(),
                hops.toClaimMillis(),
                bare,
                latency.median() / bare);
    }

    private static double bareMillis(Bench bench) {
        Database database = bench.fresh();
        try {
            return BareCommits.medianMillis(database, 3, 200);
        } catch (SQLException e) {
            throw new RunFailedException("bare JDBC failed: " + e.getMessage(), e);
        } finally {
            bench.drop(database);
        }
    }
}
