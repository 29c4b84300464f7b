package io.buildledger.steps;

import io.buildledger.showing.Printable;
import io.buildledger.stepping.StepAbortedException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Permissions as text: octal digits, as chmod takes them. */
final class FileMode {

    private static final Pattern OCTAL = Pattern.compile("(?:0|0o)?([0-7]{3})");

    private static final int RADIX = 8;

    private FileMode() {}

    static boolean isOne(String text) {
        return OCTAL.matcher(text).matches();
    }

    static String problem(String text) {
        return "mode: '%s' is not a mode: write three octal digits, such as '0644' or '0755'"
                .formatted(Printable.cut(Printable.of(text), 40));
    }

    /** Null for the worker's default. */
    static @Nullable Integer of(@Nullable String text) throws StepAbortedException {
        if (text == null) {
            return null;
        }
        if (!isOne(text)) {
            throw StepAbortedException.refused(problem(text));
        }
        return Integer.valueOf(text.substring(text.length() - 3), RADIX);
    }
}
