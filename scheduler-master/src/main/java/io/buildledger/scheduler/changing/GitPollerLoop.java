package io.buildledger.scheduler.changing;

import io.buildledger.configuring.Configuration.GitPoller;
import io.buildledger.domain.changing.ChangeSourceEvent.RepositoryPolled;
import io.buildledger.log.ConflictException;
import io.buildledger.log.Entry;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.scheduler.changing.Git.Commit;
import io.buildledger.scheduler.changing.Git.Remote;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows branches of a repository. Where it is up to is in the log, appended with the changes: a
 * restart neither loses nor repeats one, and of two masters that poll the same repository one gets
 * each change in.
 *
 * <p>The first poll of a branch takes the newest {@code initial_commits} of it; a branch that
 * appears later gives the commits that no branch had.
 */
final class GitPollerLoop {

    private static final Logger LOG = LoggerFactory.getLogger(GitPollerLoop.class);

    /** A push of more is taken in by its newest commits. */
    private static final int MOST_COMMITS = 10_000;

    private static final String SOURCE = "git_poller";

    private record Cursor(Map<String, String> heads, long nextSequence) {}

    private final GitPoller configuration;
    private final Git git;
    private final EventLog log;
    private final ChangeIntake intake;

    GitPollerLoop(GitPoller configuration, Git git, EventLog log, ChangeIntake intake) {
        this.configuration = configuration;
        this.git = git;
        this.log = log;
        this.intake = intake;
    }

    /**
     * Looks once.
     *
     * @return numbers of the changes that were taken in
     */
    List<Long> runOnce() {
        Cursor cursor = cursor();
        Map<String, String> heads = headsToFollow(git.remote());
        if (heads.isEmpty() || heads.equals(cursor.heads())) {
            return List.of();
        }
        git.fetch(heads.keySet());
        Entry polled =
                new Entry(
                        Streams.gitPoller(configuration.repourl()),
                        cursor.nextSequence(),
                        new RepositoryPolled(configuration.repourl(), heads));
        try {
            return intake.take(newChanges(cursor, heads), polled);
        } catch (ConflictException e) {
            LOG.info("another master has polled {} at the same time", configuration.repourl());
            return List.of();
        }
    }

    private Cursor cursor() {
        List<Recorded> recorded = log.read(Streams.gitPoller(configuration.repourl()));
        if (recorded.isEmpty()) {
            return new Cursor(Map.of(), 0);
        }
        Recorded last = recorded.getLast();
        return new Cursor(((RepositoryPolled) last.event()).heads(), last.sequence() + 1);
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
                LOG.warn("{} has no branch '{}'", configuration.repourl(), branch);
            }
        }
        return heads;
    }

    private List<NewChange> newChanges(Cursor cursor, Map<String, String> heads) {
        boolean first = cursor.heads().isEmpty();
        int limit = first ? configuration.initialCommits() : MOST_COMMITS;
        Set<String> known = new HashSet<>(cursor.heads().values());
        List<NewChange> changes = new ArrayList<>();
        Map<String, String> taken = new HashMap<>();
        heads.forEach((branch, head) -> {
            if (limit > 0 && !head.equals(cursor.heads().get(branch))) {
                for (String revision : git.revisions(head, known, limit)) {
                    if (taken.putIfAbsent(revision, branch) == null) {
                        changes.add(change(branch, git.commit(revision)));
                    }
                }
            }
        });
        return changes;
    }

    private NewChange change(String branch, Commit commit) {
        return new NewChange(
                configuration.repourl(),
                branch,
                commit.revision(),
                configuration.project(),
                configuration.codebase(),
                configuration.category(),
                cut(commit.author(), NewChange.LONGEST_TEXT),
                cut(commit.message(), NewChange.LONGEST_COMMENTS),
                commit.files().stream()
                        .limit(NewChange.MOST_FILES)
                        .map(file -> cut(file, NewChange.LONGEST_FILE))
                        .toList(),
                null,
                commit.when(),
                Map.of(),
                SOURCE);
    }

    /** A commit that nobody can shorten must not stop all that come after it. */
    private static String cut(String text, int limit) {
        return text.length() <= limit ? text : text.substring(0, limit - 1) + "…";
    }
}
