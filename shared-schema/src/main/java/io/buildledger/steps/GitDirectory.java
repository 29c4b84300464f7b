package io.buildledger.steps;

import io.buildledger.configuring.RepositoryAddress;
import io.buildledger.stepping.Ending;
import io.buildledger.stepping.Ending.Exited;
import io.buildledger.stepping.Ending.Interrupted;
import io.buildledger.stepping.Ending.Limit;
import io.buildledger.stepping.Ending.TimedOut;
import io.buildledger.stepping.Invocation;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepRun;
import io.buildledger.stepping.Worker;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A directory on the worker with a git repository and its files, and git commands there. */
final class GitDirectory {

    private static final Pattern OBJECT_ID = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
    private static final Pattern COUNT = Pattern.compile("[0-9]{1,4}");

    private final StepRun run;
    private final Worker worker;
    private final String path;
    private final GitCredentials credentials;
    private final List<GitSetting> settings = new ArrayList<>();
    private final int given;
    private final Invocation invocation;

    /**
     * @param path relative to the builder's directory
     */
    GitDirectory(GitStep step, StepRun run, String path, GitCredentials credentials)
            throws StepAbortedException {
        this.run = run;
        this.worker = run.worker();
        this.path = path;
        this.credentials = credentials;
        // A repack that goes on in the background would be killed with the fetch it belongs to.
        settings.add(new GitSetting("gc.autoDetach", "false"));
        settings.add(new GitSetting("maintenance.autoDetach", "false"));
        step.config().forEach((key, value) -> settings.add(new GitSetting(key, value)));
        settings.addAll(credentials.settings());
        Invocation ofStep = run.invocation(List.of("git")).in(path);
        this.given = settingsGiven(ofStep);
        Map<String, String> variables = new HashMap<>(GitSetting.variables(given, settings));
        variables.putAll(credentials.variables());
        // Never a repository that happens to be around the work directory.
        variables.put("GIT_DIR", worker.absolute(inGit("")));
        variables.put("GIT_WORK_TREE", worker.absolute(path));
        variables.put("GIT_TERMINAL_PROMPT", "0");
        variables.put("GIT_ALLOW_PROTOCOL", RepositoryAddress.PROTOCOLS);
        // What git says is looked into.
        variables.put("LANGUAGE", "en");
        this.invocation =
                ofStep.with(variables).without(Set.of("GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"));
    }

    /** How many settings builder, step or worker have by the environment; ours come after them. */
    private int settingsGiven(Invocation ofStep) {
        String count = ofStep.environment().get(GitSetting.COUNT);
        String all = count == null ? worker.environment(GitSetting.COUNT).orElse("") : count;
        return COUNT.matcher(all).matches() ? Integer.parseInt(all) : 0;
    }

    /** Whether a text is the full id of an object, so that it means the same for ever. */
    static boolean isId(String text) {
        return OBJECT_ID.matcher(text).matches();
    }

    /** The path of a file or directory within, relative to the builder's directory. */
    String within(String name) {
        return name.isEmpty() ? path : path + "/" + name;
    }

    /** The path of one of git's own files, relative to the builder's directory. */
    String inGit(String name) {
        return within(name.isEmpty() ? ".git" : ".git/" + name);
    }

    boolean isThere() throws IOException, StepAbortedException {
        return worker.stat(inGit("")).isPresent();
    }

    boolean has(String name) throws IOException, StepAbortedException {
        return worker.stat(within(name)).isPresent();
    }

    void remove() throws IOException, StepAbortedException {
        worker.remove(path);
    }

    /** Left by a git that was killed; nothing else works in this directory now. */
    void removeStaleLocks() throws IOException, StepAbortedException {
        List<String> locks = new ArrayList<>(worker.glob(inGit("*.lock")));
        locks.addAll(worker.glob(inGit("refs/**/*.lock")));
        locks.addAll(worker.glob(inGit("objects/info/**/*.lock")));
        if (has(".git/modules")) {
            locks.addAll(worker.glob(inGit("modules/**/*.lock")));
        }
        for (String lock : locks) {
            run.note("removing stale " + lock);
            worker.removeFile(lock);
        }
    }

    /** The full id of the commit that a name means here; null if there is none. */
    @Nullable String find(String name)
            throws IOException, StepAbortedException, GitFailedException {
        GitOutput output = new GitOutput();
        int code =
                exitCode(
                        // What a partial clone lacks is fetched otherwise, with its history.
                        Map.of("GIT_NO_LAZY_FETCH", "1"),
                        output,
                        List.of("rev-parse", "--quiet", "--verify", name + "^{commit}"));
        return code == 0 && isId(output.answer()) ? output.answer() : null;
    }

    boolean succeeds(String... words) throws IOException, StepAbortedException, GitFailedException {
        return exitCode(Map.of(), new GitOutput(), List.of(words)) == 0;
    }

    /** What the command prints, of which the first 64 KiB are kept. */
    String git(String... words) throws IOException, StepAbortedException, GitFailedException {
        return git(Map.of(), words);
    }

    String git(List<String> words) throws IOException, StepAbortedException, GitFailedException {
        return git(words.toArray(String[]::new));
    }

    String git(Map<String, String> variables, String... words)
            throws IOException, StepAbortedException, GitFailedException {
        GitOutput output = new GitOutput();
        int code = exitCode(variables, output, Arrays.asList(words));
        if (code != 0) {
            GitComplaint complaint = output.complaint(words[0], code);
            String line = credentials.cleaned(complaint.firstLine());
            String why = line.isEmpty() ? "git %s: exit code %d".formatted(words[0], code) : line;
            throw GitFailedException.ofGit(StepEnd.failed(run.name(), code, why), complaint);
        }
        return output.answer();
    }

    /** Variables that give a command one more setting. */
    Map<String, String> with(String key, String value) {
        return GitSetting.variables(
                given,
                Stream.concat(settings.stream(), Stream.of(new GitSetting(key, value))).toList());
    }

    private int exitCode(Map<String, String> variables, GitOutput output, List<String> words)
            throws IOException, StepAbortedException, GitFailedException {
        List<String> command = new ArrayList<>(List.of("git"));
        command.addAll(words);
        Ending ending = worker.run(invocation.of(command).with(variables), output);
        return switch (ending) {
            case Exited exited -> exited.code();
            case TimedOut timedOut -> throw ended(timedOut);
            case Interrupted interrupted ->
                    throw StepAbortedException.interrupted(interrupted.reason());
        };
    }

    private GitFailedException ended(TimedOut timedOut) {
        StepEnd end = StepEnd.failed(run.name(), null, timedOut.description());
        return timedOut.limit() == Limit.TIMEOUT
                ? GitFailedException.ofTimeout(end)
                : GitFailedException.forGood(end);
    }
}
