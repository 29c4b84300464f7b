package io.buildledger.builder.running;

import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.testing.GitRepository;
import io.buildledger.testing.TestLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Checks out a repository of a test, in builds of one step. */
final class GitBench implements AutoCloseable {

    final BuildBench bench;
    final GitRepository origin;
    final Map<String, String> env = new TreeMap<>();

    GitBench(TestLog test, Path directory) throws IOException, InterruptedException {
        bench = new BuildBench(test, directory);
        origin = GitRepository.create(directory.resolve("served/app"), "main");
    }

    /** A step that checks out the repository, in which it finds what a server would tell. */
    GitStepMaker step() {
        return GitStepMaker.git(origin.url());
    }

    static SourceStamp stamp(@Nullable String branch, @Nullable String revision) {
        return new SourceStamp("a label", branch, revision, "", "");
    }

    BuildOutcome run(GitStepMaker step, @Nullable String branch, @Nullable String revision) {
        return bench.prepare(stamp(branch, revision), env, step.step()).run();
    }

    /** The newest commit of the branch {@code main}. */
    BuildOutcome run(GitStepMaker step) {
        return run(step, "main", null);
    }

    Results results(GitStepMaker step, @Nullable String branch, @Nullable String revision) {
        return run(step, branch, revision).results();
    }

    Path build() {
        return bench.builderDirectory().resolve("build");
    }

    String text(String file) throws IOException {
        return Files.readString(build().resolve(file));
    }

    /** The repository in the work directory. */
    GitRepository built() {
        return new GitRepository(build());
    }

    /** The git commands of the last build, as the log has them. */
    List<String> commands(String command) {
        return bench.text(1).stream().filter(it -> it.startsWith("git " + command)).toList();
    }

    /** The names in the builder's directory. */
    List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(bench.builderDirectory())) {
            return files.map(it -> it.getFileName().toString()).sorted().toList();
        }
    }

    @Override
    public void close() {
        bench.close();
    }
}
