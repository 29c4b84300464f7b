package io.buildledger.benchmarks;

import io.buildledger.database.Database;
import io.buildledger.testing.GrownFarm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How soon a scheduler master, a process, answers with each of its pages, and how soon a browser
 * shows them, on a farm that has built for long. The views are filled past the log; what the pages
 * of one build, its request and its change tell from the log is there.
 */
@Command(
        name = "pages",
        description = "Ask for every page of a farm that has built for long",
        mixinStandardHelpOptions = true)
final class PagesBenchmark extends Benchmark {

    private static final double TARGET_MILLIS = 200;
    private static final double TARGET_MILLIS_OF_FIRST_PAGES = 100;
    private static final double TARGET_PAINT_MILLIS = 1_000;
    private static final double P95 = 95;
    private static final String SCHEDULER = "s";

    @Option(
            names = "--builders",
            paramLabel = "N",
            defaultValue = "600",
            description = "builders (${DEFAULT-VALUE})")
    private int builders;

    @Option(
            names = "--builds",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "builds that have finished (${DEFAULT-VALUE})")
    private int builds;

    @Option(
            names = "--pending",
            paramLabel = "N",
            defaultValue = "100000",
            description = "requests that wait (${DEFAULT-VALUE})")
    private int pending;

    @Option(
            names = "--running",
            paramLabel = "N",
            defaultValue = "200",
            description = "builds that run (${DEFAULT-VALUE})")
    private int running;

    @Option(
            names = "--builders-a-change",
            paramLabel = "N",
            defaultValue = "600",
            description = "how many builders build each change (${DEFAULT-VALUE})")
    private int buildersOfChange;

    @Option(
            names = "--requests",
            paramLabel = "N",
            defaultValue = "100",
            description = "how often each page is asked for (${DEFAULT-VALUE})")
    private int requests;

    @Option(
            names = "--warm-up",
            paramLabel = "N",
            defaultValue = "100",
            description = "how often before that (${DEFAULT-VALUE})")
    private int warmUp;

    /**
     * A page, asked for by one client over one connection.
     *
     * @param medianMillis from the request to the last byte of the answer, not compressed
     * @param kib of the answer
     * @param compressedKib of the answer as browsers ask for it
     * @param requests of a browser that has nothing of it yet: the page, its styles and scripts
     * @param compressedKibOfAll what they transfer together
     * @param paintMillis until a browser shows something, in the middle; null without a browser
     */
    record Shown(
            String page,
            double medianMillis,
            double p95Millis,
            double worstMillis,
            double kib,
            double compressedKib,
            int requests,
            double compressedKibOfAll,
            @Nullable Double paintMillis,
            @Nullable Double worstPaintMillis) {}

    @Override
    void measure(Bench bench, Report report) throws InterruptedException {
        report.parameter("builders", builders);
        report.parameter("finished builds", builds);
        report.parameter("pending requests", pending);
        report.parameter("running builds", running);
        report.parameter("builders of a change", buildersOfChange);
        report.parameter("requests of each page", "%d after %d".formatted(requests, warmUp));
        Database database = bench.fresh();
        bench.tell("filling the views");
        GrownFarm farm = new GrownFarm(builders, builds, pending, running, buildersOfChange);
        JdbcClient patient = JdbcClient.create(database.withoutTimeout());
        farm.fill(patient);
        StoriedBuild build;
        try (Product product = new Product(database)) {
            build = StoriedBuild.write(product, farm);
        }
        GrownFarm.analyze(patient);
        int port = FreePort.find();
        Path configuration =
                bench.write(
                        "cluster.yaml",
                        new ClusterFile(
                                        database,
                                        "1s",
                                        true,
                                        port,
                                        builders,
                                        1,
                                        "[]",
                                        List.of(
                                                "any_branch: {name: main, builder_names: [b1]}",
                                                "force: {name: force, builder_names: [b1]}"))
                                .yaml(bench.newPath("builds")));
        try (Masters cluster = new Masters(bench, List.of())) {
            bench.tell("starting the master");
            cluster.startScheduler(SCHEDULER, configuration);
            cluster.awaitReady(database);
            List<Shown> shown = shown(bench, "http://127.0.0.1:" + port, build, report);
            cluster.requireThatAllRun();
            report.section("pages", shown);
            targets(report, shown);
        } finally {
            bench.drop(database);
        }
    }

    private static List<String> addresses(StoriedBuild build) {
        return List.of(
                "/",
                "/builders/" + build.builder(),
                "/builders",
                "/builders?skip=500",
                "/builders?state=red",
                "/changes",
                "/changes?tag=tier%201",
                "/changes/" + build.change(),
                "/builds/%s/%d".formatted(build.builder(), build.number()),
                "/requests/" + build.request(),
                "/schedulers",
                "/schedulers/force",
                "/masters",
                "/workers",
                "/workers/w1",
                "/waiting",
                "/waterfall",
                "/search?q=b1",
                "/audit/builder/" + build.builder(),
                "/badges/%s.svg".formatted(build.builder()));
    }

    private List<Shown> shown(Bench bench, String root, StoriedBuild build, Report report)
            throws InterruptedException {
        List<String> addresses = addresses(build);
        List<Shown> shown = new ArrayList<>();
        try (PageVisitor visitor = new PageVisitor(root)) {
            bench.tell("asking for pages");
            visitor.visit(addresses, warmUp);
            Map<String, Percentiles> millis = visitor.visit(addresses, requests);
            bench.tell("loading them in a browser");
            Map<String, Percentiles> paints = paints(bench, root, addresses, report);
            for (String address : addresses) {
                Percentiles of = Objects.requireNonNull(millis.get(address));
                PageVisitor.Size size = visitor.size(address);
                Optional<Percentiles> paint = Optional.ofNullable(paints.get(address));
                shown.add(
                        new Shown(
                                address,
                                of.median(),
                                of.percentile(P95),
                                of.greatest(),
                                size.bytes() / 1024.0,
                                size.compressedBytes() / 1024.0,
                                size.requests(),
                                size.compressedBytesOfAll() / 1024.0,
                                paint.map(Percentiles::median).orElse(null),
                                paint.map(Percentiles::greatest).orElse(null)));
            }
        }
        return shown;
    }

    private static Map<String, Percentiles> paints(
            Bench bench, String root, List<String> addresses, Report report)
            throws InterruptedException {
        Optional<String> obstacle = PaintedPages.obstacle();
        if (obstacle.isPresent()) {
            report.parameter("first contentful paint", "not measured: " + obstacle.get());
            return Map.of();
        }
        List<String> pages = addresses.stream().filter(it -> !it.endsWith(".svg")).toList();
        try (PaintedPages browser = new PaintedPages(bench)) {
            report.parameter("browser", browser.version());
            return browser.paints(root, pages);
        }
    }

    private static void targets(Report report, List<Shown> shown) {
        for (Shown page : shown) {
            boolean isFirst = page.page().equals("/") || page.page().startsWith("/builders/");
            report.atMost(
                    "ms until %s is answered, p95".formatted(page.page()),
                    isFirst ? TARGET_MILLIS_OF_FIRST_PAGES : TARGET_MILLIS,
                    page.p95Millis());
        }
        shown.stream()
                .map(Shown::paintMillis)
                .flatMap(it -> Optional.ofNullable(it).stream())
                .max(Double::compare)
                .ifPresent(slowest ->
                        report.atMost(
                                "ms until a browser shows something of the slowest page, median",
                                TARGET_PAINT_MILLIS,
                                slowest));
    }
}
