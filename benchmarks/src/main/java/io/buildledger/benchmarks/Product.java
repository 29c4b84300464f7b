package io.buildledger.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.claiming.BuildRequestQueue;
import io.buildledger.claiming.Buildsets;
import io.buildledger.claiming.ClaimTerms;
import io.buildledger.claiming.Claims;
import io.buildledger.claiming.Collapsing;
import io.buildledger.database.Database;
import io.buildledger.database.ShortTransactions;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.numbering.Numbers;
import java.time.Duration;
import java.util.Map;
import org.springframework.jdbc.support.JdbcTransactionManager;

/** The parts of a master, put together as in a master, for use in this process. */
public final class Product implements AutoCloseable {

    private static final int CONNECTIONS = 4;

    private static final Duration LONGER_THAN_A_RUN = Duration.ofHours(12);

    private static final Map<String, ClaimTerms> TERMS =
            Map.of(ClusterFile.builder(1), new ClaimTerms("0123456789abcdef", 3));

    final Author author;
    final HikariDataSource dataSource;
    final EventLog log;
    final Numbers numbers;
    private final MasterRegistry registry;
    private final Claims claims;
    private final ShortTransactions shortTransactions;

    /** Has the database's schema made where it is missing. */
    public Product(Database database) {
        dataSource = database.open("bench", CONNECTIONS);
        shortTransactions =
                new ShortTransactions(
                        database.poolBeside(
                                dataSource, "bench-short", ShortTransactions.CONNECTIONS));
        log =
                new EventLog(
                        dataSource, new JdbcTransactionManager(dataSource), Duration.ofSeconds(1));
        numbers = new Numbers(shortTransactions.dataSource());
        BuildRequestQueue queue = new BuildRequestQueue(dataSource);
        Buildsets buildsets = new Buildsets(log, dataSource, numbers, queue, Collapsing.NEVER);
        claims = new Claims(log, dataSource, numbers, queue, buildsets);
        registry = new MasterRegistry(log, dataSource, shortTransactions.dataSource());
        author =
                registry.register(
                        new Registration(
                                "bench",
                                "builder",
                                "localhost",
                                ProcessHandle.current().pid(),
                                LONGER_THAN_A_RUN,
                                Map.of(),
                                null));
    }

    /**
     * Claims requests of the first builder in one transaction.
     *
     * @throws RunFailedException if there are not so many
     */
    void claim(int requests) {
        String builder = ClusterFile.builder(1);
        int won =
                claims.claim(author, TERMS, new WorkersOfOneBuilder(builder, requests))
                        .won()
                        .size();
        if (won != requests) {
            throw new RunFailedException("%d of %d claims were won".formatted(won, requests));
        }
    }

    /** Puts all that it has claimed back on offer. */
    void release() {
        claims.releaseAllOf(author, author, "the measurement is over");
    }

    /** The life in which this process writes. */
    public Author author() {
        return author;
    }

    public EventLog log() {
        return log;
    }

    public Numbers numbers() {
        return numbers;
    }

    @Override
    public void close() {
        registry.stop(author);
        log.close();
        shortTransactions.close();
        dataSource.close();
    }
}
