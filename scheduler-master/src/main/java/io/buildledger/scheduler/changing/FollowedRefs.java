package io.buildledger.scheduler.changing;

import com.google.re2j.Pattern;
import io.buildledger.configuring.Configuration.GitPoller;
import io.buildledger.scheduler.fetching.Git;
import io.buildledger.scheduler.fetching.Git.Remote;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/**
 * Which branches and tags of a repository a poller follows. Matching takes time that is linear in
 * the length of a name, whatever the expression.
 */
final class FollowedRefs {

    /** What one poller follows at most; the first by name. */
    static final int MOST = 10_000;

    /**
     * Of all that one poller follows together, in bytes, as the log has them; three such pollers
     * find room in one event.
     */
    static final int LARGEST = 4 * 1024 * 1024;

    private static final int DIGEST_DIGITS = 16;

    private final GitPoller poller;
    private final List<Pattern> branches;
    private final @Nullable Pattern branchesNot;
    private final List<Pattern> tags;

    FollowedRefs(GitPoller poller) {
        this.poller = poller;
        this.branches = patterns(poller.branches(), poller.branchesRe());
        this.branchesNot =
                poller.branchesNotRe() == null ? null : Pattern.compile(poller.branchesNotRe());
        this.tags =
                poller.onlyTags() && poller.tags().isEmpty() && poller.tagsRe() == null
                        ? patterns(List.of("*"), null)
                        : patterns(poller.tags(), poller.tagsRe());
    }

    private static List<Pattern> patterns(List<String> names, @Nullable String expression) {
        List<Pattern> patterns = new ArrayList<>();
        names.forEach(name -> patterns.add(glob(name)));
        if (expression != null) {
            patterns.add(Pattern.compile(expression));
        }
        return patterns;
    }

    private static Pattern glob(String name) {
        return Pattern.compile(
                Arrays.stream(name.split("\\*", -1))
                        .map(Pattern::quote)
                        .collect(Collectors.joining(".*", "(?s)", "")));
    }

    boolean haveTags() {
        return !tags.isEmpty();
    }

    boolean haveBranches() {
        return !poller.onlyTags();
    }

    /** Expressions of RE2, one of which each followed tag matches as a whole. */
    Set<String> tagPatterns() {
        return tags.stream().map(Pattern::pattern).collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * Which tags have been followed before, by this poller or another: if such a one is not
     * recorded, it is new. Any other may have been there for years.
     *
     * @param patterns by which tags have been followed, as far as that is recorded
     * @param recorded names of tags
     */
    Predicate<String> tagsFollowedBefore(Collection<String> patterns, Collection<String> recorded) {
        List<Pattern> before = new ArrayList<>(patterns.stream().map(Pattern::compile).toList());
        List<String> unexplained =
                recorded.stream()
                        .filter(tag -> before.stream().noneMatch(it -> it.matches(tag)))
                        .toList();
        // An older program has recorded these, and not by which patterns it came to them.
        tags.stream().filter(it -> unexplained.stream().anyMatch(it::matches)).forEach(before::add);
        return tag -> before.stream().anyMatch(it -> it.matches(tag));
    }

    /** The names that are followed whatever the repository has. */
    List<String> namedBranches() {
        return poller.branches().stream().filter(name -> !name.contains("*")).toList();
    }

    /**
     * The revision of each followed branch, and of each followed tag behind {@link Git#TAGS}. First
     * come branches in the order of the patterns that they match, among those of one pattern the
     * repository's default branch; a commit that several have counts for the first of them.
     */
    Map<String, String> of(Remote remote) {
        Map<String, String> all = new LinkedHashMap<>();
        if (haveBranches()) {
            for (String branch : branchesOf(remote)) {
                add(branch, remote.heads().get(branch), all);
            }
        }
        for (String tag : matching(tags, remote.tags().keySet(), Optional.empty())) {
            add(Git.TAGS + tag, remote.tags().get(tag), all);
        }
        Map<String, String> followed = new LinkedHashMap<>();
        long room = LARGEST;
        for (Map.Entry<String, String> ref : all.entrySet()) {
            room -= size(ref);
            if (room < 0 || followed.size() == MOST) {
                break;
            }
            followed.put(ref.getKey(), ref.getValue());
        }
        return followed;
    }

    private static void add(String ref, @Nullable String revision, Map<String, String> refs) {
        // A change has no place for a longer name.
        if (revision != null && ref.length() <= NewChange.LONGEST_TEXT) {
            refs.put(ref, revision);
        }
    }

    /** Of a branch or tag and its revision in the log, in bytes. */
    static long size(Map.Entry<String, String> ref) {
        return NewChange.bytes(ref.getKey()) + NewChange.bytes(ref.getValue());
    }

    private Collection<String> branchesOf(Remote remote) {
        Collection<String> names =
                branches.isEmpty()
                        ? remote.defaultBranch()
                                .filter(remote.heads()::containsKey)
                                .map(List::of)
                                .orElse(List.of())
                        : matching(branches, remote.heads().keySet(), remote.defaultBranch());
        return names.stream()
                .filter(name -> branchesNot == null || !branchesNot.matches(name))
                .toList();
    }

    private static Set<String> matching(
            List<Pattern> patterns, Collection<String> names, Optional<String> first) {
        List<String> sorted =
                names.stream()
                        .sorted(
                                Comparator.comparing((String name) ->
                                                first.filter(name::equals).isEmpty())
                                        .thenComparing(Comparator.naturalOrder()))
                        .toList();
        Set<String> matching = new LinkedHashSet<>();
        for (Pattern pattern : patterns) {
            sorted.stream().filter(pattern::matches).forEach(matching::add);
        }
        return matching;
    }

    /** Tells apart what pollers of one repository follow; 16 hexadecimal digits. */
    String digest() {
        return DigestUtils.sha256Hex(
                        String.join(
                                "\n",
                                String.join(" ", poller.branches()),
                                String.valueOf(poller.branchesRe()),
                                String.valueOf(poller.branchesNotRe()),
                                String.join(" ", poller.tags()),
                                String.valueOf(poller.tagsRe()),
                                String.valueOf(poller.onlyTags())))
                .substring(0, DIGEST_DIGITS);
    }
}
