package io.buildledger.scheduler.serving;

import io.buildledger.steplog.StepLogs;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The beginning of a log, as a page holds it before its script reads on.
 *
 * @param stepName null while it is not written yet that the step has begun
 * @param lines the parts of a long line are put together
 * @param next the line from which to read on
 */
record LogExcerpt(
        int step,
        @Nullable String stepName,
        boolean firstOfStep,
        String name,
        List<LogLine> lines,
        long next,
        boolean complete) {

    /** Of all logs together, so that no page takes long, however many logs its build has. */
    static final int LINES_OF_PAGE = 1_000;

    private static final int LEAST_LINES = 10;

    /** Of all logs of a build, which are in the order of their steps. */
    static List<LogExcerpt> of(
            StepLogs logs,
            String builder,
            long build,
            List<StepLogs.Entry> all,
            StepsByNumber steps) {
        List<LogExcerpt> excerpts = new ArrayList<>();
        int most = Math.max(LEAST_LINES, LINES_OF_PAGE / Math.max(1, all.size()));
        long left = LINES_OF_PAGE;
        int last = -1;
        for (StepLogs.Entry log : all) {
            boolean isFirst = log.step() != last;
            LogExcerpt excerpt =
                    left > 0
                            ? of(logs, builder, build, log, isFirst, steps, most)
                            : nothingYet(log, isFirst, steps);
            excerpts.add(excerpt);
            left -= excerpt.next();
            last = log.step();
        }
        return excerpts;
    }

    private static LogExcerpt of(
            StepLogs logs,
            String builder,
            long build,
            StepLogs.Entry log,
            boolean firstOfStep,
            StepsByNumber steps,
            int most) {
        StepLogs.Page page = logs.read(builder, build, log.step(), log.name(), 0);
        List<StepLogs.Line> lines = page.lines().stream().limit(most).toList();
        return new LogExcerpt(
                log.step(),
                steps.name(log.step()),
                firstOfStep,
                log.name(),
                LogLine.joined(LogLine.of(lines, 0)),
                lines.size(),
                page.complete() && lines.size() == page.lines().size());
    }

    /** Of a log that has no room on the page before a script reads it. */
    private static LogExcerpt nothingYet(
            StepLogs.Entry log, boolean firstOfStep, StepsByNumber steps) {
        return new LogExcerpt(
                log.step(), steps.name(log.step()), firstOfStep, log.name(), List.of(), 0, false);
    }
}
