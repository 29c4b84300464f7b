package io.buildledger.filtering;

import io.buildledger.domain.changing.TextRule;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * Which values of properties pass, as a file says it in the four keys of a {@link FieldRule}, each
 * of which has a map by the names of the properties.
 */
public record PropertyRules(
        Map<String, OneOrMore> equal,
        Map<String, OneOrMore> notEqual,
        Map<String, OneOrMore> matching,
        Map<String, OneOrMore> notMatching) {

    private static final String KEY = "property";

    /** Whether the file says anything of any property. */
    public boolean isGiven() {
        return !equal.isEmpty()
                || !notEqual.isEmpty()
                || !matching.isEmpty()
                || !notMatching.isEmpty();
    }

    /**
     * The same by the names of the properties, ready to decide.
     *
     * @throws IllegalArgumentException if {@link #check} has something to tell
     */
    public NavigableMap<String, TextRule> toDomain() {
        Set<String> names = new HashSet<>(equal.keySet());
        names.addAll(notEqual.keySet());
        names.addAll(matching.keySet());
        names.addAll(notMatching.keySet());
        NavigableMap<String, TextRule> rules = new TreeMap<>();
        for (String name : names) {
            FieldRule rule =
                    new FieldRule(
                            equal.get(name),
                            notEqual.get(name),
                            matching.get(name),
                            notMatching.get(name));
            rules.put(name, rule.toDomain());
        }
        return rules;
    }

    /**
     * Tells of each regular expression that is none.
     *
     * @param problems takes what leads to it, with slashes between the keys, and what is wrong
     */
    public void check(BiConsumer<String, String> problems) {
        check(KEY + FieldRule.MATCHING, matching, problems);
        check(KEY + FieldRule.NOT_MATCHING, notMatching, problems);
    }

    private static void check(
            String key, Map<String, OneOrMore> patterns, BiConsumer<String, String> problems) {
        patterns.forEach((name, it) ->
                FieldRule.check(
                        key + "/" + name.replace("~", "~0").replace("/", "~1"), it, problems));
    }
}
