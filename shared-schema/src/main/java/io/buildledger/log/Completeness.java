package io.buildledger.log;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
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
                            .map(RecordComponent::getAccessor)
                            .toList();
                }
            };

    private Completeness() {}

    /** The first part that is missing. */
    static Optional<String> missing(Object event) {
        for (Method part : REQUIRED.get(event.getClass())) {
            Object value = value(event, part);
            if (value == null) {
                return Optional.of(part.getName());
            }
            if (value.getClass().isRecord()) {
                Optional<String> inside = missing(value);
                if (inside.isPresent()) {
                    return inside.map(name -> part.getName() + "." + name);
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
