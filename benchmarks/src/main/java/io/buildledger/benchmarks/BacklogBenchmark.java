package io.buildledger.benchmarks;

import io.buildledger.database.Database;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Whether the length of the queue costs anything: a claim, a poll of a master that has no worker
 * free, and the start of a master, with few and with a million requests pending.
 */
@Command(
        name = "backlog",
        description = "Compare claims, polls and starts with 100 and 1,000,000 requests pending",
        mixinStandardHelpOptions = true)
final class BacklogBenchmark extends Benchmark {

    /** Median of one claim's time, and what it had the server do. */
    record Claim(
            int pending,
            int requestsPerClaim,
            double medianMillis,
            double p99Millis,
            double statementsPerClaim) {}

    /** A builder master whose one worker is busy, watched for a while. */
    record Poll(
            int pending,
            double statementsPerSecond,
            double selectsPerSecond,
            double serverMicrosPerSecond,
            double masterCpuMillisPerSecond) {}

    /**
     * Medians of some starts.
     *
     * @param secondsToLive from the process's start to its place in the cluster
     * @param secondsToFirstClaim until it has claimed a request
     * @param megabytes resident, when it had nothing more to do for its start
     */
    record Start(
            int pending,
            int starts,
            double secondsToLive,
            double secondsToFirstClaim,
            double megabytes) {}

    private record Started(double secondsToLive, double secondsToFirstClaim, double megabytes) {}

    /** One request, which the master takes: what it finds then is an empty queue. */
    private static final int EMPTY = 1;

    private static final double SAME = 1.1;
    private static final int SUBMITTED_AT_ONCE = 10_000;
    private static final int CLAIMS = 300;
    private static final int LONGEST_BLOCK = 10;
    private static final String FOR_EVER = "[{shell: {name: wait, command: [sleep, '36000']}}]";

    private static final String IS_CLAIMING =
            "SELECT EXISTS (SELECT 1 FROM claim WHERE master = :name)";

    @Option(
            names = "--pending",
            paramLabel = "N",
            split = ",",
            defaultValue = "100,1000000",
            description = "How many requests are pending, for each run (${DEFAULT-VALUE})")
    private List<Integer> pending = List.of();

