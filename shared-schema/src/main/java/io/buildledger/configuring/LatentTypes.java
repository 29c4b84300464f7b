package io.buildledger.configuring;

import io.buildledger.configuring.FactoryTypes.Found;
import io.buildledger.substantiating.LatentType;
import io.buildledger.substantiating.LatentWorker;
import java.util.Map;

/** The ways to start and stop workers that are on the class path, by their names. */
final class LatentTypes {

    private static final Found<LatentWorker> FOUND = in(LatentTypes.class.getClassLoader());

    private LatentTypes() {}

    /**
     * @throws InvalidConfigurationException if a jar that brings some can't be used
     */
    static void requireUsable() {
        FOUND.requireUsable();
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

    static Found<LatentWorker> in(ClassLoader loader) {
        return new FactoryTypes<LatentWorker>(
                        LatentWorker.class,
                        "a latent worker",
                        "the type of latent worker",
                        LatentTypes::nameOf)
                .in(loader);
    }
}
