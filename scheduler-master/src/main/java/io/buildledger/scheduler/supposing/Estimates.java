package io.buildledger.scheduler.supposing;

import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStamp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How long builds would have taken and how they would have ended: as the builder's build of the
 * same did, if there was one; else as long as half of the builder's builds, and well.
 */
final class Estimates {

    private final Map<String, List<Long>> millisOf = new TreeMap<>();
    private final Map<List<SourceStamp>, List<RecordedBuildset>> ofStamps = new HashMap<>();
    private final Map<String, Duration> medians = new TreeMap<>();
    private final Duration median;
    private final long builds;

    Estimates(RecordedTime time) {
        time.backlog().forEach(it -> add(it.request()));
        for (RecordedBuildset buildset : time.buildsets()) {
            ofStamps.computeIfAbsent(buildset.stamps(), _ -> new ArrayList<>(1)).add(buildset);
            buildset.requests().forEach(this::add);
        }
        List<Long> all = new ArrayList<>();
        millisOf.forEach((builder, millis) -> {
            all.addAll(millis);
            medians.put(builder, Duration.ofMillis(Quantiles.of(millis).median()));
        });
        builds = all.size();
        median = all.isEmpty() ? Duration.ZERO : Duration.ofMillis(Quantiles.of(all).median());
    }

    private void add(RecordedRequest request) {
        if (request.lastedMillis() >= 0) {
            millisOf.computeIfAbsent(request.builder(), _ -> new ArrayList<>())
                    .add(request.lastedMillis());
        }
    }

    /** How many builds of all builders have ended. */
    long builds() {
        return builds;
    }

    /** How many builds of a builder have ended. */
    long buildsOf(String builder) {
        return millisOf.getOrDefault(builder, List.of()).size();
    }

    /** Of a builder without builds as of all builders; zero without any. */
    Duration medianOf(String builder) {
        return medians.getOrDefault(builder, median);
    }

    /**
     * The recorded build that tells of a request: one of the same builder and the same sources.
     *
     * @param same the buildset that was made for the same, whose own is preferred; or null
     * @return null if there is none
     */
    @Nullable RecordedRequest build(
            String builder, List<SourceStamp> stamps, @Nullable RecordedBuildset same) {
        if (same != null && same.stamps().equals(stamps)) {
            RecordedRequest own = same.request(builder);
            if (own != null && own.lastedMillis() >= 0) {
                return own;
            }
        }
        for (RecordedBuildset buildset : ofStamps.getOrDefault(stamps, List.of())) {
            RecordedRequest request = buildset.request(builder);
            if (request != null && request.lastedMillis() >= 0) {
                return request;
            }
        }
        return null;
    }

    Duration lasts(String builder, @Nullable RecordedRequest build) {
        return build == null ? medianOf(builder) : Duration.ofMillis(build.lastedMillis());
    }

    static Results results(@Nullable RecordedRequest build) {
        Results results = build == null ? null : build.built();
        return results == null ? Results.SUCCESS : results;
    }
}
