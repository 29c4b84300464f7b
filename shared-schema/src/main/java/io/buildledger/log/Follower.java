package io.buildledger.log;

import io.buildledger.database.DatabaseTrouble;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventHandlerInvoker;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.EventTrackerStatus;
import org.axonframework.eventhandling.GapAwareTrackingToken;
import org.axonframework.eventhandling.Segment;
import org.axonframework.eventhandling.pooled.PooledStreamingEventProcessor;
import org.axonframework.eventhandling.tokenstore.TokenStore;
import org.axonframework.eventhandling.tokenstore.UnableToClaimTokenException;
import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.axonframework.modelling.command.ConcurrencyException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the log's events to a reader, in order, each once, in batches that are one transaction
 * each.
 *
 * <p>It keeps its position in the database: of all masters that start one of the same name one
 * reads, and what it writes commits together with the position, so that nothing is skipped or done
 * twice when another takes over. Ownership ends with the master's life, on the database's clock
 * (see the registry of masters), never by a time-out of Axon's own; what a process does whose life
 * is over, and who does not know of it, comes to nothing. What a process wants to hear for its
 * memory alone it gets from a {@link LogTail}.
 */
public final class Follower implements AutoCloseable {

    /** Takes events; may append to the log and write rows in the transaction of the batch. */
    public interface Reader {

        /**
         * Whether the reader has to read an event. One that has not is passed over without a
         * transaction, and the position after it is kept some seconds later: whoever takes over may
         * be offered it again. May be called on any thread, and before earlier events are read.
         */
        default boolean concerns(Object event) {
            return true;
        }

        /**
         * @throws RuntimeException to roll the batch back; it is offered again after a while
         */
        void read(Recorded event);

        /** The batch has been read; it commits next. */
        default void endOfBatch() {}

        /** The batch and what was done for it have been committed. */
        default void committed() {}

        /** The batch came to nothing; whatever was derived from it is void. */
        default void rolledBack() {}
    }

    /** Where a follower begins that has never read before. */
    public sealed interface Start {

        Start FIRST_EVENT = new FirstEvent();
        Start HEAD = new Head();

        record FirstEvent() implements Start {}

        record Head() implements Start {}

        /**
         * After an event, by its number in the whole log, and those before it. For events that are
         * old enough to have no gaps before them.
         */
        record After(long index) implements Start {}
    }

    private static final Logger LOG = LoggerFactory.getLogger(Follower.class);
    private static final int ONLY_SEGMENT = 0;
    private static final int BATCH = 200;

    /** How soon a token that was freed is taken, however seldom masters look for events. */
    private static final Duration TAKE_OVER = Duration.ofMillis(500);

    private final EventLog log;
    private final TokenStore tokens;
    private final Start start;
    private final PooledStreamingEventProcessor processor;
    private final ScheduledExecutorService executor;

    private Follower(
            EventLog log,
            TokenStore tokens,
            Start start,
            PooledStreamingEventProcessor processor,
            ScheduledExecutorService executor) {
        this.log = log;
        this.tokens = tokens;
        this.start = start;
        this.processor = processor;
        this.executor = executor;
    }

    /**
     * A follower; it does nothing before {@link #start}.
     *
     * @param name of the follower in the whole cluster
     * @param start where the first of this name ever begins
     * @param owner the master that this process is
     */
    public static Follower of(
            String name,
            Start start,
            EventLog log,
            DataSource dataSource,
            Author owner,
            Reader reader) {
        TokenStore tokens = LivingTokenStore.of(dataSource, owner);
        ScheduledExecutorService executor =
                Executors.newScheduledThreadPool(
                        2, Thread.ofPlatform().name("follow-" + name + "-", 0).daemon().factory());
        return new Follower(
                log,
                tokens,
                start,
                PooledStreamingEventProcessor.builder()
                        .name(name)
                        .messageSource(log.store())
                        .tokenStore(tokens)
                        .transactionManager(log.transactions())
                        .eventHandlerInvoker(new Invoker(name, reader))
                        .batchSize(BATCH)
                        // Axon looks for tokens and, when nobody tells it of any, for events.
                        .tokenClaimInterval(
                                Math.min(log.pollInterval().toMillis(), TAKE_OVER.toMillis()))
                        .coordinatorExecutor(executor)
                        .workerExecutor(executor)
                        .build(),
                executor);
    }

