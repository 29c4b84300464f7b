package io.buildledger.benchmarks;

import io.buildledger.database.Database;
import io.buildledger.testing.SentStatements;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What a claim costs by itself: one thread that claims k requests a transaction, against bare JDBC
 * that sends the very statements that the product sent, recorded on a database with the same
 * content.
 */
@Command(
        name = "claim",
        description = "Claim 1, 10, 50 requests a transaction, against bare JDBC",
        mixinStandardHelpOptions = true)
final class ClaimBenchmark extends Benchmark {

    /**
     * @param claimsPerSecond median of the rounds
     * @param bareClaimsPerSecond the same statements sent by bare JDBC
     */
    record Run(
            int requestsPerTransaction,
            double claimsPerSecond,
            double bareClaimsPerSecond,
            double ratio,
            double statementsPerTransaction,
            double selectsPerTransaction,
            double insertsPerTransaction,
            double updatesPerTransaction,
            double deletesPerTransaction,
            double commitsPerTransaction,
            double othersPerTransaction) {}

    /** How often a statement is sent in each transaction. */
    record Sent(int requestsPerTransaction, double perTransaction, String statement) {}

    private static final double TARGET = 0.6;
    private static final int LONGEST_SHOWN = 90;

    @Option(
            names = "--per-transaction",
            paramLabel = "K",
            split = ",",
            defaultValue = "1,10,50",
            description = "How many requests are claimed at once (${DEFAULT-VALUE})")
    private List<Integer> sizes = List.of();

    @Option(
            names = "--transactions",
            paramLabel = "N",
            defaultValue = "1000",
            description = "How many are measured in each round (${DEFAULT-VALUE})")
    private int transactions;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "3",
            description = "How often, product and bare JDBC in turn (${DEFAULT-VALUE})")
    private int rounds;

    @Override
    void measure(Bench bench, Report report) throws InterruptedException {
        report.parameter("transactions", transactions);
        report.parameter("rounds", rounds);
        List<Run> runs = new ArrayList<>();
        List<Sent> sent = new ArrayList<>();
        List<Verified> verified = new ArrayList<>();
        for (int size : sizes) {
            bench.tell("claims of %d".formatted(size));
            runs.add(run(bench, size, sent, verified));
        }
        report.section("runs", runs);
        report.section("sent", sent);
        report.section("verified", verified);
        for (Run run : runs) {
            report.atLeast(
                    "claims of %d against bare JDBC".formatted(run.requestsPerTransaction()),
                    TARGET,
                    run.ratio());
        }
    }

    private Run run(Bench bench, int size, List<Sent> sent, List<Verified> verified)
            throws InterruptedException {
        int warmUp = transactions / 4;
        List<SentStatements.Statement> warmUpStatements = new ArrayList<>();
        List<SentStatements.Statement> statements = new ArrayList<>();
        Database recorded = bench.fresh();
        fill(recorded, size);
        try (Product product = new Product(SentStatements.recorded(recorded))) {
            warmUpStatements.addAll(SentStatements.during(() -> claim(product, size, warmUp)));
            statements.addAll(SentStatements.during(() -> claim(product, size, transactions)));
        }
        verified.add(Verified.of("claims of " + size, recorded));
        bench.drop(recorded);
        sent.addAll(summary(size, statements));

        List<Double> own = new ArrayList<>();
        List<Double> bare = new ArrayList<>();
        StatementCount.PerUnit count = new StatementCount(Map.of()).per(1);
        for (int round = 0; round < rounds; round++) {
            Database database = bench.fresh();
            fill(database, size);
            try (Product product = new Product(database);
                    Observer observer = new Observer(database)) {
                claim(product, size, warmUp);
                StatementCount before = observer.statements();
                long began = System.nanoTime();
                claim(product, size, transactions);
                own.add(perSecond(size, began));
                count = observer.statements().since(before).per(transactions);
            }
            bench.drop(database);
            bare.add(bare(bench, size, warmUpStatements, statements));
        }
        return new Run(
                size,
                median(own),
                median(bare),
                median(own) / median(bare),
                count.total(),
                count.select(),
                count.insert(),
                count.update(),
                count.delete(),
                count.commit(),
                count.other());
    }

    private void fill(Database database, int size) {
        try (Product product = new Product(database)) {
            PendingRequests.submit(product, (transactions + transactions / 4) * size, 1);
        }
    }

    private static void claim(Product product, int size, int times) {
        for (int i = 0; i < times; i++) {
            product.claim(size);
        }
    }

    private double bare(
            Bench bench,
            int size,
            List<SentStatements.Statement> warmUp,
            List<SentStatements.Statement> statements) {
        Database database = bench.fresh();
        fill(database, size);
        try (Replay replay = new Replay(database);
                Observer observer = new Observer(database)) {
            replay.connectFor(warmUp);
            replay.connectFor(statements);
            replay.run(warmUp);
            long began = System.nanoTime();
            replay.run(statements);
            double perSecond = perSecond(size, began);
            requireTheSameClaims(observer, size);
            return perSecond;
        } catch (SQLException e) {
            throw new RunFailedException("bare JDBC failed: " + e.getMessage(), e);
        } finally {
            bench.drop(database);
        }
    }

    private void requireTheSameClaims(Observer observer, int size) {
        long claims = observer.jdbc().sql("SELECT COUNT(*) FROM claim").query(Long.class).single();
        long expected = (long) (transactions + transactions / 4) * size;
        if (claims != expected) {
            throw new RunFailedException(
                    "bare JDBC made %d claims, not %d".formatted(claims, expected));
        }
    }

    private double perSecond(int size, long began) {
        return (double) transactions * size / (System.nanoTime() - began) * 1e9;
    }

    private static double median(List<Double> values) {
        return Percentiles.of(values).median();
    }

    private List<Sent> summary(int size, List<SentStatements.Statement> statements) {
        Map<String, Integer> times = new TreeMap<>();
        for (SentStatements.Statement statement : statements) {
            for (String sql : statement.sql().split(";", -1)) {
                times.merge(shape(sql), 1, Integer::sum);
            }
        }
        return times.entrySet().stream()
                .map(entry ->
                        new Sent(size, (double) entry.getValue() / transactions, entry.getKey()))
                .toList();
    }

    /** Without what differs from time to time. */
    private static String shape(String sql) {
        String shape =
                sql.strip()
                        .replaceAll("'(?:[^'\\\\]|\\\\.)*'", "?")
                        .replaceAll("\\b[0-9]+\\b", "?")
                        .replaceAll("\\s+", " ")
                        .replaceFirst("(?i)(VALUES \\([^)]*(?:\\(\\?\\)[^)]*)*\\)).*", "$1 …");
        return shape.length() > LONGEST_SHOWN
                ? shape.substring(0, LONGEST_SHOWN).toString() + "…"
                : shape.isEmpty()
                        ? "(empty)"
                        : shape.substring(0, 1).toUpperCase(Locale.ROOT) + shape.substring(1);
    }
}
