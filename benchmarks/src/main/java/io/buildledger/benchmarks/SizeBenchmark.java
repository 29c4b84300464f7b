package io.buildledger.benchmarks;

import io.buildledger.archiving.Archiving;
import io.buildledger.archiving.Archiving.Archived;
import io.buildledger.database.Database;
import io.buildledger.database.UtcColumn;
import io.buildledger.replaying.ReplayProgress;
import io.buildledger.replaying.SnapshotKeeping;
import io.buildledger.replaying.ViewRebuild;
import io.buildledger.sealing.Sealing;
import io.buildledger.viewing.ViewTable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How many bytes a build takes: of a generated log with its views, its chain and its kept states;
 * of the rows that Buildbot would keep of the same builds; and once its steps are archived.
 */
@Command(
        name = "size",
        description = "Bytes a build, beside those of Buildbot's rows, before and after archiving",
        mixinStandardHelpOptions = true)
final class SizeBenchmark extends Benchmark {

    private static final String TABLES =
            """
            SELECT table_name AS name, data_length AS data, index_length AS indexes
              FROM information_schema.tables
             WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'
            """;

    private static final String BUILDS = "SELECT COUNT(*) FROM build_view";

    @Option(
            names = "--events",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "how long the log is, 400000 or more (${DEFAULT-VALUE})")
    private long events;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "of what happens on the farm (${DEFAULT-VALUE})")
    private long seed;

    /** A table, in bytes a build. */
    record Size(String table, double data, double indexes, double bytes) {}

    /** What some builds take together. */
    record Sum(String of, long builds, long bytes, double bytesPerBuild) {}

    private record Table(String name, long data, long indexes) {
        long bytes() {
            return data + indexes;
        }

        boolean isBuildbots() {
            return name.startsWith(BuildbotRows.PREFIX);
        }
    }

    @Override
    void measure(Bench bench, Report report) throws InterruptedException {
        report.parameter("seed", seed);
        Database database = bench.fresh();
        bench.tell("generating %,d events".formatted(events));
        report.parameter("events", GeneratedLog.write(database, seed, events));
        ViewRebuild.of(database, EnumSet.allOf(ViewTable.class), "here", ReplayProgress.NONE);
        try (Product product = new Product(database)) {
            JdbcClient jdbc = JdbcClient.create(product.dataSource);
            bench.tell("sealing, and keeping states");
            seal(product);
            keep(product, database);
            bench.tell("writing Buildbot's rows");
            BuildbotRows.write(jdbc);
            long builds = jdbc.sql(BUILDS).query(Long.class).single();
            List<Table> tables = tables(jdbc);
            report.section("tables, bytes a build", sizes(tables, builds));
            List<Sum> sums = new ArrayList<>();
            sums.add(sum("all tables", builds, tables, false));
            sums.add(sum("Buildbot's rows", builds, tables, true));
            bench.tell("archiving");
            Archived archived =
                    Archiving.of(
                            database,
                            dayAgo(jdbc),
                            bench.newDirectory("archive"),
                            Archiving.EVENTS_OF_A_SEGMENT,
                            ReplayProgress.NONE);
            jdbc.sql("OPTIMIZE TABLE event").query().listOfRows();
            sums.add(
                    new Sum(
                            "files of the archive",
                            archived.builds(),
                            archived.bytes(),
                            (double) archived.bytes() / archived.builds()));
            sums.add(sum("all tables after archiving", builds, tables(jdbc), false));
            report.section("sums", sums);
        } finally {
            bench.drop(database);
        }
    }

    private static void seal(Product product) {
        long[] nanos = new long[1];
        Sealing sealing =
                new Sealing(product.log, product.dataSource, product.author, () -> nanos[0]);
        sealAll(sealing);
        nanos[0] += Database.LONGEST_TRANSACTION.toNanos();
        sealAll(sealing);
    }

    private static void sealAll(Sealing sealing) {
        while (sealing.sealNext()) {
            // There is more.
        }
    }

    private static void keep(Product product, Database database) throws InterruptedException {
        SnapshotKeeping keeping =
                new SnapshotKeeping(
                        product.log,
                        database,
                        product.dataSource,
                        product.author,
                        SnapshotKeeping.EVERY);
        while (keeping.next()) {
            // The next is due.
        }
    }

    private static Instant dayAgo(JdbcClient jdbc) {
        return jdbc.sql("SELECT UTC_TIMESTAMP(6) - INTERVAL 25 HOUR")
                .query((row, _) -> UtcColumn.read(row, 1))
                .single();
    }

    /** Sizes are of whole pages, as they are on the disk. */
    private static List<Table> tables(JdbcClient jdbc) {
        List<String> names = jdbc.sql(TABLES).query((row, _) -> row.getString("name")).list();
        names.forEach(name -> jdbc.sql("ANALYZE TABLE `" + name + "`").query().listOfRows());
        return jdbc.sql(TABLES)
                .query((row, _) ->
                        new Table(
                                row.getString("name"), row.getLong("data"), row.getLong("indexes")))
                .list();
    }

    private static List<Size> sizes(List<Table> tables, long builds) {
        return tables.stream()
                .filter(table -> table.bytes() >= builds)
                .sorted(
                        Comparator.comparing(Table::isBuildbots)
                                .thenComparing(Table::bytes, Comparator.reverseOrder()))
                .map(table ->
                        new Size(
                                table.name(),
                                (double) table.data() / builds,
                                (double) table.indexes() / builds,
                                (double) table.bytes() / builds))
                .toList();
    }

    private static Sum sum(String of, long builds, List<Table> tables, boolean areBuildbots) {
        long bytes =
                tables.stream()
                        .filter(table -> table.isBuildbots() == areBuildbots)
                        .mapToLong(Table::bytes)
                        .sum();
        return new Sum(of, builds, bytes, (double) bytes / builds);
    }
}
