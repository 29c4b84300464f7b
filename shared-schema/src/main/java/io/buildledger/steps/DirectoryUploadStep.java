package io.buildledger.steps;

import io.buildledger.stepping.ArtifactUpload;
import io.buildledger.stepping.Step;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepProblems;
import io.buildledger.stepping.StepRun;
import io.buildledger.stepping.StepType;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the files of a directory of the worker's as artifacts of the build.
 *
 * @param workersrc the directory, relative to {@code workdir}
 * @param masterdest below what its files are among the build's artifacts; {@code .} for the top
 * @param maxsize in bytes; the step fails if what is sent, or all files together, have more
 * @param compress how the files are compressed on their way; by default not
 * @param url where the files can be found, for the step's summary
 */
@StepType(value = "directory_upload", haltOnFailure = true)
public record DirectoryUploadStep(
        String workersrc,
        String masterdest,
        @Nullable Long maxsize,
        @Nullable Compression compress,
        @Nullable String url)
        implements Step {

    @Override
    public void check(StepProblems problems) {
        new RequiredKeys("directory_upload", problems)
                .ofWorkdir("workersrc", workersrc)
                .artifactDirectory("masterdest", masterdest)
                .maxsize(maxsize);
    }

    @Override
    public StepEnd run(StepRun run) throws IOException, StepAbortedException {
        try (ArtifactUpload upload = run.artifacts().upload()) {
            upload.directory(run.inWorkdir(workersrc), masterdest, maxsize, compress != null);
            return Uploaded.end("%s to %s".formatted(workersrc, masterdest), upload.keep(), url);
        }
    }
}
