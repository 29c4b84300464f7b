package io.buildledger.scheduler.serving;

import io.buildledger.steplog.StepLogs.Line;
import io.buildledger.steplog.StepLogs.Source;
import java.util.ArrayList;
import java.util.List;

/**
 * A line of a log, or a part of a long one, as a page shows it.
 *
 * @param number from 1; the parts of a long line are counted each
 */
record LogLine(long number, Source source, String text, boolean partial) {

    /**
     * @param from number of the first of them, from 0
     */
    static List<LogLine> of(List<Line> lines, long from) {
        List<LogLine> numbered = new ArrayList<>();
        for (Line line : lines) {
            numbered.add(
                    new LogLine(
                            from + numbered.size() + 1,
                            line.source(),
                            line.text(),
                            line.partial()));
        }
        return numbered;
    }

    /** Puts the parts of long lines together, each under the number of its first. */
    static List<LogLine> joined(List<LogLine> lines) {
        List<LogLine> joined = new ArrayList<>();
        for (LogLine line : lines) {
            LogLine before = joined.isEmpty() ? null : joined.getLast();
            if (before != null && before.partial() && before.source() == line.source()) {
                joined.removeLast();
                joined.add(
                        new LogLine(
                                before.number(),
                                line.source(),
                                before.text() + line.text(),
                                line.partial()));
            } else {
                joined.add(line);
            }
        }
        return joined;
    }
}
