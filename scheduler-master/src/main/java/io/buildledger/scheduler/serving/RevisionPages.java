package io.buildledger.scheduler.serving;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where well-known forges show a commit, for changes that don't say it themselves, such as those of
 * a poller. Nothing is known of servers with names of their own.
 */
final class RevisionPages {

    private static final Pattern REPOSITORY =
            Pattern.compile(
                    "(?:https?://|ssh://|git://)?(?:[^@/]+@)?([A-Za-z0-9.-]+)(?::\\d+(?=/))?[:/]/*+([A-Za-z0-9_.~-][A-Za-z0-9_.~/-]*?)(?:\\.git)?/*+");
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{7,64}");

    private RevisionPages() {}

    /** Nothing where the repository is elsewhere, or the revision is no commit of git. */
    static Optional<String> of(String repository, @Nullable String revision) {
        Matcher matcher = REPOSITORY.matcher(repository);
        if (revision == null || !COMMIT.matcher(revision).matches() || !matcher.matches()) {
            return Optional.empty();
        }
        String host = matcher.group(1).toLowerCase(Locale.ROOT);
        String between =
                switch (host) {
                    case "github.com", "codeberg.org" -> "/commit/";
                    case "gitlab.com", "gitlab.freedesktop.org", "salsa.debian.org" -> "/-/commit/";
                    case "bitbucket.org" -> "/commits/";
                    default -> "";
                };
        return between.isEmpty()
                ? Optional.empty()
                : Optional.of("https://" + host + "/" + matcher.group(2) + between + revision);
    }
}
