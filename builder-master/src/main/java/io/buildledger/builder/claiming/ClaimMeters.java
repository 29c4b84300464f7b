package io.buildledger.builder.claiming;

import io.buildledger.claiming.Claims.Claimed;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.building.Results;
import io.buildledger.metering.Meters;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;

/** What a builder master counts of its claims, and of what its builds come to. */
final class ClaimMeters {

    private static final Duration[] LATENCIES = {
        Duration.ofMillis(50),
        Duration.ofMillis(200),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(2),
        Duration.ofSeconds(5),
        Duration.ofSeconds(15),
        Duration.ofMinutes(1),
        Duration.ofMinutes(5),
        Duration.ofMinutes(30),
        Duration.ofHours(2)
    };

    private final InstantSource databaseClock;
    private final Counter claims;
    private final Counter lost;
    private final Counter dropped;
    private final Timer latency;
    private final Map<Results, Counter> builds = new EnumMap<>(Results.class);

    /**
     * @param databaseClock by which requests were submitted
     */
    ClaimMeters(Meters meters, InstantSource databaseClock) {
        MeterRegistry registry = meters.registry();
        this.databaseClock = databaseClock;
        this.claims =
                Counter.builder("buildledger.claims")
                        .description("Claims that this master has won")
                        .register(registry);
        this.lost =
                Counter.builder("buildledger.lost.races")
                        .description("What this process wanted and another had first")
                        .tag("race", "claim")
                        .register(registry);
        this.latency =
                Timer.builder("buildledger.claim.latency")
                        .description("From when a request was first on offer to its first claim")
                        .serviceLevelObjectives(LATENCIES)
                        .register(registry);
        for (Results results : Results.values()) {
            builds.put(
                    results,
                    Counter.builder("buildledger.builds")
                            .description("Builds that have ended with a result that counts")
                            .tag("results", results.name())
                            .register(registry));
        }
        this.dropped =
                Counter.builder("buildledger.dropped.builds")
                        .description(
                                "Builds without a result: cancelled, given up, or to be built again")
                        .register(registry);
    }

    /** A claim has been answered. */
    void answered(Claimed claimed) {
        lost.increment(claimed.lost());
        for (Won won : claimed.won()) {
            if (won.claim().attempt() == 1) {
                Duration waited = Duration.between(won.submittedAt(), databaseClock.instant());
                latency.record(waited.isNegative() ? Duration.ZERO : waited);
            }
        }
    }

    /** A claim is this master's, also one of which it has heard late. */
    void won() {
        claims.increment();
    }

    void ended(Results results) {
        Counter counter = builds.get(results);
        if (counter != null) {
            counter.increment();
        }
    }

    void dropped() {
        dropped.increment();
    }
}
