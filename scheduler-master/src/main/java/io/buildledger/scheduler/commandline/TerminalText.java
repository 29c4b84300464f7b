package io.buildledger.scheduler.commandline;

import java.util.regex.Pattern;

/**
 * What a build has printed, as it may be shown on a terminal: in its colours, but without a command
 * that would move the cursor, set the title, write the clipboard or make the terminal answer.
 */
final class TerminalText {

    /** Back to the terminal's own colours. */
    static final String PLAIN = "\u001b[0m";

    /** Colours and the like; the only sequence that stays. */
    private static final String RENDITION = "\\x1b\\[[0-9;]*m";

    /** The other control sequences; a terminal takes the eight-bit introducer, too. */
    private static final String CONTROL_SEQUENCE = "(?:\\x1b\\[|\\x{9b})[0-?]*[ -/]*[@-~]";

    /** Commands that hold a text, to its terminator or to the end of the line. */
    private static final String CONTROL_STRING =
            "(?:\\x1b[PX\\]^_]|[\\x{90}\\x{98}\\x{9d}-\\x{9f}]).*?(?:\\x07|\\x{9c}|\\x1b\\\\|$)";

    private static final String OTHER_ESCAPE = "\\x1b[ -/]*[0-~]";

    private static final String CONTROL =
            "[\\p{Cc}&&[^\\t]]|[\\x{202A}-\\x{202E}\\x{2066}-\\x{2069}]";

    private static final Pattern SEQUENCE =
            Pattern.compile(
                    "(?<kept>%s)|%s|%s|%s|%s"
                            .formatted(
                                    RENDITION,
                                    CONTROL_SEQUENCE,
                                    CONTROL_STRING,
                                    OTHER_ESCAPE,
                                    CONTROL),
                    Pattern.DOTALL);

    private TerminalText() {}

    /** The line without what a terminal would obey; tabs and colours stay. */
    static String of(String line) {
        return SEQUENCE.matcher(line).replaceAll("${kept}");
    }

    /** Whether the terminal is left in other colours than it had, perhaps. */
    static boolean isColoured(String text) {
        return text.indexOf('\u001b') >= 0;
    }
}
