package io.buildledger.domain.changing;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/**
 * A regular expression that a text matches as a whole or not at all: {@code release/.*} does not
 * match {@code my-release/1}. The syntax is RE2's, whose matching takes time in proportion to the
 * text, whatever the expression; it has neither look-around nor back-references.
 */
public final class TextPattern {

    private static final int LONGEST = 2_000;
    private static final int MOST_REPETITIONS = 100_000;
    private static final Pattern REPETITION = Pattern.compile("\\{(?:[0-9]*,)?([0-9]+),?\\}");

    private final Pattern pattern;

    /**
     * @param regex at most 2,000 characters, and at most 100,000 repetitions of repetitions: what
     *     is between {@code {}} is written out when it is compiled
     * @throws IllegalArgumentException if it is none; the message says what is wrong with it
     */
    public TextPattern(String regex) {
        if (regex.length() > LONGEST) {
            throw new IllegalArgumentException(
                    "'%s…' is too long for a regular expression: at most %d characters"
                            .formatted(regex.substring(0, 50), LONGEST));
        }
        requireFewRepetitions(regex);
        try {
            this.pattern = Pattern.compile(regex, Pattern.DOTALL);
        } catch (PatternSyntaxException e) {
            // The library tells of the flag as if it were written there.
            String part = e.getPattern().replace("(?s)", "");
            throw new IllegalArgumentException(
                    "'%s' is not a regular expression: %s%s"
                            .formatted(
                                    regex,
                                    e.getDescription(),
                                    part.isEmpty() || part.equals(regex) ? "" : " '" + part + "'"),
                    e);
        }
    }

    /**
     * @throws IllegalArgumentException if it has so many that to compile it would take all memory
     */
    public static void requireFewRepetitions(String regex) {
        if (repetitions(regex) > MOST_REPETITIONS) {
            throw new IllegalArgumentException(
                    "'%s' repeats too much: at most %d times in all"
                            .formatted(regex, MOST_REPETITIONS));
        }
    }

    /** The most that there can be, if each repetition is within another; 1 if there is none. */
    public static double repetitions(String regex) {
        double repetitions = 1;
        Matcher matcher = REPETITION.matcher(regex);
        while (matcher.find()) {
            repetitions *= Math.max(1, Double.parseDouble(matcher.group(1)));
        }
        return repetitions;
    }

    public boolean matches(String text) {
        return pattern.matches(text);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TextPattern it && it.toString().equals(toString());
    }

    @Override
    public int hashCode() {
        return toString().hashCode();
    }

    @Override
    public String toString() {
        return pattern.pattern();
    }
}
