package io.buildledger.builder.logging;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Makes lines of the bytes of one stream. A line ends at a newline or at a carriage return and a
 * newline; one of more than {@value #LONGEST} bytes is cut, between characters, into several. Bytes
 * that are not UTF-8 become U+FFFD.
 */
final class LineSplitter {

    static final int LONGEST = 64 * 1024;

    /** The carriage return that may turn out to belong to the line's end, and one byte more. */
    private static final int MARGIN = 2;

    private final Consumer<String> lines;
    private byte[] line = new byte[512];
    private int length;

    LineSplitter(Consumer<String> lines) {
        this.lines = lines;
    }

    void write(byte[] bytes, int count) {
        for (int i = 0; i < count; i++) {
            add(bytes[i]);
        }
    }

    private void add(byte value) {
        if (value == '\n') {
            emit(length > 0 && line[length - 1] == '\r' ? length - 1 : length);
            length = 0;
            return;
        }
        if (length == line.length) {
            line = Arrays.copyOf(line, Math.min(2 * line.length, LONGEST + MARGIN));
        }
        line[length++] = value;
        if (length > LONGEST + 1 || (length > LONGEST && value != '\r')) {
            cut();
        }
    }

    private void cut() {
        int end = LONGEST;
        while (end > LONGEST - 3 && isContinuation(line[end])) {
            end--;
        }
        if (isContinuation(line[end])) {
            // Not UTF-8 anyway.
            end = LONGEST;
        }
        emit(end);
        System.arraycopy(line, end, line, 0, length - end);
        length -= end;
    }

    private static boolean isContinuation(byte value) {
        return (value & 0xC0) == 0x80;
    }

    /** Ends a line that has begun; does nothing where none has. */
    void endLine() {
        if (length > 0) {
            emit(length);
            length = 0;
        }
    }

    private void emit(int end) {
        lines.accept(new String(line, 0, end, StandardCharsets.UTF_8));
    }
}
