package io.buildledger.scheduler.changing.hooking;

import com.google.re2j.Pattern;
import io.buildledger.configuring.ChangeHooks.ForgeHook;
import io.buildledger.configuring.ChangeHooks.PullrequestRef;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A forge as it is configured.
 *
 * @param name as in the address
 * @param codebase of its changes, or the empty text
 * @param project of its changes, or null for the repository's own
 * @param skips found in the message of a newest commit, they keep it from being built
 * @param url where its pages are, without a slash at the end; empty for one that says so itself
 */
record Forge(
        String name,
        Dialect dialect,
        String secret,
        String codebase,
        @Nullable String project,
        PullrequestRef pullrequestRef,
        List<Pattern> skips,
        String url) {

    static Forge of(String name, ForgeHook hook, String secret) {
        return new Forge(
                name,
                Dialect.named(name).orElseThrow(),
                secret,
                hook.codebase() == null ? "" : hook.codebase(),
                hook.project(),
                hook.pullrequestRef(),
                hook.skips().stream().map(Pattern::compile).toList(),
                hook.url() == null ? "" : hook.url().replaceFirst("/+$", ""));
    }

    /** What of a message says that its commit is not to be built. */
    Optional<String> skip(String message) {
        return skips.stream()
                .map(skip -> skip.matcher(message))
                .filter(skip -> skip.find())
                .map(skip -> skip.group())
                .findFirst();
    }

    /** The secret is nobody's business. */
    @Override
    public String toString() {
        return name;
    }
}