    /**
     * Begins to read, on threads of its own. What is recorded after this has returned is read, even
     * by a follower that starts at the head for the first time.
     */
    public Follower start() {
        if (!hasPosition()) {
            takeFirstPosition();
        }
        log.add(this);
        processor.start();
        return this;
    }

    private boolean hasPosition() {
        return log.transactions()
                        .fetchInTransaction(() -> tokens.fetchSegments(processor.getName()))
                        .length
                > 0;
    }

    private void takeFirstPosition() {
        try {
            log.transactions()
                    .executeInTransaction(() ->
                            tokens.initializeTokenSegments(
                                    processor.getName(),
                                    1,
                                    switch (start) {
                                        case Start.FirstEvent _ -> log.store().createTailToken();
                                        case Start.Head _ -> log.store().createHeadToken();
                                        case Start.After(long index) ->
                                                GapAwareTrackingToken.newInstance(index, Set.of());
                                    }));
        } catch (UnableToClaimTokenException e) {
            // Another master that starts at the same moment may have taken it.
            if (!hasPosition()) {
                throw e;
            }
        }
    }

    /** Reads on at once, where after a failure it would have waited up to a minute. */
    void wake() {
        CompletableFuture<Boolean> _ = processor.claimSegment(ONLY_SEGMENT);
    }

    /**
     * Index of the last event read; empty while another master reads, or before the first batch.
     */
    public OptionalLong position() {
        return processor.processingStatus().values().stream()
                .filter(status -> !status.isErrorState())
                .map(EventTrackerStatus::getCurrentPosition)
                .findFirst()
                .orElse(OptionalLong.empty());
    }

    /** Waits for the batch at hand, and gives the position up to whoever wants it. */
    @Override
    public void close() {
        log.remove(this);
        processor.shutDown();
        executor.shutdown();
        try {
            if (!executor.awaitTermination(10, TimeUnit.SECONDS)) {
                executor.shutdownNow();
            }
        } catch (InterruptedException e) {
            executor.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    private record Invoker(String name, Reader reader) implements EventHandlerInvoker {

        private static final String ENLISTED = "reader enlisted";

        @Override
        public boolean canHandle(EventMessage<?> message, Segment segment) {
            return reader.concerns(message.getPayload());
        }

        @Override
        public void handle(EventMessage<?> message, Segment segment) {
            enlist();
            DomainEventMessage<?> event = (DomainEventMessage<?>) message;
            try {
                reader.read(
                        new Recorded(
                                event.getAggregateIdentifier(),
                                event.getSequenceNumber(),
                                event.getPayload(),
                                event.getTimestamp(),
                                event.getMetaData()));
            } catch (Error e) {
                // Axon's threads don't survive an Error, and would keep their position for ever.
                throw new IllegalStateException(e);
            }
        }

        private void enlist() {
            var unit = CurrentUnitOfWork.get();
            if (unit.resources().putIfAbsent(ENLISTED, true) == null) {
                unit.onPrepareCommit(_ -> reader.endOfBatch());
                unit.afterCommit(_ -> reader.committed());
                unit.onRollback(rolledBack -> {
                    tell(rolledBack.getExecutionResult().getExceptionResult());
                    reader.rolledBack();
                });
            }
        }

        private void tell(@Nullable Throwable failure) {
            if (failure instanceof ConcurrencyException) {
                LOG.info("{} meets another master that was faster; reading again", name);
            } else if (failure != null && !DatabaseTrouble.isTransient(failure)) {
                LOG.error("{} can't go on with the log; trying again", name, failure);
            }
        }
    }
}
