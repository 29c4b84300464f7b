package io.buildledger.scheduler.serving;

import io.buildledger.scheduler.admitting.Asker;
import org.jspecify.annotations.Nullable;

/**
 * Who looks at a page, for its header. What is below the header may be shared with others, and is
 * the same for everybody: the header's word of what the visitor may has the style sheet leave out
 * the rest.
 *
 * @param name null if nobody has logged in
 * @param may what they may, with spaces between; null where nobody logs in
 * @param login where they log in and come back from
 */
public record Visitor(@Nullable String name, @Nullable String may, String login) {

    static Visitor of(Asker asker, @Nullable String page) {
        String acts = asker.acts();
        return new Visitor(
                asker.name(),
                acts == null || !acts.isEmpty() ? acts : "nothing",
                LoginPages.pathFor(page));
    }

    /** Whether people log in here at all. */
    public boolean isKnown() {
        return may != null;
    }
}