    @Option(
            names = "--starts",
            paramLabel = "N",
            defaultValue = "3",
            description = "How often a master is started on each (${DEFAULT-VALUE})")
    private int starts;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "40",
            description =
                    "How long a master with nothing to do is watched; it looks for everything once in 30 s (${DEFAULT-VALUE})")
    private int seconds;

    @Override
    void measure(Bench bench, Report report) throws InterruptedException {
        Map<Integer, Database> databases = new LinkedHashMap<>();
        databases.put(EMPTY, filled(bench, EMPTY));
        for (int count : pending) {
            databases.put(count, filled(bench, count));
        }
        List<Claim> claims = new ArrayList<>();
        for (int size : List.of(1, 10)) {
            bench.tell("claims of %d".formatted(size));
            claims.addAll(claims(databases, size));
        }
        List<Poll> polls = new ArrayList<>();
        Map<Integer, List<Started>> started = new LinkedHashMap<>();
        // In turn, as the claims: whatever else the machine does meets all of them.
        for (int round = 0; round <= starts; round++) {
            for (Map.Entry<Integer, Database> database : databases.entrySet()) {
                int count = database.getKey();
                bench.tell("start %d with %,d pending".formatted(round, count));
                Started result = start(bench, database.getValue(), count, round == 1, polls);
                // The first finds nothing in the system's caches.
                if (round > 0) {
                    started.computeIfAbsent(count, _ -> new ArrayList<>()).add(result);
                }
            }
        }
        List<Start> medians =
                started.entrySet().stream()
                        .map(entry -> median(entry.getKey(), entry.getValue()))
                        .toList();
        List<Verified> verified = new ArrayList<>();
        for (Map.Entry<Integer, Database> database : databases.entrySet()) {
            String run = "%,d pending".formatted(database.getKey());
            bench.tell("verifying " + run);
            verified.add(Verified.of(run, database.getValue()));
        }
        report.section("verified", verified);
        report.section("claims", claims);
        report.section("polls", polls);
        report.section("starts", medians);
        judge(report, claims, polls, medians);
    }

    private static Database database(Map<Integer, Database> databases, int count) {
        Database database = databases.get(count);
        if (database == null) {
            throw new IllegalStateException("no database with " + count);
        }
        return database;
    }

    private static Database filled(Bench bench, int count) {
        bench.tell("submitting %,d requests".formatted(count));
        Database database = bench.fresh();
        try (Product product = new Product(database)) {
            for (int done = 0; done < count; done += SUBMITTED_AT_ONCE) {
                PendingRequests.submit(product, Math.min(SUBMITTED_AT_ONCE, count - done), 1);
            }
        }
        return database;
    }

    private List<Claim> claims(Map<Integer, Database> databases, int size) {
        int fewest = pending.stream().min(Integer::compare).orElseThrow();
        int block = Math.clamp(fewest / size / 2, 1, LONGEST_BLOCK);
        List<Claimant> claimants = new ArrayList<>();
        try {
            for (int count : pending) {
                claimants.add(new Claimant(database(databases, count), count, size));
            }
            // As many again before, which compile the code and are not counted.
            for (int claimed = -CLAIMS; claimed < CLAIMS; claimed += block) {
                for (Claimant claimant : claimants) {
                    claimant.claim(block, claimed >= 0);
                }
            }
            return claimants.stream().map(Claimant::result).toList();
        } finally {
            claimants.forEach(Claimant::close);
        }
    }

    /** Claims from one database, and submits as much as it has claimed. */
    private static final class Claimant implements AutoCloseable {
        private final Product product;
        private final Observer observer;
        private final int pending;
        private final int size;
        private final List<Double> millis = new ArrayList<>();
        private long statements;

        Claimant(Database database, int pending, int size) {
            this.product = new Product(database);
            this.observer = new Observer(database);
            this.pending = pending;
            this.size = size;
        }

        void claim(int times, boolean isCounted) {
            StatementCount before = observer.statements();
            for (int i = 0; i < times; i++) {
                long began = System.nanoTime();
                product.claim(size);
                if (isCounted) {
                    millis.add((System.nanoTime() - began) / 1e6);
                }
            }
            if (isCounted) {
                statements += observer.statements().since(before).all();
            }
            PendingRequests.submit(product, times * size, 1);
        }

        Claim result() {
            Percentiles times = Percentiles.of(millis);
            return new Claim(
                    pending,
                    size,
                    times.median(),
                    times.percentile(99),
                    (double) statements / millis.size());
        }

        @Override
        public void close() {
            product.release();
            observer.close();
            product.close();
        }
    }

    private Started start(
            Bench bench, Database database, int pending, boolean watched, List<Poll> polls)
            throws InterruptedException {
        Path configuration =
                bench.write(
                        "cluster.yaml",
                        // The second builder has a free worker and nothing to do.
                        new ClusterFile(database, "1s", true, 0, 2, 1, FOR_EVER)
                                .yaml(bench.newPath("builds")));
        try (Masters masters = new Masters(bench, List.of());
                Observer observer = new Observer(database)) {
            long began = System.nanoTime();
            masters.startBuilder("m1", configuration);
            masters.awaitLive(observer, "m1");
            double live = (System.nanoTime() - began) / 1e9;
            while (!observer.jdbc()
                    .sql(IS_CLAIMING)
                    .param("name", "m1")
                    .query(Boolean.class)
                    .single()) {
                masters.requireThatAllRun();
                Thread.sleep(10);
            }
            double claimed = (System.nanoTime() - began) / 1e9;
            masters.awaitIdle();
            double megabytes = ProcessCost.residentMegabytes(masters.pid("m1"));
            if (watched) {
                polls.add(watch(masters, observer, database, pending));
            }
            return new Started(live, claimed, megabytes);
        }
    }

    private Poll watch(Masters masters, Observer observer, Database database, int pending)
            throws InterruptedException {
        StatementCount statementsBefore = observer.statements();
        TopStatements server = new TopStatements(observer, database);
        Duration before = masters.cpu();
        long began = System.nanoTime();
        Thread.sleep(Duration.ofSeconds(seconds));
        double watched = (System.nanoTime() - began) / 1e9;
        StatementCount.PerUnit statements =
                observer.statements().since(statementsBefore).per(1).dividedBy(watched);
        return new Poll(
                pending,
                statements.total(),
                statements.select(),
                server.micros() / watched,
                masters.cpu().minus(before).toMillis() / watched);
    }

    private Start median(int pending, List<Started> started) {
        return new Start(
                pending,
                starts,
                Percentiles.of(started.stream().map(Started::secondsToLive).toList()).median(),
                Percentiles.of(started.stream().map(Started::secondsToFirstClaim).toList())
                        .median(),
                Percentiles.of(started.stream().map(Started::megabytes).toList()).median());
    }

    private static void judge(
            Report report, List<Claim> claims, List<Poll> polls, List<Start> starts) {
        for (Claim few : claims) {
            claims.stream()
                    .filter(many ->
                            many.requestsPerClaim() == few.requestsPerClaim()
                                    && many.pending() > few.pending())
                    .forEach(many ->
                            report.atMost(
                                    "claim of %d with %,d pending against %,d"
                                            .formatted(
                                                    few.requestsPerClaim(),
                                                    many.pending(),
                                                    few.pending()),
                                    SAME,
                                    many.medianMillis() / few.medianMillis()));
        }
        for (Poll few : polls) {
            polls.stream()
                    .filter(many -> many.pending() > few.pending())
                    .forEach(many -> {
                        String against =
                                " with %,d pending against %,d"
                                        .formatted(many.pending(), few.pending());
                        report.atMost(
                                "statements of polls" + against,
                                SAME,
                                many.statementsPerSecond() / few.statementsPerSecond());
                        report.atMost(
                                "the server's time for polls" + against,
                                SAME,
                                many.serverMicrosPerSecond() / few.serverMicrosPerSecond());
                    });
        }
        Start empty = starts.getFirst();
        for (Start start : starts.subList(1, starts.size())) {
            String against = " with %,d pending against an empty queue".formatted(start.pending());
            report.atMost(
                    "start until the first claim" + against,
                    SAME,
                    start.secondsToFirstClaim() / empty.secondsToFirstClaim());
            report.atMost("resident memory" + against, SAME, start.megabytes() / empty.megabytes());
        }
    }
}
