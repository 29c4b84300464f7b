package io.buildledger.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.database.Database;
import io.buildledger.log.EventImport;
import io.buildledger.log.EventImport.Row;
import io.buildledger.replaying.ReplayProgress;
import io.buildledger.replaying.ViewRebuild;
import io.buildledger.viewing.ViewProjector;
import io.buildledger.viewing.ViewTable;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a long history costs: to make everything anew from it, and to ask of any moment of it. */
@Command(
        name = "history",
        description = "Rebuild from a generated log of 10,000,000 events, and ask of its moments",
        mixinStandardHelpOptions = true)
final class HistoryBenchmark extends Benchmark {

    private static final int ROWS_AT_ONCE = 1_000;

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
        long head = generate(database);
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

    private long generate(Database database) {
        try (HikariDataSource dataSource = database.pool("generator", 1)) {
            EventImport log = new EventImport(dataSource);
            TransactionTemplate transaction =
                    new TransactionTemplate(new JdbcTransactionManager(dataSource));
            List<Row> rows = new ArrayList<>(ROWS_AT_ONCE);
            long[] index = new long[1];
            new GeneratedFarm(
                            seed,
                            (entry, author, cause, at) -> {
                                rows.add(log.row(++index[0], entry, author, cause, at));
                                if (rows.size() == ROWS_AT_ONCE) {
                                    transaction.executeWithoutResult(_ -> log.write(rows));
                                    rows.clear();
                                }
                            })
                    .write(events);
            transaction.executeWithoutResult(_ -> log.write(rows));
            // As if the views had been projected, and were lost.
            JdbcClient.create(dataSource)
                    .sql(
                            """
                            INSERT INTO token (processor_name, segment, token, token_type)
                            VALUES (:name, 0, :token, 'gap-aware-token')
                            """)
                    .param("name", ViewProjector.FOLLOWER)
                    .param("token", "{\"index\":%d,\"gaps\":[]}".formatted(index[0]))
                    .update();
            return index[0];
        }
    }
}
