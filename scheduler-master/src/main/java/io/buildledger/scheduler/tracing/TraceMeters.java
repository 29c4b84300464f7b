package io.buildledger.scheduler.tracing;

import io.buildledger.metering.Meters;
import io.micrometer.core.instrument.Counter;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** What a scheduler master counts of the traces that it sends. */
final class TraceMeters {

    /** Why a trace is not sent. */
    enum Reason {
        /** It could not be sent for too long. */
        TOO_LATE,
        /** The collector does not take it, or some of it. */
        REFUSED,
        /** It can't be made, for a reason that the master's log tells. */
        FAILED
    }

    private final Counter sent;
    private final Counter failures;
    private final Counter rejected;
    private final Map<Reason, Counter> dropped = new EnumMap<>(Reason.class);

    TraceMeters(Meters meters) {
        this.sent =
                Counter.builder("buildledger.sent.traces")
                        .description("Traces of buildsets that the collector has taken")
                        .register(meters.registry());
        this.failures =
                Counter.builder("buildledger.trace.failures")
                        .description("Tries to send traces that came to nothing")
                        .register(meters.registry());
        this.rejected =
                Counter.builder("buildledger.rejected.spans")
                        .description("Spans that the collector has thrown away of traces it took")
                        .register(meters.registry());
        for (Reason reason : Reason.values()) {
            dropped.put(
                    reason,
                    Counter.builder("buildledger.dropped.traces")
                            .description("Traces that were left out")
                            .tag("reason", reason.name().toLowerCase(Locale.ROOT))
                            .register(meters.registry()));
        }
    }

    void sent() {
        sent.increment();
    }

    void failed() {
        failures.increment();
    }

    void rejected(long spans) {
        rejected.increment((double) spans);
    }

    void dropped(Reason reason) {
        Objects.requireNonNull(dropped.get(reason)).increment();
    }
}
