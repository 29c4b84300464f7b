package io.buildledger.scheduler.serving.buildbot;

import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.changing.SourceStamp.Patch;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.viewing.IndexWalks;
import io.buildledger.viewing.IndexWalks.Stamp;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Source stamps of buildsets as Buildbot's clients know them. Those that say the same have one
 * number, which is made of the first buildset that was of it.
 */
@Component
class StampRows {

    private final IndexWalks walks;
    private final EventLog log;

    StampRows(IndexWalks walks, EventLog log) {
        this.walks = walks;
        this.log = log.toTell();
    }

    /** What the log has of some buildsets, by their numbers. */
    Map<Long, BuildsetSubmitted> submitted(Collection<Long> buildsets) {
        Map<Long, BuildsetSubmitted> submitted = new HashMap<>();
        for (Recorded recorded :
                log.findAll(buildsets.stream().map(Streams::buildset).toList(), 0)) {
            if (recorded.event() instanceof BuildsetSubmitted event) {
                submitted.put(event.buildsetId(), event);
            }
        }
        return submitted;
    }

    /** The source stamps of some buildsets, by the buildsets' numbers. */
    Map<Long, List<Row>> of(Map<Long, BuildsetSubmitted> buildsets) {
        Map<Long, List<Row>> rows = new HashMap<>();
        for (Stamp stamp : walks.stamps(buildsets.keySet())) {
            rows.computeIfAbsent(stamp.buildsetId(), _ -> new ArrayList<>())
                    .add(row(stamp, buildsets.get(stamp.buildsetId())));
        }
        return rows;
    }

    /** One of a buildset. */
    Optional<Row> find(long buildset, int number) {
        Map<Long, BuildsetSubmitted> submitted = submitted(List.of(buildset));
        return walks.stamps(List.of(buildset)).stream()
                .filter(it -> it.number() == number)
                .map(it -> row(it, submitted.get(buildset)))
                .findFirst();
    }

    private static Row row(Stamp stamp, @Nullable BuildsetSubmitted submitted) {
        long ssid = Numbered.ofPart(stamp.firstBuildset(), stamp.firstNumber()).orElse(0);
        return new Row()
                .with("ssid", ssid)
                .with("codebase", stamp.codebase())
                .with("repository", stamp.repository())
                .with("project", stamp.project())
                .with("branch", stamp.branch())
                .with("revision", stamp.revision())
                .with("patch", stamp.hasPatch() ? patch(ssid, stamp, submitted) : null)
                .withTime("created_at", stamp.firstSubmittedAt());
    }

    private static @Nullable Row patch(
            long ssid, Stamp stamp, @Nullable BuildsetSubmitted submitted) {
        List<SourceStamp> all = submitted == null ? List.of() : submitted.sourceStamps();
        Patch patch = stamp.number() > all.size() ? null : all.get(stamp.number() - 1).patch();
        return patch == null
                ? null
                : new Row()
                        .with("patchid", ssid)
                        .with("body", patch.body())
                        .with("level", (long) patch.level())
                        .with("author", patch.author())
                        .with("comment", patch.comment())
                        .with("subdir", patch.subdir());
    }
}
