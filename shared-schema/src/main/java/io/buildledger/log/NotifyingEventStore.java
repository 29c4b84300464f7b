package io.buildledger.log;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventhandling.TrackingEventStream;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.eventsourcing.eventstore.EmbeddedEventStore;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.jspecify.annotations.Nullable;

/**
 * Axon's event store, with streams that tell their readers when to look: after each commit of this
 * process, and when {@link #lookNow} says that others have committed. Those of Axon's own never do,
 * and a reader of theirs looks twice a second at best.
 */
final class NotifyingEventStore extends EmbeddedEventStore {

    private final Set<NotifyingStream> streams = ConcurrentHashMap.newKeySet();

    NotifyingEventStore(EventStorageEngine engine) {
        // Axon's cache of recent events is filled by a thread that says nothing when it is done.
        super(EmbeddedEventStore.builder().storageEngine(engine).optimizeEventConsumption(false));
    }

    @Override
    protected void afterCommit(List<? extends EventMessage<?>> events) {
        lookNow();
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
        private volatile Runnable onAvailable = () -> {};

        NotifyingStream(TrackingEventStream stream) {
            this.stream = stream;
        }

        void tell() {
            onAvailable.run();
        }

        @Override
        public boolean setOnAvailableCallback(Runnable callback) {
            onAvailable = callback;
            return true;
        }

        @Override
        public synchronized Optional<TrackedEventMessage<?>> peek() {
            return stream.peek();
        }

        @Override
        public synchronized boolean hasNextAvailable(int timeout, TimeUnit unit)
                throws InterruptedException {
            return stream.hasNextAvailable(timeout, unit);
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
