package io.buildledger.benchmarks;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.database.Database;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Drains as many tasks that do nothing with db-scheduler, which keeps no history: a task that was
 * done is a row that is gone.
 */
final class DrainByDbScheduler {

    /**
     * @param tasksPerSecond from the first task that was picked to the empty table, as polled
     */
    record Run(
            int processes,
            double tasksPerSecond,
            double seconds,
            double statementsPerTask,
            double processCpuMillisPerTask,
            double otherCpuMillisPerTask,
            @JsonIgnore List<TopStatements.Statement> topStatements) {}

    private static final Duration STARTED_WITHIN = Duration.ofSeconds(60);

    /** As db-scheduler's documentation has it for MySQL. */
    private static final String TABLE =
            """
            CREATE TABLE scheduled_tasks (
              task_name varchar(100) NOT NULL,
              task_instance varchar(100) NOT NULL,
              task_data blob,
              execution_time timestamp(6) NOT NULL,
              picked BOOLEAN NOT NULL,
              picked_by varchar(50),
              last_success timestamp(6) NULL,
              last_failure timestamp(6) NULL,
              consecutive_failures INT,
              last_heartbeat timestamp(6) NULL,
              version BIGINT NOT NULL,
              priority SMALLINT,
              PRIMARY KEY (task_name, task_instance),
              INDEX execution_time_idx (execution_time),
              INDEX last_heartbeat_idx (last_heartbeat),
              INDEX priority_execution_time_idx (priority DESC, execution_time ASC)
            )
            """;

    private static final String SCHEDULE =
            """
            INSERT INTO scheduled_tasks (task_name, task_instance, execution_time, picked, version)
            VALUES (?, ?, '2026-01-01 00:00:00', FALSE, 1)
            """;

    private static final String IS_ANY_PICKED =
            "SELECT EXISTS (SELECT 1 FROM scheduled_tasks WHERE last_heartbeat IS NOT NULL)";

    private static final String IS_ANY_LEFT = "SELECT EXISTS (SELECT 1 FROM scheduled_tasks)";

    private final Bench bench;
    private final int threads;
    private final int warmUp;

    /**
     * @param warmUp how many tasks each process does before, so that its code is compiled
     */
    DrainByDbScheduler(Bench bench, int threads, int warmUp) {
        this.bench = bench;
        this.threads = threads;
        this.warmUp = warmUp;
    }

    Run run(int tasks, int processes) throws InterruptedException {
        Database database = bench.freshWithoutSchema();
        String passwordFile = bench.write("password", database.password()).toString();
        try (HikariDataSource pool = database.pool("db-scheduler", 1);
                Observer observer = new Observer(database);
                Masters masters = new Masters(bench, List.of())) {
            JdbcClient.create(pool).sql(TABLE).update();
            for (int i = 1; i <= processes; i++) {
                start(masters, "p" + i, database, passwordFile);
            }
            if (warmUp > 0) {
                schedule(pool, processes * warmUp);
                awaitEmpty(masters, observer.jdbc());
            }
            masters.awaitIdle();
            StatementCount statementsBefore = observer.statements();
            schedule(pool, tasks);
            TopStatements topStatements = new TopStatements(observer, database);
            Duration processesBefore = masters.cpu();
            Duration machineBefore = ProcessCost.cpuOfMachine();
            awaitPicked(masters, observer.jdbc());
            long began = System.nanoTime();
            awaitEmpty(masters, observer.jdbc());
            double seconds = (System.nanoTime() - began) / 1e9;
            Duration processesUsed = masters.cpu().minus(processesBefore);
            Duration machineUsed = ProcessCost.cpuOfMachine().minus(machineBefore);
            return new Run(
                    processes,
                    tasks / seconds,
                    seconds,
                    observer.statements().since(statementsBefore).per(tasks).total(),
                    (double) processesUsed.toMillis() / tasks,
                    (double) machineUsed.minus(processesUsed).toMillis() / tasks,
                    topStatements.perUnit(processes + " of db-scheduler", tasks));
        } finally {
            bench.drop(database);
        }
    }

    private void start(Masters masters, String name, Database database, String passwordFile)
            throws InterruptedException {
        masters.start(
                "benchmarks",
                name,
                DbSchedulerProcess.NAME,
                "--db-url",
                database.url(),
                "--user",
                database.user(),
                "--password-file",
                passwordFile,
                "--threads",
                String.valueOf(threads),
                "--name",
                name);
        long deadline = System.nanoTime() + STARTED_WITHIN.toNanos();
        while (!masters.output(name).contains(DbSchedulerProcess.STARTED)) {
            masters.requireThatAllRun();
            if (System.nanoTime() > deadline) {
                throw new RunFailedException("db-scheduler does not start");
            }
            Thread.sleep(100);
        }
    }

    private static void schedule(HikariDataSource pool, int tasks) {
        List<Object[]> rows = new ArrayList<>();
        for (int i = 1; i <= tasks; i++) {
            rows.add(new Object[] {DbSchedulerProcess.TASK, String.valueOf(i)});
        }
        new TransactionTemplate(new JdbcTransactionManager(pool))
                .executeWithoutResult(_ -> new JdbcTemplate(pool).batchUpdate(SCHEDULE, rows));
    }

    private static void awaitEmpty(Masters masters, JdbcClient jdbc) throws InterruptedException {
        while (jdbc.sql(IS_ANY_LEFT).query(Boolean.class).single()) {
            masters.requireThatAllRun();
            Thread.sleep(100);
        }
    }

    private static void awaitPicked(Masters masters, JdbcClient jdbc) throws InterruptedException {
        while (!jdbc.sql(IS_ANY_PICKED).query(Boolean.class).single()) {
            masters.requireThatAllRun();
            Thread.sleep(10);
        }
    }
}
