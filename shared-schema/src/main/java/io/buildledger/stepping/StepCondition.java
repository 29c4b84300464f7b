package io.buildledger.stepping;

import com.fasterxml.jackson.annotation.JsonValue;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStampFilter;
import io.buildledger.domain.rendering.Condition;
import io.buildledger.filtering.FieldRule;
import io.buildledger.filtering.OneOrMore;
import io.buildledger.filtering.PropertyRules;
import io.buildledger.filtering.SourceStampRules;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A condition as it is written: {@code true}, {@code false}, or rules. Its texts are not
 * interpolated.
 */
public sealed interface StepCondition {

    StepCondition ALWAYS = new Fixed(true);
    StepCondition NEVER = new Fixed(false);

    /**
     * The same, ready to decide.
     *
     * @throws IllegalArgumentException if {@link #check} has something to tell
     */
    Condition toDomain();

    /**
     * Tells what is wrong with it as it stands in the file.
     *
     * @param key at which it stands, with slashes between the keys that lead to it
     * @param atEnd whether it is judged once the step has ended, and so may ask how
     */
    void check(String key, boolean atEnd, StepProblems problems);

    /** The same for every build. */
    record Fixed(@JsonValue boolean value) implements StepCondition {

        @Override
        public Condition toDomain() {
            return new Condition.Fixed(value);
        }

        @Override
        public void check(String key, boolean atEnd, StepProblems problems) {
            // Nothing can be wrong with it.
        }
    }

