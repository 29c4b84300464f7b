package io.buildledger.steps;

import io.buildledger.configuring.RepositoryAddress;
import io.buildledger.showing.Printable;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepRun;
import io.buildledger.stepping.Worker;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Brings the commit that is wanted into a repository, with no more besides than it takes: nothing
 * where the commit is there already, else its branch, else the commit alone if the server gives it
 * away, and all branches and tags only if that was not enough.
 */
final class GitFetch {

    private static final String ALL_TAGS = "+refs/tags/*:refs/tags/*";
    private static final String OWN_REFS = "refs/buildledger/";
    private static final Pattern ABBREVIATED_ID = Pattern.compile("[0-9a-f]{4,64}");

    /** What stands for itself in a part of {@code combine:}. */
    private static final Pattern PLAIN_IN_FILTER = Pattern.compile("[A-Za-z0-9:/=._-]");

    /**
     * What is fetched.
     *
     * @param source its name in the repository
     * @param target its name here
     */
    private record Ref(String source, String target, String description) {
        String refspec() {
            return "+" + source + ":" + target;
        }
    }

    private final GitStep step;
    private final StepRun run;
    private final GitDirectory directory;
    private final String repository;
    private final String origin;
    private final @Nullable Integer depth;
    private final @Nullable String branch;
    private final @Nullable String revision;

    /**
     * @param branch also a tag or a whole name of a ref; null for the repository's own
     * @param revision null for the newest of the branch
     * @throws StepAbortedException if a name is none
     */
    GitFetch(
            GitStep step,
            StepRun run,
            GitDirectory directory,
            @Nullable String branch,
            @Nullable String revision)
            throws StepAbortedException {
        this.step = step;
        this.run = run;
        this.directory = directory;
        this.repository = GitName.requireAddress(step.repourl());
        this.origin = GitName.requireRef("remote", step.origin());
        this.depth = depth(step.shallow());
        this.branch = branch == null ? null : GitName.requireRef("branch", branch);
        this.revision = revision == null ? null : GitName.requireRef("revision", revision);
    }

    private static @Nullable Integer depth(@Nullable String shallow) throws StepAbortedException {
        if (shallow == null || shallow.equals("false")) {
            return null;
        }
        if (shallow.equals("true")) {
            return 1;
        }
        try {
            return Integer.valueOf(shallow);
        } catch (NumberFormatException e) {
            throw StepAbortedException.refused(
                    "shallow: '%s' is neither true nor a number of commits"
                            .formatted(Printable.of(shallow)));
        }
    }

    private Ref ref() {
        if (branch == null) {
            return new Ref("HEAD", OWN_REFS + "HEAD", "HEAD");
        }
        return branch.startsWith("refs/")
                ? new Ref(branch, OWN_REFS + branch, branch)
                : new Ref(
                        "refs/heads/" + branch,
                        "refs/remotes/%s/%s".formatted(origin, branch),
                        "branch " + branch);
    }

    private static Ref tag(String name) {
        return new Ref("refs/tags/" + name, "refs/tags/" + name, "tag " + name);
    }

    /** How the repository is spoken of. */
    String displayed() {
        return RepositoryAddress.withoutCredentials(repository);
    }

    /**
     * The full id of the commit, which is here then.
     *
     * @throws GitFailedException if the repository does not have it, or git failed
     */
    String bring() throws IOException, StepAbortedException, GitFailedException {
        directory.git("config", "remote.%s.url".formatted(origin), repository);
        if (!step.filters().isEmpty()) {
            directory.git("config", "remote.%s.promisor".formatted(origin), "true");
            directory.git("config", "remote.%s.partialclonefilter".formatted(origin), filter());
        }
        if (step.reference() != null) {
            borrowFrom(step.reference());
        }
        if (revision == null || revision.equals("HEAD")) {
            return newest();
        }
        return GitDirectory.isId(revision) ? byId(revision) : byName(revision);
    }

    private String newest() throws IOException, StepAbortedException, GitFailedException {
        Ref ref = ref();
        if (fetch(withTags(ref))) {
            return require(ref.target(), ref.description());
        }
        if (branch != null && !branch.startsWith("refs/") && fetch(withTags(tag(branch)))) {
            return require(tag(branch).target(), ref.description());
        }
        throw notThere(ref.description());
    }

    private String byId(String id) throws IOException, StepAbortedException, GitFailedException {
        String commit = directory.find(id);
        if (commit != null) {
            if (step.tags() || (depth == null && isShallow())) {
                fetch(step.tags() ? List.of(ALL_TAGS) : List.of());
            }
            return commit;
        }
        // The branch may be gone, and its commits still be on another.
        if (!fetch(withTags(ref())) && step.tags()) {
            fetch(List.of(ALL_TAGS));
        }
        commit = directory.find(id);
        if (commit == null && fetch(List.of(id))) {
            commit = directory.find(id);
        }
        return commit == null ? fromAll(id) : commit;
    }

