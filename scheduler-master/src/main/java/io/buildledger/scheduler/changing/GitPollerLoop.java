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
import io.buildledger.scheduler.fetching.Git.Remote;
import io.buildledger.showing.Printable;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows branches of a repository. Where it is up to is in the log, appended with the changes: a
 * restart neither loses nor repeats one, and of two masters that poll the same repository one gets
 * each change in.
 *
 * <p>The first poll of a repository takes the newest {@code initial_commits} of each branch. From
 * then on a change is a commit that none of the recorded heads reaches, whichever poller followed
 * their branches. This holds for a branch that appears later, and for one that is followed later,
 * by this poller or another of the same repository: their new commits are taken, and not the
 * history that they share with what has been followed. A head once recorded stays until a newer one
 * of its branch takes its place, so that pollers of different branches don't undo each other's work
 * and a branch that was away for a while does not begin again.
 *
 * <p>Where a branch can't be compared with what was recorded, because the repository no longer has
 * that, only the branch's newest commit is taken.
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

    /** A push of more is taken in by its newest commits. */
    private static final int MOST_COMMITS = 10_000;

    private static final String SOURCE = "git_poller";

    private record Cursor(Map<String, String> heads, long nextSequence) {
        boolean isFirst() {
            return nextSequence == 0;
        }
    }

    private final GitPoller configuration;
    private final String repository;
    private final Git git;
    private final EventLog log;
    private final ChangeIntake intake;
    private final InstantSource clock;

    GitPollerLoop(
            GitPoller configuration,
            Git git,
            EventLog log,
            ChangeIntake intake,
            InstantSource clock) {
        this.configuration = configuration;
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
        Remote remote = git.remote();
        Map<String, String> heads = headsToFollow(remote);
        if (cursor.heads().entrySet().containsAll(heads.entrySet())) {
            return List.of();
        }
        // What is recorded of other branches is needed, too, to tell which commits are not new.
        Set<String> needed = new TreeSet<>(cursor.heads().keySet());
        needed.retainAll(remote.heads().keySet());
        needed.addAll(heads.keySet());
        git.fetch(needed);
        Map<String, String> polled = new TreeMap<>(cursor.heads());
        polled.putAll(heads);
        Entry next =
                new Entry(
                        Streams.gitPoller(repository),
                        cursor.nextSequence(),
                        new RepositoryPolled(repository, polled));
        try {
            return intake.take(newChanges(cursor, heads), next);
        } catch (ConflictException e) {
            LOG.info("another poller has polled {} at the same time", repository);
            return List.of();
        }
    }

    private Cursor cursor() {
        String stream = Streams.gitPoller(repository);
        OptionalLong last = log.lastSequence(stream);
        if (last.isEmpty()) {
            return new Cursor(Map.of(), 0);
        }
        Recorded recorded = log.find(stream, last.getAsLong()).orElseThrow();
        if (!(recorded.event() instanceof RepositoryPolled polled)) {
            throw new NewerCursorException(recorded.id());
        }
        return new Cursor(polled.heads(), recorded.sequence() + 1);
    }

    private Map<String, String> headsToFollow(Remote remote) {
        Set<String> wanted =
                configuration.branches().isEmpty()
                        ? remote.defaultBranch().map(Set::of).orElse(Set.of())
                        : new LinkedHashSet<>(configuration.branches());
        Map<String, String> heads = new TreeMap<>();
        for (String branch : wanted) {
            String head = remote.heads().get(branch);
            if (head != null) {
                heads.put(branch, head);
            } else {
                LOG.warn("{} has no branch '{}'", repository, branch);
            }
        }
        return heads;
    }

    private List<NewChange> newChanges(Cursor cursor, Map<String, String> heads) {
        Set<String> known = new LinkedHashSet<>(cursor.heads().values());
        known.removeIf(revision -> !git.has(revision));
        List<NewChange> changes = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        heads.forEach((branch, head) -> {
            if (head.equals(cursor.heads().get(branch))) {
                return;
            }
            int limit = limit(branch, cursor, known);
            for (String revision : git.revisions(head, known, limit)) {
                if (taken.add(revision)) {
                    changes.add(change(branch, git.commit(revision)));
                }
            }
        });
        return changes;
    }

    private int limit(String branch, Cursor cursor, Set<String> known) {
        if (cursor.isFirst()) {
            return configuration.initialCommits();
        }
        String former = cursor.heads().get(branch);
        if (former == null ? !known.isEmpty() : known.contains(former)) {
            return MOST_COMMITS;
        }
        LOG.warn(
                "{} no longer has what was polled before: of '{}' only the newest commit is taken",
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
                configuration.category(),
                // What a change may not have, and a commit may.
                Printable.cut(Printable.of(commit.author()), NewChange.LONGEST_TEXT),
                Printable.cut(commit.message(), NewChange.LONGEST_COMMENTS),
                commit.files().stream()
                        .limit(NewChange.MOST_FILES)
                        .map(file -> Printable.cut(file, NewChange.LONGEST_FILE))
                        .toList(),
                null,
                commit.when().filter(at -> !at.isAfter(NewChange.LATEST)).orElseGet(clock::instant),
                Map.of(),
                SOURCE);
    }
}
