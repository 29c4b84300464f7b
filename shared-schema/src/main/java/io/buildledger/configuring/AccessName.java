package io.buildledger.configuring;

import org.jspecify.annotations.Nullable;

/** What people, groups, roles and tokens can be called, whoever says it. */
public final class AccessName {

    /** Whom the log has where somebody may who has not logged in; nobody else is called so. */
    public static final String NOBODY_KNOWN = "somebody";

    private static final int LONGEST = 100;

    /** What a name is, for people. */
    public static final String RULE =
            "a name of 1 to %d characters that can be seen, without space around it, other than '%s'"
                    .formatted(LONGEST, NOBODY_KNOWN);

    private AccessName() {}

    /** Whether it follows {@link #RULE}. */
    public static boolean isOne(@Nullable String text) {
        return text != null
                && !text.isEmpty()
                && text.length() <= LONGEST
                && !isSpace(text.codePointAt(0))
                && !isSpace(text.codePointBefore(text.length()))
                && !text.equals(NOBODY_KNOWN)
                && text.codePoints().noneMatch(AccessName::isUnseen);
    }

    private static boolean isSpace(int character) {
        return Character.isWhitespace(character) || Character.isSpaceChar(character);
    }

    /** Of two names that look alike one may be anybody's. */
    private static boolean isUnseen(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE ->
                    true;
            default -> false;
        };
    }
}
