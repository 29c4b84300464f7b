package io.buildledger.builder.workers;

import io.buildledger.builder.attaching.CommandListener;
import io.buildledger.stepping.StepAbortedException;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Keeps what a command says: its code, its last values, and what it complains of. */
class AnswerListener implements CommandListener {

    private static final int LONGEST_COMPLAINT = 1000;

    private final Map<String, @Nullable Object> values = new HashMap<>();
    private final StringBuilder complaint = new StringBuilder();
    private @Nullable String error;

    @Override
    public synchronized void update(List<Update> updates) throws IOException {
        for (Update update : updates) {
            switch (update.key()) {
                case "stderr", "header" -> complain(update.value());
                default -> values.put(update.key(), update.value());
            }
        }
    }

    private void complain(@Nullable Object value) {
        // Transfers say a plain text, commands that run a process a text with its lines' places.
        Object text = value instanceof List<?> parts && !parts.isEmpty() ? parts.getFirst() : value;
        if (text instanceof String said && complaint.length() < LONGEST_COMPLAINT) {
            complaint.append(said, 0, Math.min(said.length(), LONGEST_COMPLAINT));
        }
    }

    @Override
    public synchronized void complete(@Nullable String failure) throws IOException {
        error = failure;
    }

    /** The command's exit code; -1 where it has none. */
    synchronized int code() {
        return values.get("rc") instanceof Number code ? code.intValue() : -1;
    }

    synchronized @Nullable Object value(String key) {
        return values.get(key);
    }

    /** A value that is a list of texts. */
    synchronized List<String> texts(String key) {
        return values.get(key) instanceof List<?> list
                ? list.stream().map(String::valueOf).sorted().toList()
                : List.of();
    }

    /**
     * @param otherwise what could not be done
     * @throws StepAbortedException if the command did not succeed
     */
    synchronized void requireSuccess(String otherwise) throws StepAbortedException {
        if (error != null) {
            throw StepAbortedException.failed(otherwise + ": " + error);
        }
        if (code() != 0) {
            String said = complaint.toString().strip();
            throw StepAbortedException.failed(
                    said.isEmpty()
                            ? "%s (error %d on the worker)".formatted(otherwise, code())
                            : otherwise + ": " + said);
        }
    }
}
