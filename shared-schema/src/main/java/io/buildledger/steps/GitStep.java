package io.buildledger.steps;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.stepping.Step;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepProblems;
import io.buildledger.stepping.StepRun;
import io.buildledger.stepping.StepType;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Brings the source stamp's revision into the work directory.
 *
 * @param branch what is built where the source stamp names none; the repository's default branch by
 *     default
 * @param codebase whose source stamp it is, of a build that has several
 * @param mode {@code incremental} keeps what earlier builds left; {@code full} removes every file
 *     that is not the repository's
 */
@StepType(value = "git", haltOnFailure = true)
public record GitStep(String repourl, @Nullable String branch, String codebase, Mode mode)
        implements Step {

    /** What becomes of files that are not the repository's. */
    public enum Mode {
        @JsonProperty("incremental")
        INCREMENTAL,
        @JsonProperty("full")
        FULL
    }

    public GitStep {
        codebase = codebase == null ? "" : codebase;
        mode = mode == null ? Mode.INCREMENTAL : mode;
    }

    @Override
    public void check(StepProblems problems) {
        if (repourl == null) {
            problems.missing("repourl", "a git step lacks its repourl: add repourl: ...");
        }
    }

    @Override
    public StepEnd run(StepRun run) throws IOException, StepAbortedException {
        return new GitCheckout(this, stampFor(run), run).run();
    }

    private SourceStamp stampFor(StepRun run) throws StepAbortedException {
        Optional<SourceStamp> stamp = run.build().sourceStampOf(codebase);
        if (stamp.isEmpty()) {
            throw StepAbortedException.refused(
                    "the build has no codebase '%s': name it in the scheduler's codebases, or mend the step's"
                            .formatted(codebase));
        }
        return stamp.get();
    }
}
