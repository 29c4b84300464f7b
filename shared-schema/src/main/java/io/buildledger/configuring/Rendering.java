package io.buildledger.configuring;

import io.buildledger.domain.rendering.Interpolation;
import io.buildledger.domain.rendering.Scope;
import io.buildledger.stepping.StepCondition;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Interpolates the texts of a record that was bound to a part of a file: its components, and those
 * in its lists, maps and records. Keys of maps and conditions stay as they are. Where a component
 * takes any value, a text that is one interpolation becomes the value that it names.
 */
public final class Rendering {

    private Rendering() {}

    /**
     * The record with its texts as they are in a scope.
     *
     * @throws io.buildledger.domain.rendering.MissingSecret if a text names a secret that there is
     *     not
     */
    public static <T> T of(T record, Scope scope) {
        return walked(
                record,
                (text, takesAny) -> {
                    Interpolation parsed = Interpolation.parse(text);
                    return takesAny ? parsed.value(scope).orElse(null) : parsed.render(scope);
                });
    }

    /**
     * One value of those that JSON can hold, with its texts as they are in a scope.
     *
     * @throws io.buildledger.domain.rendering.MissingSecret as {@link #of} does
     */
    public static Object ofValue(Object value, Scope scope) {
        Object rendered =
                walked(
                        value,
                        Object.class,
                        (text, _) -> Interpolation.parse(text).value(scope).orElse(""));
        return Objects.requireNonNull(rendered);
    }

    /** The texts that {@link #of} would interpolate, by the component that has them. */
    static Map<String, List<String>> textsOf(Object record) {
        Map<String, List<String>> texts = new LinkedHashMap<>();
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            List<String> found = new ArrayList<>();
            @Nullable Object _ =
                    walked(
                            valueOf(component, record),
                            component.getGenericType(),
                            (text, _) -> {
                                found.add(text);
                                return text;
                            });
            texts.put(component.getName(), found);
        }
        return texts;
    }

    @SuppressWarnings("unchecked") // The record is made again of its own components.
    private static <T> T walked(T record, BiFunction<String, Boolean, @Nullable Object> each) {
        RecordComponent[] components = record.getClass().getRecordComponents();
        List<@Nullable Object> values = new ArrayList<>();
        for (RecordComponent component : components) {
            values.add(walked(valueOf(component, record), component.getGenericType(), each));
        }
        return (T) RecordMaking.make(record.getClass(), values);
    }

    private static @Nullable Object walked(
            @Nullable Object value,
            Type declared,
            BiFunction<String, Boolean, @Nullable Object> each) {
        return switch (value) {
            case null -> null;
            case String text -> each.apply(text, declared == Object.class);
            case List<?> list -> {
                List<@Nullable Object> walked = new ArrayList<>();
                list.forEach(it -> walked.add(walked(it, content(declared), each)));
                yield walked;
            }
            case Map<?, ?> map -> {
                Map<Object, @Nullable Object> walked = new LinkedHashMap<>();
                map.forEach((key, it) -> walked.put(key, walked(it, content(declared), each)));
                yield walked;
            }
            case StepCondition condition -> condition;
            case Record record -> walked(record, each);
            default -> value;
        };
    }

    /** What a list or a map holds; anything, where that is not said. */
    private static Type content(Type declared) {
        if (declared instanceof ParameterizedType parameterized) {
            Type[] arguments = parameterized.getActualTypeArguments();
            return arguments[arguments.length - 1];
        }
        return Object.class;
    }

    private static @Nullable Object valueOf(RecordComponent component, Object record) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(record);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException(component + " can't be read", e);
        }
    }
}
