package io.buildledger.steps;

import io.buildledger.configuring.RepositoryAddress;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.changing.SourceStamp.Patch;
import io.buildledger.stepping.Ending;
import io.buildledger.stepping.Ending.Exited;
import io.buildledger.stepping.Ending.Interrupted;
import io.buildledger.stepping.Ending.TimedOut;
import io.buildledger.stepping.Invocation;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepRun;
import io.buildledger.stepping.Worker;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A step that brings a source stamp's revision into the work directory. A revision that is there
 * already is not fetched; otherwise its branch is, and all branches and tags only if that was not
 * enough. A directory that git can't work with any more is emptied, once.
 */
final class GitCheckout {

    private static final Pattern OBJECT_ID = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
    private static final int SHORT_ID = 8;

    /** Ends the step with what it carries. */
    private static final class Ended extends Exception {
        private final transient StepEnd end;
        private final boolean byGit;

        Ended(StepEnd end, boolean byGit) {
            super(end.summary());
            this.end = end;
            this.byGit = byGit;
        }
    }

    /**
     * What is fetched.
     *
     * @param source its name in the repository
     * @param target its name here
     */
    private record Ref(String source, String target, String description) {

        static Ref ofBranch(@Nullable String branch) throws StepAbortedException {
            if (branch == null) {
                return new Ref("HEAD", "refs/buildledger/HEAD", "HEAD");
            }
            String name = GitName.requireRef("branch", branch);
            return name.startsWith("refs/")
                    ? new Ref(name, "refs/buildledger/" + name, name)
                    : new Ref(
                            "refs/heads/" + name, "refs/remotes/origin/" + name, "branch " + name);
        }

        String refspec() {
            return "+" + source + ":" + target;
        }
    }

    private final GitStep step;
    private final StepRun run;
    private final Worker worker;
    private final String workdir;
    private final Invocation invocation;
    private final String repository;
    private final Ref ref;
    private final @Nullable String revision;
    private final @Nullable Patch patch;

    GitCheckout(GitStep step, SourceStamp stamp, StepRun run) throws StepAbortedException {
        this.step = step;
        this.run = run;
        this.worker = run.worker();
        this.repository = GitName.requireAddress(step.repourl());
        this.ref = Ref.ofBranch(stamp.branch() == null ? step.branch() : stamp.branch());
        this.revision =
                stamp.revision() == null ? null : GitName.requireRef("revision", stamp.revision());
        this.patch = stamp.patch();
        Invocation ofStep = run.invocation(List.of("git"));
        this.workdir = ofStep.workdir();
        this.invocation =
                ofStep.with(
                                Map.ofEntries(
                                        // Never a repository that happens to be around the work
                                        // directory.
                                        Map.entry("GIT_DIR", worker.absolute(gitDirectory())),
                                        Map.entry("GIT_WORK_TREE", worker.absolute(workdir)),
                                        Map.entry("GIT_TERMINAL_PROMPT", "0"),
                                        Map.entry(
                                                "GIT_ALLOW_PROTOCOL", RepositoryAddress.PROTOCOLS),
                                        // A repack that goes on in the background would be killed
                                        // with the fetch it belongs to.
                                        Map.entry("GIT_CONFIG_COUNT", "2"),
                                        Map.entry("GIT_CONFIG_KEY_0", "gc.autoDetach"),
                                        Map.entry("GIT_CONFIG_VALUE_0", "false"),
                                        Map.entry("GIT_CONFIG_KEY_1", "maintenance.autoDetach"),
                                        Map.entry("GIT_CONFIG_VALUE_1", "false")))
                        .without(Set.of("GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"));
    }

    StepEnd run() throws IOException, StepAbortedException {
        boolean isNew = !isThere();
        try {
            return checkOut();
        } catch (Ended e) {
            if (!e.byGit) {
                return e.end;
            }
            StepEnd fault = faultOfRepository();
            if (fault != null || isNew) {
                return fault == null ? e.end : fault;
            }
        }
        run.note("the repository answers, so the directory is broken: starting afresh");
        worker.remove(workdir);
        try {
            return checkOut();
        } catch (Ended e) {
            return e.end;
        }
    }

    private String gitDirectory() {
        return workdir + "/.git";
    }

    private boolean isThere() throws IOException, StepAbortedException {
        return worker.stat(gitDirectory()).isPresent();
    }

    private StepEnd checkOut() throws IOException, StepAbortedException, Ended {
        if (!isThere()) {
            git("init", "--quiet");
        }
        removeStaleLocks();
        git("config", "remote.origin.url", repository);
        String commit = fetch();
        git("checkout", "--quiet", "--force", "--detach", commit);
        if (step.mode() == GitStep.Mode.FULL) {
            git("clean", "-ffdx", "--quiet");
        }
        if (patch != null) {
            apply(patch);
        }
        return new StepEnd(Results.SUCCESS, 0, "checked out " + commit.substring(0, SHORT_ID));
    }

