package io.buildledger.domain.rendering;

import io.buildledger.domain.rendering.Part.Literal;
import io.buildledger.domain.rendering.Part.Lookup;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/** Reads a text once from left to right, so that it takes time in proportion to its length. */
final class InterpolationParser {

    /** Each level is a few frames of the stack, and nobody reads five. */
    private static final int DEEPEST = 50;

    private static final int LONGEST_EXCERPT = 40;
    private static final int NO_DELIMITER = -1;
    private static final int END = -1;
    private static final Selector[] SELECTORS = Selector.values();

    private final String text;
    private final SequencedSet<Interpolation.Reference> references = new LinkedHashSet<>();
    private int at;

    InterpolationParser(String text) {
        this.text = text;
    }

    List<Part> parts() {
        return parts(0, NO_DELIMITER);
    }

    /** In the order of the text, each once. */
    List<Interpolation.Reference> references() {
        return List.copyOf(references);
    }

    /**
     * Reads to the end, or within an interpolation to the bracket that closes it or to the
     * delimiter, and leaves that unread. As in Buildbot, neither counts between brackets.
     */
    private List<Part> parts(int level, int delimiter) {
        List<Part> parts = new ArrayList<>();
        StringBuilder literal = new StringBuilder();
        int brackets = 0;
        for (int c = peek(); c != END; c = peek()) {
            if (level > 0 && brackets == 0 && (c == ')' || c == delimiter)) {
                break;
            }
            if (c == '%') {
                Selector selector = percents(literal);
                if (selector != null) {
                    addLiteral(parts, literal);
                    parts.add(lookup(selector, level + 1));
                }
            } else {
                brackets += c == '(' ? 1 : c == ')' ? -1 : 0;
                literal.appendCodePoint(c);
                skip(c);
            }
        }
        addLiteral(parts, literal);
        return List.copyOf(parts);
    }

    private static void addLiteral(List<Part> parts, StringBuilder literal) {
        if (!literal.isEmpty()) {
            parts.add(new Literal(literal.toString()));
            literal.setLength(0);
        }
    }

    /**
     * Reads all percent signs that stand here. Before a selector two of them are one, as in Python,
     * and one that is left begins an interpolation. Elsewhere they are as they are.
     *
     * @return the selector of what begins, read up to its name; null if nothing does
     */
    private @Nullable Selector percents(StringBuilder literal) {
        int start = at;
        while (at < text.length() && text.charAt(at) == '%') {
            at++;
        }
        int count = at - start;
        for (Selector selector : SELECTORS) {
            String opening = "(" + selector.word() + ":";
            if (text.startsWith(opening, at)) {
                literal.repeat('%', count / 2);
                if (count % 2 == 0) {
                    return null;
                }
                at += opening.length();
                return selector;
            }
        }
        literal.repeat('%', count);
        return null;
    }

    private Lookup lookup(Selector selector, int level) {
        int start = at - selector.word().length() - "%(:".length();
        if (level > DEEPEST) {
            throw malformed(
                    start, "more than %d interpolations are within each other".formatted(DEEPEST));
        }
        String codebase = "";
        if (selector == Selector.SRC) {
            codebase = name(selector);
            if (peek() == ')') {
                throw malformed(
                        start,
                        "'%s' has no attribute: %%(src:CODEBASE:branch)s is right, and %%(src::branch)s where the codebase has no name"
                                .formatted(excerpt(start)));
            }
            requireColonAfterName(start, selector);
        }
        int nameStart = at;
        String key = name(selector);
        if (key.isEmpty() && (peek() == ')' || peek() == ':')) {
            throw malformed(
                    nameStart,
                    "'%s' lacks the name of %s".formatted(excerpt(start), selector.what()));
        }
        if (selector == Selector.SRC
                && !key.isEmpty()
                && SourceStampAttribute.named(key).isEmpty()) {
            throw malformed(
                    nameStart,
                    "a source stamp has no '%s', it has %s"
                            .formatted(key, String.join(", ", SourceStampAttribute.words())));
        }
        boolean plain = peek() == ')';
        references.add(new Interpolation.Reference(selector, codebase, key, !plain));
        Lookup lookup;
        if (plain) {
            lookup = new Lookup(selector, codebase, key, false, null, null);
        } else {
            requireColonAfterName(start, selector);
            lookup = form(selector, codebase, key, start, level);
        }
        close(start);
        return lookup;
    }

