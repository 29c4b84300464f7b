package io.buildledger.starting;

import java.io.PrintStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What a command has started and must end, last first; once, whoever asks first: the end of the
 * command or Ctrl-C.
 */
public final class Leftovers implements AutoCloseable {

    private record Leftover(String how, Runnable end) {}

    private final Deque<Leftover> leftovers = new ArrayDeque<>();
    private final PrintStream err;
    private boolean closed;

    public Leftovers(PrintStream err) {
        this.err = err;
    }

    /**
     * Remembers how to end something; ends it at once if everything else has been ended already.
     */
    public synchronized void add(String how, Runnable end) {
        if (closed) {
            run(new Leftover(how, end));
        } else {
            leftovers.push(new Leftover(how, end));
        }
    }

    /**
     * Starts something and remembers how to end it. Whoever ends everything meanwhile waits until
     * it has started, so that nothing starts behind its back.
     *
     * @throws CancellationException if everything else has been ended already
     */
    public synchronized <T> T start(String how, Supplier<T> start, Consumer<T> end) {
        if (closed) {
            throw new CancellationException("it is being stopped");
        }
        T started = start.get();
        add(how, () -> end.accept(started));
        return started;
    }

    public synchronized boolean isClosed() {
        return closed;
    }

    @Override
    public synchronized void close() {
        closed = true;
        while (!leftovers.isEmpty()) {
            run(leftovers.pop());
        }
    }

    private void run(Leftover leftover) {
        try {
            leftover.end().run();
        } catch (RuntimeException e) {
            // What comes after it has to be ended all the same.
            err.println("could not " + leftover.how() + ": " + e.getMessage());
        }
    }
}
