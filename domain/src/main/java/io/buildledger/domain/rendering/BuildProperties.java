package io.buildledger.domain.rendering;

import io.buildledger.domain.requesting.Property;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/**
 * What a build knows by name. It never changes, nor do the values in it; {@code with…} and {@code
 * without} give a changed copy, which shares with this one what is the same.
 *
 * <p>A value is what JSON can hold: a text, a number, a boolean, or lists and maps of these. JSON's
 * null is no value: a property that is set to null is not set, and one of that name is gone. Names
 * are any text but the empty one; {@link Interpolation} reaches those that consist of letters,
 * digits and {@code _ . -}.
 */
public final class BuildProperties {

    public static final BuildProperties NONE = new BuildProperties(TreePMap.empty());

    private static final String BY_WORKER = "Worker";

    private final PSortedMap<String, Property> byName;

    private BuildProperties(PSortedMap<String, Property> byName) {
        this.byName = byName;
    }

    public Optional<Property> get(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    public Optional<Object> value(String name) {
        return get(name).map(Property::value);
    }

    /** All, by name; can't be changed. */
    public SortedMap<String, Property> asMap() {
        return byName;
    }

    /**
     * @param source who sets it; a step gives its name
     * @throws IllegalArgumentException if the name is empty or the value no JSON; says which
     */
    public BuildProperties with(String name, @Nullable Object value, String source) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException(
                    "a property of %s has no name: give it one".formatted(source));
        }
        return value == null
                ? without(name)
                : new BuildProperties(
                        byName.plus(name, new Property(requireJson(name, value), source)));
    }

    /** As if each were set by itself. */
    public BuildProperties with(Map<String, ? extends @Nullable Object> values, String source) {
        BuildProperties result = this;
        for (Map.Entry<String, ? extends @Nullable Object> entry : values.entrySet()) {
            result = result.with(entry.getKey(), entry.getValue(), source);
        }
        return result;
    }

    /** As if each were set by itself, by its own source. */
    public BuildProperties with(Map<String, Property> properties) {
        BuildProperties result = this;
        for (Map.Entry<String, Property> entry : properties.entrySet()) {
            Property property = entry.getValue();
            result = result.with(entry.getKey(), property.value(), property.source());
        }
        return result;
    }

    /** Sets those that are not set. */
    public BuildProperties withDefaults(
            Map<String, ? extends @Nullable Object> values, String source) {
        BuildProperties result = this;
        for (Map.Entry<String, ? extends @Nullable Object> entry : values.entrySet()) {
            if (!result.byName.containsKey(entry.getKey())) {
                result = result.with(entry.getKey(), entry.getValue(), source);
            }
        }
        return result;
    }

    /**
     * With the directories, which are known once the worker is attached.
     *
     * @param baseDir the worker's directory, an absolute path there
     * @param buildDir the builder's within it, an absolute path there
     */
    public BuildProperties withDirectories(String baseDir, String buildDir) {
        return with("basedir", baseDir, BY_WORKER).with("builddir", buildDir, BY_WORKER);
    }

    /** As if it had never been set; also where it was not. */
    public BuildProperties without(String name) {
        return byName.containsKey(name) ? new BuildProperties(byName.minus(name)) : this;
    }

    private static Object requireJson(String name, Object value) {
        return switch (value) {
            case Double it when !Double.isFinite(it) -> throw noJson(name, it.toString());
            case Float it when !Float.isFinite(it) -> throw noJson(name, it.toString());
            case String _, Boolean _, Integer _, Long _, BigInteger _, Double _, BigDecimal _ ->
                    value;
            case Byte _, Short _, Float _ -> value;
            case List<?> it -> {
                List<@Nullable Object> copy = new ArrayList<>(it.size());
                for (Object element : it) {
                    copy.add(element == null ? null : requireJson(name, element));
                }
                yield Collections.unmodifiableList(copy);
            }
            case Map<?, ?> it -> {
                Map<String, @Nullable Object> copy = new LinkedHashMap<>();
                for (Map.Entry<?, ?> entry : it.entrySet()) {
                    if (!(entry.getKey() instanceof String key)) {
                        throw noJson(name, "a map with the key " + entry.getKey());
                    }
                    Object element = entry.getValue();
                    copy.put(key, element == null ? null : requireJson(name, element));
                }
                yield Collections.unmodifiableMap(copy);
            }
            default -> throw noJson(name, "a " + value.getClass().getName());
        };
    }

    private static IllegalArgumentException noJson(String name, String what) {
        return new IllegalArgumentException(
                "property '%s' is or contains %s: a text, a number, a boolean, a list or a map with texts as keys is right"
                        .formatted(name, what));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BuildProperties it && it.byName.equals(byName);
    }

    @Override
    public int hashCode() {
        return byName.hashCode();
    }

    @Override
    public String toString() {
        return byName.toString();
    }
}
