package io.buildledger.domain.changing;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which values of a field pass. A field that a change lacks counts as the empty text. An empty part
 * of the rule lets everything pass; a value passes when every part lets it.
 *
 * @param equal the value is one of these
 * @param notEqual the value is none of these
 * @param matching the value matches one of these
 * @param notMatching the value matches none of these
 */
public record TextRule(
        Set<String> equal,
        Set<String> notEqual,
        List<TextPattern> matching,
        List<TextPattern> notMatching) {

    public static final TextRule ANY = new TextRule(Set.of(), Set.of(), List.of(), List.of());

    public TextRule {
        equal = Set.copyOf(equal);
        notEqual = Set.copyOf(notEqual);
        matching = List.copyOf(matching);
        notMatching = List.copyOf(notMatching);
    }

    public static TextRule oneOf(String... values) {
        return new TextRule(Set.of(values), Set.of(), List.of(), List.of());
    }

    public boolean accepts(@Nullable String value) {
        return refusal("", value).isEmpty();
    }

    /**
     * Which part says no; empty if the value passes.
     *
     * @param field what the value is called
     */
    public Optional<String> refusal(String field, @Nullable String value) {
        String text = value == null ? "" : value;
        if (!equal.isEmpty() && !equal.contains(text)) {
            return Optional.of(
                    "%s '%s' is not %s"
                            .formatted(field, text, String.join(" or ", new TreeSet<>(equal))));
        }
        if (notEqual.contains(text)) {
            return Optional.of("%s '%s' is excluded".formatted(field, text));
        }
        if (!matching.isEmpty() && matching.stream().noneMatch(it -> it.matches(text))) {
            return Optional.of("%s '%s' does not match %s".formatted(field, text, or(matching)));
        }
        return notMatching.stream()
                .filter(it -> it.matches(text))
                .findFirst()
                .map(it ->
                        "%s '%s' matches %s, which is excluded"
                                .formatted(field, text, or(List.of(it))));
    }

    private static String or(List<TextPattern> patterns) {
        return String.join(" or ", patterns.stream().map(it -> "/" + it + "/").toList());
    }
}
