package io.buildledger.scheduler.serving;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A part of a list.
 *
 * @param next what {@code after} is for those that follow; null if there are none
 */
record Portion<T>(List<T> items, @Nullable String next) {

    /**
     * @param found one more than the limit, where there is more
     * @param place of one in the list, as {@code after} has it
     */
    static <T> Portion<T> of(List<T> found, int limit, Function<T, Object> place) {
        return found.size() <= limit
                ? new Portion<>(found, null)
                : new Portion<>(
                        List.copyOf(found.subList(0, limit)),
                        place.apply(found.get(limit - 1)).toString());
    }
}
