package io.buildledger.builder.running;

import io.buildledger.configuring.ConfiguredStep;
import io.buildledger.domain.building.Results;
import io.buildledger.stepping.Command;
import io.buildledger.stepping.LockAccess;
import io.buildledger.stepping.StepArguments;
import io.buildledger.stepping.StepCondition;
import io.buildledger.steps.ShellStep;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes shell steps that begin with the defaults of the configuration. */
public final class ScriptStep {

    public static final StepArguments NOTHING_SAID =
            new StepArguments(
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    false,
                    "build",
                    Map.of(),
                    Duration.ofMinutes(20),
                    null,
                    Map.of(),
                    Map.of(),
                    Map.of(),
                    StepCondition.ALWAYS,
                    StepCondition.NEVER,
                    List.of());

    private final String name;
    private final List<String> words;
    private String workdir = "build";
    private Map<String, String> env = Map.of();
    private Duration timeout = Duration.ofMinutes(20);
    private @Nullable Duration maxTime;
    private boolean haltOnFailure;
    private boolean flunkOnFailure = true;
    private boolean warnOnFailure;
    private boolean alwaysRun;
    private Map<Integer, Results> decodeRc = Map.of();
    private Map<String, Object> kw = Map.of();
    private Map<String, String> logFiles = Map.of();
    private List<LockAccess> locks = List.of();

    private ScriptStep(String name, List<String> words) {
        this.name = name;
        this.words = words;
    }

    public static ScriptStep script(String name, String script) {
        return command(name, "/bin/sh", "-c", script);
    }

    public static ScriptStep command(String name, String... words) {
        return new ScriptStep(name, List.of(words));
    }

    public ConfiguredStep step() {
        return new ConfiguredStep(
                new ShellStep(new Command(words)),
                new StepArguments(
                        name,
                        null,
                        haltOnFailure,
                        flunkOnFailure,
                        warnOnFailure,
                        null,
                        null,
                        alwaysRun,
                        workdir,
                        env,
                        timeout,
                        maxTime,
                        decodeRc,
                        kw,
                        logFiles,
                        StepCondition.ALWAYS,
                        StepCondition.NEVER,
                        locks));
    }

    public ScriptStep haltOnFailure() {
        haltOnFailure = true;
        return this;
    }

    public ScriptStep notFlunking() {
        flunkOnFailure = false;
        return this;
    }

    public ScriptStep warning() {
        flunkOnFailure = false;
        warnOnFailure = true;
        return this;
    }

    public ScriptStep alwaysRun() {
        alwaysRun = true;
        return this;
    }

    public ScriptStep timeout(Duration limit) {
        timeout = limit;
        return this;
    }

    public ScriptStep maxTime(Duration limit) {
        maxTime = limit;
        return this;
    }

    public ScriptStep in(String directory) {
        workdir = directory;
        return this;
    }

    public ScriptStep decoding(Map<Integer, Results> codes) {
        decodeRc = codes;
        return this;
    }

    public ScriptStep env(Map<String, String> variables) {
        env = variables;
        return this;
    }

    public ScriptStep saying(Map<String, Object> keywords) {
        kw = keywords;
        return this;
    }

    public ScriptStep locking(LockAccess... accesses) {
        locks = List.of(accesses);
        return this;
    }

    public ScriptStep following(Map<String, String> files) {
        logFiles = files;
        return this;
    }
}