    /** Always asks, as all names but ids can come to mean something else. */
    private String byName(String name)
            throws IOException, StepAbortedException, GitFailedException {
        if (name.startsWith("refs/")) {
            Ref ref = new Ref(name, OWN_REFS + name, name);
            if (fetch(withTags(ref))) {
                return require(ref.target(), name);
            }
            throw notThere("revision " + name);
        }
        if (fetch(withTags(tag(name)))) {
            return require(tag(name).target(), "revision " + name);
        }
        String head = "refs/remotes/%s/%s".formatted(origin, name);
        if (fetch(withTags(new Ref("refs/heads/" + name, head, "")))) {
            return require(head, "revision " + name);
        }
        if (ABBREVIATED_ID.matcher(name).matches() && fetch(withTags(ref()))) {
            String commit = directory.find(name);
            if (commit != null) {
                return commit;
            }
        }
        return fromAll(name);
    }

    private String fromAll(String name)
            throws IOException, StepAbortedException, GitFailedException {
        List<String> words = new ArrayList<>(List.of("fetch"));
        if (isShallow()) {
            words.add("--unshallow");
        }
        words.add("--prune");
        fetch(words, List.of("+refs/heads/*:refs/remotes/%s/*".formatted(origin), ALL_TAGS));
        return require(name, "revision " + name);
    }

    private List<String> withTags(Ref ref) {
        return step.tags() ? List.of(ref.refspec(), ALL_TAGS) : List.of(ref.refspec());
    }

    /**
     * @return whether the repository has what was asked for
     */
    private boolean fetch(List<String> refspecs)
            throws IOException, StepAbortedException, GitFailedException {
        List<String> words = new ArrayList<>(List.of("fetch"));
        if (depth != null) {
            words.add("--depth=" + depth);
        } else if (isShallow()) {
            // History was left out when the step was configured otherwise.
            words.add("--unshallow");
        }
        if (refspecs.contains(ALL_TAGS)) {
            words.add("--prune");
        }
        try {
            fetch(words, refspecs);
            return true;
        } catch (GitFailedException e) {
            if (e.complaint() != null && e.complaint().isOfIdNotGiven()) {
                return false;
            }
            throw e;
        }
    }

    private void fetch(List<String> beginning, List<String> refspecs)
            throws IOException, StepAbortedException, GitFailedException {
        List<String> words = new ArrayList<>(beginning);
        if (step.progress()) {
            words.add("--progress");
        }
        step.filters().forEach(it -> words.add("--filter=" + it));
        // Submodules are fetched by the commit that is built, or not at all.
        words.addAll(List.of("--no-recurse-submodules", "--", origin));
        words.addAll(refspecs);
        directory.git(words);
    }

    private boolean isShallow() throws IOException, StepAbortedException {
        return directory.has(".git/shallow");
    }

    /** All filters as one, for what git fetches later by itself. */
    private String filter() {
        return step.filters().size() == 1
                ? step.filters().getFirst()
                : step.filters().stream()
                        .map(GitFetch::escaped)
                        .collect(Collectors.joining("+", "combine:", ""));
    }

    private static String escaped(String filter) {
        return filter.chars()
                .mapToObj(it ->
                        PLAIN_IN_FILTER.matcher(Character.toString(it)).matches()
                                ? Character.toString(it)
                                : String.format(Locale.ROOT, "%%%02X", it))
                .collect(Collectors.joining());
    }

    /** Has git look for objects in another repository of the worker, too. */
    private void borrowFrom(String reference)
            throws IOException, StepAbortedException, GitFailedException {
        Worker worker = run.worker();
        String alternates = directory.inGit("objects/info/alternates");
        if (worker.stat(alternates).isPresent()) {
            return;
        }
        for (String place : List.of(reference + "/.git", reference)) {
            if (!place.startsWith("/") || Printable.hasControl(place)) {
                throw StepAbortedException.refused(
                        "reference: '%s' is no absolute path".formatted(Printable.of(reference)));
            }
            if (directory.succeeds("rev-parse", "--resolve-git-dir", place)) {
                String objects =
                        directory.git(
                                Map.of("GIT_DIR", place), "rev-parse", "--git-path", "objects");
                worker.download(
                        new ByteArrayInputStream((objects + "\n").getBytes(StandardCharsets.UTF_8)),
                        alternates,
                        null);
                return;
            }
        }
        run.note(
                "reference: there is no repository %s: all is fetched from %s"
                        .formatted(reference, displayed()));
    }

    private String require(String name, String description)
            throws IOException, StepAbortedException, GitFailedException {
        String commit = directory.find(name);
        if (commit == null) {
            throw notThere(description);
        }
        return commit;
    }

    private GitFailedException notThere(String description) {
        return GitFailedException.forGood(
                StepEnd.failed(
                        run.name(), null, "%s is not in %s".formatted(description, displayed())));
    }

    /** What is wrong with the repository that is fetched from; null if nothing is. */
    @Nullable GitFailedException faultOfRepository() throws IOException, StepAbortedException {
        List<String> wanted =
                revision != null || branch == null
                        ? List.of("HEAD")
                        : Stream.of(ref().source(), tag(branch).source()).distinct().toList();
        List<String> words = new ArrayList<>(List.of("ls-remote", "--", repository));
        words.addAll(wanted);
        try {
            String answer =
                    directory.git(Map.of("GIT_DIR", "/dev/null"), words.toArray(String[]::new));
            return answer.isEmpty() && revision == null ? notThere(ref().description()) : null;
        } catch (GitFailedException e) {
            return e;
        }
    }
}
