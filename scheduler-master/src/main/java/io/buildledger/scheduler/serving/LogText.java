package io.buildledger.scheduler.serving;

import io.buildledger.steplog.StepLogs;
import io.buildledger.steplog.StepLogs.Line;
import java.io.IOException;
import java.io.Writer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** A log as it was printed: without where its lines came from, and with long ones in one piece. */
public final class LogText {

    private LogText() {}

    /**
     * Writes what a log has by now.
     *
     * @param pages what it has from a line on
     */
    public static void write(Writer text, LongFunction<StepLogs.Page> pages) throws IOException {
        @Nullable Line open = null;
        long from = 0;
        StepLogs.Page page;
        do {
            page = pages.apply(from);
            for (Line line : page.lines()) {
                if (open != null && open.source() != line.source()) {
                    text.write('\n');
                }
                text.write(line.text());
                open = line.partial() ? line : null;
                if (open == null) {
                    text.write('\n');
                }
            }
            from = page.next();
        } while (!page.lines().isEmpty());
    }
}
