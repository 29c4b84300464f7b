package io.buildledger.chaos;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.benchmarks.RunFailedException;
import io.buildledger.database.Database;
import io.buildledger.database.DatabaseTrouble;
import java.time.Duration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Waiting for a server that starts. */
final class Answering {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration PAUSE = Duration.ofMillis(200);

    private Answering() {}

    /** Returns when the server takes connections and writes. */
    static void await(Database database) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try (HikariDataSource pool = database.pool("chaos-knock", 1)) {
                JdbcClient.create(pool).sql("DO 1").update();
                return;
            } catch (RuntimeException e) {
                if (System.nanoTime() > deadline) {
                    throw new RunFailedException(
                            "%s does not answer: %s"
                                    .formatted(database.url(), DatabaseTrouble.reason(e)),
                            e);
                }
                Thread.sleep(PAUSE);
            }
        }
    }
}
