package io.buildledger.steps;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import io.buildledger.domain.changing.TextPattern;

/**
 * A regular expression for what commands print: {@code ^} and {@code $} are the borders of a line,
 * and a dot is any character within one. The syntax is RE2's, whose matching takes time in
 * proportion to the text, whatever the expression.
 */
final class OutputPattern {

    private final Pattern pattern;

    /**
     * @throws IllegalArgumentException if it is none; the message says what is wrong with it
     */
    OutputPattern(String regex) {
        // For what it admits, and for its words.
        TextPattern _ = new TextPattern(regex);
        pattern = Pattern.compile(regex, Pattern.MULTILINE);
    }

    /** Where it is in a text. */
    Matcher in(String text) {
        return pattern.matcher(text);
    }

    boolean hasGroup(String name) {
        return pattern.namedGroups().containsKey(name);
    }

    Iterable<String> groups() {
        return pattern.namedGroups().keySet();
    }
}
