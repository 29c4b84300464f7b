package io.buildledger.steps;

import io.buildledger.stepping.ArtifactUpload;
import io.buildledger.stepping.FileStatus;
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
 * Keeps a file of the worker's as an artifact of the build.
 *
 * @param workersrc the file, relative to {@code workdir}
 * @param masterdest where it is among the build's artifacts
 * @param maxsize in bytes; the step fails with a larger file
 * @param url where the file can be found, for the step's summary
 */
@StepType(value = "file_upload", haltOnFailure = true)
public record FileUploadStep(
        String workersrc, String masterdest, @Nullable Long maxsize, @Nullable String url)
        implements Step {

    @Override
    public void check(StepProblems problems) {
        new RequiredKeys("file_upload", problems)
                .ofWorkdir("workersrc", workersrc)
                .artifact("masterdest", masterdest)
                .maxsize(maxsize);
    }

    @Override
    public StepEnd run(StepRun run) throws IOException, StepAbortedException {
        String source = run.inWorkdir(workersrc);
        Optional<FileStatus> found = run.worker().stat(source);
        if (found.isPresent() && found.get().kind() == FileStatus.Kind.DIRECTORY) {
            throw StepAbortedException.failed(
                    "%s is a directory: use directory_upload".formatted(workersrc));
        }
        try (ArtifactUpload upload = run.artifacts().upload()) {
            upload.file(source, masterdest, maxsize);
            return Uploaded.end("%s as %s".formatted(workersrc, masterdest), upload.keep(), url);
        }
    }
}
