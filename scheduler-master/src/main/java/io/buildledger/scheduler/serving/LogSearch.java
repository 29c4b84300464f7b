package io.buildledger.scheduler.serving;

import io.buildledger.steplog.StepLogs;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.Collectors;

/**
 * The lines of a log with a text in them, as a terminal would show them, whatever the case of their
 * letters. A search ends after so many of them, or after so much of the log, and says where.
 *
 * @param from the line with which it began, from 0
 * @param next the line with which to go on
 * @param ended whether it came to the end of the log, as that is by now
 */
record LogSearch(List<Match> matches, long from, long next, boolean ended) {

    static final int MOST_MATCHES = 100;

    /** Of the text that is looked for, so that no line takes long. */
    static final int LONGEST_TEXT = 100;

    /** After so many characters no further lines are read. */
    static final int ENOUGH_TEXT = 8 * 1024 * 1024;

    /** After so many pages as well: lines may be as short as the log is long. */
    private static final int MOST_PAGES = 100;

    private static final int SHOWN_BEFORE = 120;
    private static final int SHOWN_BEHIND = 240;

    /**
     * A line, with what is before and behind the first place where the text is; both are cut.
     *
     * @param number from 1; of a long line, that of its first part
     */
    record Match(long number, String before, String text, String behind) {}

    /**
     * @param pages what the log has from a line on
     */
    static LogSearch of(LongFunction<StepLogs.Page> pages, String text, long from) {
        List<Match> matches = new ArrayList<>();
        String wanted = folded(text);
        long next = from;
        long read = 0;
        for (int i = 0; i < MOST_PAGES && read < ENOUGH_TEXT; i++) {
            StepLogs.Page page = pages.apply(next);
            if (page.lines().isEmpty()) {
                return new LogSearch(matches, from, next, true);
            }
            for (LogLine line : LogLine.joined(LogLine.of(page.lines(), next))) {
                String shown = shown(line.text());
                int at = folded(shown).indexOf(wanted);
                if (at >= 0) {
                    if (matches.size() == MOST_MATCHES) {
                        return new LogSearch(matches, from, line.number() - 1, false);
                    }
                    matches.add(match(line.number(), shown, at, at + text.length()));
                }
                read += line.text().length();
            }
            next = page.next();
            if (page.complete()) {
                return new LogSearch(matches, from, next, true);
            }
        }
        return new LogSearch(matches, from, next, false);
    }

    private static String shown(String line) {
        return TerminalText.of(line).stream()
                .map(TerminalText.Span::text)
                .collect(Collectors.joining());
    }

    /** As long as it was, so that a place in it is the same place in the line. */
    private static String folded(String text) {
        char[] folded = text.toCharArray();
        for (int i = 0; i < folded.length; i++) {
            folded[i] = Character.toLowerCase(Character.toUpperCase(folded[i]));
        }
        return new String(folded);
    }

    private static Match match(long number, String line, int from, int to) {
        int first = Math.max(0, from - SHOWN_BEFORE);
        int last = Math.min(line.length(), to + SHOWN_BEHIND);
        return new Match(
                number,
                (first > 0 ? "…" : "") + line.substring(first, from),
                line.substring(from, to),
                line.substring(to, last) + (last < line.length() ? "…" : ""));
    }
}
