package io.buildledger.steps;

import io.buildledger.steplog.StepLogs.Source;
import io.buildledger.stepping.OutputTap;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;

/** What a command prints to either stream, up to a limit. */
final class OutputCapture implements OutputTap {

    private final int most;
    private final Map<Source, ByteArrayOutputStream> kept = new EnumMap<>(Source.class);
    private boolean exceeded;

    /**
     * @param most in bytes, of each stream
     */
    OutputCapture(int most) {
        this.most = most;
    }

    @Override
    public synchronized void write(Source source, byte[] bytes, int count) {
        ByteArrayOutputStream stream =
                kept.computeIfAbsent(source, _ -> new ByteArrayOutputStream());
        int room = most - stream.size();
        exceeded |= count > room;
        stream.write(bytes, 0, Math.min(count, room));
    }

    /** Whether there was more than the limit. */
    synchronized boolean exceeded() {
        return exceeded;
    }

    /** What was kept; bytes that are not UTF-8 are U+FFFD. */
    synchronized String text(Source source) {
        ByteArrayOutputStream stream = kept.get(source);
        return stream == null ? "" : stream.toString(StandardCharsets.UTF_8);
    }
}
