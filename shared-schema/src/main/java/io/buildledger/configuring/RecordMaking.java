package io.buildledger.configuring;

import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes records of their components, as Jackson does: what is absent is null, 0 or false. */
final class RecordMaking {

    private RecordMaking() {}

    /** The record that a file without any of its keys has. */
    static <T> T ofDefaults(Class<T> type) {
        return make(type, Collections.nCopies(type.getRecordComponents().length, null));
    }

    /**
     * @param values of the components, in their order
     */
    static <T> T make(Class<T> type, List<? extends @Nullable Object> values) {
        Class<?>[] components =
                Stream.of(type.getRecordComponents())
                        .map(RecordComponent::getType)
                        .toArray(Class<?>[]::new);
        @Nullable Object[] arguments = new Object[components.length];
        Arrays.setAll(
                arguments, i -> values.get(i) == null ? absent(components[i]) : values.get(i));
        try {
            Constructor<T> canonical = type.getDeclaredConstructor(components);
            canonical.setAccessible(true);
            return canonical.newInstance(arguments);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + " can't be made of its components", e);
        }
    }

    private static @Nullable Object absent(Class<?> type) {
        // An array's elements begin as null, 0 or false.
        return Array.get(Array.newInstance(type, 1), 0);
    }
}
