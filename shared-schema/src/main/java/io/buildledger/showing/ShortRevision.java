package io.buildledger.showing;

import java.util.regex.Pattern;

/** A revision as people are shown it. */
public final class ShortRevision {

    private static final Pattern HEXADECIMAL = Pattern.compile("[0-9a-f]{20,64}");
    private static final int LENGTH = 10;

    private ShortRevision() {}

    /** The beginning of a hash; any other name of a revision as it is. */
    public static String of(String revision) {
        return HEXADECIMAL.matcher(revision).matches() ? revision.substring(0, LENGTH) : revision;
    }
}
