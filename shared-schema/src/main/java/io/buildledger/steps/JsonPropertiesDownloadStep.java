package io.buildledger.steps;

import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.stepping.Step;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepProblems;
import io.buildledger.stepping.StepRun;
import io.buildledger.stepping.StepType;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes the build's properties and source stamps to a file of the worker's, as JSON.
 *
 * @param workerdest the file, relative to {@code workdir}
 * @param mode the file's permissions, such as {@code '0644'}; default the worker's
 */
@StepType(value = "json_properties_download", haltOnFailure = true)
public record JsonPropertiesDownloadStep(String workerdest, @Nullable String mode) implements Step {

    /** What the file holds. */
    private record Contents(Map<String, Object> properties, List<Source> sourcestamps) {}

    private record Source(
            String codebase,
            String repository,
            @Nullable String branch,
            @Nullable String revision,
            String project) {

        static Source of(SourceStamp stamp) {
            return new Source(
                    stamp.codebase(),
                    stamp.repository(),
                    stamp.branch(),
                    stamp.revision(),
                    stamp.project());
        }
    }

    @Override
    public void check(StepProblems problems) {
        new RequiredKeys("json_properties_download", problems)
                .ofWorkdir("workerdest", workerdest)
                .mode(mode);
    }

    @Override
    public StepEnd run(StepRun run) throws IOException, StepAbortedException {
        Map<String, Object> values = new TreeMap<>();
        run.properties().forEach((name, property) -> values.put(name, property.value()));
        Contents contents =
                new Contents(values, run.build().sourceStamps().stream().map(Source::of).toList());
        return StringDownloadStep.write(
                run, JsonMapper.shared().writeValueAsString(contents), workerdest, mode);
    }
}
