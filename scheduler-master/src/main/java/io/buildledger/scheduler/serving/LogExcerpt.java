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

    /** Of all logs of a build, which are in the order of their steps. */
    static List<LogExcerpt> of(
            StepLogs logs,
            String builder,
            long build,
            List<StepLogs.Entry> all,
            StepsByNumber steps) {
        List<LogExcerpt> excerpts = new ArrayList<>();
        int last = -1;
        for (StepLogs.Entry log : all) {
            excerpts.add(of(logs, builder, build, log, log.step() != last, steps));
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
            StepsByNumber steps) {
        StepLogs.Page page = logs.read(builder, build, log.step(), log.name(), 0);
        return new LogExcerpt(
                log.step(),
                steps.name(log.step()),
                firstOfStep,
                log.name(),
                LogLine.joined(LogLine.of(page.lines(), 0)),
                page.next(),
                page.complete());
    }
}
