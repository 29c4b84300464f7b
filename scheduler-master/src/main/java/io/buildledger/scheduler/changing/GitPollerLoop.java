package io.buildledger.scheduler.changing;

import io.buildledger.configuring.Configuration.GitPoller;
import io.buildledger.configuring.RepositoryAddress;
import io.buildledger.domain.changing.ChangeSourceEvent.RepositoryPolled;
import io.buildledger.log.ConflictException;
import io.buildledger.log.Entry;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.scheduler.fetching.Git;
import io.buildledger.scheduler.fetching.Git.Commit;
import io.buildledger.scheduler.fetching.Git.GitException;
import io.buildledger.scheduler.fetching.Git.Remote;
import io.buildledger.showing.Printable;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows branches and tags of a repository. Where it is up to is in the log, appended with the
 * changes: a restart neither loses nor repeats one, and of two masters that poll the same
 * repository one gets each change in.
 *
 * <p>The first poll that follows branches of a repository takes the newest {@code initial_commits}
 * of each. From then on a change is a commit that none of the recorded heads reaches, whichever
 * poller followed their branches. This holds for a branch that appears later, for one that was
 * rewritten, and for one that is followed later, by this poller or another of the same repository:
 * their new commits are taken, and not the history that they share with what has been followed. A
 * head once recorded stays until a newer one of its branch takes its place, so that pollers of
 * different branches don't undo each other's work and a branch that was away for a while does not
 * begin again. A repository that shows nothing for a while, or less than it had, loses nothing by
 * that.
 *
 * <p>A tag that is new, or points elsewhere, is one change of the commit that it points to. New is
 * one that matches a pattern by which a poller of the repository followed tags before: what is
 * there when a pattern is first followed is only recorded, as nobody knows how old it is. Tags say
 * nothing about which commits of branches are new.
 *
 * <p>Where a branch can't be compared with what was recorded, because the repository no longer has
 * that, or nothing was, or the two have no history in common, only the branch's newest commit is
 * taken.
 */
final class GitPollerLoop {

    /** The cursor can't be read, so that nobody can tell which commits are new. */
    static final class NewerCursorException extends RuntimeException {
        private static final long serialVersionUID = 1;

