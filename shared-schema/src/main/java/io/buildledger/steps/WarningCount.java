package io.buildledger.steps;

import com.google.re2j.Matcher;
import io.buildledger.steplog.StepLogs.Source;
import io.buildledger.stepping.LineTap;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Counts the warnings that a command prints, and keeps the first of them. */
final class WarningCount implements LineTap {

    /** In characters; the rest is in the log of the command. */
    static final int MOST_KEPT = 1024 * 1024;

    private static final int DEEPEST = 1_000;

    private final @Nullable OutputPattern pattern;
    private final OutputPattern enter;
    private final OutputPattern leave;
    private final List<Exemption> exemptions;
    private final Deque<String> directories = new ArrayDeque<>();
    private final StringBuilder kept = new StringBuilder();
    private int notKept;
    private int count;

    /**
     * @throws IllegalArgumentException if a regular expression is none; says which
     */
    WarningCount(WarningRules rules, List<Suppression> suppressions) {
        pattern = rules.pattern().isEmpty() ? null : new OutputPattern(rules.pattern());
        enter = new OutputPattern(rules.enterPattern());
        leave = new OutputPattern(rules.leavePattern());
        exemptions = suppressions.stream().map(Exemption::new).toList();
    }

    /** A suppression that is ready to be looked for. */
    private static final class Exemption {
        private final @Nullable OutputPattern file;
        private final @Nullable OutputPattern text;
        private final @Nullable Integer start;
        private final @Nullable Integer end;

        Exemption(Suppression suppression) {
            file = suppression.fileRe() == null ? null : new OutputPattern(suppression.fileRe());
            text = suppression.warnRe() == null ? null : new OutputPattern(suppression.warnRe());
            start = suppression.start();
            end = suppression.end();
        }

        boolean fits(Warning warning) {
            return (file == null || warning.file() == null || file.in(warning.file()).lookingAt())
                    && (text == null || text.in(warning.text()).find())
                    && isWithin(warning.line());
        }

        private boolean isWithin(@Nullable Integer line) {
            if (start == null && end == null) {
                return true;
            }
            return line != null && (start == null || start <= line) && (end == null || line <= end);
        }
    }

    /** What a line says, as far as the pattern has groups for it. */
    private record Warning(@Nullable String file, @Nullable Integer line, String text) {}

    @Override
    public void line(Source source, String line) {
        if (pattern == null || isDirectory(line)) {
            return;
        }
        Matcher matcher = pattern.in(line);
        if (matcher.lookingAt() && !isExempt(line, matcher)) {
            add(line);
        }
    }

    /** Directories matter to suppressions alone. */
    private boolean isDirectory(String line) {
        if (exemptions.isEmpty()) {
            return false;
        }
        Matcher entered = enter.in(line);
        if (entered.find()) {
            if (directories.size() < DEEPEST) {
                directories.addLast(String.valueOf(entered.group(1)));
            }
            return true;
        }
        if (directories.isEmpty() || !leave.in(line).find()) {
            return false;
        }
        directories.removeLast();
        return true;
    }

    private boolean isExempt(String line, Matcher matcher) {
        if (exemptions.isEmpty()) {
            return false;
        }
        String file = group("file", matcher);
        String text = group("text", matcher);
        if (file != null && !file.isEmpty() && !directories.isEmpty()) {
            file = String.join("/", directories) + "/" + file;
        }
        Warning warning =
                new Warning(file, number(group("line", matcher)), text == null ? line : text);
        return exemptions.stream().anyMatch(it -> it.fits(warning));
    }

    private @Nullable String group(String name, Matcher matcher) {
        return pattern != null && pattern.hasGroup(name) ? matcher.group(name) : null;
    }

    private static @Nullable Integer number(@Nullable String digits) {
        return digits != null && digits.matches("[0-9]{1,9}") ? Integer.valueOf(digits) : null;
    }

    private void add(String line) {
        count++;
        if (kept.length() + line.length() < MOST_KEPT) {
            kept.append(line).append('\n');
        } else {
            notKept++;
        }
    }

    int count() {
        return count;
    }

    /** The lines, each with its end. */
    String text() {
        return notKept == 0
                ? kept.toString()
                : kept + "and %d more, which are in the command's log\n".formatted(notKept);
    }
}
