package io.buildledger.domain.rendering;

import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.changing.SourceStampFilter;
import io.buildledger.domain.changing.TextRule;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Whether a step runs ({@code do_step_if}), or is shown after it has ended ({@code hide_step_if}),
 * or a request is built ({@code can_start_build}). In the configuration {@code true} or {@code
 * false}; a map of rules, all of which must hold; or {@code all}, {@code any} and {@code not} of
 * these. It depends on what it is given and on nothing else.
 */
public sealed interface Condition {

    /**
     * What a condition is judged by.
     *
     * @param buildResults what the steps before, and the one that has ended, make of the build
     * @param stepResults how the step has ended; null before that
     */
    record Facts(
            BuildProperties properties,
            List<SourceStamp> sourceStamps,
            Results buildResults,
            @Nullable Results stepResults) {

        public Facts {
            sourceStamps = List.copyOf(sourceStamps);
        }
    }

    /**
     * Why it does not hold, for people; empty if it holds.
     *
     * @throws IllegalStateException if it {@link #asksForStepResults} and the step has not ended
     */
    Optional<String> refusal(Facts facts);

    /**
     * @throws IllegalStateException as {@link #refusal} does
     */
    default boolean holds(Facts facts) {
        return refusal(facts).isEmpty();
    }

    /** Whether it can be judged only once the step has ended, and so is none for its start. */
    boolean asksForStepResults();

    /** The same for every step. */
    record Fixed(boolean value) implements Condition {

        @Override
        public Optional<String> refusal(Facts facts) {
            return value ? Optional.empty() : Optional.of("the condition is false");
        }

        @Override
        public boolean asksForStepResults() {
            return false;
        }
    }

    /**
     * Rules, all of which must hold. One that is empty, or {@link SourceStampFilter#ALL}, always
     * does.
     *
     * @param properties rules for the values, as {@link PropertyText} writes them, by the names of
     *     the properties. One that is not set counts as the empty text
     * @param sourceStamp passes one source stamp at least; its {@code codebase} says which is meant
     * @param buildResults what the build has come to is one of these
     * @param stepResults the step has ended as one of these
     */
    record Rules(
            NavigableMap<String, TextRule> properties,
            SourceStampFilter sourceStamp,
            Set<Results> buildResults,
            Set<Results> stepResults)
            implements Condition {

        public Rules {
            properties = Collections.unmodifiableNavigableMap(new TreeMap<>(properties));
            buildResults = inOrder(buildResults);
            stepResults = inOrder(stepResults);
        }

        private static Set<Results> inOrder(Set<Results> results) {
            Set<Results> copy = EnumSet.noneOf(Results.class);
            copy.addAll(results);
            return Collections.unmodifiableSet(copy);
        }

        @Override
        public Optional<String> refusal(Facts facts) {
            return refusalOfProperties(facts.properties())
                    .or(() -> refusalOfStamps(facts.sourceStamps()))
                    .or(() -> refusal("the build", buildResults, facts.buildResults()))
                    .or(() -> refusalOfStep(facts.stepResults()));
        }

        private Optional<String> refusalOfProperties(BuildProperties given) {
            for (Map.Entry<String, TextRule> rule : properties.entrySet()) {
                String name = rule.getKey();
                String text = given.value(name).map(PropertyText::of).orElse("");
                Optional<String> refusal = rule.getValue().refusal("property " + name, text);
                if (refusal.isPresent()) {
                    return refusal;
                }
            }
            return Optional.empty();
        }

        private Optional<String> refusalOfStamps(List<SourceStamp> stamps) {
            if (sourceStamp.equals(SourceStampFilter.ALL)) {
                return Optional.empty();
            }
            List<String> refusals = new ArrayList<>();
            for (SourceStamp stamp : stamps) {
                Optional<String> refusal = sourceStamp.refusal(stamp);
                if (refusal.isEmpty()) {
                    return Optional.empty();
                }
                refusals.add(
                        stamp.codebase().isEmpty()
                                ? refusal.get()
                                : stamp.codebase() + ": " + refusal.get());
            }
            return Optional.of(
                    refusals.isEmpty()
                            ? "the build has no source stamp"
                            : String.join("; ", refusals));
        }

        private Optional<String> refusalOfStep(@Nullable Results results) {
            if (stepResults.isEmpty()) {
                return Optional.empty();
            }
            if (results == null) {
                throw new IllegalStateException(
                        "a condition asks how a step has ended which has not: step_results is for hide_step_if alone");
            }
            return refusal("the step", stepResults, results);
        }

        private static Optional<String> refusal(String what, Set<Results> right, Results results) {
            return right.isEmpty() || right.contains(results)
                    ? Optional.empty()
                    : Optional.of(
                            "%s is %s and not %s"
                                    .formatted(
                                            what,
                                            results,
                                            String.join(
                                                    " or ",
                                                    right.stream().map(Results::name).toList())));
        }

        @Override
        public boolean asksForStepResults() {
            return !stepResults.isEmpty();
        }
    }