    private String name(Selector selector) {
        int start = at;
        for (int c = peek(); c != END && selector.allows(c); c = peek()) {
            skip(c);
        }
        return text.substring(start, at);
    }

    private void requireColonAfterName(int start, Selector selector) {
        int c = peek();
        if (c == END) {
            throw unclosed(start);
        }
        if (c != ':') {
            throw malformed(
                    at,
                    "'%s' can't be in the name of %s: %s can"
                            .formatted(Character.toString(c), selector.what(), selector.allowed()));
        }
        at++;
    }

    private Lookup form(Selector selector, String codebase, String key, int start, int level) {
        int c = peek();
        if (c == END) {
            throw unclosed(start);
        }
        int formStart = at;
        skip(c);
        switch (c) {
            case '-', '~' -> {
                return new Lookup(
                        selector, codebase, key, c == '~', null, parts(level, NO_DELIMITER));
            }
            case '+' -> {
                return new Lookup(
                        selector, codebase, key, false, parts(level, NO_DELIMITER), List.of());
            }
            case '?' -> {
                return ternary(selector, codebase, key, false, start, level);
            }
            case '#' -> {
                if (peek() == '?') {
                    at++;
                    return ternary(selector, codebase, key, true, start, level);
                }
            }
            default -> {}
        }
        throw malformed(
                formStart,
                "'%s' after '%s': one of - ~ + ? #? is right there"
                        .formatted(Character.toString(c), text.substring(start, formStart)));
    }

    private Lookup ternary(
            Selector selector, String codebase, String key, boolean byTruth, int start, int level) {
        int delimiter = peek();
        if (delimiter == END) {
            throw unclosed(start);
        }
        if (delimiter == '(' || delimiter == ')') {
            throw malformed(
                    at,
                    "'?' needs a delimiter after it that is no bracket, as in %(prop:x:?|yes|no)s");
        }
        int delimiterStart = at;
        skip(delimiter);
        List<Part> then = parts(level, delimiter);
        int c = peek();
        if (c == END) {
            throw unclosed(start);
        }
        if (c != delimiter) {
            throw malformed(
                    delimiterStart,
                    "the delimiter '%s' does not come a second time, as in %%(prop:x:?|yes|no)s"
                            .formatted(Character.toString(delimiter)));
        }
        skip(delimiter);
        return new Lookup(selector, codebase, key, byTruth, then, parts(level, NO_DELIMITER));
    }

    private void close(int start) {
        if (peek() == END) {
            throw unclosed(start);
        }
        at++;
        if (peek() != 's') {
            throw malformed(
                    at, "'%s' lacks the s after its last bracket".formatted(excerpt(start)));
        }
        at++;
    }

    private int peek() {
        return at < text.length() ? text.codePointAt(at) : END;
    }

    private void skip(int codePoint) {
        at += Character.charCount(codePoint);
    }

    private MalformedInterpolation unclosed(int start) {
        return malformed(
                start,
                "'%s' is not closed: it ends with )s, and brackets within it come in pairs. Text that is meant as it is begins with %%%%"
                        .formatted(excerpt(start)));
    }

    private MalformedInterpolation malformed(int index, String problem) {
        return new MalformedInterpolation(text.codePointCount(0, index) + 1, problem);
    }

    private String excerpt(int start) {
        if (at - start <= LONGEST_EXCERPT) {
            return text.substring(start, at);
        }
        int end = start + LONGEST_EXCERPT;
        return text.substring(
                        start, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end)
                + "…";
    }
}
