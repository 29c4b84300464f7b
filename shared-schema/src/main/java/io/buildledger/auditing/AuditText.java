package io.buildledger.auditing;

import io.buildledger.auditing.Audit.AuditEntry;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An audit as lines of text: a headline, then one line an entry, in columns. */
public final class AuditText {

    private static final DateTimeFormatter DAY_AND_TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS");

    private AuditText() {}

    /** The lines; control characters of names and messages are replaced, so none spans two. */
    public static List<String> lines(Audit audit, ZoneId zone) {
        List<String> lines = new ArrayList<>();
        lines.add(headline(audit));
        int what = width(audit, 0);
        int attempt = width(audit, 1);
        int master = width(audit, 2);
        int result = width(audit, 3);
        for (AuditEntry entry : audit.entries()) {
            lines.add(
                    String.join(
                                    "  ",
                                    DAY_AND_TIME.format(entry.at().atZone(zone)),
                                    pad(cell(entry, 0), what),
                                    pad(cell(entry, 1), attempt),
                                    pad(cell(entry, 2), master),
                                    pad(cell(entry, 3), result),
                                    Printable.of(entry.details()))
                            .stripTrailing());
        }
        return lines;
    }

    private static String headline(Audit audit) {
        return "request %d for builder %s: %s, %d %s"
                .formatted(
                        audit.requestId(),
                        Printable.of(audit.builder()),
                        audit.results() == null ? audit.state() : audit.results(),
                        audit.attempts(),
                        audit.attempts() == 1 ? "attempt" : "attempts");
    }

    private static int width(Audit audit, int column) {
        return audit.entries().stream()
                .mapToInt(entry -> cell(entry, column).length())
                .max()
                .orElse(0);
    }

    private static String cell(AuditEntry entry, int column) {
        return switch (column) {
            case 0 -> entry.what();
            case 1 -> entry.attempt() == null ? "" : "attempt " + entry.attempt();
            case 2 -> author(entry.master(), entry.epoch());
            case 3 -> entry.results() == null ? "" : entry.results();
            default -> throw new IllegalArgumentException("no column " + column);
        };
    }

    private static String author(@Nullable String master, @Nullable Long epoch) {
        if (master == null) {
            return "";
        }
        return Printable.of(epoch == null ? master : master + "#" + epoch);
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(width - text.length());
    }
}
