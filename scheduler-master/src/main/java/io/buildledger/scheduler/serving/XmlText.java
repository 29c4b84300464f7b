package io.buildledger.scheduler.serving;

import java.util.regex.Pattern;

/** Texts that XML 1.0 can hold, and that neither command nor deceive who looks at them. */
final class XmlText {

    private static final Pattern NOT_OF_XML =
            Pattern.compile(
                    "[^\\t\\n\\r\\x{20}-\\x{7E}\\x{A0}-\\x{2029}\\x{202F}-\\x{2065}\\x{206A}-\\x{D7FF}\\x{E000}-\\x{FFFD}\\x{10000}-\\x{10FFFF}]");

    private XmlText() {}

    /** A text with a replacement character for each other one, and not escaped yet. */
    static String of(String text) {
        return NOT_OF_XML.matcher(text).replaceAll("\uFFFD");
    }
}