        NewerCursorException(String id) {
            super(id + " was written by a newer program: run that one here, or a later one");
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(GitPollerLoop.class);

    /** What one poll finds beyond this is taken in by its newest commits. */
    private static final int MOST_COMMITS = 10_000;

    /**
     * So are commits of more text than this, in bytes, as the log has it: a poll's changes are in
     * memory, and in a transaction, all at once, and Group Replication refuses one of 143 MiB.
     */
    private static final long LARGEST_HAUL = 64L * 1024 * 1024;

    /** Of all that is recorded, in bytes, as the log has it; an event of 16 MiB has no room. */
    private static final long LARGEST_RECORD = 12L * 1024 * 1024;

    /** Former heads that are looked for one by one, where they can't be had together. */
    private static final int MOST_LOOKED_FOR = 50;

    private static final int MOST_REFUSALS = 2;

    /** Heads of branches and tags that are gone, which are kept in case that they come back. */
    private static final int MOST_GONE = 1_000;

    private static final String SOURCE = "git_poller";
    private static final String CATEGORY_OF_TAGS = "tag";

    private record Cursor(
            Map<String, String> heads,
            Set<String> tagPatterns,
            @Nullable Boolean branchesFollowed,
            long nextSequence) {

        static final Cursor FIRST = new Cursor(Map.of(), Set.of(), false, 0);

        boolean isFirstOfBranches() {
            return Boolean.FALSE.equals(branchesFollowed);
        }

        boolean covers(FollowedRefs followed) {
            return tagPatterns.containsAll(followed.tagPatterns())
                    && !(followed.haveBranches() && isFirstOfBranches());
        }

        List<String> tags() {
            return heads.keySet().stream()
                    .filter(GitPollerLoop::isTag)
                    .map(ref -> ref.substring(Git.TAGS.length()))
                    .toList();
        }

        RepositoryPolled next(
                String repository, FollowedRefs followed, Map<String, String> polled) {
            Set<String> patterns = new TreeSet<>(tagPatterns);
            patterns.addAll(followed.tagPatterns());
            return new RepositoryPolled(
                    repository,
                    polled,
                    List.copyOf(patterns),
                    followed.haveBranches() ? Boolean.TRUE : branchesFollowed);
        }
    }

    private final GitPoller configuration;
    private final FollowedRefs followed;
    private final String repository;
    private final Git git;
    private final EventLog log;
    private final ChangeIntake intake;
    private final InstantSource clock;
    private Set<String> told = Set.of();
    private int refusals;

    GitPollerLoop(
            GitPoller configuration,
            Git git,
            EventLog log,
            ChangeIntake intake,
            InstantSource clock) {
        this.configuration = configuration;
        this.followed = new FollowedRefs(configuration);
        this.repository = RepositoryAddress.withoutCredentials(configuration.repourl());
        this.git = git;
        this.log = log;
        this.intake = intake;
        this.clock = clock;
    }

    /**
     * Looks once.
     *
     * @return numbers of the changes that were taken in
     */
    List<Long> runOnce() {
        Cursor cursor = cursor();
        Remote remote = followed.haveTags() ? git.remoteWithTags() : git.remote();
        Map<String, String> heads = followed.of(remote);
        tellMissing(remote);
        if (cursor.covers(followed) && cursor.heads().entrySet().containsAll(heads.entrySet())) {
            return List.of();
        }
        git.fetch(needed(cursor, remote, heads));
        Map<String, String> polled = new TreeMap<>(cursor.heads());
        polled.putAll(heads);
        forgetGone(polled, remote, heads);
        makeRoom(polled, heads.keySet());
        Entry next =
                new Entry(
                        Streams.gitPoller(repository),
                        cursor.nextSequence(),
                        cursor.next(repository, followed, polled));
        try {
            return intake.take(newChanges(cursor, heads), next);
        } catch (ConflictException e) {
            LOG.info("another poller has polled {} at the same time", repository);
            return List.of();
        }
    }

    /**
     * What has moved, and the other branches that are recorded, which tell what of it is new. A tag
     * tells nothing about others.
     */
    private static Set<String> needed(Cursor cursor, Remote remote, Map<String, String> heads) {
        Set<String> needed = new TreeSet<>(cursor.heads().keySet());
        needed.retainAll(remote.heads().keySet());
        heads.forEach((ref, head) -> {
            if (!isTag(ref) || !head.equals(cursor.heads().get(ref))) {
                needed.add(ref);
            }
        });
        return needed;
    }

    private static boolean isTag(String ref) {
        return ref.startsWith(Git.TAGS);
    }

    /**
     * Drops what is recorded of the branches and tags that are gone for the longest, if they are
     * many. Nobody knows when they went; the age of their commits has to do.
     */
    private void forgetGone(
            Map<String, String> polled, Remote remote, Map<String, String> followed) {
        Set<String> gone = new TreeSet<>(polled.keySet());
        gone.removeAll(remote.heads().keySet());
        gone.removeAll(followed.keySet());
        // Where nobody has asked for tags, nobody knows whether they are there.
        gone.removeIf(ref -> isTag(ref) && !this.followed.haveTags());
        remote.tags().keySet().forEach(tag -> gone.remove(Git.TAGS + tag));
        if (gone.size() <= MOST_GONE) {
            return;
        }
        Set<String> revisions = new LinkedHashSet<>();
        gone.forEach(ref -> revisions.add(polled.get(ref)));
        Set<String> kept =
                git.newestFirst(git.present(revisions)).stream()
                        .limit(MOST_GONE)
                        .collect(Collectors.toSet());
        gone.stream().filter(ref -> !kept.contains(polled.get(ref))).forEach(polled::remove);
    }

    /**
     * Drops what others follow, or this poller did, if all together is more than an event can hold:
     * a repository with ever new names must not stop its pollers. Branches stay before tags, as
     * they tell what is new on others.
     */
    private void makeRoom(Map<String, String> polled, Set<String> followed) {
        long room = LARGEST_RECORD;
        List<String> others = new ArrayList<>();
        for (Map.Entry<String, String> ref : polled.entrySet()) {
            if (followed.contains(ref.getKey())) {
                room -= FollowedRefs.size(ref);
            } else {
                others.add(ref.getKey());
            }
        }
        others.sort(Comparator.comparing(GitPollerLoop::isTag));
        int dropped = 0;
        for (String ref : others) {
            room -= FollowedRefs.size(Map.entry(ref, polled.get(ref)));
            if (room < 0) {
                polled.remove(ref);
                dropped++;
            }
        }
        if (dropped > 0) {
            LOG.warn(
                    "{} has more branches and tags than can be recorded: {} that this poller does not follow are forgotten",
                    repository,
                    dropped);
        }
    }

    private void tellMissing(Remote remote) {
        Set<String> missing = new TreeSet<>(followed.namedBranches());
        missing.removeAll(remote.heads().keySet());
        missing.stream()
                .filter(branch -> !told.contains(branch))
                .forEach(branch -> LOG.warn("{} has no branch '{}'", repository, branch));
        told = missing;
    }

    private Cursor cursor() {
        String stream = Streams.gitPoller(repository);
        OptionalLong last = log.lastSequence(stream);
        if (last.isEmpty()) {
            return Cursor.FIRST;
        }
        Recorded recorded = log.find(stream, last.getAsLong()).orElseThrow();
        if (!(recorded.event() instanceof RepositoryPolled polled)) {
            throw new NewerCursorException(recorded.id());
        }
        return new Cursor(
                polled.heads(),
                polled.tagPatterns() == null ? Set.of() : Set.copyOf(polled.tagPatterns()),
                polled.branchesFollowed(),
                recorded.sequence() + 1);
    }

    private List<NewChange> newChanges(Cursor cursor, Map<String, String> heads) {
        Map<String, String> moved = new LinkedHashMap<>(heads);
        moved.entrySet().removeAll(cursor.heads().entrySet());
        passOverOldTags(cursor, moved);
        Set<String> known = known(cursor, moved);
        Set<String> commits = git.present(moved.values());
        Haul haul = new Haul();
        moved.forEach((ref, head) -> {
            if (isTag(ref)) {
                // A tag may also point to a file or a directory.
                if (commits.contains(head)) {
                    haul.add(ref, List.of(head));
                }
                return;
            }
            int limit = limit(ref, head, cursor, known);
            List<String> revisions =
                    git.revisions(head, known, limit).stream()
                            .filter(revision -> !haul.has(revision))
                            .toList();
            if (revisions.isEmpty()
                    && configuration.buildPushesWithNoCommits()
                    && !cursor.isFirstOfBranches()
                    && commits.contains(head)) {
                revisions = List.of(head);
            }
            haul.add(ref, revisions);
        });
        return haul.changes();
    }

    private void passOverOldTags(Cursor cursor, Map<String, String> moved) {
        Predicate<String> before = followed.tagsFollowedBefore(cursor.tagPatterns(), cursor.tags());
        Set<String> old =
                moved.keySet().stream()
                        .filter(GitPollerLoop::isTag)
                        .filter(tag -> !cursor.heads().containsKey(tag))
                        .filter(tag -> !before.test(tag.substring(Git.TAGS.length())))
                        .collect(Collectors.toSet());
        moved.keySet().removeAll(old);
        if (!old.isEmpty()) {
            LOG.info(
                    "{} has {} tags from before they were followed: they make no changes",
                    repository,
                    old.size());
        }
    }

    /** The changes of one poll, as far as there is room for them. */
    private final class Haul {
        private final List<NewChange> changes = new ArrayList<>();
        private final Set<String> ofBranches = new HashSet<>();
        private long bytes;
        private boolean full;

        /** Whether a branch has a commit already. */
        boolean has(String revision) {
            return ofBranches.contains(revision);
        }

        void add(String ref, List<String> revisions) {
            List<NewChange> newestFirst = new ArrayList<>();
            for (String revision : revisions.reversed()) {
                if (changes.size() + newestFirst.size() >= MOST_COMMITS || bytes >= LARGEST_HAUL) {
                    tellFull(ref, newestFirst.size());
                    break;
                }
                NewChange change = change(ref, git.commit(revision));
                bytes += size(change);
                newestFirst.add(change);
            }
            if (!isTag(ref)) {
                ofBranches.addAll(revisions);
            }
            changes.addAll(newestFirst.reversed());
        }

        private void tellFull(String ref, int taken) {
            if (!full) {
                LOG.warn(
                        "{} has more that is new than one poll takes: of '{}' the newest {} commits are taken, and nothing of what comes after it",
                        repository,
                        ref,
                        taken);
                full = true;
            }
        }

        private static long size(NewChange change) {
            return NewChange.bytes(change.comments())
                    + change.files().stream().mapToLong(NewChange::bytes).sum();
        }

        List<NewChange> changes() {
            return changes;
        }
    }

    /**
     * The recorded heads of branches that the clone has. One that it does not have reaches nothing
     * of what was fetched, unless it is the former head of a branch that was rewritten: what the
     * two share is told only by the former, so that is asked for.
     */
    private Set<String> known(Cursor cursor, Map<String, String> moved) {
        Set<String> recorded = new LinkedHashSet<>();
        Set<String> formers = new LinkedHashSet<>();
        cursor.heads()
                .forEach((ref, head) -> {
                    if (!isTag(ref)) {
                        recorded.add(head);
                        if (moved.containsKey(ref)) {
                            formers.add(head);
                        }
                    }
                });
        formers.removeAll(git.present(formers));
        formers.stream().limit(MOST_LOOKED_FOR).forEach(this::lookFor);
        refusals = 0;
        return git.present(recorded);
    }

    /** A server that has just let us fetch, and again and again not this, does not have it. */
    private void lookFor(String former) {
        try {
            git.has(former);
        } catch (GitException e) {
            if (e.isCutShort() || refusals < MOST_REFUSALS) {
                refusals++;
                throw e;
            }
            LOG.warn("{} does not give away {}: {}", repository, former, e.getMessage());
        }
    }

    private int limit(String branch, String head, Cursor cursor, Set<String> known) {
        if (cursor.isFirstOfBranches()) {
            return configuration.initialCommits();
        }
        String former = cursor.heads().get(branch);
        if ((former == null || known.contains(former)) && git.isRelated(head, known)) {
            return MOST_COMMITS;
        }
        LOG.warn(
                "{} has nothing that '{}' could be compared with: only its newest commit is taken",
                repository,
                branch);
        return 1;
    }

    /** A commit that nobody can shorten or date must not stop all that come after it. */
    private NewChange change(String branch, Commit commit) {
        return new NewChange(
                repository,
                branch,
                commit.revision(),
                configuration.project(),
                configuration.codebase(),
                category(branch),
                // What a change may not have, and a commit may.
                Printable.cut(Printable.of(commit.author()), NewChange.LONGEST_TEXT),
                Printable.cut(commit.message(), NewChange.LONGEST_COMMENTS),
                NewChange.fitting(commit.files()),
                null,
                commit.when().filter(at -> !at.isAfter(NewChange.LATEST)).orElseGet(clock::instant),
                Map.of(),
                SOURCE);
    }

    private @Nullable String category(String ref) {
        return configuration.category() == null && isTag(ref)
                ? CATEGORY_OF_TAGS
                : configuration.category();
    }
}
