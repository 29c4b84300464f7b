package io.buildledger.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.auditing.Audits;
import io.buildledger.auditing.Period;
import io.buildledger.auditing.Subject;
import io.buildledger.database.Database;
import io.buildledger.log.EventLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;

/** How long it takes to tell a story, in a history that is there. */
final class AuditCosts {

    /**
     * @param times how many stories were told, each of another request and so on
     */
    record Cost(
            String story, int times, double medianMillis, double p99Millis, double worstMillis) {}

    private static final int TIMES = 200;
    private static final int OF_ONE = 20;

    /** So many are told before, by a program that is not compiled yet. */
    private static final int WARM_UP = 10;

    private AuditCosts() {}

    /** The log must be that of a {@link GeneratedFarm}, and its views must be up to date. */
    static List<Cost> of(Database database, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        try (HikariDataSource dataSource = database.pool("audit", 1);
                EventLog log =
                        new EventLog(
                                dataSource,
                                new JdbcTransactionManager(dataSource),
                                Duration.ofHours(1))) {
            JdbcClient jdbc = JdbcClient.create(dataSource);
            Audits audits = new Audits(log, jdbc);
            List<Cost> costs = new ArrayList<>();
            long requests = last(jdbc, "SELECT MAX(request_id) FROM request_view");
            long changes = last(jdbc, "SELECT MAX(change_id) FROM change_view");
            costs.add(
                    of(
                            audits,
                            random.longs(TIMES, 1, requests + 1)
                                    .mapToObj(it -> Subject.of("request", String.valueOf(it)))
                                    .toList()));
            costs.add(
                    of(
                            audits,
                            random.longs(TIMES, 1, changes + 1)
                                    .mapToObj(it -> Subject.of("change", String.valueOf(it)))
                                    .toList()));
            for (Subject one :
                    List.of(
                            Subject.of("scheduler", "all"),
                            Subject.of("builder", "platform-01"),
                            Subject.of("master", "b1"),
                            Subject.of("worker", "platform-01-1"),
                            Subject.of("user", "ann"))) {
                costs.add(of(audits, Collections.nCopies(OF_ONE, one)));
            }
            return costs;
        }
    }

    private static long last(JdbcClient jdbc, String query) {
        return jdbc.sql(query).query(Long.class).single();
    }

    private static Cost of(Audits audits, List<Subject> subjects) {
        subjects.stream().limit(WARM_UP).forEach(it -> tell(audits, it));
        List<Double> millis = new ArrayList<>();
        for (Subject subject : subjects) {
            long begun = System.nanoTime();
            tell(audits, subject);
            millis.add((System.nanoTime() - begun) / 1e6);
        }
        millis.sort(null);
        return new Cost(
                subjects.getFirst().kind().word(),
                millis.size(),
                millis.get(millis.size() / 2),
                millis.get((int) (millis.size() * 0.99)),
                millis.getLast());
    }

    private static void tell(Audits audits, Subject subject) {
        if (audits.of(subject, Period.NEWEST).isEmpty()) {
            throw new IllegalStateException("the log knows no " + subject);
        }
    }
}
