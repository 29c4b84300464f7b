package io.buildledger.configuring;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.buildledger.configuring.ChangeHooks.BaseHook;
import io.buildledger.configuring.ChangeHooks.ForgeHook;
import io.buildledger.configuring.ChangeHooks.PullrequestRef;
import io.buildledger.domain.changing.TextPattern;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What {@code change_hooks} and {@code codebases} can have wrong. */
final class ChangeHooksCheck {

    private static final int LONGEST_TEXT = 500;
    private static final int LONGEST_PATTERN = 1_000;

    private final BiConsumer<String, String> problem;
    private final BiPredicate<String, String> mayHold;

    /**
     * @param problem takes a JSON pointer and what is wrong there
     * @param mayHold whether an object may hold a key after all, in a way that is itself told
     */
    ChangeHooksCheck(BiConsumer<String, String> problem, BiPredicate<String, String> mayHold) {
        this.problem = problem;
        this.mayHold = mayHold;
    }

    void check(ChangeHooks hooks, List<@Nullable Codebase> codebases) {
        base(hooks.base());
        hooks.forges().forEach(this::forge);
        for (int i = 0; i < codebases.size(); i++) {
            codebase("/codebases/" + i, codebases.get(i));
        }
    }

    private void base(@Nullable BaseHook base) {
        String at = "/change_hooks/base";
        if (base == null) {
            return;
        }
        if (base.user() == null) {
            missing(at, "change_hooks.base: user is missing: write user: NAME", "user");
        } else if (base.user().isEmpty() || base.user().indexOf(':') >= 0) {
            problem.accept(
                    at + "/user",
                    "change_hooks.base.user: '%s' is not the name of a user: 1 character or more, and no colon"
                            .formatted(base.user()));
        }
        secret(at, "change_hooks.base", "password", base.password(), base.passwordFile() != null);
    }

    private void forge(String name, ForgeHook forge) {
        String at = "/change_hooks/" + name;
        String called = "change_hooks." + name;
        secret(at, called, "secret", forge.secret(), forge.secretFile() != null);
        text(at + "/codebase", called + ".codebase", forge.codebase());
        text(at + "/project", called + ".project", forge.project());
        for (int i = 0; i < forge.skips().size(); i++) {
            pattern(at + "/skips/" + i, "%s.skips[%d]".formatted(called, i), forge.skips().get(i));
        }
        boolean hasMergeRefs = !name.equals("gitea") && !name.equals("bitbucketcloud");
        if (!hasMergeRefs && forge.pullrequestRef() == PullrequestRef.MERGE) {
            problem.accept(
                    at + "/pullrequest_ref",
                    called + ".pullrequest_ref: this forge has no such ref: write head");
        }
        url(at, called, name.equals("bitbucketserver"), forge.url());
    }

    private void url(String at, String called, boolean isNeeded, @Nullable String url) {
        if (isNeeded && url == null) {
            missing(
                    at,
                    called
                            + ": url is missing: where its pages are, such as https://bitbucket.example.org, as its deliveries don't say it",
                    "url");
        } else if (!isNeeded && url != null) {
            problem.accept(
                    at + "/url", called + ".url: this forge says itself where it is: remove it");
        } else if (url != null && !isWebAddress(url)) {
            problem.accept(
                    at + "/url",
                    "%s.url: '%s' is not an address like https://bitbucket.example.org"
                            .formatted(called, url));
        }
    }

    /** Whether it is of HTTP or HTTPS, and says no more than where the pages are. */
    static boolean isWebAddress(String url) {
        try {
            URI uri = URI.create(url);
            return uri.getHost() != null
                    && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
                    && uri.getRawUserInfo() == null
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private void secret(
            String at, String called, String key, @Nullable String secret, boolean hasFile) {
        if (secret != null && hasFile) {
            problem.accept(
                    at + "/" + key, "%s: give %s or %s_file, not both".formatted(called, key, key));
        } else if (secret == null && !hasFile) {
            missing(
                    at,
                    "%s: %s_file is missing: name the file that holds the %s"
                            .formatted(called, key, key),
                    key + "_file",
                    key);
        } else if (secret != null && secret.isEmpty()) {
            problem.accept(at + "/" + key, "%s.%s: is empty: write it".formatted(called, key));
        }
    }

    private void codebase(String at, @Nullable Codebase codebase) {
        if (codebase == null) {
            problem.accept(
                    at,
                    "a codebase is empty: write {name: ..., repositories: [...]}, or repository_re, or project");
            return;
        }
        if (codebase.name() == null) {
            missing(at, "a codebase has no name: add name: ...", "name");
        } else if (codebase.name().isBlank()) {
            problem.accept(at + "/name", "a codebase has an empty name: write name: ...");
        } else {
            text(at + "/name", "codebase", codebase.name());
        }
        String called =
                codebase.name() == null
                        ? "a codebase without a name"
                        : "codebase " + codebase.name();
        if (codebase.repositories().isEmpty()
                && codebase.repositoryRe() == null
                && codebase.project() == null) {
            missing(
                    at,
                    called
                            + ": says not which changes are of it: add repositories: [...], repository_re: ... or project: ...; for all that is left, repository_re: \".*\"",
                    "repositories",
                    "repository_re",
                    "project");
        }
        Set<String> named = new HashSet<>();
        for (int i = 0; i < codebase.repositories().size(); i++) {
            String repository = codebase.repositories().get(i);
            String place = at + "/repositories/" + i;
            if (repository == null || repository.isBlank()) {
                problem.accept(place, called + ": a repository is empty: write its address");
            } else if (!named.add(repository)) {
                problem.accept(
                        place,
                        "%s names repository '%s' twice: name it once"
                                .formatted(called, repository));
            }
        }
        if (codebase.repositoryRe() != null) {
            pattern(at + "/repository_re", called + ": repository_re", codebase.repositoryRe());
        }
        text(at + "/project", called + ": project", codebase.project());
    }

    /** An object has none of some keys. */
    private void missing(String at, String message, String... keys) {
        if (Stream.of(keys).noneMatch(key -> mayHold.test(at, key))) {
            problem.accept(at + "/" + keys[0], message);
        }
    }

    private void text(String at, String called, @Nullable String text) {
        if (text == null) {
            return;
        }
        if (text.length() > LONGEST_TEXT) {
            problem.accept(at, "%s: has more than %d characters".formatted(called, LONGEST_TEXT));
        } else if (text.chars().anyMatch(Character::isISOControl)) {
            problem.accept(at, called + ": has a control character, such as a newline: remove it");
        }
    }

    private void pattern(String at, String called, @Nullable String pattern) {
        if (pattern == null || pattern.length() > LONGEST_PATTERN) {
            problem.accept(
                    at,
                    "%s: is not a regular expression of 1 to %d characters"
                            .formatted(called, LONGEST_PATTERN));
            return;
        }
        try {
            TextPattern.requireFewRepetitions(pattern);
        } catch (IllegalArgumentException e) {
            problem.accept(at, called + ": " + e.getMessage());
            return;
        }
        try {
            Pattern.compile(pattern);
        } catch (PatternSyntaxException e) {
            problem.accept(
                    at,
                    "%s: '%s' is not a regular expression of RE2: %s"
                            .formatted(called, pattern, e.getDescription()));
        }
    }
}
