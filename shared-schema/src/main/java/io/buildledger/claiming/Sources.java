package io.buildledger.claiming;

import io.buildledger.domain.changing.SourceStamp;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How new the sources of a buildset are: which of two for the same branches holds what the other
 * would have built.
 *
 * @param ofCodebase by the names of the codebases
 */
public record Sources(Map<String, OfCodebase> ofCodebase) {

    /**
     * @param revision null for whatever is newest
     * @param newestChange number of the newest change that the buildset is for; null if it is for
     *     none of that codebase
     */
    public record OfCodebase(@Nullable String revision, @Nullable Long newestChange) {

        /** All is held by whatever is newest and by itself, and a change by a later one. */
        boolean hold(OfCodebase earlier) {
            if (revision == null || revision.equals(earlier.revision)) {
                return true;
            }
            return newestChange != null
                    && (earlier.newestChange == null || newestChange >= earlier.newestChange);
        }
    }

    /**
     * Of a buildset. One of a single codebase has no changes of another.
     *
     * @param codebases finds the codebase of each change, by its number
     */
    public static Sources of(
            List<SourceStamp> stamps,
            List<Long> changeIds,
            Function<List<Long>, Map<Long, String>> codebases) {
        if (stamps.size() == 1) {
            String codebase = stamps.getFirst().codebase();
            Map<Long, String> changes = new HashMap<>();
            changeIds.forEach(change -> changes.put(change, codebase));
            return of(stamps, changes);
        }
        return of(stamps, codebases.apply(changeIds));
    }

    private static Sources of(List<SourceStamp> stamps, Map<Long, String> changes) {
        Map<String, OfCodebase> ofCodebase = new TreeMap<>();
        for (SourceStamp stamp : stamps) {
            Long newest =
                    changes.entrySet().stream()
                            .filter(change -> change.getValue().equals(stamp.codebase()))
                            .map(Map.Entry::getKey)
                            .max(Comparator.naturalOrder())
                            .orElse(null);
            ofCodebase.put(stamp.codebase(), new OfCodebase(stamp.revision(), newest));
        }
        return new Sources(ofCodebase);
    }

    /** Whether nothing is missed when the earlier, of the same codebases, is not built. */
    boolean hold(Sources earlier) {
        return ofCodebase.entrySet().stream()
                .allMatch(it -> {
                    OfCodebase other = earlier.ofCodebase.get(it.getKey());
                    return other != null && it.getValue().hold(other);
                });
    }
}
