package io.buildledger.builder.running;

import io.buildledger.builder.running.Ending.Exited;
import io.buildledger.builder.running.Ending.Interrupted;
import io.buildledger.builder.running.Ending.TimedOut;
import io.buildledger.configuring.Configuration.GitStep;
import io.buildledger.configuring.RepositoryAddress;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.changing.SourceStamp.Patch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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

        static Ref ofBranch(@Nullable String branch) throws StepRefusedException {
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
    private final Path workdir;
    private final Map<String, String> environment;
    private final StepCommands commands;
    private final String repository;
    private final Ref ref;
    private final @Nullable String revision;
    private final @Nullable Patch patch;

    GitCheckout(
            GitStep step,
            SourceStamp stamp,
            BuilderDirectory directory,
            StepEnvironment environment,
            StepCommands commands)
            throws IOException, StepRefusedException {
        this.step = step;
        this.commands = commands;
        this.repository = GitName.requireAddress(step.repourl());
        this.ref = Ref.ofBranch(stamp.branch() == null ? step.branch() : stamp.branch());
        this.revision =
                stamp.revision() == null ? null : GitName.requireRef("revision", stamp.revision());
        this.patch = stamp.patch();
        this.workdir = directory.workdir(step.workdir());
        this.environment = environment.with(Map.of());
        // Never a repository that happens to be around the work directory.
        this.environment.put("GIT_DIR", gitDirectory().toString());
        this.environment.put("GIT_WORK_TREE", workdir.toString());
        this.environment.keySet().removeAll(List.of("GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"));
        this.environment.put("GIT_TERMINAL_PROMPT", "0");
        this.environment.put("GIT_ALLOW_PROTOCOL", RepositoryAddress.PROTOCOLS);
        // A repack that goes on in the background would be killed with the fetch it belongs to.
        this.environment.put("GIT_CONFIG_COUNT", "2");
        this.environment.put("GIT_CONFIG_KEY_0", "gc.autoDetach");
        this.environment.put("GIT_CONFIG_VALUE_0", "false");
        this.environment.put("GIT_CONFIG_KEY_1", "maintenance.autoDetach");
        this.environment.put("GIT_CONFIG_VALUE_1", "false");
    }

    StepEnd run() throws IOException, StepRefusedException {
        boolean isNew = !Files.exists(gitDirectory());
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
        commands.note("the repository answers, so the directory is broken: starting afresh");
        BuilderDirectory.clear(workdir);
        try {
            return checkOut();
        } catch (Ended e) {
            return e.end;
        }
    }

    private Path gitDirectory() {
        return workdir.resolve(".git");
    }

    private StepEnd checkOut() throws IOException, StepRefusedException, Ended {
        if (!Files.exists(gitDirectory())) {
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
        return StepEnd.succeeded("checked out " + commit.substring(0, SHORT_ID));
    }

    /** To the index, too: so the next checkout removes the files that the patch adds. */
    private void apply(Patch patch) throws IOException, StepRefusedException, Ended {
        Path file = gitDirectory().resolve("buildledger.patch");
        Files.writeString(file, patch.body());
        List<String> words = new ArrayList<>(List.of("apply", "--index", "-p" + patch.level()));
        if (!patch.subdir().isEmpty()) {
            words.add("--directory=" + patch.subdir());
        }
        words.addAll(List.of("--", file.toString()));
        git(words.toArray(String[]::new));
        Files.delete(file);
    }

    /** Brings what is wanted into the repository, and returns the commit's full id. */
    private String fetch() throws IOException, StepRefusedException, Ended {
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
            throws IOException, StepRefusedException, Ended {
        String commit = find(name);
        if (commit == null) {
            throw new Ended(failed("%s is not in %s".formatted(description, displayed())), false);
        }
        return commit;
    }

    /** The full id of the commit that a name means here; null if there is none. */
    private @Nullable String find(String name) throws IOException, StepRefusedException, Ended {
        GitOutput output = new GitOutput();
        int code =
                exitCode(
                        environment,
                        output,
                        "rev-parse",
                        "--quiet",
                        "--verify",
                        name + "^{commit}");
        return code == 0 && OBJECT_ID.matcher(output.answer()).matches() ? output.answer() : null;
    }

    /** What is wrong with the repository that is fetched from; null if nothing is. */
    private @Nullable StepEnd faultOfRepository() throws IOException, StepRefusedException {
        String wanted = revision == null ? ref.source() : "HEAD";
        Map<String, String> nowhere = new HashMap<>(environment);
        nowhere.put("GIT_DIR", "/dev/null");
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
    private void removeStaleLocks() throws IOException {
        List<Path> locks = new ArrayList<>();
        try (Stream<Path> files = Files.list(gitDirectory())) {
            files.filter(GitCheckout::isLock).forEach(locks::add);
        }
        Path refs = gitDirectory().resolve("refs");
        if (Files.isDirectory(refs)) {
            try (Stream<Path> files = Files.walk(refs)) {
                files.filter(GitCheckout::isLock).forEach(locks::add);
            }
        }
        for (Path lock : locks) {
            commands.note("removing stale " + workdir.relativize(lock));
            Files.delete(lock);
        }
    }

    private static boolean isLock(Path file) {
        return file.getFileName().toString().endsWith(".lock");
    }

    private boolean succeeds(String... words) throws IOException, StepRefusedException, Ended {
        return exitCode(environment, new GitOutput(), words) == 0;
    }

    private String git(String... words) throws IOException, StepRefusedException, Ended {
        return git(environment, words);
    }

    private String git(Map<String, String> variables, String... words)
            throws IOException, StepRefusedException, Ended {
        GitOutput output = new GitOutput();
        int code = exitCode(variables, output, words);
        if (code != 0) {
            String complaint = output.complaint();
            String why =
                    complaint.isEmpty()
                            ? "git %s: exit code %d".formatted(words[0], code)
                            : complaint;
            throw new Ended(StepEnd.failed(step.name(), code, why), true);
        }
        return output.answer();
    }

    private int exitCode(Map<String, String> variables, GitOutput output, String... words)
            throws IOException, StepRefusedException, Ended {
        List<String> command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(words));
        Ending ending =
                commands.run(
                        new Invocation(command, workdir, variables, step.timeout(), null), output);
        return switch (ending) {
            case Exited exited -> exited.code();
            case TimedOut timedOut -> throw new Ended(failed(timedOut.description()), false);
            case Interrupted interrupted ->
                    throw new Ended(StepEnd.cancelled(interrupted.reason()), false);
        };
    }

    private StepEnd failed(String why) {
        return StepEnd.failed(step.name(), null, why);
    }

    private String displayed() {
        return RepositoryAddress.withoutCredentials(repository);
    }
}
