package io.buildledger.scheduler.changing;

import io.buildledger.configuring.RepositoryAddress;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.showing.Printable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A change that a source has found and that has no number yet. One with a field that is missing or
 * beyond its limit is refused with an {@link InvalidChangeException}; nothing is cut off but the
 * credentials in a repository's address, which must not get into the log.
 */
public record NewChange(
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

    public static final int LONGEST_TEXT = 500;
    public static final int LONGEST_COMMENTS = 256 * 1024;
    public static final int MOST_FILES = 50_000;
    public static final int LONGEST_FILE = 4_096;

    /**
     * Of all names of files together, in bytes, as JSON has them; an event of 16 MiB has no room.
     */
    public static final int LARGEST_FILES = 12 * 1024 * 1024;

    /** Later ones have years of five digits, which not everybody can read. */
    public static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999Z");

    public NewChange {
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
        if (files.stream().mapToLong(NewChange::bytes).sum() > LARGEST_FILES) {
            throw InvalidChangeException.tooLarge("files", LARGEST_FILES);
        }
        properties.forEach((name, value) -> {
            line("properties", name);
            required("properties", value);
            limit("properties", value, LONGEST_COMMENTS);
        });
    }

    private static void line(String field, @Nullable String value) {
        limit(field, value, LONGEST_TEXT);
        if (value != null && Printable.hasControl(value)) {
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

    /** What a change can have of the files of a commit: the first ones, their names cut. */
    public static List<String> fitting(List<String> files) {
        List<String> fitting = new ArrayList<>();
        long bytes = 0;
        for (String file : files) {
            String cut = Printable.cut(file, LONGEST_FILE);
            bytes += bytes(cut);
            if (fitting.size() == MOST_FILES || bytes > LARGEST_FILES) {
                break;
            }
            fitting.add(cut);
        }
        return fitting;
    }

    /** Of a text in a list or a map, as JSON has it. */
    static long bytes(String text) {
        // Quotes and a comma.
        long bytes = 3;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ') {
                bytes += 6;
            } else if (c == '"' || c == '\\') {
                bytes += 2;
            } else if (c < 0x80) {
                bytes += 1;
            } else {
                bytes += c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
            }
        }
        return bytes;
    }

    /** How large it is, roughly. */
    long characters() {
        return comments.length()
                + files.stream().mapToLong(String::length).sum()
                + properties.values().stream().mapToLong(String::length).sum();
    }

    NewChange inCodebase(String other) {
        return new NewChange(
                repository,
                branch,
                revision,
                project,
                other,
                category,
                author,
                comments,
                files,
                revlink,
                when,
                properties,
                source);
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
