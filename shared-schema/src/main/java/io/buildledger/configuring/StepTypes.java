package io.buildledger.configuring;

import io.buildledger.stepping.Step;
import io.buildledger.stepping.StepType;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The types of steps that are on the class path, by their names. */
final class StepTypes {

    private static final Found FOUND = in(StepTypes.class.getClassLoader());

    /**
     * What a class path has.
     *
     * @param problem with a jar that brings steps, or null; then there are no types
     */
    record Found(Map<String, Class<? extends Step>> types, @Nullable String problem) {}

    private StepTypes() {}

    /**
     * @throws InvalidConfigurationException if a jar that brings steps can't be used
     */
    static void requireUsable() {
        if (FOUND.problem() != null) {
            throw new InvalidConfigurationException(List.of(FOUND.problem()));
        }
    }

    static Collection<String> names() {
        return FOUND.types().keySet();
    }

    static Map<String, Class<? extends Step>> all() {
        return FOUND.types();
    }

    static Optional<Class<? extends Step>> find(String name) {
        return Optional.ofNullable(FOUND.types().get(name));
    }

    /**
     * What the annotation of a type says.
     *
     * @throws IllegalStateException if the class has none
     */
    static StepType of(Class<? extends Step> type) {
        StepType annotation = type.getAnnotation(StepType.class);
        if (annotation == null) {
            throw new IllegalStateException(
                    "%s lacks @StepType(\"...\"), the name of the type".formatted(type.getName()));
        }
        return annotation;
    }

    static Found in(ClassLoader loader) {
        try {
            return new Found(
                    new FactoryTypes<Step>(
                                    Step.class, "a step", "the step type", it -> of(it).value())
                            .in(loader),
                    null);
        } catch (IllegalStateException e) {
            return new Found(Map.of(), e.getMessage());
        }
    }
}
