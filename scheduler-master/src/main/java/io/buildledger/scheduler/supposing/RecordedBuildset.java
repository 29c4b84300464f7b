package io.buildledger.scheduler.supposing;

import io.buildledger.domain.changing.SourceStamp;
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
    private final List<SourceStamp> stamps;
    private final List<Long> changeIds;
    private final SortedMap<String, RecordedRequest> requests = new TreeMap<>();
    private boolean isRebuild;
    private int endedAt = -1;

    RecordedBuildset(
            long id,
            String scheduler,
            Occasion occasion,
            Instant submittedAt,
            List<SourceStamp> stamps,
            List<Long> changeIds,
            Map<String, Long> requestIds) {
        this.id = id;
        this.scheduler = scheduler;
        this.occasion = occasion;
        this.submittedAt = submittedAt;
        this.stamps = stamps;
        this.changeIds = changeIds;
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

    Instant submittedAt() {
        return submittedAt;
    }

    List<SourceStamp> stamps() {
        return stamps;
    }

    List<Long> changeIds() {
        return changeIds;
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

    void ended(int happening) {
        endedAt = happening;
    }

    /** The place of its end among the happenings; -1 if it did not end in that time. */
    int endedAt() {
        return endedAt;
    }
}
