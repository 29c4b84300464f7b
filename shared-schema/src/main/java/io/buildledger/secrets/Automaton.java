package io.buildledger.secrets;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Finds many words in a stream of bytes in one pass (Aho and Corasick, 1975), in time that does not
 * depend on how many words there are. It does not change, and threads may share it.
 *
 * <p>Libraries were looked at: those on characters want the whole text, and Netty's, which is on
 * bytes, does not say how much of what it has seen may still become a word.
 *
 * <p>A state is how much of some words has been seen: a node of the tree of their beginnings.
 */
final class Automaton {

    static final int START = 0;

    private static final int NONE = -1;
    private static final int BYTES = 256;

    private final List<byte[]> replacements = new ArrayList<>();
    private final int[] lengths;

    // By state: the tree, in which the children of the first are in a table of their own, as it has
    // many; then the longest other state that what was seen ends with, how many of the last bytes
    // may still become a word, and the longest word that ends here.
    private final int[] firstChild;
    private final int[] nextSibling;
    private final byte[] label;
    private final int[] shorter;
    private final int[] open;
    private final int[] found;
    private final int[] childOfStart = new int[BYTES];
    private int states = 1;

    /**
     * @param words none empty, each with what is to be put in its place
     */
    Automaton(Map<String, String> words) {
        List<byte[]> bytes = words.keySet().stream().map(Automaton::utf8).toList();
        words.values().forEach(it -> replacements.add(utf8(it)));
        lengths = bytes.stream().mapToInt(it -> it.length).toArray();
        int most = 1 + IntStream.of(lengths).sum();
        firstChild = new int[most];
        nextSibling = new int[most];
        label = new byte[most];
        shorter = new int[most];
        open = new int[most];
        found = new int[most];
        Arrays.fill(found, NONE);
        for (int i = 0; i < bytes.size(); i++) {
            add(bytes.get(i), i);
        }
        link();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void add(byte[] word, int index) {
        int state = START;
        for (byte letter : word) {
            int child = child(state, letter);
            state = child == START ? grow(state, letter) : child;
        }
        found[state] = index;
    }

    private int grow(int parent, byte letter) {
        int state = states++;
        label[state] = letter;
        nextSibling[state] = firstChild[parent];
        firstChild[parent] = state;
        if (parent == START) {
            childOfStart[letter & 0xFF] = state;
        }
        return state;
    }

    /** The child of a state, or {@link #START} if it has none. */
    private int child(int state, byte letter) {
        if (state == START) {
            return childOfStart[letter & 0xFF];
        }
        int child = firstChild[state];
        while (child != START && label[child] != letter) {
            child = nextSibling[child];
        }
        return child;
    }

    /** Goes through the tree by depth, so that shorter states are complete before longer ones. */
    private void link() {
        int[] queue = new int[states];
        int[] depth = new int[states];
        int end = 1;
        for (int at = 0; at < end; at++) {
            int state = queue[at];
            for (int child = firstChild[state]; child != START; child = nextSibling[child]) {
                queue[end++] = child;
                depth[child] = depth[state] + 1;
                shorter[child] = state == START ? START : next(shorter[state], label[child]);
                int suffix = shorter[child];
                open[child] = firstChild[child] == START ? open[suffix] : depth[child];
                if (found[child] == NONE) {
                    found[child] = found[suffix];
                }
            }
        }
    }

    /** The state after one byte more. */
    int next(int state, byte letter) {
        int from = state;
        int child = child(from, letter);
        while (child == START && from != START) {
            from = shorter[from];
            child = child(from, letter);
        }
        return child;
    }

    /** Whether a word begins with a byte. */
    boolean begins(byte letter) {
        return childOfStart[letter & 0xFF] != START;
    }

    /** How many of the last bytes may be the beginning of a word that has not ended yet. */
    int open(int state) {
        return open[state];
    }

    /** How long the longest word is that ends here; 0 if none does. */
    int foundLength(int state) {
        return found[state] == NONE ? 0 : lengths[found[state]];
    }

    /** What is put in the place of the longest word that ends here. */
    byte[] replacement(int state) {
        return replacements.get(found[state]);
    }

    /** How long the longest word is, in bytes. */
    int longest() {
        return IntStream.of(lengths).max().orElse(0);
    }
}