    /**
     * All of these must hold; an absent key always does. The keys of a field are one text or a list
     * of them, and those of {@code property} have such by the names of properties. Regular
     * expressions match as a whole.
     *
     * @param property the value is one of these; that of a property that is not set is the empty
     *     text
     * @param propertyNotEq the value is none of these
     * @param propertyRe the value matches one of these
     * @param propertyNotRe the value matches none of these
     * @param sameProperty the property of this name has the same value as the one that is named;
     *     such as {@code {arch: worker_arch}}
     * @param buildResults the build has come to one of these so far
     * @param stepResults the step has ended as one of these; for {@code hideStepIf} alone
     * @param all each of these conditions holds
     * @param any one of these conditions holds at least
     * @param not this condition does not hold
     */
    record Rules(
            Map<String, OneOrMore> property,
            Map<String, OneOrMore> propertyNotEq,
            Map<String, OneOrMore> propertyRe,
            Map<String, OneOrMore> propertyNotRe,
            Map<String, String> sameProperty,
            @Nullable OneOrMore project,
            @Nullable OneOrMore projectNotEq,
            @Nullable OneOrMore projectRe,
            @Nullable OneOrMore projectNotRe,
            @Nullable OneOrMore repository,
            @Nullable OneOrMore repositoryNotEq,
            @Nullable OneOrMore repositoryRe,
            @Nullable OneOrMore repositoryNotRe,
            @Nullable OneOrMore branch,
            @Nullable OneOrMore branchNotEq,
            @Nullable OneOrMore branchRe,
            @Nullable OneOrMore branchNotRe,
            @Nullable OneOrMore codebase,
            @Nullable OneOrMore codebaseNotEq,
            @Nullable OneOrMore codebaseRe,
            @Nullable OneOrMore codebaseNotRe,
            @Nullable Set<Results> buildResults,
            @Nullable Set<Results> stepResults,
            @Nullable List<StepCondition> all,
            @Nullable List<StepCondition> any,
            @Nullable StepCondition not)
            implements StepCondition {

        private static final Condition NO_RULE =
                new Condition.Rules(new TreeMap<>(), SourceStampFilter.ALL, Set.of(), Set.of());

        public Rules {
            property = property == null ? Map.of() : property;
            propertyNotEq = propertyNotEq == null ? Map.of() : propertyNotEq;
            propertyRe = propertyRe == null ? Map.of() : propertyRe;
            propertyNotRe = propertyNotRe == null ? Map.of() : propertyNotRe;
            sameProperty = sameProperty == null ? Map.of() : sameProperty;
            buildResults = inOrder(buildResults);
            stepResults = inOrder(stepResults);
        }

        private static @Nullable Set<Results> inOrder(@Nullable Set<Results> results) {
            if (results == null) {
                return null;
            }
            Set<Results> copy = EnumSet.noneOf(Results.class);
            copy.addAll(results);
            return Collections.unmodifiableSet(copy);
        }

        private PropertyRules properties() {
            return new PropertyRules(property, propertyNotEq, propertyRe, propertyNotRe);
        }

        private SourceStampRules sourceStamp() {
            return new SourceStampRules(
                    new FieldRule(project, projectNotEq, projectRe, projectNotRe),
                    new FieldRule(repository, repositoryNotEq, repositoryRe, repositoryNotRe),
                    new FieldRule(branch, branchNotEq, branchRe, branchNotRe),
                    new FieldRule(codebase, codebaseNotEq, codebaseRe, codebaseNotRe));
        }

        @Override
        public Condition toDomain() {
            Condition own =
                    new Condition.Rules(
                            properties().toDomain(),
                            sourceStamp().toDomain(),
                            buildResults == null ? Set.of() : buildResults,
                            stepResults == null ? Set.of() : stepResults);
            List<Condition> parts = new ArrayList<>();
            if (!own.equals(NO_RULE)) {
                parts.add(own);
            }
            if (!sameProperty.isEmpty()) {
                parts.add(new Condition.SameProperties(new TreeMap<>(sameProperty)));
            }
            if (all != null) {
                parts.add(new Condition.All(toDomain(all)));
            }
            if (any != null) {
                parts.add(new Condition.Any(toDomain(any)));
            }
            if (not != null) {
                parts.add(new Condition.Not(not.toDomain()));
            }
            return parts.size() == 1 ? parts.getFirst() : new Condition.All(parts);
        }

        private static List<Condition> toDomain(List<StepCondition> conditions) {
            return conditions.stream().map(StepCondition::toDomain).toList();
        }

        @Override
        public void check(String key, boolean atEnd, StepProblems problems) {
            String called = called(key);
            BiConsumer<String, String> told =
                    (rule, message) -> problems.problem(key + "/" + rule, called + message);
            if (saysNothing()) {
                problems.missing(
                        key,
                        called
                                + "a condition without a rule: name one, such as branch: main, or write true or false");
            }
            properties().check(told);
            sourceStamp().check(told);
            results("build_results", buildResults, key, problems);
            results("step_results", stepResults, key, problems);
            if (stepResults != null && !atEnd) {
                told.accept(
                        "step_results",
                        "step_results asks how the step has ended, which is known to hide_step_if alone: take it out");
            }
            conditions("all", all, key, atEnd, problems);
            conditions("any", any, key, atEnd, problems);
            if (not != null) {
                not.check(key + "/not", atEnd, problems);
            }
        }

        private boolean saysNothing() {
            return !properties().isGiven()
                    && !sourceStamp().isGiven()
                    && sameProperty.isEmpty()
                    && buildResults == null
                    && stepResults == null
                    && all == null
                    && any == null
                    && not == null;
        }

        private static void results(
                String rule, @Nullable Set<Results> results, String key, StepProblems problems) {
            if (results != null && results.isEmpty()) {
                problems.missing(
                        key + "/" + rule,
                        "%s%s has no result: name one, such as SUCCESS, or leave it out"
                                .formatted(called(key), rule));
            }
        }

        /** How messages begin. */
        private static String called(String key) {
            return key.split("/", 2)[0] + ": ";
        }

        private static void conditions(
                String rule,
                @Nullable List<StepCondition> conditions,
                String key,
                boolean atEnd,
                StepProblems problems) {
            if (conditions == null) {
                return;
            }
            String called = called(key);
            String list = key + "/" + rule;
            if (conditions.isEmpty()) {
                problems.missing(
                        list,
                        "%s%s has no condition: name one, or leave it out".formatted(called, rule));
            }
            for (int i = 0; i < conditions.size(); i++) {
                @Nullable StepCondition condition = conditions.get(i);
                String place = list + "/" + i;
                if (condition == null) {
                    problems.problem(
                            place,
                            called
                                    + "a condition is empty: write true, false, or a rule such as {branch: main}");
                } else {
                    condition.check(place, atEnd, problems);
                }
            }
        }
    }
}
