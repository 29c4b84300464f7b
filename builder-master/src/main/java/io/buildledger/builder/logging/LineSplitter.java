package io.buildledger.builder.logging;

import java.util.Arrays;

/**
 * Makes lines of the bytes of one stream. A line ends at a newline or at a carriage return and a
 * newline; one of more than {@value #LONGEST} bytes is handed on in parts, of which none begins or
 * ends within a character.
 */
final class LineSplitter {

    static final int LONGEST = 64 * 1024;

    /** The carriage return that may turn out to belong to the line's end, and one byte more. */
    private static final int MARGIN = 2;

    /** Kept from line to line; more is given back, as most lines are short. */
    private static final int USUAL = 512;

    /** Takes the lines. */
    interface Lines {
        /**
         * @param line which is used again after the call
         * @param partial whether the line goes on with the next call
         */
        void add(byte[] line, int length, boolean partial);
    }

    private final Lines lines;
    private byte[] line = new byte[USUAL];
    private int length;

    LineSplitter(Lines lines) {
        this.lines = lines;
    }

    void write(byte[] bytes, int count) {
        int begin = 0;
        for (int i = 0; i < count; i++) {
            if (bytes[i] == '\n') {
                append(bytes, begin, i);
                end(length > 0 && line[length - 1] == '\r' ? length - 1 : length);
                begin = i + 1;
            }
        }
        append(bytes, begin, count);
    }

    private void append(byte[] bytes, int from, int to) {
        int begin = from;
        while (begin < to) {
            int count = Math.min(to - begin, LONGEST + MARGIN - length);
            if (length + count > line.length) {
                int doubled = Math.max(2 * line.length, length + count);
                line = Arrays.copyOf(line, Math.min(doubled, LONGEST + MARGIN));
            }
            System.arraycopy(bytes, begin, line, length, count);
            length += count;
            begin += count;
            if (length > LONGEST + 1 || (length > LONGEST && line[length - 1] != '\r')) {
                cut();
            }
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
        lines.add(line, end, true);
        System.arraycopy(line, end, line, 0, length - end);
        length -= end;
    }

    private static boolean isContinuation(byte value) {
        return (value & 0xC0) == 0x80;
    }

    /** Ends a line that has begun; does nothing where none has. */
    void endLine() {
        if (length > 0) {
            end(length);
        }
    }

    private void end(int end) {
        lines.add(line, end, false);
        length = 0;
        if (line.length > 16 * USUAL) {
            line = new byte[USUAL];
        }
    }
}
