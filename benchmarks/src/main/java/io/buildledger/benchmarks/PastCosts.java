package io.buildledger.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.database.Database;
import io.buildledger.database.ReadingConnection;
import io.buildledger.log.EventLog;
import io.buildledger.log.WholeLog;
import io.buildledger.mastering.Lease;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.replaying.PastStates;
import io.buildledger.replaying.SnapshotKeeping;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.springframework.jdbc.support.JdbcTransactionManager;

/** How long it takes to tell what was so at a moment. */
final class PastCosts {

    /**
     * @param times how many moments were asked of, anywhere in the log
     */
    record Cost(int times, double medianMillis, double worstMillis) {}

    private static final int TIMES = 50;

    /** So many are asked of before, by a program that is not compiled yet. */
    private static final int WARM_UP = 10;

    private PastCosts() {}

    /** Does what a master does beside its work: keeps the states by which moments are told. */
    static void keepStates(Database database) throws InterruptedException {
        try (HikariDataSource dataSource = database.pool("keeping", 3);
                EventLog log =
                        new EventLog(
                                dataSource,
                                new JdbcTransactionManager(dataSource),
                                Duration.ofHours(1))) {
            MasterRegistry registry = new MasterRegistry(log, dataSource, dataSource);
            Registration registration =
                    new Registration(
                            "bench",
                            "scheduler",
                            "here",
                            ProcessHandle.current().pid(),
                            Duration.ofSeconds(30),
                            Map.of(),
                            null);
            try (Lease lease = new Lease(registry, registration)) {
                SnapshotKeeping keeping =
                        new SnapshotKeeping(
                                log, database, dataSource, lease.author(), SnapshotKeeping.EVERY);
                boolean isMore;
                do {
                    isMore = keeping.next();
                } while (isMore);
            }
        }
    }

    static Cost of(Database database, long seed) throws InterruptedException {
        try (ReadingConnection connection = database.openToRead()) {
            long head = new WholeLog(connection).head();
            PastStates past = new PastStates(connection);
            List<Double> millis = new ArrayList<>();
            int asked = 0;
            for (long index :
                    new SplittableRandom(seed).longs(WARM_UP + TIMES, 1, head + 1).toArray()) {
                long begun = System.nanoTime();
                past.atEvent(index);
                if (++asked > WARM_UP) {
                    millis.add((System.nanoTime() - begun) / 1e6);
                }
            }
            millis.sort(null);
            return new Cost(millis.size(), millis.get(millis.size() / 2), millis.getLast());
        }
    }
}
