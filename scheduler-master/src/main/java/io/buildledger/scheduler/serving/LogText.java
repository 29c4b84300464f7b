package io.buildledger.scheduler.serving;

import io.buildledger.steplog.StepLogs;
import io.buildledger.steplog.StepLogs.Line;
import java.io.IOException;
import java.io.Writer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** A log as it was printed: without where its lines came from, and with long ones in one piece. */
public final class LogText {

    private static final int LONGEST_OF_NAME = 60;

    private LogText() {}

    /** What a file with a log is called: of letters and digits that every system takes. */
    static String fileName(String builder, long number, String step, String log) {
        return "%s-%d-%s-%s.txt".formatted(safe(builder), number, safe(step), safe(log));
    }

    private static String safe(String name) {
        String safe = name.replaceAll("[^A-Za-z0-9._-]+", "_").replaceFirst("^[.-]+", "");
        return safe.substring(0, Math.min(safe.length(), LONGEST_OF_NAME));
    }

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
