package io.buildledger.benchmarks;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.jdbc.MySQL8JdbcCustomization;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.database.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** One process of db-scheduler, whose tasks do nothing, until it is stopped. */
@Command(name = DbSchedulerProcess.NAME, hidden = true)
final class DbSchedulerProcess implements Callable<Integer> {

    static final String NAME = "db-scheduler-process";
    static final String TASK = "nothing";
    static final String STARTED = "db-scheduler has started";

    private static final int CONNECTIONS = 20;

    /**
     * Fetches again as soon as a thread may get nothing to do, and up to four times what the
     * threads can hold: what its documentation advises for many short tasks.
     */
    private static final double LOWER_LIMIT = 1.0;

    private static final double UPPER_LIMIT = 4.0;

    @Option(names = "--db-url", required = true)
    private String url = "";

    @Option(names = "--user", required = true)
    private String user = "";

    @Option(names = "--password-file", required = true)
    private Path passwordFile = Path.of("");

    @Option(names = "--threads", required = true)
    private int threads;

    @Option(names = "--name", required = true)
    private String name = "";

    @Override
    public Integer call() throws IOException, InterruptedException {
        Database database = new Database(url, user, Files.readString(passwordFile));
        HikariDataSource pool = database.pool(name, CONNECTIONS);
        Scheduler scheduler =
                Scheduler.create(pool, Tasks.oneTime(TASK).execute((_, _) -> {}))
                        .schedulerName(new SchedulerName.Fixed(name))
                        .threads(threads)
                        .pollingInterval(Duration.ofSeconds(1))
                        .pollUsingLockAndFetch(LOWER_LIMIT, UPPER_LIMIT)
                        // By name it would not know that MariaDB can do this, too.
                        .jdbcCustomization(new MySQL8JdbcCustomization(true))
                        .build();
        scheduler.start();
        System.out.println(STARTED);
        new CountDownLatch(1).await();
        return 0;
    }
}
