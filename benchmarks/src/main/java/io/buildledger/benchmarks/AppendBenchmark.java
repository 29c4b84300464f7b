package io.buildledger.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.database.Database;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.log.Entry;
import io.buildledger.log.GroupCommit;
import io.buildledger.log.GroupCommit.Submission;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What appending to the log costs: by one thread in batches, and through the group commit by many
 * threads that each wait for their event. Bare JDBC then inserts the very rows that the product
 * wrote, as many a transaction.
 */
@Command(
        name = "append",
        description = "Append events in batches and through the group commit, against bare JDBC",
        mixinStandardHelpOptions = true)
final class AppendBenchmark extends Benchmark {

    /**
     * @param how by one thread, or how many threads submit to the group commit
     * @param eventsPerTransaction on average
     */
    record Run(
            String how,
            int events,
            double eventsPerTransaction,
            double eventsPerSecond,
            double bareEventsPerSecond,
            double ratio,
            double statementsPerTransaction) {}

    private record Row(
            String stream,
            long sequence,
            String type,
            String revision,
            String payload,
            String metadata) {}

    private record Appended(
            double perSecond, long transactions, double statements, List<Row> rows) {}

    @FunctionalInterface
    private interface Writing {
        void write(Product product, long firstRequest, int events) throws InterruptedException;
    }

    private static final double TARGET = 0.7;

    private static final String APPEND =
            "INSERT INTO event (stream, sequence_number, type, revision, payload, metadata) VALUES (?, ?, ?, ?, ?, ?)";

    private static final String APPENDED =
            """
            SELECT stream, sequence_number AS sequence, type, revision, payload, metadata
              FROM event
             WHERE global_index > :from
             ORDER BY global_index
            """;

    @Option(
            names = "--batches",
            paramLabel = "N",
            split = ",",
            defaultValue = "1,10,100,1000",
            description = "Events a transaction, by one thread (${DEFAULT-VALUE})")
    private List<Integer> batches = List.of();

