package io.buildledger.fetching;

import io.buildledger.showing.Printable;
import java.util.regex.Pattern;

/**
 * The names that a branch or a tag can have here: those of git-check-ref-format but for the few
 * with an eight-bit control character, which git allows and no change has. Whatever else a change
 * refuses in a text of one line is refused here, too, so that no name that has passed can keep the
 * changes of a repository from being taken.
 */
public final class RefName {

    /** With {@code \z}, as {@code $} overlooks what Java takes for the end of a line. */
    private static final Pattern NONE =
            Pattern.compile(
                    "[ ~^:?*\\[\\\\]|\\.\\.|@\\{|//|^[/.]|[/.]\\z|/\\.|\\.lock(?:/|\\z)|^\\z");

    private RefName() {}

    /** Whether it is one; of the whole name of a ref, what stands behind its kind. */
    public static boolean isOne(String name) {
        return !Printable.hasControl(name) && !NONE.matcher(name).find();
    }
}
