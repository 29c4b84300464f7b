package io.buildledger.configuring;

import io.buildledger.domain.building.StepPolicy;
import io.buildledger.domain.rendering.Scope;
import io.buildledger.stepping.Step;
import io.buildledger.stepping.StepArguments;
import io.buildledger.stepping.StepType;
import org.jspecify.annotations.Nullable;

/**
 * A step of a builder's factory, as it is written: the step's type as the only key, with what
 * belongs to it below.
 *
 * @param arguments what every step can be told; a value that the type has by itself counts as not
 *     said
 */
public record ConfiguredStep(Step step, StepArguments arguments) {

    public ConfiguredStep {
        arguments = withoutDefaults(arguments, StepTypes.of(step.getClass()));
    }

    private static StepArguments withoutDefaults(StepArguments said, StepType type) {
        return new StepArguments(
                said.name(),
                said.description(),
                unless(type.haltOnFailure(), said.haltOnFailure()),
                unless(true, said.flunkOnFailure()),
                unless(type.warnOnFailure(), said.warnOnFailure()),
                unless(false, said.flunkOnWarnings()),
                unless(true, said.warnOnWarnings()),
                said.alwaysRun(),
                said.workdir(),
                said.env(),
                said.timeout(),
                said.maxTime(),
                said.decodeRc(),
                said.kw(),
                said.logFiles(),
                said.doStepIf(),
                said.hideStepIf(),
                said.locks());
    }

    private static @Nullable Boolean unless(boolean byDefault, @Nullable Boolean said) {
        return (said == null || said == byDefault) ? null : said;
    }

    /** The key under which it stands. */
    public String type() {
        return StepTypes.of(step.getClass()).value();
    }

    public String name() {
        String own = arguments.name() == null ? step.defaultName() : arguments.name();
        return own == null ? type() : own;
    }

    /** Whether it runs commands on the builder master itself. */
    public boolean isOnMaster() {
        return StepTypes.of(step.getClass()).onMaster();
    }

    /** The step with its texts as they are in a scope, but for names and conditions. */
    public ConfiguredStep rendered(Scope scope) {
        StepArguments said = Rendering.of(arguments, scope);
        return new ConfiguredStep(
                Rendering.of(step, scope),
                new StepArguments(
                        arguments.name(),
                        said.description(),
                        said.haltOnFailure(),
                        said.flunkOnFailure(),
                        said.warnOnFailure(),
                        said.flunkOnWarnings(),
                        said.warnOnWarnings(),
                        said.alwaysRun(),
                        said.workdir(),
                        said.env(),
                        said.timeout(),
                        said.maxTime(),
                        said.decodeRc(),
                        arguments.kw(),
                        said.logFiles(),
                        arguments.doStepIf(),
                        arguments.hideStepIf(),
                        arguments.locks()));
    }

    /** What the step's result means for its build. */
    public StepPolicy policy() {
        StepType type = StepTypes.of(step.getClass());
        return new StepPolicy(
                or(arguments.haltOnFailure(), type.haltOnFailure()),
                or(arguments.flunkOnFailure(), true),
                or(arguments.warnOnFailure(), type.warnOnFailure()),
                or(arguments.flunkOnWarnings(), false),
                or(arguments.warnOnWarnings(), true),
                arguments.alwaysRun());
    }

    private static boolean or(@Nullable Boolean said, boolean byDefault) {
        return said == null ? byDefault : said;
    }
}
