package io.buildledger.configuring;

import io.buildledger.substantiating.LatentType;
import io.buildledger.substantiating.LatentWorker;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The ways to start and stop workers that are on the class path, by their names. */
final class LatentTypes {

    private static final Found FOUND = in(LatentTypes.class.getClassLoader());

    /**
     * What a class path has.
     *
     * @param problem with a jar that brings some, or null; then there are none
     */
    record Found(Map<String, Class<? extends LatentWorker>> types, @Nullable String problem) {}

    private LatentTypes() {}

    /**
     * @throws InvalidConfigurationException if a jar that brings some can't be used
     */
    static void requireUsable() {
        if (FOUND.problem() != null) {
            throw new InvalidConfigurationException(List.of(FOUND.problem()));
        }
    }

    static Map<String, Class<? extends LatentWorker>> all() {
        return FOUND.types();
    }

    /**
     * @throws IllegalStateException if the class has no name
     */
    static String nameOf(Class<? extends LatentWorker> type) {
        LatentType annotation = type.getAnnotation(LatentType.class);
        if (annotation == null) {
            throw new IllegalStateException(
                    "%s lacks @LatentType(\"...\"), the name of the type"
                            .formatted(type.getName()));
        }
        return annotation.value();
    }

    static Found in(ClassLoader loader) {
        try {
            return new Found(
                    new FactoryTypes<LatentWorker>(
                                    LatentWorker.class,
                                    "a latent worker",
                                    "the type of latent worker",
                                    LatentTypes::nameOf)
                            .in(loader),
                    null);
        } catch (IllegalStateException e) {
            return new Found(Map.of(), e.getMessage());
        }
    }
}
