package io.buildledger.scheduler.serving;

import io.buildledger.steplog.StepLogs;
import io.buildledger.steplog.StepLogs.Line;
import java.util.ArrayList;
import java.util.List;

/**
 * The beginning of a log, as a page holds it before its script reads on.
 *
 * @param next the line from which to read on
 */
record LogExcerpt(int step, String name, List<Line> lines, long next, boolean complete) {

    private static final int LINES = 1000;

    static LogExcerpt of(StepLogs logs, String builder, long build, StepLogs.Entry log) {
        List<Line> lines = new ArrayList<>();
        StepLogs.Page page;
        do {
            page = logs.read(builder, build, log.step(), log.name(), lines.size());
            lines.addAll(page.lines());
        } while (!page.complete() && !page.lines().isEmpty() && lines.size() < LINES);
        boolean cut = lines.size() > LINES;
        List<Line> shown = cut ? lines.subList(0, LINES) : lines;
        return new LogExcerpt(log.step(), log.name(), shown, shown.size(), page.complete() && !cut);
    }
}
