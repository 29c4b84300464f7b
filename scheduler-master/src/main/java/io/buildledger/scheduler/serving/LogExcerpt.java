package io.buildledger.scheduler.serving;

import io.buildledger.steplog.StepLogs;
import io.buildledger.steplog.StepLogs.Line;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The beginning of a log, as a page holds it before its script reads on.
 *
 * @param stepName null while the view does not know the step yet
 * @param next the line from which to read on
 */
record LogExcerpt(
        int step,
        @Nullable String stepName,
        String name,
        List<Line> lines,
        long next,
        boolean complete) {

    static LogExcerpt of(
            StepLogs logs, String builder, long build, StepLogs.Entry log, StepNames names) {
        StepLogs.Page page = logs.read(builder, build, log.step(), log.name(), 0);
        return new LogExcerpt(
                log.step(),
                names.of(log.step()),
                log.name(),
                page.lines(),
                page.next(),
                page.complete());
    }
}
