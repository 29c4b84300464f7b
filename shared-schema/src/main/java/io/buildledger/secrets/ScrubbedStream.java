package io.buildledger.secrets;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * One stream of bytes on its way to where it can be seen. Each byte that is a part of any
 * occurrence of a form of a known secret is taken out, wherever it is cut into pieces; occurrences
 * that overlap have their names one after the other. A byte is held back only as long as it may be
 * the beginning of a secret, so at most one byte less than the longest form; what is held back,
 * {@link #flush} lets go.
 *
 * <p>A secret that becomes known meanwhile counts from the bytes on that are held back then.
 *
 * <p>Not for several threads.
 */
public final class ScrubbedStream {

    private final Scrubber scrubber;
    private final ByteSink sink;
    private @Nullable Automaton automaton;
    private int state = Automaton.START;

    /** Positions in the stream: up to here bytes have come in, and up to there they are decided. */
    private long read;

    private long decided;

    /** The bytes from {@link #decided} to {@link #read}, each at its position modulo the length. */
    private byte[] held = new byte[0];

    /** What was found and not replaced yet, each beginning and ending after the one before it. */
    private final Deque<Occurrence> found = new ArrayDeque<>();

    private byte[] out = new byte[256];
    private int outLength;

    /** Of the longest secret that ends at a position. */
    private static final class Occurrence {
        private final long start;
        private final long end;
        private final byte[] replacement;

        Occurrence(long start, long end, byte[] replacement) {
            this.start = start;
            this.end = end;
            this.replacement = replacement;
        }
    }

    ScrubbedStream(Scrubber scrubber, ByteSink sink) {
        this.scrubber = scrubber;
        this.sink = sink;
    }

    /** Takes the first {@code count} of some bytes. */
    public void write(byte[] bytes, int count) {
        Automaton words = current();
        if (words == null) {
            sink.write(bytes, count);
            return;
        }
        feed(words, bytes, count);
        emit();
    }

    /** Ends the stream: what was held back can't become a secret any more. */
    public void flush() {
        Automaton _ = current();
        decide(read);
        found.clear();
        state = Automaton.START;
        emit();
    }

    /** How many bytes are held back, because they may be the beginning of a secret. */
    int heldBack() {
        return (int) (read - decided);
    }

    /** What is looked for from now on; nothing as long as no secret is known. */
    private @Nullable Automaton current() {
        Automaton now = scrubber.automaton();
        if (now != null && now != automaton) {
            goBy(now);
        }
        return now;
    }

    /** Looks at what is held back once more, since it may have the beginning of a new secret. */
    private void goBy(Automaton next) {
        byte[] pending = new byte[heldBack()];
        for (int i = 0; i < pending.length; i++) {
            pending[i] = heldAt(decided + i);
        }
        // One that began before can't be found again.
        found.removeIf(it -> it.start >= decided || it.end <= decided);
        automaton = next;
        held = new byte[Integer.highestOneBit(next.longest()) * 2];
        state = Automaton.START;
        read = decided;
        feed(next, pending, pending.length);
    }

    private void feed(Automaton words, byte[] bytes, int count) {
        int i = 0;
        while (i < count) {
            if (state == Automaton.START && decided == read) {
                int run = i;
                while (run < count && !words.begins(bytes[run])) {
                    run++;
                }
                append(bytes, i, run - i);
                read += run - i;
                decided = read;
                i = run;
                if (i == count) {
                    return;
                }
            }
            held[(int) (read & (held.length - 1))] = bytes[i++];
            read++;
            state = words.next(state, heldAt(read - 1));
            if (words.foundLength(state) > 0) {
                add(
                        new Occurrence(
                                read - words.foundLength(state), read, words.replacement(state)));
            }
            // What begins later than that, and ends later than here, covers nothing before it.
            decide(read - words.open(state));
            if (words.open(state) == 0) {
                state = Automaton.START;
            }
        }
    }

    private byte heldAt(long position) {
        return held[(int) (position & (held.length - 1))];
    }

    private void add(Occurrence occurrence) {
        while (!found.isEmpty() && found.getLast().start >= occurrence.start) {
            found.removeLast();
        }
        if (found.isEmpty() || found.getLast().end < occurrence.end) {
            found.addLast(occurrence);
        }
    }

    /** Decides on the bytes before a position, of which it is known what covers them. */
    private void decide(long end) {
        while (decided < end) {
            Occurrence covering = covering();
            if (covering == null) {
                append(heldAt(decided));
                decided++;
            } else {
                append(covering.replacement, 0, covering.replacement.length);
                decided = covering.end;
            }
        }
    }

    /** Of those that cover the first byte to be decided, the one that reaches furthest. */
    private @Nullable Occurrence covering() {
        Occurrence furthest = null;
        while (!found.isEmpty() && found.getFirst().start <= decided) {
            Occurrence first = found.removeFirst();
            if (first.end > decided) {
                furthest = first;
            }
        }
        return furthest;
    }

    private void append(byte value) {
        ensure(1);
        out[outLength++] = value;
    }

    private void append(byte[] bytes, int from, int count) {
        ensure(count);
        System.arraycopy(bytes, from, out, outLength, count);
        outLength += count;
    }

    private void ensure(int more) {
        if (out.length - outLength < more) {
            out = Arrays.copyOf(out, Math.max(2 * out.length, outLength + more));
        }
    }

    private void emit() {
        if (outLength > 0) {
            sink.write(out, outLength);
            outLength = 0;
        }
    }
}