    /** To the index, too: so the next checkout removes the files that the patch adds. */
    private void apply(Patch patch) throws IOException, StepAbortedException, Ended {
        String file = gitDirectory() + "/buildledger.patch";
        worker.download(
                new ByteArrayInputStream(patch.body().getBytes(StandardCharsets.UTF_8)),
                file,
                null);
        List<String> words = new ArrayList<>(List.of("apply", "--index", "-p" + patch.level()));
        if (!patch.subdir().isEmpty()) {
            words.add("--directory=" + patch.subdir());
        }
        words.addAll(List.of("--", worker.absolute(file)));
        git(words.toArray(String[]::new));
        worker.removeFile(file);
    }

    /** Brings what is wanted into the repository, and returns the commit's full id. */
    private String fetch() throws IOException, StepAbortedException, Ended {
        if (revision == null) {
            git("fetch", "--", "origin", ref.refspec());
            return require(ref.target(), ref.description());
        }
        String commit = OBJECT_ID.matcher(revision).matches() ? find(revision) : null;
        // The branch may be gone, and its commits still be on another.
        if (commit == null && succeeds("fetch", "--", "origin", ref.refspec())) {
            commit = find(revision);
        }
        if (commit != null) {
            return commit;
        }
        git(
                "fetch",
                "--prune",
                "--",
                "origin",
                "+refs/heads/*:refs/remotes/origin/*",
                "+refs/tags/*:refs/tags/*");
        return require(revision, "revision " + revision);
    }

    private String require(String name, String description)
            throws IOException, StepAbortedException, Ended {
        String commit = find(name);
        if (commit == null) {
            throw new Ended(failed("%s is not in %s".formatted(description, displayed())), false);
        }
        return commit;
    }

    /** The full id of the commit that a name means here; null if there is none. */
    private @Nullable String find(String name) throws IOException, StepAbortedException, Ended {
        GitOutput output = new GitOutput();
        int code =
                exitCode(Map.of(), output, "rev-parse", "--quiet", "--verify", name + "^{commit}");
        return code == 0 && OBJECT_ID.matcher(output.answer()).matches() ? output.answer() : null;
    }

    /** What is wrong with the repository that is fetched from; null if nothing is. */
    private @Nullable StepEnd faultOfRepository() throws IOException, StepAbortedException {
        String wanted = revision == null ? ref.source() : "HEAD";
        Map<String, String> nowhere = Map.of("GIT_DIR", "/dev/null");
        try {
            String answer = git(nowhere, "ls-remote", "--", repository, wanted);
            return answer.isEmpty() && revision == null
                    ? failed("%s is not in %s".formatted(ref.description(), displayed()))
                    : null;
        } catch (Ended e) {
            return e.end;
        }
    }

    /** Left by a git that was killed; nothing else works in this directory now. */
    private void removeStaleLocks() throws IOException, StepAbortedException {
        List<String> locks = new ArrayList<>(worker.glob(gitDirectory() + "/*.lock"));
        locks.addAll(worker.glob(gitDirectory() + "/refs/**/*.lock"));
        for (String lock : locks) {
            run.note("removing stale " + lock);
            worker.removeFile(lock);
        }
    }

    private boolean succeeds(String... words) throws IOException, StepAbortedException, Ended {
        return exitCode(Map.of(), new GitOutput(), words) == 0;
    }

    private String git(String... words) throws IOException, StepAbortedException, Ended {
        return git(Map.of(), words);
    }

    private String git(Map<String, String> variables, String... words)
            throws IOException, StepAbortedException, Ended {
        GitOutput output = new GitOutput();
        int code = exitCode(variables, output, words);
        if (code != 0) {
            String complaint = output.complaint();
            String why =
                    complaint.isEmpty()
                            ? "git %s: exit code %d".formatted(words[0], code)
                            : complaint;
            throw new Ended(StepEnd.failed(run.name(), code, why), true);
        }
        return output.answer();
    }

    private int exitCode(Map<String, String> variables, GitOutput output, String... words)
            throws IOException, StepAbortedException, Ended {
        List<String> command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(words));
        Ending ending = worker.run(invocation.of(command).with(variables), output);
        return switch (ending) {
            case Exited exited -> exited.code();
            case TimedOut timedOut -> throw new Ended(failed(timedOut.description()), false);
            case Interrupted interrupted ->
                    throw new Ended(StepEnd.cancelled(interrupted.reason()), false);
        };
    }

    private StepEnd failed(String why) {
        return StepEnd.failed(run.name(), null, why);
    }

    private String displayed() {
        return RepositoryAddress.withoutCredentials(repository);
    }
}
