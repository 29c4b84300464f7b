package io.buildledger.scheduler.changing.hooking;

import io.buildledger.configuring.ChangeHooks.PullrequestRef;
import io.buildledger.fetching.RefName;
import io.buildledger.scheduler.changing.InvalidChangeException;
import io.buildledger.scheduler.changing.NewChange;
import io.buildledger.showing.Printable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one delivery of a forge comes to: changes, oldest first, and what makes none, with the
 * reason. The rules that all forges share are here.
 */
final class Delivery {

    /**
     * @param address where it is fetched from, or where its pages are
     * @param project OWNER/NAME, unless the configuration has another
     */
    record Repository(String address, String project) {}

    /**
     * A branch or a tag that was pushed.
     *
     * @param ref its whole name
     * @param isNew whether it was not there before
     * @param head what it is now; null if it was deleted
     * @param commits the new ones of which the forge tells, from the oldest on or the other way
     *     round; a head that is not among them is none the less the newest
     * @param pusher who pushed it, if the forge says so
     */
    record Pushed(
            String ref,
            boolean isNew,
            @Nullable Commit head,
            List<Commit> commits,
            @Nullable String pusher) {}

    /**
     * A request to merge something, which is new or has new commits.
     *
     * @param ref where the forge keeps what is to be merged
     * @param message of the newest commit; null if the forge doesn't tell it
     */
    record Pull(
            String ref,
            String revision,
            @Nullable String author,
            String comments,
            @Nullable String url,
            @Nullable Instant when,
            @Nullable String message,
            Map<String, String> properties) {}

    private static final String HEADS = "refs/heads/";
    private static final String TAGS = "refs/tags/";

    /** A push of more is none that a forge makes of commits of people. */
    private static final int MOST_CHANGES = 20_000;

    private final Forge forge;
    private final String event;
    private final Instant receivedAt;
    private final List<NewChange> changes = new ArrayList<>();
    private final List<String> ignored = new ArrayList<>();

    /**
     * @param receivedAt stands for a time that the forge doesn't tell, or that can't be
     */
    Delivery(Forge forge, String event, Instant receivedAt) {
        this.forge = forge;
        this.event = event;
        this.receivedAt = receivedAt;
    }

    List<NewChange> changes() {
        return changes;
    }

    /** What makes no change, and why. */
    List<String> ignored() {
        return ignored;
    }

    String forgeUrl() {
        return forge.url();
    }

    boolean wantsMerged() {
        return forge.pullrequestRef() == PullrequestRef.MERGE;
    }

    /** The whole event makes no change. */
    void ignoreEvent(String reason) {
        ignored.add("event %s: %s".formatted(shown(event), reason));
    }

    void ignore(String what, String reason) {
        ignored.add("%s: %s".formatted(shown(what), reason));
    }

    /** Adds what was pushed to a branch or a tag. */
    void add(Repository repository, Pushed pushed) {
        String ref = pushed.ref();
        boolean isTag = ref.startsWith(TAGS);
        if (!isTag && !ref.startsWith(HEADS)) {
            ignore(ref, "is neither a branch nor a tag");
            return;
        }
        String name = ref.substring(isTag ? TAGS.length() : HEADS.length());
        requireName(name);
        Commit head = pushed.head();
        if (head == null) {
            ignore(ref, "was deleted");
            return;
        }
        Optional<String> skip = forge.skip(head.message());
        if (skip.isPresent()) {
            ignore(ref, "its newest commit says " + skip.get());
            return;
        }
        List<Commit> commits =
                isTag || pushed.isNew() ? List.of(head) : oldestFirst(pushed.commits(), head);
        for (Commit commit : commits) {
            Map<String, String> properties = new LinkedHashMap<>();
            properties.put("event", event);
            properties.putAll(commit.properties());
            add(
                    repository,
                    isTag ? ref : name,
                    commit.revision(),
                    isTag ? "tag" : null,
                    commit.author() == null ? pushed.pusher() : commit.author(),
                    commit.message(),
                    commit.files(),
                    commit.url(),
                    commit.when(),
                    properties);
        }
    }

    /** Adds a pull or merge request. */
    void add(Repository repository, Pull pull) {
        Optional<String> skip =
                pull.message() == null ? Optional.empty() : forge.skip(pull.message());
        if (skip.isPresent()) {
            ignore(pull.ref(), "its newest commit says " + skip.get());
            return;
        }
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("event", event);
        properties.putAll(pull.properties());
        add(
                repository,
                pull.ref(),
                pull.revision(),
                "pull",
                pull.author(),
                pull.comments(),
                List.of(),
                pull.url(),
                pull.when(),
                properties);
    }

    private static List<Commit> oldestFirst(List<Commit> commits, Commit head) {
        List<Commit> ordered = new ArrayList<>(commits);
        if (ordered.size() > 1 && ordered.getFirst().revision().equals(head.revision())) {
            ordered = ordered.reversed();
        }
        if (ordered.stream().noneMatch(commit -> commit.revision().equals(head.revision()))) {
            ordered.add(head);
        }
        return ordered;
    }

    private void add(
            Repository repository,
            String branch,
            String revision,
            @Nullable String category,
            @Nullable String author,
            String comments,
            List<String> files,
            @Nullable String url,
            @Nullable Instant when,
            Map<String, String> properties) {
        if (changes.size() == MOST_CHANGES) {
            throw InvalidChangeException.tooLarge("commits", MOST_CHANGES);
        }
        changes.add(
                new NewChange(
                        repository.address(),
                        branch,
                        revision,
                        forge.project() == null ? repository.project() : forge.project(),
                        forge.codebase(),
                        category,
                        // What a change may not have, and a commit may.
                        author == null
                                ? ""
                                : Printable.cut(Printable.of(author), NewChange.LONGEST_TEXT),
                        Printable.cut(comments, NewChange.LONGEST_COMMENTS),
                        NewChange.fitting(files),
                        url,
                        when == null
                                        || when.isBefore(Instant.EPOCH)
                                        || when.isAfter(NewChange.LATEST)
                                ? receivedAt
                                : when,
                        properties,
                        forge.name()));
    }

    private static void requireName(String name) {
        // The commands of git that make branches refuse the latter two.
        if (!RefName.isOne(name) || name.startsWith("-") || name.equals("@")) {
            throw InvalidChangeException.malformed(
                    "ref",
                    "'%s' is no name that git has for a branch or a tag".formatted(shown(name)));
        }
    }

    private static String shown(String text) {
        return Printable.cut(Printable.of(text), 200);
    }
}
