package io.buildledger.steps;

import io.buildledger.stepping.Step;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepProblems;
import io.buildledger.stepping.StepRun;
import io.buildledger.stepping.StepType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Writes a text to a file of the worker's, in UTF-8.
 *
 * @param s the text
 * @param workerdest the file, relative to {@code workdir}
 * @param mode the file's permissions, such as {@code '0644'}; default the worker's
 */
@StepType(value = "string_download", haltOnFailure = true)
public record StringDownloadStep(String s, String workerdest, @Nullable String mode)
        implements Step {

    @Override
    public void check(StepProblems problems) {
        if (s == null) {
            problems.missing("s", "a string_download step lacks its s: add s: ...");
        }
        new RequiredKeys("string_download", problems)
                .ofWorkdir("workerdest", workerdest)
                .mode(mode);
    }

    @Override
    public StepEnd run(StepRun run) throws IOException, StepAbortedException {
        return write(run, s, workerdest, mode);
    }

    static StepEnd write(StepRun run, String text, String workerdest, @Nullable String mode)
            throws IOException, StepAbortedException {
        run.worker()
                .download(
                        new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
                        run.inWorkdir(workerdest),
                        FileMode.of(mode));
        return StepEnd.succeeded("downloaded to " + workerdest);
    }
}
