package io.buildledger.benchmarks;

import io.buildledger.database.Database;
import io.buildledger.replaying.ReplayProgress;
import io.buildledger.replaying.StateMending;
import io.buildledger.replaying.ViewRebuild;
import io.buildledger.viewing.ViewTable;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a long history costs: to make everything anew from it, and to ask of any moment of it. */
@Command(
        name = "history",
        description = "Rebuild from a generated log of 10,000,000 events, and ask of its moments",
        mixinStandardHelpOptions = true)
final class HistoryBenchmark extends Benchmark {

    private static final double TARGET_SHARE_OF_SCAN = 0.5;
    private static final double TARGET_MOMENT_MILLIS = 2_000;
    private static final double TARGET_AUDIT_MILLIS = 50;
    private static final double TARGET_SUPPOSITION_SECONDS = 60;

    @Option(
            names = "--events",
            paramLabel = "N",
            defaultValue = "10000000",
            description = "how long the log is (${DEFAULT-VALUE})")
    private long events;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "of what happens on the farm (${DEFAULT-VALUE})")
    private long seed;

    /**
     * What was read or made anew, and how soon.
     *
     * @param machineCpuSeconds processor time that everything on this machine took meanwhile
     */
    record Pass(
            String what,
            long events,
            double seconds,
            double eventsPerSecond,
            double machineCpuSeconds) {}

    @FunctionalInterface
    private interface Work {
        void run() throws InterruptedException;
    }

    private final List<Pass> passes = new ArrayList<>();

    @Override
    void measure(Bench bench, Report report) throws InterruptedException {
        report.parameter("seed", seed);
        report.parameter(
                "heap", "%d MiB".formatted(Runtime.getRuntime().maxMemory() / 1024 / 1024));
        Database database = bench.fresh();
        pass(bench, "generate", () -> GeneratedLog.write(database, seed, events));
        Pass scan = pass(bench, "bare scan", () -> BareScan.of(database));
        Pass views =
                pass(
                        bench,
                        "rebuild of the views",
                        () ->
                                ViewRebuild.of(
                                        database,
                                        EnumSet.allOf(ViewTable.class),
                                        "here",
                                        ReplayProgress.NONE));
        pass(bench, "copy of the views by the server", () -> CopiedViews.of(database));
        // Nobody has kept the tables of masters: all that this log leaves open is made anew.
        Pass tables =
                pass(
                        bench,
                        "rebuild of the tables of masters",
                        () -> StateMending.of(database, _ -> true, false, ReplayProgress.NONE));
        pass(bench, "keep the states", () -> PastCosts.keepStates(database));
        report.section("passes", passes);
        bench.tell("supposing another file");
        Suppositions.Cost supposed = Suppositions.of(bench, database);
        report.section("supposed", List.of(supposed));
        bench.tell("asking of moments");
        PastCosts.Cost moments = PastCosts.of(database, seed);
        report.section("moments", List.of(moments));
        bench.tell("auditing");
        List<AuditCosts.Cost> audits = AuditCosts.of(database, seed);
        report.section("audits", audits);
        bench.tell("verifying");
        report.section("verified", List.of(Verified.of("generated log", database)));
        report.atLeast(
                "events a second of the rebuild of the views, of those of the scan",
                TARGET_SHARE_OF_SCAN,
                views.eventsPerSecond() / scan.eventsPerSecond());
        report.atLeast(
                "and of the rebuild of the tables of masters",
                TARGET_SHARE_OF_SCAN,
                tables.eventsPerSecond() / scan.eventsPerSecond());
        report.atMost(
                "s until what-if tells of 100,000 changes",
                TARGET_SUPPOSITION_SECONDS,
                supposed.secondsOf100000());
        report.atMost(
                "ms until the slowest of the moments is told",
                TARGET_MOMENT_MILLIS,
                moments.worstMillis());
        report.atMost(
                "ms until a request is audited, median",
                TARGET_AUDIT_MILLIS,
                audits.getFirst().medianMillis());
    }

    private Pass pass(Bench bench, String what, Work work) throws InterruptedException {
        bench.tell(what);
        double cpuBefore = cpuSecondsOfMachine();
        long begun = System.nanoTime();
        work.run();
        double seconds = (System.nanoTime() - begun) / 1e9;
        Pass pass =
                new Pass(
                        what, events, seconds, events / seconds, cpuSecondsOfMachine() - cpuBefore);
        passes.add(pass);
        return pass;
    }

    private static double cpuSecondsOfMachine() {
        return ProcessCost.cpuOfMachine().toMillis() / 1e3;
    }
}
