package io.buildledger.builder.triggering;

import io.buildledger.commanding.Question;
import io.buildledger.commanding.SchedulerCommands.Outcome;
import io.buildledger.database.DatabaseTrouble;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetCompleted;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerConfigured;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerRetired;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which schedulers there are, what they decide upon what builds ask of them, and how the builds
 * that come of it end. All builds of a master that wait share one look an interval, of two short
 * statements, and one more for each question to a scheduler that has done something since; while
 * none waits, there is none.
 */
public final class SchedulerAnswers implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SchedulerAnswers.class);
    private static final Duration AFTER_TROUBLE = Duration.ofSeconds(1);

    /** A buildset's stream has its submission and its completion. */
    private static final long COMPLETION = 1;

    /**
     * A scheduler as the log knows it.
     *
     * @param name that it has now
     * @param type what its configuration was last called; null while it has a new name, under which
     *     it has not begun
     */
    public record Known(String name, @Nullable String type) {}

    private record Asked(Question question, CompletableFuture<Outcome> outcome) {}

    private record Awaited(long buildsetId, CompletableFuture<Results> results) {}

    private final EventLog log;
    private final Duration interval;
    private final ConcurrentLinkedQueue<Asked> asked = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Awaited> awaited = new ConcurrentLinkedQueue<>();
    private final Semaphore wake = new Semaphore(0);
    private volatile boolean closed;
    private boolean troubleTold;

    /**
     * @param interval how often to look while somebody waits, unless {@linkplain #wake woken}
     */
    public SchedulerAnswers(EventLog log, Duration interval) {
        this.log = log;
        this.interval = interval;
    }

    /**
     * The scheduler that has a name or had it; empty if no master has ever run one of that name.
     */
    public Optional<Known> find(String scheduler) throws InterruptedException {
        return DatabaseTrouble.outlast(
                () -> known(scheduler),
                reason ->
                        LOG.warn(
                                "can't look for scheduler {}; trying again: {}",
                                scheduler,
                                reason));
    }

    private Optional<Known> known(String scheduler) {
        String stream = Streams.scheduler(scheduler);
        OptionalLong last = log.lastSequence(stream);
        if (last.isEmpty()) {
            return Optional.empty();
        }
        return log.find(stream, last.getAsLong()).orElseThrow().event()
                        instanceof SchedulerRetired retired
                ? known(retired.renamedTo())
                : Optional.of(
                        new Known(
                                scheduler,
                                log.findLast(stream, SchedulerConfigured.class)
                                        .map(Recorded::event)
                                        .filter(SchedulerConfigured.class::isInstance)
                                        .map(it -> ((SchedulerConfigured) it).type())
                                        .orElse(null)));
    }

    /**
     * What becomes of a question, which is this object's from now on.
     *
     * @return never completes exceptionally; who waits no more cancels it
     */
    public CompletableFuture<Outcome> answerTo(Question question) {
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        asked.add(new Asked(question, outcome));
        wake.release();
        return outcome;
    }

    /**
     * The worst result of a buildset's requests, once the last has ended.
     *
     * @return as {@link #answerTo}
     */
    public CompletableFuture<Results> endOf(long buildsetId) {
        CompletableFuture<Results> results = new CompletableFuture<>();
        awaited.add(new Awaited(buildsetId, results));
        wake.release();
        return results;
    }

    /** Looks, on a thread of its own, while somebody waits. */
    public SchedulerAnswers start() {
        Thread.ofPlatform().name("scheduler-answers").daemon().start(this::run);
        return this;
    }

    /** Looks at once, if somebody waits. */
    public void wake() {
        wake.release();
    }

    private void run() {
        while (!closed) {
            Duration pause = interval;
            try {
                runOnce();
                troubleTold = false;
            } catch (RuntimeException | Error e) {
                // An Error, too: without this thread builds would wait for ever.
                tellTrouble(e);
                pause = interval.compareTo(AFTER_TROUBLE) < 0 ? interval : AFTER_TROUBLE;
            }
            try {
                if (isAwaited()) {
                    boolean _ = wake.tryAcquire(pause.toNanos(), TimeUnit.NANOSECONDS);
                } else {
                    wake.acquire();
                }
                wake.drainPermits();
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private boolean isAwaited() {
        return !asked.isEmpty() || !awaited.isEmpty();
    }

    private void tellTrouble(Throwable failure) {
        if (!DatabaseTrouble.isTransient(failure)) {
            LOG.error("can't learn what schedulers have decided; trying again", failure);
        } else if (!troubleTold) {
            troubleTold = true;
            LOG.warn(
                    "can't learn what schedulers have decided: {}",
                    DatabaseTrouble.reason(failure));
        }
    }

    /**
     * Looks once for all that is waited for.
     *
     * @throws RuntimeException of the database; what was not found out is looked for next time
     */
    public void runOnce() {
        asked.removeIf(it -> it.outcome().isDone());
        awaited.removeIf(it -> it.results().isDone());
        lookForAnswers();
        lookForEnds();
    }

    private void lookForAnswers() {
        Map<String, Long> last =
                log.lastSequences(
                        asked.stream()
                                .map(it -> it.question().stream())
                                .collect(Collectors.toSet()));
        asked.removeIf(it -> {
            Question question = it.question();
            if (last.getOrDefault(question.stream(), -1L) > question.seen()) {
                question.look().ifPresent(it.outcome()::complete);
            }
            return it.outcome().isDone();
        });
    }

    private void lookForEnds() {
        Map<Long, Results> ends = new HashMap<>();
        List<Recorded> found =
                log.findAll(
                        awaited.stream()
                                .map(it -> Streams.buildset(it.buildsetId()))
                                .collect(Collectors.toSet()),
                        COMPLETION);
        for (Recorded recorded : found) {
            if (recorded.event() instanceof BuildsetCompleted completed) {
                ends.put(completed.buildsetId(), completed.results());
            }
        }
        awaited.removeIf(it -> {
            Results end = ends.get(it.buildsetId());
            return end != null && it.results().complete(end);
        });
    }

    @Override
    public void close() {
        closed = true;
        wake();
    }
}
