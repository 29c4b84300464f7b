package io.buildledger.scheduler.serving;

import io.buildledger.steplog.StepLogs;
import io.buildledger.steplog.StepLogs.Located;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The beginning of a log, or the end of one that is still written, as a page holds it before its
 * script reads on.
 *
 * @param stepName null while it is not written yet that the step has begun
 * @param lines the parts of a long line are put together
 * @param first the line with which it begins, from 0
 * @param next the line from which to read on
 * @param written whether the log may still grow
 * @param more whether there is more of it behind {@code next}
 */
record LogExcerpt(
        int step,
        @Nullable String stepName,
        boolean firstOfStep,
        String name,
        List<LogLine> lines,
        long first,
        long next,
        boolean written,
        boolean more) {

    /** Of all logs together, so that no page takes long, however many logs its build has. */
    static final int LINES_OF_PAGE = 1_000;

    private static final int LEAST_LINES = 10;

    /** Of all logs of a build, which are in the order of their steps. */
    static List<LogExcerpt> of(StepLogs logs, List<Located> all, StepsByNumber steps) {
        List<LogExcerpt> excerpts = new ArrayList<>();
        int most = Math.max(LEAST_LINES, LINES_OF_PAGE / Math.max(1, all.size()));
        int left = LINES_OF_PAGE;
        int last = -1;
        for (Located log : all) {
            LogExcerpt excerpt = of(logs, log, log.step() != last, steps, Math.min(most, left));
            excerpts.add(excerpt);
            left -= (int) (excerpt.next() - excerpt.first());
            last = log.step();
        }
        return excerpts;
    }

    /**
     * @param most none where the log has no room on the page before a script reads it
     */
    private static LogExcerpt of(
            StepLogs logs, Located log, boolean firstOfStep, StepsByNumber steps, int most) {
        long first = log.complete() ? 0 : Math.max(0, log.lines() - most);
        StepLogs.Page page =
                most == 0
                        ? new StepLogs.Page(List.of(), first, false)
                        : logs.read(
                                log.builder(),
                                log.buildNumber(),
                                log.step(),
                                log.name(),
                                first,
                                most);
        return new LogExcerpt(
                log.step(),
                steps.name(log.step()),
                firstOfStep,
                log.name(),
                LogLine.joined(LogLine.of(page.lines(), first)),
                first,
                page.next(),
                !log.complete(),
                page.next() < log.lines());
    }
}
