package io.buildledger.scheduler.serving;

import java.util.regex.Pattern;

/** Texts that XML 1.0 can hold. */
final class XmlText {

    private static final Pattern NOT_OF_XML =
            Pattern.compile(
                    "[^\\t\\n\\r\\x{20}-\\x{D7FF}\\x{E000}-\\x{FFFD}\\x{10000}-\\x{10FFFF}]");

    private XmlText() {}

    /** A text with a replacement character for each that XML can't hold, and not escaped yet. */
    static String of(String text) {
        return NOT_OF_XML.matcher(text).replaceAll("\uFFFD");
    }
}
