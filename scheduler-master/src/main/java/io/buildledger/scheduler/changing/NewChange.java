package io.buildledger.scheduler.changing;

import io.buildledger.configuring.RepositoryAddress;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A change that a source has found and that has no number yet. One with a field that is missing or
 * beyond its limit is refused with an {@link InvalidChangeException}; nothing is cut off but the
 * credentials in a repository's address, which must not get into the log.
 */
record NewChange(
        String repository,
        @Nullable String branch,
        @Nullable String revision,
        String project,
        String codebase,
        @Nullable String category,
        String author,
        String comments,
        List<String> files,
        @Nullable String revlink,
        Instant when,
        Map<String, String> properties,
        String source) {

    static final int LONGEST_TEXT = 500;
    static final int LONGEST_COMMENTS = 256 * 1024;
    static final int MOST_FILES = 50_000;
    static final int LONGEST_FILE = 4_096;

    /** Later ones have years of five digits, which not everybody can read. */
    static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999Z");

    NewChange {
        repository = RepositoryAddress.withoutCredentials(repository);
        if (author.isBlank()) {
            throw InvalidChangeException.malformed(
                    "author", "is missing: name who made the change");
        }
        line("author", author);
        line("repository", repository);
        line("branch", branch);
        line("revision", revision);
        line("project", project);
        line("codebase", codebase);
        line("category", category);
        line("revlink", revlink);
        limit("comments", comments, LONGEST_COMMENTS);
        if (files.size() > MOST_FILES) {
            throw InvalidChangeException.tooLarge("files", MOST_FILES);
        }
        for (String file : files) {
            required("files", file);
            limit("files", file, LONGEST_FILE);
        }
        properties.forEach((name, value) -> {
            line("properties", name);
            required("properties", value);
            limit("properties", value, LONGEST_COMMENTS);
        });
    }

    private static void line(String field, @Nullable String value) {
        limit(field, value, LONGEST_TEXT);
        if (value != null && value.chars().anyMatch(Character::isISOControl)) {
            throw InvalidChangeException.malformed(
                    field, "has a control character, such as a newline: remove it");
        }
    }

    /** Jackson puts null into a list or a map of texts, whatever their types say. */
    private static void required(String field, @Nullable String value) {
        if (value == null) {
            throw InvalidChangeException.malformed(field, "has a null in it: remove it");
        }
    }

    private static void limit(String field, @Nullable String value, int limit) {
        if (value != null && value.length() > limit) {
            throw InvalidChangeException.tooLarge(field, limit);
        }
    }

    ChangeReceived received(long changeId) {
        return new ChangeReceived(
                changeId,
                repository,
                branch,
                revision,
                project,
                codebase,
                category,
                author,
                comments,
                files,
                revlink,
                when,
                properties,
                source);
    }
}
