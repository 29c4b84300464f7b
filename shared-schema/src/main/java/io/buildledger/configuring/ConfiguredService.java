package io.buildledger.configuring;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.buildledger.domain.cancelling.Canceller;
import io.buildledger.domain.cancelling.FailingBuildsetCanceller;
import io.buildledger.domain.cancelling.OldBuildCanceller;
import io.buildledger.domain.changing.SourceStampFilter;
import io.buildledger.filtering.FieldRule;
import io.buildledger.filtering.OneOrMore;
import io.buildledger.filtering.SourceStampRules;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What watches over requests and ends those that are not worth a build any more. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, include = JsonTypeInfo.As.WRAPPER_OBJECT)
@JsonSubTypes({
    @JsonSubTypes.Type(value = ConfiguredService.OldBuilds.class, name = OldBuildCanceller.TYPE),
    @JsonSubTypes.Type(
            value = ConfiguredService.FailingBuildsets.class,
            name = FailingBuildsetCanceller.TYPE)
})
public sealed interface ConfiguredService {

    String name();

    /** The same, ready to decide. */
    Canceller canceller();

    /**
     * Ends a builder's requests when it is asked for a newer change on the same branch.
     *
     * @param name unique in the cluster
     * @param filters of which builders, on which branches
     */
    record OldBuilds(String name, List<OldBuildsOf> filters) implements ConfiguredService {

        public OldBuilds {
            filters = orEmpty(filters);
        }

        @Override
        public Canceller canceller() {
            return new OldBuildCanceller(
                    name,
                    filters.stream()
                            .map(it ->
                                    new OldBuildCanceller.Filter(
                                            Set.copyOf(it.builderNames()),
                                            toDomain(it.sourceStampFilter())))
                            .toList());
        }
    }

    /**
     * @param builderNames whose requests may be ended, each by a later one of the same builder
     * @param sourceStampFilter which branches count; by default all
     */
    record OldBuildsOf(List<String> builderNames, @Nullable StampFilter sourceStampFilter) {
        public OldBuildsOf {
            builderNames = orEmpty(builderNames);
        }
    }

    /**
     * Ends the requests of a buildset when one of it fails.
     *
     * @param name unique in the cluster
     * @param filters whose failure counts, and what it ends
     */
    record FailingBuildsets(String name, List<FailuresOf> filters) implements ConfiguredService {

        public FailingBuildsets {
            filters = orEmpty(filters);
        }

        @Override
        public Canceller canceller() {
            return new FailingBuildsetCanceller(
                    name,
                    filters.stream()
                            .map(it ->
                                    new FailingBuildsetCanceller.Filter(
                                            Set.copyOf(it.builderNames()),
                                            it.cancelBuilderNames() == null
                                                    ? null
                                                    : Set.copyOf(it.cancelBuilderNames()),
                                            toDomain(it.sourceStampFilter())))
                            .toList());
        }
    }

    /**
     * @param builderNames whose failure counts
     * @param cancelBuilderNames whose requests end then; by default all others of the buildset
     * @param sourceStampFilter of which buildsets: one of their source stamps passes; by default
     *     all
     */
    record FailuresOf(
            List<String> builderNames,
            @Nullable List<String> cancelBuilderNames,
            @Nullable StampFilter sourceStampFilter) {
        public FailuresOf {
            builderNames = orEmpty(builderNames);
        }
    }

    /**
     * Which source stamps pass. Each key is one text or a list of them; an absent one lets
     * everything pass. Regular expressions match as a whole.
     */
    record StampFilter(
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
            @Nullable OneOrMore codebaseNotRe) {

        SourceStampRules rules() {
            return new SourceStampRules(
                    new FieldRule(project, projectNotEq, projectRe, projectNotRe),
                    new FieldRule(repository, repositoryNotEq, repositoryRe, repositoryNotRe),
                    new FieldRule(branch, branchNotEq, branchRe, branchNotRe),
                    new FieldRule(codebase, codebaseNotEq, codebaseRe, codebaseNotRe));
        }
    }

    private static SourceStampFilter toDomain(@Nullable StampFilter it) {
        return it == null ? SourceStampFilter.ALL : it.rules().toDomain();
    }

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }
}
