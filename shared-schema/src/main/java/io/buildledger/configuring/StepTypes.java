package io.buildledger.configuring;

import io.buildledger.configuring.FactoryTypes.Found;
import io.buildledger.stepping.Step;
import io.buildledger.stepping.StepType;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/** The types of steps that are on the class path, by their names. */
final class StepTypes {

    private static final Found<Step> FOUND = in(StepTypes.class.getClassLoader());

    private StepTypes() {}

    /**
     * @throws InvalidConfigurationException if a jar that brings steps can't be used
     */
    static void requireUsable() {
        FOUND.requireUsable();
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

    static Found<Step> in(ClassLoader loader) {
        return new FactoryTypes<Step>(Step.class, "a step", "the step type", it -> of(it).value())
                .in(loader);
    }
}
