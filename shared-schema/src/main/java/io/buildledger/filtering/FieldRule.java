package io.buildledger.filtering;

import io.buildledger.domain.changing.TextPattern;
import io.buildledger.domain.changing.TextRule;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Which values of a field pass, as a file says it in four keys; one that is absent lets everything
 * pass.
 *
 * @param equal what stands at the field's own key
 * @param notEqual what stands at its {@code _not_eq}
 * @param matching regular expressions at its {@code _re}
 * @param notMatching regular expressions at its {@code _not_re}
 */
public record FieldRule(
        @Nullable OneOrMore equal,
        @Nullable OneOrMore notEqual,
        @Nullable OneOrMore matching,
        @Nullable OneOrMore notMatching) {

    static final String MATCHING = "_re";
    static final String NOT_MATCHING = "_not_re";

    /** Whether the file says anything of the field. */
    public boolean isGiven() {
        return equal != null || notEqual != null || matching != null || notMatching != null;
    }

    /**
     * The same, ready to decide.
     *
     * @throws IllegalArgumentException if {@link #check} has something to tell
     */
    public TextRule toDomain() {
        return new TextRule(
                Set.copyOf(OneOrMore.valuesOf(equal)),
                Set.copyOf(OneOrMore.valuesOf(notEqual)),
                patterns(matching),
                patterns(notMatching));
    }

    private static List<TextPattern> patterns(@Nullable OneOrMore written) {
        return OneOrMore.valuesOf(written).stream().map(TextPattern::new).toList();
    }

    /**
     * Tells of each regular expression that is none.
     *
     * @param field its own key
     * @param problems takes the key that is wrong, and what is wrong with it
     */
    public void check(String field, BiConsumer<String, String> problems) {
        check(field + MATCHING, matching, problems);
        check(field + NOT_MATCHING, notMatching, problems);
    }

    static void check(
            String key, @Nullable OneOrMore patterns, BiConsumer<String, String> problems) {
        for (String pattern : OneOrMore.valuesOf(patterns)) {
            try {
                TextPattern _ = new TextPattern(pattern);
            } catch (IllegalArgumentException e) {
                problems.accept(key, String.valueOf(e.getMessage()));
            }
        }
    }
}
