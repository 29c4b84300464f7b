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
