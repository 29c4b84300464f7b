package io.buildledger.showing;

import java.util.regex.Pattern;

/** Text of anybody's, as it may stand in a line on a terminal. */
public final class Printable {

    /**
     * Control characters, the eight-bit ones too, as one of them begins a terminal's commands; and
     * those that turn the direction of what follows them.
     */
    private static final Pattern UNPRINTABLE =
            Pattern.compile("[\\p{Cc}\\x{202A}-\\x{202E}\\x{2066}-\\x{2069}]");

    private Printable() {}

    /**
     * The text with a space for each character that would move the cursor, give the terminal a
     * command, or show the text in another order than it has.
     */
    public static String of(String text) {
        return UNPRINTABLE.matcher(text).replaceAll(" ");
    }

    /** Whether it has a control character, of seven or of eight bits: {@link #of} has none. */
    public static boolean hasControl(String text) {
        return text.chars().anyMatch(Character::isISOControl);
    }

    /** Whether {@link #of} has a space for it. */
    public static boolean isReplaced(int character) {
        return Character.isISOControl(character)
                || (character >= 0x202A && character <= 0x202E)
                || (character >= 0x2066 && character <= 0x2069);
    }

    /** The text if it is no longer than that, else its beginning and an ellipsis. */
    public static String cut(String text, int length) {
        if (text.length() <= length) {
            return text;
        }
        // Never between the two halves of a character.
        int end =
                length >= 2 && Character.isHighSurrogate(text.charAt(length - 2))
                        ? length - 2
                        : length - 1;
        return text.substring(0, end) + "…";
    }
}
