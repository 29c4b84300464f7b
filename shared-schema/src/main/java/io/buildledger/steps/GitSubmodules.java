package io.buildledger.steps;

import io.buildledger.fetching.SshCommand;
import io.buildledger.stepping.FileStatus;
import io.buildledger.stepping.FileStatus.Kind;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.StepRun;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The submodules of a work directory, with those that they have. */
final class GitSubmodules {

    private static final String OF_SUBMODULE = "160000 ";

    private final GitStep step;
    private final StepRun run;
    private final GitDirectory directory;

    GitSubmodules(GitStep step, StepRun run, GitDirectory directory) {
        this.step = step;
        this.run = run;
        this.directory = directory;
    }

    /**
     * Removes the directories of those that a commit has no more. Git would leave them, and could
     * not put anything else in their place.
     */
    void removeGone(String commit) throws IOException, StepAbortedException, GitFailedException {
        List<String> present = present();
        if (present.isEmpty()) {
            return;
        }
        List<String> words = new ArrayList<>(List.of("ls-tree", "-z", commit, "--"));
        words.addAll(present);
        Set<String> kept = new HashSet<>();
        for (String entry : directory.git(words).split("\0", -1)) {
            if (entry.startsWith(OF_SUBMODULE)) {
                kept.add(entry.substring(entry.indexOf('\t') + 1));
            }
        }
        for (String path : present) {
            if (!kept.contains(path)) {
                run.note("removing submodule %s, which the commit does not have".formatted(path));
                run.worker().remove(directory.within(path));
            }
        }
    }

    private List<String> present() throws IOException, StepAbortedException, GitFailedException {
        if (!areThere()) {
            return List.of();
        }
        try {
            return directory
                    .git("submodule", "--quiet", "foreach", "printf '%s\\n' \"$sm_path\"")
                    .lines()
                    .toList();
        } catch (GitFailedException e) {
            // What a build has left in the index; the checkout puts it right.
            if (e.complaint() == null) {
                throw e;
            }
            return List.of();
        }
    }

    /** Whether any was checked out, now or earlier. */
    boolean areThere() throws IOException, StepAbortedException {
        return directory.has(".git/modules");
    }

    /** Brings each to the commit that the one that has it names, level by level. */
    void update() throws IOException, StepAbortedException, GitFailedException {
        Optional<FileStatus> list = run.worker().stat(directory.within(".gitmodules"));
        if (list.isEmpty() || list.get().kind() != Kind.FILE) {
            return;
        }
        // Git takes an address that is relative to that of the remote of this name.
        Map<String, String> named =
                step.origin().equals(GitStep.DEFAULT_ORIGIN)
                        ? Map.of()
                        : directory.with("remote.origin.url", step.repourl());
        directory.git(named, "submodule", "--quiet", "sync");
        directory.git(named, "submodule", "--quiet", "init");
        directory.git(updating(List.of()));
        String update =
                updating(List.of("--init")).stream()
                        .map(SshCommand::quotedForShell)
                        .collect(Collectors.joining(" "));
        forEach("git submodule --quiet sync && git " + update);
    }

    private List<String> updating(List<String> options) {
        List<String> words = new ArrayList<>(List.of("submodule", "update"));
        words.addAll(options);
        words.addAll(List.of("--force", "--checkout"));
        if (step.remoteSubmodules()) {
            words.add("--remote");
        }
        if (step.progress()) {
            words.add("--progress");
        }
        if (step.shallow() != null) {
            words.add("--depth=" + (step.shallow().equals("true") ? "1" : step.shallow()));
        }
        return words;
    }

    /** Runs a line of a shell in each that is checked out, outer ones first. */
    void forEach(String line) throws IOException, StepAbortedException, GitFailedException {
        directory.git("submodule", "--quiet", "foreach", "--recursive", line);
    }
}
