package io.buildledger.benchmarks;

import io.buildledger.database.Database;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How fast builder masters, each a process, drain a queue of requests for builds that do nothing:
 * requested, claimed, started, completed, each recorded. All requests become visible in one commit,
 * to masters that are up and idle.
 */
@Command(
        name = "drain",
        description = "Drain a queue of builds that do nothing by 1, 2, 4, 8 builder masters",
        mixinStandardHelpOptions = true)
final class DrainBenchmark extends Benchmark {

    private static final int BUILDERS = 4;
    private static final double BUILDS_A_SECOND = 2_000;
    private static final double STATEMENTS_A_BUILD = 8;

    /** What the same run gives twice, and a bit. */
    private static final double NOISE = 0.95;

    @Option(names = "--requests", paramLabel = "N", defaultValue = "100000")
    private int requests;

    @Option(
            names = "--masters",
            paramLabel = "N",
            split = ",",
            defaultValue = "1,2,4,8",
            description = "How many builder masters, for each run (${DEFAULT-VALUE})")
    private List<Integer> masters = List.of();

    @Option(
            names = "--workers",
            paramLabel = "N",
            defaultValue = "50",
            description =
                    "Local workers of each master; each runs 4 builds at once (${DEFAULT-VALUE})")
    private int workers;

    @Option(
            names = "--warm-up",
            paramLabel = "N",
            defaultValue = "30000",
            description =
                    "Requests that each process drains before, uncounted, until its JVM has compiled what it needs; 0 to measure JVMs that are cold (${DEFAULT-VALUE})")
    private int warmUp;

    @Option(
            names = "--db-scheduler",
            paramLabel = "N",
            split = ",",
            defaultValue = "1,2",
            description =
                    "How many processes of db-scheduler do the same, for each run; 0 for none (${DEFAULT-VALUE})")
    private List<Integer> dbSchedulers = List.of();

    @Option(
            names = "--java-options",
            paramLabel = "OPTIONS",
            defaultValue = "",
            description = "Of the masters' JVMs; by default as the launcher starts them: none")
    private String javaOptions = "";

    @Option(
            names = "--profile",
            description =
                    "Tell where the masters' threads spend their time; recording it slows them a little")
    private boolean profile;

    @Override
    void measure(Bench bench, Report report) throws InterruptedException {
        report.parameter("requests", requests);
        report.parameter("requests before, per process", warmUp);
        report.parameter("builders", BUILDERS);
        report.parameter("builds at once per master", BUILDERS * workers);
        report.parameter("master java options", javaOptions.isBlank() ? "none" : javaOptions);
        report.parameter("scheduler masters", "none while builds are drained");
        List<DrainByMasters.Run> runs = new ArrayList<>();
        List<MasterProfile.Place> places = new ArrayList<>();
        List<Verified> verified = new ArrayList<>();
        EventTemplates templates = EventTemplates.NONE;
        for (int count : masters) {
            bench.tell("%,d requests, %d builder master(s)".formatted(requests, count));
            Database database = bench.fresh();
            runs.add(drain(bench, database, count, places));
            templates = EventTemplates.of(database);
            verified.add(Verified.of(count + " master(s)", database));
            bench.drop(database);
        }
        List<DrainByDbScheduler.Run> peers = drainByDbScheduler(bench);
        report.section("runs", runs);
        report.section("dbScheduler", peers);
        report.section("verified", verified);
        report.section("plainJdbc", drainByPlainJdbc(bench, templates));
        report.section(
                "topStatements",
                Stream.concat(
                                runs.stream().map(DrainByMasters.Run::topStatements),
                                peers.stream().map(DrainByDbScheduler.Run::topStatements))
                        .flatMap(List::stream)
                        .toList());
        if (profile) {
            report.section("profile", places);
        }
        judge(report, runs, peers);
    }

    private DrainByMasters.Run drain(
            Bench bench, Database database, int count, List<MasterProfile.Place> places)
            throws InterruptedException {
        List<String> options = new ArrayList<>();
        if (!javaOptions.isBlank()) {
            options.addAll(List.of(javaOptions.strip().split(" +")));
        }
        Path recordings = bench.newDirectory("recordings");
        if (profile) {
            options.add(MasterProfile.javaOption(recordings));
        }
        DrainByMasters.Run run =
                new DrainByMasters(bench, database, BUILDERS, workers, warmUp, options)
                        .run(requests, count);
        if (profile) {
            places.addAll(MasterProfile.of(recordings, count + " master(s)"));
        }
        return run;
    }

    private List<DrainByDbScheduler.Run> drainByDbScheduler(Bench bench)
            throws InterruptedException {
        List<DrainByDbScheduler.Run> runs = new ArrayList<>();
        for (int count : dbSchedulers) {
            if (count > 0) {
                bench.tell("%,d tasks, %d process(es) of db-scheduler".formatted(requests, count));
                runs.add(
                        new DrainByDbScheduler(bench, BUILDERS * workers, warmUp)
                                .run(requests, count));
            }
        }
        return runs;
    }

    private List<DrainByPlainJdbc.Run> drainByPlainJdbc(Bench bench, EventTemplates templates) {
        bench.tell("%,d requests, plain JDBC".formatted(requests));
        List<DrainByPlainJdbc.Run> runs = new ArrayList<>();
        for (int size : List.of(1, 10, 100)) {
            // One build a transaction is slow, and a tenth says as much.
            int some = size == 1 ? Math.max(1, requests / 10) : requests;
            runs.add(new DrainByPlainJdbc(bench, templates, BUILDERS).run(some, size));
        }
        return runs;
    }

    private static void judge(
            Report report, List<DrainByMasters.Run> runs, List<DrainByDbScheduler.Run> peers) {
        runs.stream()
                .mapToDouble(DrainByMasters.Run::buildsPerSecond)
                .min()
                .ifPresent(worst ->
                        report.atLeast("builds a second, worst run", BUILDS_A_SECOND, worst));
        runs.stream()
                .mapToDouble(DrainByMasters.Run::statementsPerBuild)
                .max()
                .ifPresent(most ->
                        report.atMost("statements a build, worst run", STATEMENTS_A_BUILD, most));
        runs.stream()
                .min(Comparator.comparingInt(DrainByMasters.Run::masters))
                .ifPresent(fewest ->
                        runs.stream()
                                .filter(run -> run.masters() > fewest.masters())
                                .forEach(run ->
                                        report.atLeast(
                                                "%d masters against %d"
                                                        .formatted(run.masters(), fewest.masters()),
                                                NOISE,
                                                run.buildsPerSecond() / fewest.buildsPerSecond())));
        for (DrainByDbScheduler.Run peer : peers) {
            runs.stream()
                    .filter(run -> run.masters() == peer.processes())
                    .forEach(run ->
                            report.atLeast(
                                    "%d master(s) against as many of db-scheduler"
                                            .formatted(run.masters()),
                                    1,
                                    run.buildsPerSecond() / peer.tasksPerSecond()));
        }
    }
}
