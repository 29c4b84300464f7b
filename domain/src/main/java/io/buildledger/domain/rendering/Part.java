package io.buildledger.domain.rendering;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a text that is interpolated consists of. */
sealed interface Part {

    record Literal(String text) implements Part {}

    /**
     * All forms are one: if the value is there, {@code then}, else {@code otherwise}.
     *
     * @param codebase of {@link Selector#SRC}; empty for the others
     * @param byTruth whether the value must be true as well
     * @param then what it becomes if so; null means the value itself
     * @param otherwise what it becomes if not; null where the text does not say
     */
    record Lookup(
            Selector selector,
            String codebase,
            String key,
            boolean byTruth,
            @Nullable List<Part> then,
            @Nullable List<Part> otherwise)
            implements Part {}
}
