package io.buildledger.builder.logging;

import io.buildledger.secrets.Scrubber;
import io.buildledger.stepping.Invocation;
import java.util.LinkedHashMap;
import java.util.Map;

/** The logs of one step that runs: {@code stdio}, and those that it opens by name. */
public final class LogsOfStep implements AutoCloseable {

    private final LogShipper shipper;
    private final Scrubber scrubber;
    private final String builder;
    private final long build;
    private final int step;
    private final StepOutput stdio;
    private final Map<String, StepOutput> open = new LinkedHashMap<>();

    /**
     * Begins the step's {@code stdio}.
     *
     * @param scrubber takes out the secrets that it knows, or comes to know while the step runs
     * @throws java.io.UncheckedIOException if the local disk does not take it
     */
    public LogsOfStep(LogShipper shipper, Scrubber scrubber, String builder, long build, int step) {
        this.shipper = shipper;
        this.scrubber = scrubber;
        this.builder = builder;
        this.build = build;
        this.step = step;
        this.stdio = log(Invocation.STDIO);
    }

    public StepOutput stdio() {
        return stdio;
    }

    /**
     * The log of a name, which begins with the first call.
     *
     * @throws java.io.UncheckedIOException if the local disk does not take it
     */
    public synchronized StepOutput log(String name) {
        return open.computeIfAbsent(name, _ -> shipper.open(builder, build, step, name, scrubber));
    }

    /** Ends all of them. */
    @Override
    public synchronized void close() {
        RuntimeException failure = null;
        for (StepOutput output : open.values()) {
            try {
                output.close();
            } catch (RuntimeException e) {
                if (failure != null) {
                    e.addSuppressed(failure);
                }
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
