package io.buildledger.log;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventhandling.TrackingEventStream;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.eventsourcing.eventstore.EmbeddedEventStore;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.jspecify.annotations.Nullable;

/**
 * Axon's event store, with streams that tell their readers when to look: on {@link #lookNow}, when
 * something was committed that readers wait for. Those of Axon's own never do, and a reader of
 * theirs looks twice a second at best.
 */
final class NotifyingEventStore extends EmbeddedEventStore {

    /** Axon's readers ask several times in a row whether there is more. */
    private static final long EMPTY_FOR_NANOS = Duration.ofMillis(50).toNanos();

    private final Set<NotifyingStream> streams = ConcurrentHashMap.newKeySet();

    NotifyingEventStore(EventStorageEngine engine) {
        // Axon's cache of recent events is filled by a thread that says nothing when it is done.
        super(EmbeddedEventStore.builder().storageEngine(engine).optimizeEventConsumption(false));
    }

    void lookNow() {
        streams.forEach(NotifyingStream::tell);
    }

    @Override
    public TrackingEventStream openStream(@Nullable TrackingToken token) {
        NotifyingStream stream = new NotifyingStream(super.openStream(token));
        streams.add(stream);
        return stream;
    }

    /**
     * Locked, because a reader that is told while it looks may look on two threads at once, and
     * Axon's stream would lose an event between them.
     */
    private final class NotifyingStream implements TrackingEventStream {

        private final TrackingEventStream stream;
        private final AtomicBoolean told = new AtomicBoolean();
        private volatile Runnable onAvailable = () -> {};
        private boolean isEmpty;
        private long emptySince;

        NotifyingStream(TrackingEventStream stream) {
            this.stream = stream;
        }

        void tell() {
            told.set(true);
            onAvailable.run();
        }

        @Override
        public boolean setOnAvailableCallback(Runnable callback) {
            onAvailable = callback;
            return true;
        }

        @Override
        public synchronized Optional<TrackedEventMessage<?>> peek() {
            return hasNextAvailable() ? stream.peek() : Optional.empty();
        }

        @Override
        public synchronized boolean hasNextAvailable(int timeout, TimeUnit unit)
                throws InterruptedException {
            if (!told.getAndSet(false)
                    && isEmpty
                    && System.nanoTime() - emptySince < EMPTY_FOR_NANOS) {
                return false;
            }
            isEmpty = !stream.hasNextAvailable(timeout, unit);
            emptySince = System.nanoTime();
            return !isEmpty;
        }

        @Override
        public synchronized TrackedEventMessage<?> nextAvailable() throws InterruptedException {
            return stream.nextAvailable();
        }

        @Override
        public synchronized void close() {
            streams.remove(this);
            stream.close();
        }
    }
}
