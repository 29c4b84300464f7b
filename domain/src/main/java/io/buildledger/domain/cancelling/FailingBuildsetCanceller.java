package io.buildledger.domain.cancelling;

import io.buildledger.domain.changing.SourceStampFilter;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Ends the requests of a buildset of which one has failed. */
public record FailingBuildsetCanceller(String name, List<Filter> filters) implements Canceller {

    public static final String TYPE = "failing_buildset_canceller";

    /**
     * @param builderNames whose failure counts
     * @param cancelBuilderNames whose requests it ends then, or null for all others of the buildset
     * @param stamps it is enough that one of the buildset's passes
     */
    public record Filter(
            Set<String> builderNames,
            @Nullable Set<String> cancelBuilderNames,
            SourceStampFilter stamps) {

        public Filter {
            builderNames = Set.copyOf(builderNames);
            cancelBuilderNames = cancelBuilderNames == null ? null : Set.copyOf(cancelBuilderNames);
        }

        private boolean ends(String builder) {
            return cancelBuilderNames == null || cancelBuilderNames.contains(builder);
        }
    }

    public FailingBuildsetCanceller {
        filters = List.copyOf(filters);
    }

    /** Whether a failure of this builder can count. */
    public boolean heeds(String builder) {
        return filters.stream().anyMatch(it -> it.builderNames().contains(builder));
    }

    /**
     * The requests of a buildset that are not worth a build when a builder's has failed, whether or
     * not they have ended.
     */
    public Set<Long> notWorthABuild(BuildsetSubmitted buildset, String failed) {
        List<Filter> counting =
                filters.stream()
                        .filter(it -> it.builderNames().contains(failed))
                        .filter(it ->
                                buildset.sourceStamps().stream().anyMatch(it.stamps()::accepts))
                        .toList();
        Set<Long> requests = new TreeSet<>();
        buildset.requestIds()
                .forEach((builder, requestId) -> {
                    if (!builder.equals(failed)
                            && counting.stream().anyMatch(it -> it.ends(builder))) {
                        requests.add(requestId);
                    }
                });
        return requests;
    }

    /** Why they are not, in words. */
    public static String reason(BuildsetSubmitted buildset, String failed, long requestId) {
        return "request %d of buildset %d, on builder %s, has failed"
                .formatted(requestId, buildset.buildsetId(), failed);
    }
}
