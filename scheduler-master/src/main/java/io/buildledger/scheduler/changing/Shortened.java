package io.buildledger.scheduler.changing;

/** Texts that are too long for their place. */
final class Shortened {

    private static final String MARK = "…";

    private Shortened() {}

    /**
     * The text itself if it has at most so many characters; else its beginning, ending with a mark
     * that says so. A character that takes two {@code char}s is kept whole or left out.
     */
    static String to(int limit, String text) {
        if (text.length() <= limit) {
            return text;
        }
        int end = limit - MARK.length();
        if (end > 0 && Character.isHighSurrogate(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(0, end) + MARK;
    }
}
