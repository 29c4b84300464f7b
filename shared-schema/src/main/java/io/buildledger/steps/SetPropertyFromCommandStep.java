package io.buildledger.steps;

import com.google.re2j.Matcher;
import io.buildledger.domain.building.Results;
import io.buildledger.steplog.StepLogs.Source;
import io.buildledger.stepping.Command;
import io.buildledger.stepping.Step;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepProblems;
import io.buildledger.stepping.StepRun;
import io.buildledger.stepping.StepType;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Gives the build properties that a command prints, if the command succeeds. Of more than 64 KiB it
 * takes nothing, and fails.
 *
 * @param command a list is run as it is, a string by {@code /bin/sh -c}
 * @param property the name of the one property that has all of the output
 * @param strip whether space around the output is removed; default true
 * @param includeStdout whether the standard output counts; default true
 * @param includeStderr whether the standard error output counts, too; default false
 * @param extract in place of {@code property}: {@code json} for output that is a JSON object, whose
 *     members are the properties, or a regular expression (RE2) of which each named group is one,
 *     as in {@code version (?P<version>[0-9.]+)}
 */
@StepType("set_property_from_command")
public record SetPropertyFromCommandStep(
        Command command,
        @Nullable String property,
        Boolean strip,
        Boolean includeStdout,
        boolean includeStderr,
        @Nullable String extract)
        implements Step {

    private static final String KIND = "a set_property_from_command step";
    private static final String AS_JSON = "json";
    private static final int MOST = 64 * 1024;
    private static final TypeReference<Map<String, @Nullable Object>> OBJECT =
            new TypeReference<>() {};

    public SetPropertyFromCommandStep {
        strip = strip == null ? Boolean.TRUE : strip;
        includeStdout = includeStdout == null ? Boolean.TRUE : includeStdout;
    }

    @Override
    public void check(StepProblems problems) {
        if (command == null) {
            problems.missing("command", KIND + " lacks its command: add command: ...");
        }
        if (extract == null) {
            PropertyName.check(property, KIND, problems);
        } else if (property != null) {
            problems.problem(
                    "extract", KIND + " has property and extract: keep one, extract names its own");
        } else if (!extract.equals(AS_JSON)) {
            checkPattern(extract, problems);
        }
        if (!includeStdout && !includeStderr) {
            problems.problem(
                    "include_stdout",
                    KIND + " takes neither stdout nor stderr: set include_stderr: true");
        }
    }

    private static void checkPattern(String regex, StepProblems problems) {
        try {
            if (!new OutputPattern(regex).groups().iterator().hasNext()) {
                problems.problem(
                        "extract",
                        "%s: '%s' names no property: write json, or a regular expression with a group (?P<NAME>...)"
                                .formatted(KIND, regex));
            }
        } catch (IllegalArgumentException e) {
            problems.problem("extract", "%s: %s".formatted(KIND, e.getMessage()));
        }
    }

    @Override
    public StepEnd run(StepRun run) throws IOException, StepAbortedException {
        OutputCapture output = new OutputCapture(MOST);
        StepEnd end = run.endOf(run.worker().run(run.invocation(command.words()), output));
        if (end.results() != Results.SUCCESS && end.results() != Results.WARNINGS) {
            return end;
        }
        if (output.exceeded()) {
            return run.end(
                    Results.FAILURE, end.exitCode(), "printed more than %d bytes".formatted(MOST));
        }
        Map<String, Object> found = found(text(output), run);
        found.forEach(run::setProperty);
        return run.end(
                end.results(),
                end.exitCode(),
                found.isEmpty() ? "nothing to set" : "set " + String.join(", ", found.keySet()));
    }

    private String text(OutputCapture output) {
        String stdout = includeStdout ? output.text(Source.STDOUT) : "";
        String stderr = includeStderr ? output.text(Source.STDERR) : "";
        boolean needsBorder = !stdout.isEmpty() && !stderr.isEmpty() && !stdout.endsWith("\n");
        return stdout + (needsBorder ? "\n" : "") + stderr;
    }

    private Map<String, Object> found(String text, StepRun run) throws StepAbortedException {
        if (extract == null) {
            return Map.of(String.valueOf(property), strip ? text.strip() : text);
        }
        return extract.equals(AS_JSON) ? members(text, run) : groups(text, extract);
    }

    private static Map<String, Object> members(String text, StepRun run)
            throws StepAbortedException {
        try {
            Map<String, Object> members = new LinkedHashMap<>();
            Map<String, @Nullable Object> all = JsonMapper.shared().readValue(text, OBJECT);
            if (all == null) {
                throw StepAbortedException.failed("the output is no JSON object: it is null");
            }
            all.forEach((name, value) -> {
                if (value == null || name.isEmpty()) {
                    run.note("property '%s' is not set: it is null or has no name".formatted(name));
                } else {
                    members.put(name, value);
                }
            });
            return members;
        } catch (JacksonException e) {
            throw StepAbortedException.failed(
                    "the output is no JSON object: " + e.getOriginalMessage());
        }
    }

    private Map<String, Object> groups(String text, String regex) throws StepAbortedException {
        OutputPattern pattern;
        try {
            pattern = new OutputPattern(regex);
        } catch (IllegalArgumentException e) {
            throw StepAbortedException.refused(String.valueOf(e.getMessage()));
        }
        Matcher matcher = pattern.in(text);
        if (!matcher.find()) {
            throw StepAbortedException.failed(
                    "nothing in the output is like '%s'".formatted(regex));
        }
        Map<String, Object> groups = new LinkedHashMap<>();
        for (String name : pattern.groups()) {
            String value = matcher.group(name);
            if (value != null) {
                groups.put(name, strip ? value.strip() : value);
            }
        }
        return groups;
    }
}
