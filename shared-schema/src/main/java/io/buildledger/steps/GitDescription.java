package io.buildledger.steps;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The options of {@code git describe}; {@code true} means none of them.
 *
 * @param all any branch counts, not only tags
 * @param always the abbreviated revision where nothing describes it
 * @param contains the tag that comes after the commit
 * @param debug tells in the log how it was found
 * @param longForm the number of commits and the revision also for a tag itself
 * @param exactMatch only a tag of the commit itself
 * @param firstParent follows only the first parent of merges
 * @param tags any tag counts, not only those with a text of their own
 * @param match only tags that match this pattern
 * @param exclude no tags that match this pattern
 * @param abbrev how many digits of the revision; 0 for the tag alone
 * @param candidates how many tags are considered
 * @param dirty {@code true}, or what is appended where the work directory differs from the commit
 */
public record GitDescription(
        boolean all,
        boolean always,
        boolean contains,
        boolean debug,
        @JsonProperty("long") boolean longForm,
        boolean exactMatch,
        boolean firstParent,
        boolean tags,
        @Nullable String match,
        @Nullable String exclude,
        @Nullable Integer abbrev,
        @Nullable Integer candidates,
        @Nullable String dirty) {

    @JsonCreator
    public GitDescription {
        dirty = dirty == null || dirty.equals("false") ? null : dirty;
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static @Nullable GitDescription of(boolean enabled) {
        return enabled
                ? new GitDescription(
                        false, false, false, false, false, false, false, false, null, null, null,
                        null, null)
                : null;
    }

    /** The words of the command, but for {@code git}. */
    List<String> words() {
        List<String> words = new ArrayList<>(List.of("describe"));
        add(words, all, "--all");
        add(words, always, "--always");
        add(words, contains, "--contains");
        add(words, debug, "--debug");
        add(words, longForm, "--long");
        add(words, exactMatch, "--exact-match");
        add(words, firstParent, "--first-parent");
        add(words, tags, "--tags");
        add(words, match != null, "--match=" + match);
        add(words, exclude != null, "--exclude=" + exclude);
        add(words, abbrev != null, "--abbrev=" + abbrev);
        add(words, candidates != null, "--candidates=" + candidates);
        if (dirty == null) {
            words.add("HEAD");
        } else {
            // Of the work directory, so git takes no commit.
            words.add(dirty.isEmpty() || dirty.equals("true") ? "--dirty" : "--dirty=" + dirty);
        }
        return words;
    }

    private static void add(List<String> words, boolean said, String word) {
        if (said) {
            words.add(word);
        }
    }
}
