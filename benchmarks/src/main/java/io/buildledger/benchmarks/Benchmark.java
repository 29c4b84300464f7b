package io.buildledger.benchmarks;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** What all benchmarks have in common: a server, and the report. */
abstract class Benchmark implements Callable<Integer> {

    @ArgGroup(exclusive = false)
    private @Nullable GivenServer given;

    @Option(names = "--json", description = "Print one JSON object, for programs")
    private boolean json;

    /** Runs on a server that is ready, and adds what it finds to the report. */
    abstract void measure(Bench bench, Report report) throws InterruptedException;

    @Override
    public final Integer call() throws InterruptedException {
        return TidyRun.of(
                "bench",
                (directory, leftovers) -> {
                    BenchServer server = BenchServer.start(given, directory, leftovers);
                    Bench bench = new Bench(server, directory, leftovers);
                    Report report = new Report(Conditions.of(server.administration()));
                    measure(bench, report);
                    System.out.println(json ? report.json() : report.text());
                    return 0;
                });
    }
}
