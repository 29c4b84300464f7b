package io.buildledger.configuring;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.UrlResource;
import org.springframework.core.io.support.PropertiesLoaderUtils;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/**
 * Finds the records that jars bring for an interface, by {@code META-INF/spring.factories}.
 *
 * @param type the interface
 * @param what such a record is, as in "a step"
 * @param called what its name is, as in "the step type"
 * @param name of a record's annotation, by which files name it
 */
record FactoryTypes<T>(
        Class<T> type, String what, String called, Function<Class<? extends T>, String> name) {

    /**
     * What a class path has.
     *
     * @param problem with a jar that brings some, or null; then there are none
     */
    record Found<T>(Map<String, Class<? extends T>> types, @Nullable String problem) {

        /**
         * @throws InvalidConfigurationException if a jar that brings some can't be used
         */
        void requireUsable() {
            if (problem != null) {
                throw new InvalidConfigurationException(List.of(problem));
            }
        }
    }

    /** Those of a class path, by their names. */
    Found<T> in(ClassLoader loader) {
        try {
            return new Found<>(all(loader), null);
        } catch (IllegalStateException e) {
            return new Found<>(Map.of(), e.getMessage());
        }
    }

    // Spring's own loader makes objects of the classes, which are records of what a file says.
    private Map<String, Class<? extends T>> all(ClassLoader loader) {
        Map<String, Class<? extends T>> types = new TreeMap<>();
        try {
            for (URL file :
                    Collections.list(
                            loader.getResources(
                                    SpringFactoriesLoader.FACTORIES_RESOURCE_LOCATION))) {
                String names =
                        PropertiesLoaderUtils.loadProperties(new UrlResource(file))
                                .getProperty(type.getName());
                for (String each : StringUtils.commaDelimitedListToStringArray(names)) {
                    add(types, find(each.strip(), file, loader));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("spring.factories can't be read", e);
        }
        return Collections.unmodifiableMap(types);
    }

    private Class<? extends T> find(String className, URL file, ClassLoader loader) {
        try {
            Class<? extends T> found = ClassUtils.forName(className, loader).asSubclass(type);
            if (!found.isRecord()) {
                throw new IllegalStateException(
                        "%s, which %s names, is no record".formatted(className, file));
            }
            return found;
        } catch (ClassNotFoundException | LinkageError | ClassCastException e) {
            throw new IllegalStateException(
                    "%s names %s, which is no class of %s".formatted(file, className, what), e);
        }
    }

    private void add(Map<String, Class<? extends T>> types, Class<? extends T> found) {
        Class<? extends T> other = types.putIfAbsent(name.apply(found), found);
        if (other != null && other != found) {
            throw new IllegalStateException(
                    "%s and %s are both %s '%s'"
                            .formatted(
                                    other.getName(), found.getName(), called, name.apply(found)));
        }
    }
}
