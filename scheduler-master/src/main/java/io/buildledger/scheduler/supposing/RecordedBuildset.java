package io.buildledger.scheduler.supposing;

import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.requesting.Property;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A buildset that was made in the time that is looked at. */
final class RecordedBuildset {

    private final long id;
    private final String scheduler;
    private final Occasion occasion;
    private final Instant submittedAt;
    private final Instant recordedAt;
    private final List<SourceStamp> stamps;
    private final List<Long> changeIds;
    private final Map<String, Property> properties;
    private final SortedMap<String, RecordedRequest> requests = new TreeMap<>();
    private boolean isRebuild;
    private int endedAt = -1;
    private @Nullable Results results;

    RecordedBuildset(
            long id,
            String scheduler,
            Occasion occasion,
            Instant submittedAt,
            Instant recordedAt,
            List<SourceStamp> stamps,
            List<Long> changeIds,
            Map<String, Property> properties,
            Map<String, Long> requestIds) {
        this.id = id;
        this.scheduler = scheduler;
        this.occasion = occasion;
        this.submittedAt = submittedAt;
        this.recordedAt = recordedAt;
        this.stamps = stamps;
        this.changeIds = changeIds;
        this.properties = properties;
        requestIds.forEach(
                (builder, request) -> requests.put(builder, new RecordedRequest(request, builder)));
    }

    long id() {
        return id;
    }

    /** As it was called then. */
    String scheduler() {
        return scheduler;
    }

    Occasion occasion() {
        return occasion;
    }

    /** When that was recorded which it was made because of. */
    Instant submittedAt() {
        return submittedAt;
    }

    /** When it was recorded itself. */
    Instant recordedAt() {
        return recordedAt;
    }

    List<SourceStamp> stamps() {
        return stamps;
    }

    List<Long> changeIds() {
        return changeIds;
    }

    Map<String, Property> properties() {
        return properties;
    }

    Collection<String> builders() {
        return requests.keySet();
    }

    Collection<RecordedRequest> requests() {
        return requests.values();
    }

    @Nullable RecordedRequest request(String builder) {
        return requests.get(builder);
    }

    void isRebuild(boolean is) {
        isRebuild = is;
    }

    /** Whether somebody had it built once more, so that no scheduler decided it. */
    boolean isRebuild() {
        return isRebuild;
    }

    void ended(int happening, Results how) {
        endedAt = happening;
        results = how;
    }

    /** The place of its end among the happenings; -1 if it did not end in that time. */
    int endedAt() {
        return endedAt;
    }

    /** How it ended; null if it did not end in that time. */
    @Nullable Results results() {
        return results;
    }
}
