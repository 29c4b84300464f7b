package io.buildledger.builder.running;

import io.buildledger.configuring.Configuration.Command;
import io.buildledger.configuring.Configuration.ShellStep;
import io.buildledger.domain.building.Results;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Makes shell steps with the defaults of the configuration. */
record ScriptStep(ShellStep step) {

    static ScriptStep script(String name, String script) {
        return command(name, "/bin/sh", "-c", script);
    }

    static ScriptStep command(String name, String... words) {
        return new ScriptStep(
                new ShellStep(
                        new Command(List.of(words)),
                        name,
                        null,
                        null,
                        null,
                        null,
                        false,
                        null,
                        false,
                        false,
                        null));
    }

    ScriptStep haltOnFailure() {
        return with(
                step.timeout(),
                step.maxTime(),
                true,
                step.flunkOnFailure(),
                step.warnOnFailure(),
                step.alwaysRun());
    }

    ScriptStep notFlunking() {
        return with(
                step.timeout(),
                step.maxTime(),
                step.haltOnFailure(),
                false,
                step.warnOnFailure(),
                step.alwaysRun());
    }

    ScriptStep warning() {
        return with(
                step.timeout(),
                step.maxTime(),
                step.haltOnFailure(),
                false,
                true,
                step.alwaysRun());
    }

    ScriptStep alwaysRun() {
        return with(
                step.timeout(),
                step.maxTime(),
                step.haltOnFailure(),
                step.flunkOnFailure(),
                step.warnOnFailure(),
                true);
    }

    ScriptStep timeout(Duration timeout) {
        return with(
                timeout,
                step.maxTime(),
                step.haltOnFailure(),
                step.flunkOnFailure(),
                step.warnOnFailure(),
                step.alwaysRun());
    }

    ScriptStep maxTime(Duration maxTime) {
        return with(
                step.timeout(),
                maxTime,
                step.haltOnFailure(),
                step.flunkOnFailure(),
                step.warnOnFailure(),
                step.alwaysRun());
    }

    private ScriptStep with(
            Duration timeout,
            Duration maxTime,
            boolean halt,
            boolean flunk,
            boolean warn,
            boolean always) {
        return new ScriptStep(
                new ShellStep(
                        step.command(),
                        step.name(),
                        step.workdir(),
                        step.env(),
                        timeout,
                        maxTime,
                        halt,
                        flunk,
                        warn,
                        always,
                        step.decodeRc()));
    }

    ScriptStep in(String workdir) {
        return new ScriptStep(
                new ShellStep(
                        step.command(),
                        step.name(),
                        workdir,
                        step.env(),
                        step.timeout(),
                        step.maxTime(),
                        step.haltOnFailure(),
                        step.flunkOnFailure(),
                        step.warnOnFailure(),
                        step.alwaysRun(),
                        step.decodeRc()));
    }

    ScriptStep decoding(Map<Integer, Results> codes) {
        return new ScriptStep(
                new ShellStep(
                        step.command(),
                        step.name(),
                        step.workdir(),
                        step.env(),
                        step.timeout(),
                        step.maxTime(),
                        step.haltOnFailure(),
                        step.flunkOnFailure(),
                        step.warnOnFailure(),
                        step.alwaysRun(),
                        codes));
    }

    ScriptStep env(Map<String, String> env) {
        return new ScriptStep(
                new ShellStep(
                        step.command(),
                        step.name(),
                        step.workdir(),
                        env,
                        step.timeout(),
                        step.maxTime(),
                        step.haltOnFailure(),
                        step.flunkOnFailure(),
                        step.warnOnFailure(),
                        step.alwaysRun(),
                        step.decodeRc()));
    }
}
