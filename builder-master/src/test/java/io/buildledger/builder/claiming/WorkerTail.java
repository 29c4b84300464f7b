package io.buildledger.builder.claiming;

import io.buildledger.builder.workers.WorkerSteering;
import io.buildledger.domain.attaching.WorkerEvent;
import io.buildledger.log.LogTail;
import io.buildledger.log.LogTail.Subscription;
import java.time.Duration;
import java.util.Set;
import javax.sql.DataSource;

/** Reads what the log tells of workers, as a claiming service does. */
final class WorkerTail {

    private WorkerTail() {}

    static LogTail fromNow(
            String master, DataSource dataSource, WorkerSteering steering, ClaimLoop loop) {
        return LogTail.fromNow(
                master,
                dataSource,
                new Subscription(
                        WorkerSteering.EVENTS,
                        recorded -> {
                            WorkerEvent told = (WorkerEvent) recorded.event();
                            steering.heard(told, recorded);
                            loop.heard(told);
                        },
                        Set.of(),
                        () -> {}),
                Duration.ofMillis(20),
                System::nanoTime);
    }
}
