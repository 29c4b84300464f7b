package io.buildledger.benchmarks;

import static java.util.Objects.requireNonNull;

import io.buildledger.database.Database;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What open pages cost the masters, and how soon they hear of what happens: changes come at a
 * steady rate and are built, with so many pages open and with none. One scheduler master and one
 * builder master, each a process; the pages are all in the benchmark's.
 */
@Command(
        name = "live",
        description = "Time changes and builds with many pages open that follow them",
        mixinStandardHelpOptions = true)
final class LiveBenchmark extends Benchmark {

    /**
     * @param claimMedianMillis from when the change was due to when its build was seen to be
     *     claimed
     * @param toldMedianMillis from when the change was due to when a page was told of it; null
     *     without pages
     * @param toldOfBuildMedianMillis from when the claim of a build was seen to when a page was
     *     told of it, or of that and what came next; null without pages
     * @param looksPerSecond parts of pages that were asked for
     * @param statementsPerSecond of all masters, as the server counts them
     */
    record Run(
            int pages,
            int changes,
            double claimMedianMillis,
            double claimP99Millis,
            @Nullable Double toldMedianMillis,
            @Nullable Double toldP99Millis,
            @Nullable Double toldWorstMillis,
            @Nullable Double toldOfBuildMedianMillis,
            @Nullable Double toldOfBuildP99Millis,
            double looksPerSecond,
            double statementsPerSecond,
            double schedulerMasterCpuMillisPerSecond,
            double builderMasterCpuMillisPerSecond) {}

    private static final double TOLD_WITHIN_MILLIS = 1_000;
    private static final double CLAIM_MEDIAN_MILLIS = 50;
    private static final double CLAIM_P99_MILLIS = 150;
    private static final int WORKERS = 50;
    private static final String SCHEDULER = "s";
    private static final String BUILDER = "m1";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Option(
            names = "--pages",
            paramLabel = "N",
            split = ",",
            defaultValue = "0,1,1000",
            description = "How many pages are open, for each run (${DEFAULT-VALUE})")
    private List<Integer> pages = List.of();

