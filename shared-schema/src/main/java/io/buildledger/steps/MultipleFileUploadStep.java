package io.buildledger.steps;

import io.buildledger.domain.building.Results;
import io.buildledger.stepping.ArtifactUpload;
import io.buildledger.stepping.FileStatus;
import io.buildledger.stepping.Step;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepProblems;
import io.buildledger.stepping.StepRun;
import io.buildledger.stepping.StepType;
import io.buildledger.stepping.Worker;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps several files and directories of the worker's as artifacts of the build, all or none.
 *
 * @param workersrcs the files and directories, relative to {@code workdir}
 * @param masterdest below what they are among the build's artifacts, each by the last name of its
 *     path; {@code .} for the top
 * @param glob whether {@code workersrcs} are patterns; without a match the step is SKIPPED
 * @param maxsize in bytes; the step fails if one of the files, or of the directories, has more
 * @param compress how directories are compressed on their way; by default not
 * @param url where the files can be found, for the step's summary
 */
@StepType(value = "multiple_file_upload", haltOnFailure = true)
public record MultipleFileUploadStep(
        List<String> workersrcs,
        String masterdest,
        boolean glob,
        @Nullable Long maxsize,
        @Nullable Compression compress,
        @Nullable String url)
        implements Step {

    @Override
    public void check(StepProblems problems) {
        RequiredKeys required = new RequiredKeys("multiple_file_upload", problems);
        if (workersrcs == null) {
            problems.missing(
                    "workersrcs",
                    "a multiple_file_upload step lacks its workersrcs: add workersrcs: [...]");
        } else {
            for (int i = 0; i < workersrcs.size(); i++) {
                if (workersrcs.get(i) == null || workersrcs.get(i).isBlank()) {
                    problems.problem(
                            "workersrcs/" + i, "workersrcs has an empty one: name what is meant");
                } else {
                    required.relativeToWorkdir("workersrcs", "workersrcs/" + i, workersrcs.get(i));
                }
            }
        }
        required.artifactDirectory("masterdest", masterdest).maxsize(maxsize);
    }

    @Override
    public StepEnd run(StepRun run) throws IOException, StepAbortedException {
        Collection<String> sources = sources(run);
        if (sources.isEmpty()) {
            return new StepEnd(Results.SKIPPED, null, "skipped " + run.name() + ": no such files");
        }
        try (ArtifactUpload upload = run.artifacts().upload()) {
            for (String source : sources) {
                bring(run.worker(), source, upload);
            }
            return Uploaded.end("to " + masterdest, upload.keep(), url);
        }
    }

    private Collection<String> sources(StepRun run) throws IOException, StepAbortedException {
        List<String> named = new ArrayList<>();
        for (String source : workersrcs) {
            named.add(run.inWorkdir(source));
        }
        if (!glob) {
            return named;
        }
        // Patterns may match the same.
        Collection<String> found = new LinkedHashSet<>();
        for (String pattern : named) {
            found.addAll(run.worker().glob(pattern));
        }
        return found;
    }

    private void bring(Worker worker, String source, ArtifactUpload upload)
            throws IOException, StepAbortedException {
        Optional<FileStatus> status = worker.stat(source);
        if (status.isEmpty()) {
            throw StepAbortedException.failed("there is no %s on the worker".formatted(source));
        }
        String below = masterdest + "/" + lastName(source);
        switch (status.get().kind()) {
            case FILE -> upload.file(source, below, maxsize);
            case DIRECTORY -> upload.directory(source, below, maxsize, compress != null);
            case OTHER ->
                    throw StepAbortedException.failed(
                            "%s is neither a file nor a directory".formatted(source));
        }
    }

    private static String lastName(String path) {
        String whole = path.replaceFirst("/+$", "");
        return whole.substring(whole.lastIndexOf('/') + 1);
    }
}
