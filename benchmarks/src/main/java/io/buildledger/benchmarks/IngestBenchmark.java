package io.buildledger.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.database.Database;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How many changes a scheduler master takes and schedules, sent as fast as it answers. One
 * scheduler master, a process, and no builder master. Bare JDBC then inserts the very rows of the
 * changes, one a transaction, over as many connections as there were senders.
 */
@Command(
        name = "ingest",
        description = "Send changes as fast as they are taken, to few and to many schedulers",
        mixinStandardHelpOptions = true)
final class IngestBenchmark extends Benchmark {

    /** How many of the schedulers want a change. */
    enum Taking {
        ALL,
        ONE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * @param takenBy how many of the schedulers build each change
     * @param acceptedPerSecond from the first request to the last answer
     * @param bareAcceptedPerSecond by bare JDBC
     * @param scheduledPerSecond from the first request until the last buildset is there
     * @param statementsPerChange all that the server executed until then
     * @param masterCpuMillisPerChange processor time of the scheduler master
     */
    record Run(
            int schedulers,
            int takenBy,
            int senders,
            int changes,
            double acceptedPerSecond,
            double bareAcceptedPerSecond,
            double ratio,
            double answerMedianMillis,
            double answerP99Millis,
            double scheduledPerSecond,
            double statementsPerChange,
            double masterCpuMillisPerChange) {}

    /** The statements of a change by kind. */
    record Statements(
            int schedulers,
            int takenBy,
            int senders,
            double select,
            double insert,
            double update,
            double delete,
            double commit,
            double other) {}

    private record Row(String stream, String type, String payload, String metadata) {}

    private record Ingested(
            Percentiles answers,
            double acceptedSeconds,
            double scheduledSeconds,
            StatementCount.PerUnit perChange,
            Duration cpu,
            List<Row> rows) {}

    private static final String SCHEDULER = "s";
    private static final Duration LOOKS_EVERY = Duration.ofMillis(10);

    /** Without a single firing; however much there is to do, something is done. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final String RUN =
            "SELECT COUNT(*) FROM token WHERE processor_name LIKE 'scheduler/%' AND owner IS NOT NULL";

    private static final String FIRINGS = "SELECT COALESCE(SUM(firings), 0) FROM scheduler_status";

    private static final String CHANGES =
            """
            SELECT stream, type, payload, metadata
              FROM event
             WHERE type = 'change-received'
             ORDER BY global_index DESC
             LIMIT :limit
            """;

    private static final String APPEND =
            "INSERT INTO event (stream, sequence_number, type, revision, payload, metadata) VALUES (?, 0, ?, '1', ?, ?)";

    @Option(
            names = "--schedulers",
            paramLabel = "N",
            split = ",",
            defaultValue = "1,100",
            description =
                    "How many there are, each with a builder of its own, for each run (${DEFAULT-VALUE})")
    private List<Integer> schedulers = List.of();

    @Option(
            names = "--senders",
            paramLabel = "N",
            split = ",",
            defaultValue = "1,8,32",
            description = "How many send at the same time, for each run (${DEFAULT-VALUE})")
    private List<Integer> senders = List.of();

    @Option(
            names = "--taken-by",
            paramLabel = "all|one",
            split = ",",
            defaultValue = "all,one",
            description =
                    "Which of several schedulers take each change, for each run (${DEFAULT-VALUE})")
    private List<Taking> takings = List.of();

    @Option(
            names = "--changes",
            paramLabel = "N",
            defaultValue = "2000",
            description = "How many are sent (${DEFAULT-VALUE})")
    private int changes;

    @Option(
            names = "--warm-up",
            paramLabel = "N",
            defaultValue = "500",
            description = "How many are sent before, and not counted (${DEFAULT-VALUE})")
    private int warmUp;

    @Override
    void measure(Bench bench, Report report) throws InterruptedException {
        report.parameter("warm up changes", warmUp);
        report.parameter("db poll interval", "1s");
        report.parameter(
                "looks for the last buildset every",
                LOOKS_EVERY.toMillis() + " ms, which is part of the figures");
        List<Run> runs = new ArrayList<>();
        List<Statements> statements = new ArrayList<>();
        List<Verified> verified = new ArrayList<>();
        for (int count : schedulers) {
            for (Taking taking : count == 1 ? List.of(Taking.ALL) : takings) {
                for (int sending : senders) {
                    run(bench, count, taking, sending, runs, statements, verified);
                }
            }
        }
        report.section("runs", runs);
        report.section("statements per change", statements);
        report.section("verified", verified);
    }

    /**
     * Schedulers that fire at once, of which all take every change, or one each that of its own
     * branch.
     */
    static ClusterFile clusterFile(Database database, int port, int schedulers, Taking taking) {
        return new ClusterFile(
                database,
                "1s",
                true,
                port,
                schedulers,
                1,
                "[]",
                IntStream.rangeClosed(1, schedulers)
                        .mapToObj(number ->
                                "any_branch: {name: s%d, builder_names: [%s]%s}"
                                        .formatted(
                                                number,
                                                ClusterFile.builder(number),
                                                switch (taking) {
                                                    case ALL -> "";
                                                    case ONE ->
                                                            ", change_filter: {branch: %s}"
                                                                    .formatted(
                                                                            ChangeSenders.branch(
                                                                                    number));
                                                }))
                        .toList());
    }

