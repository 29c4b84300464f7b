package io.buildledger.log;

import io.buildledger.metering.Meters;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** What a process has appended. */
final class LogMeters {

    private static final double[] BATCHES = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000};

    private static final Duration[] TIMES = {
        Duration.ofMillis(2),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofMillis(2500)
    };

    private final Counter events;
    private final DistributionSummary batches;
    private final Timer transactions;
    private final Counter conflicts;

    LogMeters(Meters meters) {
        this.events =
                Counter.builder("buildledger.appended.events")
                        .description("Events that this process has appended to the log")
                        .register(meters.registry());
        this.batches =
                DistributionSummary.builder("buildledger.append.batch")
                        .description("Events of each transaction that appended some")
                        .baseUnit("events")
                        .serviceLevelObjectives(BATCHES)
                        .register(meters.registry());
        this.transactions =
                Timer.builder("buildledger.append")
                        .description("How long transactions took that appended events")
                        .serviceLevelObjectives(TIMES)
                        .register(meters.registry());
        this.conflicts =
                Counter.builder("buildledger.lost.races")
                        .description("What this process wanted and another had first")
                        .tag("race", "append")
                        .register(meters.registry());
    }

    void committed(int appended, long nanos) {
        if (appended > 0) {
            events.increment(appended);
            batches.record(appended);
            transactions.record(nanos, TimeUnit.NANOSECONDS);
        }
    }

    void conflicted() {
        conflicts.increment();
    }
}
