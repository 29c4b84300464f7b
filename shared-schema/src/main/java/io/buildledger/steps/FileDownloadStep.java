package io.buildledger.steps;

import io.buildledger.stepping.Step;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepProblems;
import io.buildledger.stepping.StepRun;
import io.buildledger.stepping.StepType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Brings a file of the builder master's to the worker.
 *
 * @param mastersrc the file, relative to the directory of the master's configuration file, which it
 *     may not leave
 * @param workerdest where it is on the worker, relative to {@code workdir}
 * @param maxsize in bytes; the step fails with a larger file
 * @param mode the file's permissions there, such as {@code '0644'}; default the worker's
 */
@StepType(value = "file_download", haltOnFailure = true)
public record FileDownloadStep(
        String mastersrc, String workerdest, @Nullable Long maxsize, @Nullable String mode)
        implements Step {

    @Override
    public void check(StepProblems problems) {
        new RequiredKeys("file_download", problems)
                .ofMaster("mastersrc", mastersrc)
                .ofWorkdir("workerdest", workerdest)
                .maxsize(maxsize)
                .mode(mode);
    }

    @Override
    public StepEnd run(StepRun run) throws IOException, StepAbortedException {
        Integer permissions = FileMode.of(mode);
        Path source = run.masterFile(mastersrc);
        if (maxsize != null && Files.size(source) > maxsize) {
            throw StepAbortedException.failed(
                    "%s has more than %d bytes".formatted(mastersrc, maxsize));
        }
        try (InputStream from = Files.newInputStream(source)) {
            run.worker().download(from, run.inWorkdir(workerdest), permissions);
        }
        return StepEnd.succeeded("downloaded %s to %s".formatted(mastersrc, workerdest));
    }
}
