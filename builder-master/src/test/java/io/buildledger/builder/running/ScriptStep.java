package io.buildledger.builder.running;

import io.buildledger.configuring.Configuration.Command;
import io.buildledger.configuring.Configuration.ShellStep;
import io.buildledger.domain.building.Results;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes shell steps that begin with the defaults of the configuration. */
final class ScriptStep {

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

    private ScriptStep(String name, List<String> words) {
        this.name = name;
        this.words = words;
    }

    static ScriptStep script(String name, String script) {
        return command(name, "/bin/sh", "-c", script);
    }

    static ScriptStep command(String name, String... words) {
        return new ScriptStep(name, List.of(words));
    }

    ShellStep step() {
        return new ShellStep(
                new Command(words),
                name,
                workdir,
                env,
                timeout,
                maxTime,
                haltOnFailure,
                flunkOnFailure,
                warnOnFailure,
                alwaysRun,
                decodeRc);
    }

    ScriptStep haltOnFailure() {
        haltOnFailure = true;
        return this;
    }

    ScriptStep notFlunking() {
        flunkOnFailure = false;
        return this;
    }

    ScriptStep warning() {
        flunkOnFailure = false;
        warnOnFailure = true;
        return this;
    }

    ScriptStep alwaysRun() {
        alwaysRun = true;
        return this;
    }

    ScriptStep timeout(Duration limit) {
        timeout = limit;
        return this;
    }

    ScriptStep maxTime(Duration limit) {
        maxTime = limit;
        return this;
    }

    ScriptStep in(String directory) {
        workdir = directory;
        return this;
    }

    ScriptStep decoding(Map<Integer, Results> codes) {
        decodeRc = codes;
        return this;
    }

    ScriptStep env(Map<String, String> variables) {
        env = variables;
        return this;
    }
}
