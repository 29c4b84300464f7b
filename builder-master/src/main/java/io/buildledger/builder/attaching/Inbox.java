package io.buildledger.builder.attaching;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Messages on their way from the event loop to the connection's own thread, which exists only while
 * there are some. They are kept as the bytes that came, since what they decode to may be many times
 * larger.
 */
final class Inbox {

    /** What a queued message takes beside its bytes, so that empty ones are not free. */
    private static final int OVERHEAD = 64;

    /** The connection as the inbox sees it. */
    interface Connection {

        /** One message at a time, in order. Must not throw. */
        void handle(byte[] message);

        /** Called once, after the last message. */
        void handledAll();

        /** Whether there is room for an answer. */
        boolean isWritable();

        /** Called without a lock's protection against the event loop, but in order. */
        void reading(boolean on);
    }

    private final Connection connection;
    private final Executor threads;
    private final int capacity;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition change = lock.newCondition();
    private final Deque<byte[]> messages = new ArrayDeque<>();
    private long bytes;
    private boolean paused;
    private boolean running;
    private boolean ending;
    private boolean ended;

    Inbox(Connection connection, Executor threads, int capacity) {
        this.connection = connection;
        this.threads = threads;
        this.capacity = capacity;
    }

    void offer(byte[] message) {
        lock.lock();
        try {
            if (ending) {
                return;
            }
            messages.add(message);
            bytes += message.length + OVERHEAD;
            if (bytes > capacity && !paused) {
                paused = true;
                connection.reading(false);
            }
            run();
        } finally {
            lock.unlock();
        }
    }

    /** Takes no more; what has come is still handled. */
    void end() {
        lock.lock();
        try {
            ending = true;
            change.signalAll();
            run();
        } finally {
            lock.unlock();
        }
    }

    /** Takes no more and forgets what has not been handled. */
    void abandon() {
        lock.lock();
        try {
            messages.clear();
            bytes = 0;
            ending = true;
            change.signalAll();
            run();
        } finally {
            lock.unlock();
        }
    }

    void writabilityChanged() {
        lock.lock();
        try {
            change.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        if (!running && !ended) {
            running = true;
            threads.execute(this::handleAll);
        }
    }

    private void handleAll() {
        for (byte[] message = take(); message != null; message = take()) {
            connection.handle(message);
        }
    }

    private byte @Nullable [] take() {
        lock.lock();
        try {
            // Every message has an answer: a worker that does not read its answers is not read.
            while (!ending && !messages.isEmpty() && !connection.isWritable()) {
                change.awaitUninterruptibly();
            }
            byte[] message = messages.poll();
            if (message != null) {
                bytes -= message.length + OVERHEAD;
                if (paused && !ending && bytes <= capacity / 2) {
                    paused = false;
                    connection.reading(true);
                }
                return message;
            }
            running = false;
            if (!ending) {
                return null;
            }
            ended = true;
        } finally {
            lock.unlock();
        }
        connection.handledAll();
        return null;
    }
}
