package io.buildledger.scheduler.admitting;

import io.buildledger.configuring.Access.Act;
import java.io.Serializable;
import java.security.Principal;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who has shown who they are.
 *
 * @param groups that a proxy or a provider has told; the configuration may know of more
 * @param only all that is asked in their name now, as the token that was shown allows no more; null
 *     for whatever they may
 */
record Person(String name, Set<String> groups, @Nullable Set<Act> only)
        implements Principal, Serializable {

    /** Whom the log has where somebody may who has not logged in. */
    static final String NOBODY_KNOWN = "somebody";

    private static final int LONGEST_NAME = 100;

    /** What a name is, for those that are told by others. */
    static final String NAME_RULE =
            "a name of 1 to %d characters that can be seen, other than '%s'"
                    .formatted(LONGEST_NAME, NOBODY_KNOWN);

    static boolean isName(@Nullable String name) {
        return name != null
                && !name.isBlank()
                && name.length() <= LONGEST_NAME
                && !name.strip().equals(NOBODY_KNOWN)
                && name.codePoints().noneMatch(Person::isUnseen);
    }

    /** Of two names that look alike one may be anybody's. */
    private static boolean isUnseen(int character) {
        return Character.isISOControl(character)
                || Character.getType(character) == Character.FORMAT;
    }

    static Person of(String name) {
        return new Person(name, Set.of(), null);
    }

    @Override
    public String getName() {
        return name;
    }

    /** Whether what they have shown allows it at all, whatever the roles say. */
    boolean isAskedFor(Act act) {
        return only == null || only.contains(act) || only.contains(Act.EVERYTHING);
    }
}
