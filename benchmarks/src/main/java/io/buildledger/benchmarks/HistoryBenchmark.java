package io.buildledger.benchmarks;

import io.buildledger.database.Database;
import io.buildledger.replaying.ReplayProgress;
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

    /** What was read or made anew, and how soon. */
    record Pass(String what, long events, double seconds, double eventsPerSecond) {}

    @Override
    void measure(Bench bench, Report report) throws InterruptedException {
        report.parameter("seed", seed);
        Database database = bench.fresh();
        bench.tell("generating %,d events".formatted(events));
        long begun = System.nanoTime();
        long head = GeneratedLog.write(database, seed, events);
        List<Pass> passes = new ArrayList<>();
        passes.add(pass("generate", head, begun));
        bench.tell("scanning");
        begun = System.nanoTime();
        BareScan.of(database);
        passes.add(pass("bare scan", head, begun));
        bench.tell("rebuilding");
        begun = System.nanoTime();
        ViewRebuild.of(database, EnumSet.allOf(ViewTable.class), "here", ReplayProgress.NONE);
        passes.add(pass("rebuild of the views", head, begun));
        report.section("passes", passes);
        bench.tell(passes.toString());
        bench.tell("auditing");
        List<AuditCosts.Cost> audits = AuditCosts.of(database, seed);
        report.section("audits", audits);
        bench.tell(audits.toString());
        bench.tell("verifying");
        report.section("verified", List.of(Verified.of("generated log", database)));
    }

    private static Pass pass(String what, long events, long begun) {
        double seconds = (System.nanoTime() - begun) / 1e9;
        return new Pass(what, events, seconds, events / seconds);
    }
}
