package io.buildledger.scheduler.tracing;

import io.buildledger.database.DatabaseTrouble;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetCompleted;
import io.buildledger.log.Follower;
import io.buildledger.log.Follower.NotYetException;
import io.buildledger.log.NewerEvent;
import io.buildledger.log.NewerProgramException;
import io.buildledger.log.Recorded;
import io.buildledger.scheduler.tracing.Collector.Answer.Abandoned;
import io.buildledger.scheduler.tracing.Collector.Answer.Refused;
import io.buildledger.scheduler.tracing.Collector.Answer.Taken;
import io.buildledger.scheduler.tracing.Collector.Answer.TakenInPart;
import io.buildledger.scheduler.tracing.Collector.Answer.Unavailable;
import io.buildledger.scheduler.tracing.TraceMeters.Reason;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a trace of each buildset that has ended, in the order of their ends, and outside of any
 * transaction. Its place in the log moves when the collector has taken them: what a master that
 * dies has sent and not noted is sent again by the next one, and is the same trace.
 *
 * <p>While the collector takes nothing it waits, and the log keeps for it what is to be sent: a
 * trace is left out when its buildset has ended too long ago, or when the collector refuses it for
 * good.
 */
final class TraceReader implements Follower.Reader {

    private static final Logger LOG = LoggerFactory.getLogger(TraceReader.class);

    /** As many as OpenTelemetry's own programs send at once. */
    static final int SPANS_AT_ONCE = 512;

    /** Far less than the loop of a follower may take before it counts as stuck. */
    static final Duration LONGEST_TURN = Duration.ofMinutes(1);

    /** Of the trace that is being sent. */
    private static final class Unsent {
        private final String buildset;
        private final Iterator<SpanData> rest;
        private List<SpanData> next = List.of();
        private boolean isRefused;

        Unsent(String buildset, Iterator<SpanData> rest) {
            this.buildset = buildset;
            this.rest = rest;
        }

        /** Those that are sent together; the same until {@link #taken}. Empty at the end. */
        List<SpanData> next() {
            if (next.isEmpty()) {
                next = new ArrayList<>();
                while (rest.hasNext() && next.size() < SPANS_AT_ONCE) {
                    next.add(rest.next());
                }
            }
            return Collections.unmodifiableList(next);
        }

        void taken() {
            next = List.of();
        }
    }

    private final BuildsetSpans spans;
    private final Collector collector;
    private final TraceMeters meters;
    private final Duration giveUpAfter;
    private final InstantSource databaseClock;
    private final LongSupplier nanoTime;

    /** Ends of buildsets of the batch at hand that need no more work. */
    private final Set<String> done = new HashSet<>();

    private @Nullable Unsent unsent;
    private boolean isUnavailableTold;
    private boolean isPartTold;
    private long givenUp;

    /**
     * @param nanoTime a clock that never jumps
     */
    TraceReader(
            BuildsetSpans spans,
            Collector collector,
            TraceMeters meters,
            Duration giveUpAfter,
            InstantSource databaseClock,
            LongSupplier nanoTime) {
        this.spans = spans;
        this.collector = collector;
        this.meters = meters;
        this.giveUpAfter = giveUpAfter;
        this.databaseClock = databaseClock;
        this.nanoTime = nanoTime;
    }

    @Override
    public boolean concerns(Object event) {
        return switch (event) {
            case BuildsetCompleted _ -> true;
            case NewerEvent newer -> newer.isOf(BuildsetCompleted.class);
            default -> false;
        };
    }

    @Override
    public void prepare(List<Recorded> events) {
        long begun = nanoTime.getAsLong();
        for (Recorded event : events) {
            if (!done.contains(event.id())) {
                if (event.event() instanceof NewerEvent newer) {
                    throw newer.refused();
                }
                work(event, begun);
                done.add(event.id());
            }
        }
    }

    private void work(Recorded event, long begun) {
        Instant now = databaseClock.instant();
        if (Duration.between(event.at(), now).compareTo(giveUpAfter) > 0) {
            giveUp(event);
            return;
        }
        try {
            send(unsentOf(event, now), begun);
        } catch (NotYetException | NewerProgramException e) {
            throw e;
        } catch (RuntimeException e) {
            unsent = null;
            if (DatabaseTrouble.isTransient(e)) {
                throw e;
            }
            // One that can't be made must not hold up the others.
            LOG.error("the trace of the buildset that ended with {} is left out", event.id(), e);
            meters.dropped(Reason.FAILED);
        }
    }

    private void giveUp(Recorded event) {
        if (givenUp == 0) {
            LOG.warn(
                    "traces of buildsets that ended more than {} min ago are left out, from {} on",
                    giveUpAfter.toMinutes(),
                    event.id());
        }
        givenUp++;
        unsent = null;
        meters.dropped(Reason.TOO_LATE);
    }

    private Unsent unsentOf(Recorded event, Instant now) {
        Unsent begun = unsent;
        if (begun != null && begun.buildset.equals(event.id())) {
            return begun;
        }
        Unsent whole = new Unsent(event.id(), spans.of(event, now));
        unsent = whole;
        return whole;
    }

    private void send(Unsent trace, long begun) {
        while (!trace.next().isEmpty()) {
            if (nanoTime.getAsLong() - begun > LONGEST_TURN.toNanos()) {
                throw new NotYetException("the collector is slow; going on with the next turn");
            }
            switch (collector.send(trace.next())) {
                case Taken _ -> tellThatItTakes();
                case TakenInPart(PartialSuccess said) -> {
                    tellThatItTakes();
                    takenInPart(trace, said);
                }
                case Refused(String why) -> refused(trace, why);
                case Unavailable(String why) -> unavailable(why);
                case Abandoned _ -> throw new NotYetException("this master stops");
            }
            trace.taken();
        }
        unsent = null;
        if (!trace.isRefused) {
            meters.sent();
        }
    }

    private void tellThatItTakes() {
        if (isUnavailableTold || givenUp > 0) {
            LOG.info(
                    "the collector takes traces again{}",
                    givenUp == 0 ? "" : "; left out meanwhile: " + givenUp);
        }
        isUnavailableTold = false;
        givenUp = 0;
    }

    /** Told once: one that throws away some of each trace would fill the log. */
    private void takenInPart(Unsent trace, PartialSuccess said) {
        meters.rejected(said.rejected());
        if (!isPartTold) {
            isPartTold = true;
            LOG.warn(
                    "the collector takes traces and has thrown away {} spans of the buildset that ended with {}: {}; from now on they are counted, and not told of",
                    said.rejected(),
                    trace.buildset,
                    said.message());
        }
    }

    private void refused(Unsent trace, String why) {
        LOG.warn(
                "the collector refuses {} spans of the buildset that ended with {}: {}",
                trace.next().size(),
                trace.buildset,
                why);
        if (!trace.isRefused) {
            meters.dropped(Reason.REFUSED);
        }
        trace.isRefused = true;
    }

    private void unavailable(String why) {
        meters.failed();
        if (!isUnavailableTold) {
            isUnavailableTold = true;
            LOG.warn(
                    "the collector takes no traces: {}; they are sent when it does, up to {} min after a buildset's end",
                    why,
                    giveUpAfter.toMinutes());
        }
        throw new NotYetException(why);
    }

    /** Nothing is left to do: its place in the log moves. */
    @Override
    public void read(Recorded event) {}

    @Override
    public void committed() {
        done.clear();
    }
}