    @Option(
            names = "--changes-per-second",
            paramLabel = "N",
            defaultValue = "5",
            description = "At which rate they are sent (${DEFAULT-VALUE})")
    private int rate;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "30",
            description = "For how long (${DEFAULT-VALUE})")
    private int seconds;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description =
                    "For how long changes are sent before, and not counted (${DEFAULT-VALUE})")
    private int warmUp;

    @Override
    void measure(Bench bench, Report report) throws InterruptedException {
        report.parameter("changes per second", rate);
        report.parameter("seconds", seconds);
        report.parameter("warm up seconds", warmUp);
        List<Run> runs = new ArrayList<>();
        List<Verified> verified = new ArrayList<>();
        for (int count : pages) {
            bench.tell("%d open page(s)".formatted(count));
            Database database = bench.fresh();
            runs.add(run(bench, database, count));
            verified.add(Verified.of(count + " open page(s)", database));
            bench.drop(database);
        }
        report.section("runs", runs);
        report.section("verified", verified);
        runs.forEach(run -> judge(report, run));
    }

    private static void judge(Report report, Run run) {
        String where = " with %d open page(s)".formatted(run.pages());
        Optional.ofNullable(run.toldP99Millis())
                .ifPresent(p99 ->
                        report.atMost(
                                "ms until a page is told of a change, p99" + where,
                                TOLD_WITHIN_MILLIS,
                                p99));
        Optional.ofNullable(run.toldOfBuildP99Millis())
                .ifPresent(p99 ->
                        report.atMost(
                                "ms until a page is told of a claim, p99" + where,
                                TOLD_WITHIN_MILLIS,
                                p99));
        report.atMost(
                "ms until a build is claimed, median" + where,
                CLAIM_MEDIAN_MILLIS,
                run.claimMedianMillis());
        report.atMost(
                "ms until a build is claimed, p99" + where, CLAIM_P99_MILLIS, run.claimP99Millis());
    }

    private Run run(Bench bench, Database database, int count) throws InterruptedException {
        int port = FreePort.find();
        Path configuration =
                bench.write(
                        "cluster.yaml",
                        new ClusterFile(database, "1s", true, port, 1, WORKERS, "[]")
                                .yaml(bench.newPath("builds")));
        try (Masters cluster = new Masters(bench, List.of());
                Observer observer = new Observer(database)) {
            cluster.startScheduler(SCHEDULER, configuration);
            cluster.startBuilder(BUILDER, configuration);
            cluster.awaitReady(database);
            try (ClaimWatch watch = new ClaimWatch(database);
                    ChangeLoad load = new ChangeLoad(port);
                    OpenPages open = new OpenPages("http://127.0.0.1:" + port, count)) {
                watch.start();
                watch.await(load.send(rate, warmUp), PATIENCE);

                StatementCount statementsBefore = observer.statements();
                Duration schedulerBefore = cluster.cpu(SCHEDULER);
                Duration builderBefore = cluster.cpu(BUILDER);
                long looksBefore = open.looks();
                long began = System.nanoTime();
                List<ChangeLoad.Sent> changes = load.send(rate, seconds);
                double watched = (System.nanoTime() - began) / 1e9;
                double looks = (open.looks() - looksBefore) / watched;
                double statements = observer.statements().since(statementsBefore).all() / watched;
                double scheduler =
                        cluster.cpu(SCHEDULER).minus(schedulerBefore).toMillis() / watched;
                double builder = cluster.cpu(BUILDER).minus(builderBefore).toMillis() / watched;

                Percentiles claimed = claimed(changes, watch.await(changes, PATIENCE));
                Optional<Percentiles> told =
                        count == 0 ? Optional.empty() : Optional.of(told(changes, open, count));
                Optional<Percentiles> toldOfBuilds =
                        count == 0
                                ? Optional.empty()
                                : Optional.of(toldOfBuilds(began, watch.seen(), open, count));
                cluster.requireThatAllRun();
                return new Run(
                        count,
                        changes.size(),
                        claimed.median(),
                        claimed.percentile(99),
                        told.map(Percentiles::median).orElse(null),
                        told.map(it -> it.percentile(99)).orElse(null),
                        told.map(Percentiles::greatest).orElse(null),
                        toldOfBuilds.map(Percentiles::median).orElse(null),
                        toldOfBuilds.map(it -> it.percentile(99)).orElse(null),
                        looks,
                        statements,
                        scheduler,
                        builder);
            }
        }
    }

    private static Percentiles claimed(List<ChangeLoad.Sent> changes, Map<Long, Long> claimed) {
        return Percentiles.of(
                changes.stream()
                        .map(change -> {
                            Long at = claimed.get(change.changeId());
                            if (at == null) {
                                throw new RunFailedException(
                                        "change %d has no claim".formatted(change.changeId()));
                            }
                            return millis(change, at);
                        })
                        .toList());
    }

    /** Each page must have heard of each change. */
    private static Percentiles told(List<ChangeLoad.Sent> changes, OpenPages open, int pages)
            throws InterruptedException {
        Map<String, ChangeLoad.Sent> byStream = new HashMap<>();
        changes.forEach(it -> byStream.put("change/" + it.changeId(), it));
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            List<Double> millis =
                    open.told().stream()
                            .filter(it -> byStream.containsKey(it.stream()))
                            .map(it ->
                                    millis(requireNonNull(byStream.get(it.stream())), it.atNanos()))
                            .toList();
            if (millis.size() >= changes.size() * pages) {
                return Percentiles.of(millis);
            }
            if (System.nanoTime() > deadline) {
                throw new RunFailedException(
                        "%d pages heard of %d changes %d times"
                                .formatted(pages, changes.size(), millis.size()));
            }
            Thread.sleep(500);
        }
    }

    /** Each page must have heard of each claim that was seen since the run began. */
    private static Percentiles toldOfBuilds(
            long began, Map<String, Long> claims, OpenPages open, int pages)
            throws InterruptedException {
        Map<String, Long> claimed = new HashMap<>(claims);
        claimed.values().removeIf(at -> at < began);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            Map<String, Double> first = new HashMap<>();
            for (OpenPages.Told it : open.told()) {
                Long at = claimed.get(it.stream());
                if (at != null && it.atNanos() >= at) {
                    first.merge(
                            it.page() + " " + it.stream(), (it.atNanos() - at) / 1e6, Math::min);
                }
            }
            if (first.size() == claimed.size() * pages) {
                return Percentiles.of(List.copyOf(first.values()));
            }
            if (System.nanoTime() > deadline) {
                throw new RunFailedException(
                        "%d pages heard of %d claims %d times"
                                .formatted(pages, claimed.size(), first.size()));
            }
            Thread.sleep(500);
        }
    }

    private static double millis(ChangeLoad.Sent change, long at) {
        return (at - change.dueNanos()) / 1e6;
    }
}
