package io.buildledger.filtering;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A string, or a list of strings. */
public record OneOrMore(List<String> values) {

    /** The values of a key; none where it is not there. */
    public static List<String> valuesOf(@Nullable OneOrMore written) {
        return written == null ? List.of() : written.values();
    }
}
