package io.buildledger.scheduler.changing.hooking;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A commit, as far as a forge tells of it.
 *
 * @param author null for whoever has pushed it
 * @param when null for the time at which it came
 */
record Commit(
        String revision,
        @Nullable String author,
        String message,
        List<String> files,
        @Nullable String url,
        @Nullable Instant when,
        Map<String, String> properties) {

    /** One of which the forge tells nothing but the name. */
    static Commit bare(String revision, @Nullable String url) {
        return new Commit(revision, null, "", List.of(), url, null, Map.of());
    }

    /** One in the form that GitHub has, and GitLab and Gitea have from it. */
    static Commit of(Payload commit, Map<String, String> properties) {
        List<String> files = new ArrayList<>();
        for (String kind : List.of("added", "modified", "removed")) {
            for (Payload file : commit.at(kind).elements()) {
                files.add(file.text());
            }
        }
        return new Commit(
                revision(commit.at("id")),
                person(commit.at("author", "name"), commit.at("author", "email")),
                message(commit.at("message")),
                files,
                commit.at("url").textOrNull(),
                commit.at("timestamp").time(),
                properties);
    }

    static String message(Payload message) {
        String text = message.textOrNull();
        return text == null ? "" : text;
    }

    /** {@code NAME <ADDRESS>}, or what there is of it; null if there is nothing. */
    static @Nullable String person(Payload name, Payload address) {
        String called = name.textOrNull();
        String mail = address.textOrNull();
        if (mail == null || mail.isBlank()) {
            return called == null || called.isBlank() ? null : called;
        }
        return called == null || called.isBlank()
                ? "<%s>".formatted(mail)
                : "%s <%s>".formatted(called, mail);
    }

    /** The name of a commit: 7 to 64 hexadecimal digits. */
    static String revision(Payload place) {
        String revision = place.text();
        if (revision.length() < 7
                || revision.length() > 64
                || !revision.chars().allMatch(Commit::isHexDigit)) {
            throw place.isNot("the name of a commit, in 7 to 64 hexadecimal digits,");
        }
        return revision;
    }

    /** The name of a commit, or null where nothing or nothing but zeros says that there is none. */
    static @Nullable String revisionOrNull(Payload place) {
        String text = place.textOrNull();
        return text == null || text.chars().allMatch(c -> c == '0') ? null : revision(place);
    }

    private static boolean isHexDigit(int c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    }
}