    private void run(
            Bench bench,
            int count,
            Taking taking,
            int sending,
            List<Run> runs,
            List<Statements> statements,
            List<Verified> verified)
            throws InterruptedException {
        String name =
                "%d scheduler(s), taken by %s, %d sender(s)".formatted(count, taking, sending);
        bench.tell(name);
        int takenBy = taking == Taking.ALL ? count : 1;
        Database database = bench.fresh();
        try {
            Ingested ingested = ingest(bench, database, count, taking, sending);
            verified.add(Verified.of(name, database));
            double accepted = changes / ingested.acceptedSeconds();
            double bare = insert(bench, ingested.rows(), sending);
            runs.add(
                    new Run(
                            count,
                            takenBy,
                            sending,
                            changes,
                            accepted,
                            bare,
                            accepted / bare,
                            ingested.answers().median(),
                            ingested.answers().percentile(99),
                            changes / ingested.scheduledSeconds(),
                            ingested.perChange().total(),
                            ingested.cpu().toMillis() / (double) changes));
            StatementCount.PerUnit kinds = ingested.perChange();
            statements.add(
                    new Statements(
                            count,
                            takenBy,
                            sending,
                            kinds.select(),
                            kinds.insert(),
                            kinds.update(),
                            kinds.delete(),
                            kinds.commit(),
                            kinds.other()));
        } finally {
            bench.drop(database);
        }
    }

    private Ingested ingest(Bench bench, Database database, int count, Taking taking, int sending)
            throws InterruptedException {
        long firingsPerChange = taking == Taking.ALL ? count : 1;
        int port = FreePort.find();
        Path configuration =
                bench.write(
                        "cluster.yaml",
                        clusterFile(database, port, count, taking).yaml(bench.newPath("builds")));
        try (Masters cluster = new Masters(bench, List.of());
                ChangeSenders load = new ChangeSenders(port, count);
                Observer observer = new Observer(database)) {
            cluster.startScheduler(SCHEDULER, configuration);
            cluster.awaitLive(observer, SCHEDULER);
            // A master with many schedulers is never idle: each looks at the log by itself.
            awaitCount(cluster, observer, RUN, count, "schedulers");
            load.send(warmUp, sending);
            awaitFirings(cluster, observer, warmUp * firingsPerChange);
            StatementCount before = observer.statements();
            Duration cpuBefore = cluster.cpu();
            long began = System.nanoTime();
            List<Double> answers = load.send(changes, sending);
            double accepted = (System.nanoTime() - began) / 1e9;
            awaitFirings(cluster, observer, (warmUp + changes) * firingsPerChange);
            double scheduled = (System.nanoTime() - began) / 1e9;
            return new Ingested(
                    Percentiles.of(answers),
                    accepted,
                    scheduled,
                    observer.statements().since(before).per(changes),
                    cluster.cpu().minus(cpuBefore),
                    observer.jdbc().sql(CHANGES).param("limit", changes).query(Row.class).list());
        }
    }

    private static void awaitFirings(Masters cluster, Observer observer, long wanted)
            throws InterruptedException {
        awaitCount(cluster, observer, FIRINGS, wanted, "buildsets");
    }

    private static void awaitCount(
            Masters cluster, Observer observer, String query, long wanted, String what)
            throws InterruptedException {
        long before = -1;
        long lastProgress = System.nanoTime();
        while (true) {
            long now = observer.jdbc().sql(query).query(Long.class).single();
            if (now >= wanted) {
                return;
            }
            if (now > before) {
                before = now;
                lastProgress = System.nanoTime();
            }
            cluster.requireThatAllRun();
            if (System.nanoTime() - lastProgress > PATIENCE.toNanos()) {
                throw new RunFailedException(
                        "%,d of %,d %s are there, and for %d s none has come"
                                .formatted(now, wanted, what, PATIENCE.toSeconds()));
            }
            Thread.sleep(LOOKS_EVERY);
        }
    }

    /** Changes a second. */
    private static double insert(Bench bench, List<Row> rows, int connections)
            throws InterruptedException {
        Database database = bench.fresh();
        try (HikariDataSource pool = database.pool("bare", connections);
                ExecutorService threads = Executors.newFixedThreadPool(connections)) {
            AtomicInteger next = new AtomicInteger();
            List<Future<?>> all = new ArrayList<>();
            long began = System.nanoTime();
            for (int i = 0; i < connections; i++) {
                all.add(
                        threads.submit(() -> {
                            insert(pool, rows, next);
                            return true;
                        }));
            }
            for (Future<?> one : all) {
                one.get();
            }
            return rows.size() * 1e9 / (System.nanoTime() - began);
        } catch (ExecutionException e) {
            throw new RunFailedException("bare JDBC failed: " + e.getCause(), e);
        } finally {
            bench.drop(database);
        }
    }

    private static void insert(HikariDataSource pool, List<Row> rows, AtomicInteger next)
            throws SQLException {
        try (Connection connection = pool.getConnection();
                PreparedStatement statement = connection.prepareStatement(APPEND)) {
            connection.setAutoCommit(false);
            for (int i = next.getAndIncrement(); i < rows.size(); i = next.getAndIncrement()) {
                Row row = rows.get(i);
                statement.setString(1, row.stream());
                statement.setString(2, row.type());
                statement.setString(3, row.payload());
                statement.setString(4, row.metadata());
                statement.executeUpdate();
                connection.commit();
            }
        }
    }
}
