package io.buildledger.configuring;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.buildledger.configuring.Configuration.GitPoller;
import io.buildledger.configuring.Configuration.Login;
import io.buildledger.domain.changing.TextPattern;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a {@code git_poller} that parses can still have wrong. */
final class GitPollerCheck {

    /** Takes a problem: the pointer of what is wrong, and what it is. */
    @FunctionalInterface
    interface Problems {
        void add(String pointer, String message);
    }

    /** Takes a key that is missing: the pointer of the object, the key, and the message. */
    @FunctionalInterface
    interface Missing {
        void add(String object, String key, String message);
    }

    private static final int LONGEST_REPOSITORY = 240;
    private static final int LONGEST_TEXT = 500;
    private static final int LONGEST_USER = 100;
    private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(100);
    private static final Duration SHORTEST_TIMEOUT = Duration.ofSeconds(1);

    /** What no name of a branch or tag can have, other than the {@code *} of a pattern. */
    private static final String NEVER_IN_A_NAME = " ~^:?[\\";

    /** What the command line of ssh takes for something else than a part of a path. */
    private static final String NEVER_IN_A_PATH_OF_SSH = "\"\\$%";

    private final String at;
    private final Problems problems;
    private final Missing missing;

    GitPollerCheck(String at, Problems problems, Missing missing) {
        this.at = at;
        this.problems = problems;
        this.missing = missing;
    }

    void check(GitPoller poller) {
        times(poller);
        repository(poller.repourl());
        names("branches", poller.branches());
        names("tags", poller.tags());
        expression("branches_re", poller.branchesRe());
        expression("branches_not_re", poller.branchesNotRe());
        expression("tags_re", poller.tagsRe());
        if (poller.onlyTags() && (!poller.branches().isEmpty() || poller.branchesRe() != null)) {
            problem(
                    "only_tags",
                    "give only_tags or branches, not both: tags beside branches need only tags: [...]");
        }
        text("project", poller.project());
        text("codebase", poller.codebase());
        text("category", poller.category());
        access(poller);
    }

    /** What a change can't have. */
    private void text(String key, @Nullable String text) {
        if (text != null
                && (text.length() > LONGEST_TEXT
                        || text.chars().anyMatch(Character::isISOControl))) {
            problem(
                    key,
                    "%s has at most %d characters, and no control character"
                            .formatted(key, LONGEST_TEXT));
        }
    }

    private void problem(String key, String message) {
        problems.add(at + "/" + key, message);
    }

    private void times(GitPoller poller) {
        if (poller.pollInterval().compareTo(SHORTEST_INTERVAL) < 0) {
            problem("poll_interval", "poll_interval must be at least 100ms");
        } else if (poller.pollRandomDelay().compareTo(poller.pollInterval()) > 0) {
            problem(
                    "poll_random_delay",
                    "poll_random_delay is longer than poll_interval (%s s): make it shorter"
                            .formatted(poller.pollInterval().toSeconds()));
        }
        if (poller.timeout().compareTo(SHORTEST_TIMEOUT) < 0) {
            problem("timeout", "timeout must be at least 1s");
        }
        if (poller.initialCommits() < 0) {
            problem("initial_commits", "initial_commits must be at least 0");
        }
    }

    private void repository(@Nullable String repourl) {
        if (repourl == null) {
            missing.add(at, "repourl", "git_poller lacks its repourl: add repourl: ...");
        } else if (repourl.length() > LONGEST_REPOSITORY) {
            problem("repourl", "repourl has more than %d characters".formatted(LONGEST_REPOSITORY));
        } else if (repourl.startsWith("-")) {
            problem("repourl", "repourl: '%s' begins with a dash".formatted(repourl));
        }
    }

    private void names(String key, List<String> names) {
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            if (!canBeName(name)) {
                problem(
                        key + "/" + i,
                        "%s: '%s' is no name that git allows, in which * may stand for any characters; a regular expression goes into %s_re"
                                .formatted(key, name == null ? "" : name, key));
            } else if (name.startsWith("refs/")) {
                problem(
                        key + "/" + i,
                        "%s: '%s' begins with refs/: write the name alone, such as %s"
                                .formatted(key, name, key.equals("tags") ? "v1.0" : "main"));
            }
        }
    }

    private static boolean canBeName(@Nullable String name) {
        return name != null
                && !name.isEmpty()
                && name.length() <= LONGEST_TEXT
                && name.chars()
                        .noneMatch(it ->
                                Character.isISOControl(it) || NEVER_IN_A_NAME.indexOf(it) >= 0)
                && !name.contains("..")
                && !name.contains("//")
                && !name.startsWith("/")
                && !name.endsWith("/");
    }

    private void expression(String key, @Nullable String expression) {
        if (expression == null) {
            return;
        }
        try {
            TextPattern.requireFewRepetitions(expression);
        } catch (IllegalArgumentException e) {
            problem(key, key + ": " + e.getMessage());
            return;
        }
        try {
            Pattern.compile(expression);
        } catch (PatternSyntaxException e) {
            problem(
                    key,
                    "%s: '%s' is no regular expression of RE2: %s"
                            .formatted(key, expression, e.getDescription()));
        }
    }

    private void access(GitPoller poller) {
        Login auth = poller.auth();
        if (auth != null) {
            login(auth, poller.repourl());
        }
        path("ssh_private_key_file", poller.sshPrivateKeyFile(), poller.repourl());
        path("ssh_known_hosts_file", poller.sshKnownHostsFile(), poller.repourl());
    }

    private void login(Login auth, @Nullable String repourl) {
        if (auth.user() == null) {
            missing.add(at + "/auth", "user", "auth lacks its user: add user: ...");
        } else if (auth.user().isEmpty()
                || auth.user().length() > LONGEST_USER
                || auth.user().chars().anyMatch(it -> Character.isISOControl(it) || it == ':')) {
            problem(
                    "auth/user",
                    "auth.user has 1 to %d characters, none of them a colon or a control character"
                            .formatted(LONGEST_USER));
        }
        if (auth.passwordFile() == null) {
            missing.add(
                    at + "/auth",
                    "password_file",
                    "auth lacks its password_file: name a file that holds the password or token");
        }
        if (repourl != null && !isHttp(repourl)) {
            problem("auth", "auth is for http:// and https:// alone, and repourl is neither");
        } else if (repourl != null
                && !repourl.equals(RepositoryAddress.withoutCredentials(repourl))) {
            problem("auth", "give auth or credentials in repourl, not both");
        } else if (repourl != null && originOf(repourl) == null) {
            problem("repourl", "repourl: '%s' names no host".formatted(repourl));
        }
    }

    private static boolean isHttp(String repourl) {
        String start = repourl.toLowerCase(Locale.ROOT);
        return start.startsWith("http://") || start.startsWith("https://");
    }

    private static @Nullable String originOf(String repourl) {
        try {
            return URI.create(repourl).getHost();
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private void path(String key, @Nullable Path path, @Nullable String repourl) {
        if (path == null) {
            return;
        }
        if (path.toString()
                .chars()
                .anyMatch(it ->
                        Character.isISOControl(it) || NEVER_IN_A_PATH_OF_SSH.indexOf(it) >= 0)) {
            problem(
                    key,
                    "%s: ssh takes no path with one of %s in it: rename it"
                            .formatted(key, NEVER_IN_A_PATH_OF_SSH));
        }
        if (repourl != null && isHttp(repourl)) {
            problem(key, key + " is for SSH, and repourl is not: use auth");
        }
    }
}
