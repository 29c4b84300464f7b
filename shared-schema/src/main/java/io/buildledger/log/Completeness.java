package io.buildledger.log;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds what an event must have and has not: JSON that lacks a part is read as null. */
final class Completeness {

    private static final ClassValue<List<Method>> REQUIRED =
            new ClassValue<>() {
                @Override
                protected List<Method> computeValue(Class<?> type) {
                    if (!type.isRecord()) {
                        return List.of();
                    }
                    return Arrays.stream(type.getRecordComponents())
                            .filter(component -> !component.getType().isPrimitive())
                            .filter(component ->
                                    !component
                                            .getAnnotatedType()
                                            .isAnnotationPresent(Nullable.class))
                            .map(Completeness::accessor)
                            .toList();
                }
            };

    private Completeness() {}

    private static Method accessor(RecordComponent component) {
        Method accessor = component.getAccessor();
        // Or whether it may be called is found out at each call.
        accessor.setAccessible(true);
        return accessor;
    }

    /** The first part that is missing, such as {@code sourceStamps[1].branch}. */
    static Optional<String> missing(Object event) {
        for (Method part : REQUIRED.get(event.getClass())) {
            Object value = value(event, part);
            Optional<String> missing = missing(part.getName(), value);
            // What may be anything, as a property's value, may hold null.
            if (missing.isEmpty() && part.getReturnType() != Object.class) {
                missing = missingInside(part.getName(), value);
            }
            if (missing.isPresent()) {
                return missing;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> missing(String name, @Nullable Object value) {
        return switch (value) {
            case null -> Optional.of(name);
            case Record inside -> missing(inside).map(part -> name + "." + part);
            default -> Optional.empty();
        };
    }

    private static Optional<String> missingInside(String name, @Nullable Object value) {
        if (value instanceof Collection<?> items) {
            int place = 0;
            for (Object item : items) {
                Optional<String> missing = missing("", item);
                if (missing.isPresent()) {
                    return Optional.of(name + "[" + place + "]" + missing.get());
                }
                place++;
            }
        } else if (value instanceof Map<?, ?> map) {
            for (Map.Entry<?, ?> item : map.entrySet()) {
                Optional<String> missing = missing("", item.getValue());
                if (missing.isPresent()) {
                    return Optional.of(name + "[" + item.getKey() + "]" + missing.get());
                }
            }
        }
        return Optional.empty();
    }

    private static @Nullable Object value(Object event, Method part) {
        try {
            return part.invoke(event);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException(e);
        }
    }
}