    /**
     * Two properties have the same value, as {@link PropertyText} writes it; one that is not set
     * counts as the empty text.
     *
     * @param names of the other property, by the name of the one
     */
    record SameProperties(NavigableMap<String, String> names) implements Condition {

        public SameProperties {
            names = Collections.unmodifiableNavigableMap(new TreeMap<>(names));
        }

        @Override
        public Optional<String> refusal(Facts facts) {
            for (Map.Entry<String, String> pair : names.entrySet()) {
                String one = text(facts, pair.getKey());
                String other = text(facts, pair.getValue());
                if (!one.equals(other)) {
                    return Optional.of(
                            "property %s '%s' is not property %s '%s'"
                                    .formatted(pair.getKey(), one, pair.getValue(), other));
                }
            }
            return Optional.empty();
        }

        private static String text(Facts facts, String name) {
            return facts.properties().value(name).map(PropertyText::of).orElse("");
        }

        @Override
        public boolean asksForStepResults() {
            return false;
        }
    }

    /** Each of these holds. */
    record All(List<Condition> conditions) implements Condition {

        /**
         * @throws IllegalArgumentException if there are none
         */
        public All {
            conditions = requireSome(conditions, "all", true);
        }

        @Override
        public Optional<String> refusal(Facts facts) {
            return conditions.stream()
                    .map(it -> it.refusal(facts))
                    .flatMap(Optional::stream)
                    .findFirst();
        }

        @Override
        public boolean asksForStepResults() {
            return conditions.stream().anyMatch(Condition::asksForStepResults);
        }
    }

    /** One of these holds at least. */
    record Any(List<Condition> conditions) implements Condition {

        /**
         * @throws IllegalArgumentException if there are none
         */
        public Any {
            conditions = requireSome(conditions, "any", false);
        }

        @Override
        public Optional<String> refusal(Facts facts) {
            List<String> refusals = new ArrayList<>();
            for (Condition condition : conditions) {
                Optional<String> refusal = condition.refusal(facts);
                if (refusal.isEmpty()) {
                    return Optional.empty();
                }
                refusals.add(refusal.get());
            }
            return Optional.of(String.join("; ", refusals));
        }

        @Override
        public boolean asksForStepResults() {
            return conditions.stream().anyMatch(Condition::asksForStepResults);
        }
    }

    /** This does not hold. */
    record Not(Condition condition) implements Condition {

        @Override
        public Optional<String> refusal(Facts facts) {
            return condition.holds(facts)
                    ? Optional.of("what is under 'not' holds")
                    : Optional.empty();
        }

        @Override
        public boolean asksForStepResults() {
            return condition.asksForStepResults();
        }
    }

    private static List<Condition> requireSome(
            List<Condition> conditions, String word, boolean instead) {
        if (conditions.isEmpty()) {
            throw new IllegalArgumentException(
                    "%s: [] is a condition without a rule: name one, or write %s"
                            .formatted(word, instead));
        }
        return List.copyOf(conditions);
    }
}
