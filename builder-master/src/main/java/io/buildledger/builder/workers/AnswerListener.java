package io.buildledger.builder.workers;

import io.buildledger.builder.attaching.CommandListener;
import io.buildledger.builder.attaching.WorkerMisbehavedException;
import io.buildledger.stepping.FileStatus;
import io.buildledger.stepping.FileStatus.Kind;
import io.buildledger.stepping.StepAbortedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what a command says that is asked for: its code, what it has found, and what it complains
 * of. Whatever else it says is dropped, or it could fill the master's memory.
 */
class AnswerListener implements CommandListener {

    private static final int LONGEST_COMPLAINT = 1000;

    private static final int NO_CODE = -1;

    private static final int FILE_TYPE = 0170000;
    private static final int DIRECTORY = 0040000;
    private static final int REGULAR = 0100000;
    private static final int MODE = 0;
    private static final int SIZE = 6;

    private int code = NO_CODE;
    private @Nullable FileStatus status;
    private @Nullable List<String> files;
    private final StringBuilder complaint = new StringBuilder();
    private @Nullable String error;

    @Override
    public synchronized void update(List<Update> updates) throws IOException {
        for (Update update : updates) {
            Object value = update.value();
            switch (update.key()) {
                case "stderr", "header" -> complain(value);
                case "rc" -> code = value instanceof Number rc ? rc.intValue() : NO_CODE;
                case "stat" -> status = status(value);
                case "files" -> files = files(value);
                default -> {
                    // What nobody has asked for.
                }
            }
        }
    }

    /** The ten numbers of Python's {@code os.stat_result}. */
    private static FileStatus status(@Nullable Object value) throws WorkerMisbehavedException {
        if (value instanceof List<?> stat
                && stat.size() > SIZE
                && stat.get(MODE) instanceof Long mode
                && stat.get(SIZE) instanceof Long size
                && size >= 0) {
            long type = mode & FILE_TYPE;
            Kind kind =
                    type == DIRECTORY ? Kind.DIRECTORY : type == REGULAR ? Kind.FILE : Kind.OTHER;
            return new FileStatus(kind, size);
        }
        throw new WorkerMisbehavedException("its stat is not the numbers that Python's has");
    }

    private static List<String> files(@Nullable Object value) throws WorkerMisbehavedException {
        if (!(value instanceof List<?> list)) {
            throw new WorkerMisbehavedException("its files are no list");
        }
        List<String> names = new ArrayList<>();
        for (Object name : list) {
            if (!(name instanceof String text)) {
                throw new WorkerMisbehavedException("its files are not all text");
            }
            names.add(text);
        }
        return names.stream().sorted().toList();
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
        return code;
    }

    /** What {@code stat} has found; null if it has not said. */
    synchronized @Nullable FileStatus status() {
        return status;
    }

    /** What {@code listdir} or {@code glob} has found, in order; null if it has not said. */
    synchronized @Nullable List<String> files() {
        return files;
    }

    /**
     * @param otherwise what could not be done
     * @throws StepAbortedException if the command did not succeed
     */
    synchronized void requireSuccess(String otherwise) throws StepAbortedException {
        if (error != null) {
            throw StepAbortedException.failed(otherwise + ": " + error);
        }
        if (code != 0) {
            String said = complaint.toString().strip();
            throw StepAbortedException.failed(
                    said.isEmpty()
                            ? "%s (error %d on the worker)".formatted(otherwise, code)
                            : otherwise + ": " + said);
        }
    }
}
