package io.buildledger.builder.attaching;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a command said, by the keys of its updates. */
class Transcript implements CommandListener {

    private final StringBuilder stdout = new StringBuilder();
    private final StringBuilder stderr = new StringBuilder();
    private final StringBuilder header = new StringBuilder();
    private final Map<String, @Nullable Object> values = new HashMap<>();
    private @Nullable String completedWith = "not completed";

    @Override
    public synchronized void update(List<Update> updates) {
        for (Update update : updates) {
            switch (update.key()) {
                case "stdout" -> stdout.append(text(update));
                case "stderr" -> stderr.append(text(update));
                case "header" -> header.append(text(update));
                default -> values.put(update.key(), update.value());
            }
        }
    }

    private static Object text(Update update) {
        if (update.value() instanceof List<?> line) {
            return line.getFirst();
        }
        throw new AssertionError("not text: " + update);
    }

    @Override
    public synchronized void complete(@Nullable String error) {
        completedWith = error;
    }

    synchronized String stdout() {
        return stdout.toString();
    }

    synchronized String stderr() {
        return stderr.toString();
    }

    synchronized String header() {
        return header.toString();
    }

    synchronized @Nullable Object value(String key) {
        return values.get(key);
    }

    /** The exit code, or the number of the operating system's error. */
    synchronized @Nullable Object rc() {
        return values.get("rc");
    }

    /** Null for a command that ran. */
    synchronized @Nullable String error() {
        return completedWith;
    }
}
