package io.buildledger.domain.cancelling;

import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.changing.SourceStampFilter;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Ends the requests of a builder for which another asks, on the same branch, that was made for a
 * newer change. A change alone ends nothing: there may be no build of it.
 *
 * <p>What asks for itself alone neither ends others nor is ended: a buildset that a build waits
 * for, one with a patch, and a rebuild. Nor is a buildset ended of which a source stamp names no
 * branch.
 */
public record OldBuildCanceller(String name, List<Filter> filters) implements Canceller {

    public static final String TYPE = "old_build_canceller";

    /** Of which builders it ends requests, for which source stamps. */
    public record Filter(Set<String> builderNames, SourceStampFilter stamps) {
        public Filter {
            builderNames = Set.copyOf(builderNames);
        }
    }

    /**
     * A change that a buildset was made for.
     *
     * @param at when it came
     */
    public record Made(long changeId, Instant at) {}

    /** A request that was made for a change, the newest of its branch in the buildset. */
    public record Newer(long requestId, String builder, Branch branch, Made made) {}

    /**
     * A request that may be ended, on one of the branches that it builds.
     *
     * @param newestChange of the branch, of those that it was made for; null if there is none, as
     *     of a forced build
     */
    public record Watched(
            long requestId,
            String builder,
            Branch branch,
            @Nullable Long newestChange,
            Instant askedAt) {

        /** Why the newer request makes this one not worth a build; empty if it does not. */
        public Optional<String> supersededBy(Newer newer) {
            if (!newer.builder().equals(builder) || !newer.branch().equals(branch)) {
                return Optional.empty();
            }
            boolean isNewer =
                    newestChange == null
                            ? newer.made().at().isAfter(askedAt)
                            : newer.made().changeId() > newestChange;
            return isNewer
                    ? Optional.of(
                            "change %d on %s came after %s, and request %d builds it"
                                    .formatted(
                                            newer.made().changeId(),
                                            branch,
                                            newestChange == null
                                                    ? "this request"
                                                    : "change " + newestChange,
                                            newer.requestId()))
                    : Optional.empty();
        }
    }

    /**
     * What a buildset is to it.
     *
     * @param newer requests before which older ones may have to end
     * @param watched requests that later ones may end
     */
    public record Reading(List<Newer> newer, List<Watched> watched) {}

    public OldBuildCanceller {
        filters = List.copyOf(filters);
    }

    /** The branches of a buildset of which it has to know more; none if it is nothing to it. */
    public Set<Branch> branches(BuildsetSubmitted buildset) {
        Set<Branch> branches = new LinkedHashSet<>();
        buildset.requestIds()
                .keySet()
                .forEach(builder -> branches.addAll(branches(buildset, builder)));
        return branches;
    }

    private Set<Branch> branches(BuildsetSubmitted buildset, String builder) {
        Set<Branch> branches = new LinkedHashSet<>();
        if (!isForItselfAlone(buildset)) {
            for (SourceStamp stamp : buildset.sourceStamps()) {
                if (filters.stream()
                        .anyMatch(it ->
                                it.builderNames().contains(builder)
                                        && it.stamps().accepts(stamp))) {
                    Branch.of(stamp).ifPresent(branches::add);
                }
            }
        }
        return branches;
    }

    private static boolean isForItselfAlone(BuildsetSubmitted buildset) {
        return buildset.waitedFor()
                || buildset.rebuiltFrom() != null
                || buildset.sourceStamps().stream().anyMatch(it -> it.patch() != null);
    }

    /**
     * @param newest of each of its {@linkplain #branches branches}, the newest of the changes that
     *     the buildset was made for
     */
    public Reading read(BuildsetSubmitted buildset, Map<Branch, Made> newest) {
        boolean canBeEnded = buildset.sourceStamps().stream().allMatch(it -> it.branch() != null);
        List<Newer> newer = new ArrayList<>();
        List<Watched> watched = new ArrayList<>();
        buildset.requestIds()
                .forEach((builder, requestId) -> {
                    for (Branch branch : branches(buildset, builder)) {
                        @Nullable Made made = newest.get(branch);
                        if (made != null) {
                            newer.add(new Newer(requestId, builder, branch, made));
                        }
                        if (canBeEnded) {
                            watched.add(
                                    new Watched(
                                            requestId,
                                            builder,
                                            branch,
                                            made == null ? null : made.changeId(),
                                            buildset.submittedAt()));
                        }
                    }
                });
        return new Reading(List.copyOf(newer), List.copyOf(watched));
    }
}
