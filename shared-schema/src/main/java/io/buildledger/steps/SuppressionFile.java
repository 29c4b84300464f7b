package io.buildledger.steps;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import io.buildledger.stepping.StepAbortedException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads Buildbot's files of warnings that do not count. */
final class SuppressionFile {

    /** Such as {@code queue.c : .*possible loss of data.* : 560-600}. */
    private static final Pattern LINE =
            Pattern.compile("([^:]+):(.+?)(?::\\s*([0-9]{1,9})\\s*(?:-\\s*([0-9]{1,9})\\s*)?)?");

    private SuppressionFile() {}

    /**
     * @param name of the file, for people
     * @throws StepAbortedException with the first line that is wrong
     */
    static List<Suppression> read(String name, String text) throws StepAbortedException {
        List<Suppression> suppressions = new ArrayList<>();
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            if (line.isBlank() || line.strip().startsWith("#")) {
                continue;
            }
            try {
                suppressions.add(suppression(line));
            } catch (IllegalArgumentException e) {
                throw StepAbortedException.failed(
                        "%s:%d: %s".formatted(name, number, e.getMessage()));
            }
        }
        return suppressions;
    }

    private static Suppression suppression(String line) {
        Matcher matcher = LINE.matcher(line);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "'%s' is not FILE_RE : WARN_RE, with : FIRST-LAST behind it or not"
                            .formatted(line.strip()));
        }
        Suppression suppression =
                new Suppression(
                        required(matcher.group(1), line),
                        required(matcher.group(2), line),
                        number(matcher.group(3)),
                        number(matcher.group(matcher.group(4) == null ? 3 : 4)));
        for (String regex : List.of(suppression.fileRe(), suppression.warnRe())) {
            OutputPattern _ = new OutputPattern(regex);
        }
        return suppression;
    }

    private static String required(String part, String line) {
        if (part.isBlank()) {
            throw new IllegalArgumentException(
                    "'%s' lacks FILE_RE or WARN_RE".formatted(line.strip()));
        }
        return part.strip();
    }

    private static @Nullable Integer number(@Nullable String digits) {
        return digits == null ? null : Integer.valueOf(digits);
    }
}