    @Option(
            names = "--submitters",
            paramLabel = "N",
            split = ",",
            defaultValue = "1,8,32,128",
            description = "Threads that submit one event at a time (${DEFAULT-VALUE})")
    private List<Integer> submitters = List.of();

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "3",
            description = "How often, product and bare JDBC in turn (${DEFAULT-VALUE})")
    private int rounds;

    @Override
    void measure(Bench bench, Report report) throws InterruptedException {
        report.parameter("rounds", rounds);
        List<Run> runs = new ArrayList<>();
        for (int batch : batches) {
            bench.tell("one thread, %d a transaction".formatted(batch));
            runs.add(
                    run(
                            bench,
                            "one thread",
                            Math.min(100_000, 2_000 * batch),
                            (product, first, events) -> inBatches(product, first, events, batch)));
        }
        for (int threads : submitters) {
            bench.tell("group commit, %d submitters".formatted(threads));
            runs.add(
                    run(
                            bench,
                            "group commit, %d submitter(s)".formatted(threads),
                            Math.min(40_000, 3_000 * threads),
                            (product, first, events) -> inGroups(product, first, events, threads)));
        }
        report.section("runs", runs);
        for (Run run : runs) {
            report.atLeast(
                    "%s, %.1f events a transaction, against bare JDBC"
                            .formatted(run.how(), run.eventsPerTransaction()),
                    TARGET,
                    run.ratio());
        }
    }

    private Run run(Bench bench, String how, int events, Writing writing)
            throws InterruptedException {
        List<Double> own = new ArrayList<>();
        List<Double> bare = new ArrayList<>();
        double perTransaction = 0;
        double statements = 0;
        for (int round = 0; round < rounds; round++) {
            Appended appended = append(bench, events, writing);
            own.add(appended.perSecond());
            perTransaction = (double) events / appended.transactions();
            statements = appended.statements();
            bare.add(insert(bench, appended.rows(), Math.max(1, (int) Math.round(perTransaction))));
        }
        double ownMedian = Percentiles.of(own).median();
        double bareMedian = Percentiles.of(bare).median();
        return new Run(
                how,
                events,
                perTransaction,
                ownMedian,
                bareMedian,
                ownMedian / bareMedian,
                statements);
    }

    private static Appended append(Bench bench, int events, Writing writing)
            throws InterruptedException {
        Database database = bench.fresh();
        try (Product product = new Product(database);
                Observer observer = new Observer(database)) {
            int warmUp = events / 4;
            writing.write(product, 1, warmUp);
            long from =
                    observer.jdbc()
                            .sql("SELECT MAX(global_index) FROM event")
                            .query(Long.class)
                            .single();
            StatementCount before = observer.statements();
            long began = System.nanoTime();
            writing.write(product, warmUp + 1L, events);
            double seconds = (System.nanoTime() - began) / 1e9;
            StatementCount count = observer.statements().since(before);
            List<Row> rows =
                    observer.jdbc().sql(APPENDED).param("from", from).query(Row.class).list();
            long transactions = Math.round(count.per(1).commit());
            return new Appended(
                    events / seconds, transactions, (double) count.all() / transactions, rows);
        } finally {
            bench.drop(database);
        }
    }

    private static void inBatches(Product product, long firstRequest, int events, int batch) {
        for (int done = 0; done < events; done += batch) {
            List<Entry> entries = new ArrayList<>();
            for (int i = 0; i < Math.min(batch, events - done); i++) {
                entries.add(claimed(firstRequest + done + i));
            }
            product.log.inTransaction(() -> product.log.append(product.author, null, entries));
        }
    }

    private static void inGroups(Product product, long firstRequest, int events, int threads)
            throws InterruptedException {
        try (GroupCommit commit = new GroupCommit(product.log, product.author);
                ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> submitters = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                long first = firstRequest + thread;
                submitters.add(
                        executor.submit(() -> {
                            for (long id = first; id < firstRequest + events; id += threads) {
                                commit.submit(Submission.of(claimed(id))).get();
                            }
                            return true;
                        }));
            }
            for (Future<?> submitter : submitters) {
                submitter.get();
            }
        } catch (ExecutionException e) {
            throw new RunFailedException("a submission failed: " + e.getCause(), e);
        }
    }

    private static Entry claimed(long request) {
        return Entry.of(
                1,
                new BuildRequestClaimed(
                        request,
                        "b1",
                        request,
                        "bench",
                        1,
                        1,
                        "w1",
                        "0123456789abcdef",
                        null,
                        null));
    }

    private static double insert(Bench bench, List<Row> rows, int perTransaction) {
        Database database = bench.fresh();
        try (HikariDataSource pool = database.pool("bare", 1);
                Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            int warmUp = rows.size() / 5;
            insert(connection, rows.subList(0, warmUp), perTransaction);
            long began = System.nanoTime();
            insert(connection, rows.subList(warmUp, rows.size()), perTransaction);
            return (rows.size() - warmUp) * 1e9 / (System.nanoTime() - began);
        } catch (SQLException e) {
            throw new RunFailedException("bare JDBC failed: " + e.getMessage(), e);
        } finally {
            bench.drop(database);
        }
    }

    private static void insert(Connection connection, List<Row> rows, int perTransaction)
            throws SQLException {
        for (int done = 0; done < rows.size(); done += perTransaction) {
            try (PreparedStatement statement = connection.prepareStatement(APPEND)) {
                for (Row row : rows.subList(done, Math.min(rows.size(), done + perTransaction))) {
                    statement.setString(1, row.stream());
                    statement.setLong(2, row.sequence());
                    statement.setString(3, row.type());
                    statement.setString(4, row.revision());
                    statement.setString(5, row.payload());
                    statement.setString(6, row.metadata());
                    statement.addBatch();
                }
                statement.executeBatch();
            }
            connection.commit();
        }
    }
}
