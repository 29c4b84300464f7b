package io.buildledger.configuring;

import io.buildledger.stepping.Step;
import io.buildledger.stepping.StepType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.UrlResource;
import org.springframework.core.io.support.PropertiesLoaderUtils;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

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
            return new Found(find(loader), null);
        } catch (IllegalStateException e) {
            return new Found(Map.of(), e.getMessage());
        }
    }

    // Spring's own loader makes objects of the classes, which are records of what a file says.
    private static Map<String, Class<? extends Step>> find(ClassLoader loader) {
        Map<String, Class<? extends Step>> types = new TreeMap<>();
        try {
            for (URL file :
                    Collections.list(
                            loader.getResources(
                                    SpringFactoriesLoader.FACTORIES_RESOURCE_LOCATION))) {
                String names =
                        PropertiesLoaderUtils.loadProperties(new UrlResource(file))
                                .getProperty(Step.class.getName());
                for (String name : StringUtils.commaDelimitedListToStringArray(names)) {
                    add(types, type(name.strip(), file, loader));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the types of steps can't be read", e);
        }
        return Collections.unmodifiableMap(types);
    }

    private static Class<? extends Step> type(String name, URL file, ClassLoader loader) {
        try {
            Class<? extends Step> type = ClassUtils.forName(name, loader).asSubclass(Step.class);
            if (!type.isRecord()) {
                throw new IllegalStateException(
                        "%s, which %s names, is no record".formatted(name, file));
            }
            return type;
        } catch (ClassNotFoundException | LinkageError | ClassCastException e) {
            throw new IllegalStateException(
                    "%s names %s, which is no class of a step".formatted(file, name), e);
        }
    }

    private static void add(Map<String, Class<? extends Step>> types, Class<? extends Step> type) {
        Class<? extends Step> other = types.putIfAbsent(of(type).value(), type);
        if (other != null && other != type) {
            throw new IllegalStateException(
                    "%s and %s are both the step type '%s'"
                            .formatted(other.getName(), type.getName(), of(type).value()));
        }
    }
}
