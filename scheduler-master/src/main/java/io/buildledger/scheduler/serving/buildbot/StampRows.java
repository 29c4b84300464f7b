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
import java.util.function.Function;
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

    /** What the log has of a buildset. */
    Optional<BuildsetSubmitted> submitted(long buildset) {
        return log.find(Streams.buildset(buildset), 0)
                .map(Recorded::event)
                .filter(BuildsetSubmitted.class::isInstance)
                .map(BuildsetSubmitted.class::cast);
    }

    /**
     * Some of what the log has of some buildsets, by their numbers. They are read one by one, as
     * each may hold a patch of megabytes.
     */
    <T> Map<Long, T> submitted(Collection<Long> buildsets, Function<BuildsetSubmitted, T> wanted) {
        Map<Long, T> found = new HashMap<>();
        for (Long buildset : buildsets) {
            submitted(buildset).map(wanted).ifPresent(it -> found.put(buildset, it));
        }
        return found;
    }

    /** What a buildset is of, with patches that have all but the bodies. */
    static List<SourceStamp> withoutBodies(BuildsetSubmitted submitted) {
        return submitted.sourceStamps().stream().map(StampRows::withoutBody).toList();
    }

    private static SourceStamp withoutBody(SourceStamp stamp) {
        Patch patch = stamp.patch();
        return patch == null
                ? stamp
                : new SourceStamp(
                        stamp.repository(),
                        stamp.branch(),
                        stamp.revision(),
                        stamp.project(),
                        stamp.codebase(),
                        new Patch(
                                "",
                                patch.level(),
                                patch.author(),
                                patch.comment(),
                                patch.subdir()));
    }

    /** The source stamps of some buildsets, by the buildsets' numbers. */
    Map<Long, List<Row>> of(Map<Long, List<SourceStamp>> buildsets) {
        Map<Long, List<Row>> rows = new HashMap<>();
        for (Stamp stamp : walks.stamps(buildsets.keySet())) {
            rows.computeIfAbsent(stamp.buildsetId(), _ -> new ArrayList<>())
                    .add(row(stamp, buildsets.getOrDefault(stamp.buildsetId(), List.of())));
        }
        return rows;
    }

    /** One of a buildset. */
    Optional<Row> find(long buildset, int number) {
        List<SourceStamp> all =
                submitted(buildset).map(BuildsetSubmitted::sourceStamps).orElse(List.of());
        return walks.stamps(List.of(buildset)).stream()
                .filter(it -> it.number() == number)
                .map(it -> row(it, all))
                .findFirst();
    }

    private static Row row(Stamp stamp, List<SourceStamp> ofBuildset) {
        long ssid = Numbered.ofPart(stamp.firstBuildset(), stamp.firstNumber()).orElse(0);
        return new Row()
                .with("ssid", ssid)
                .with("codebase", stamp.codebase())
                .with("repository", stamp.repository())
                .with("project", stamp.project())
                .with("branch", stamp.branch())
                .with("revision", stamp.revision())
                .with("patch", stamp.hasPatch() ? patch(ssid, stamp, ofBuildset) : null)
                .withTime("created_at", stamp.firstSubmittedAt());
    }

    private static @Nullable Row patch(long ssid, Stamp stamp, List<SourceStamp> all) {
        Patch patch = stamp.number() > all.size() ? null : all.get(stamp.number() - 1).patch();
        return patch == null
                ? null
                : new Row()
                        .with("patchid", ssid)
                        .with("body", patch.body().isEmpty() ? null : patch.body())
                        .with("level", (long) patch.level())
                        .with("author", patch.author())
                        .with("comment", patch.comment())
                        .with("subdir", patch.subdir());
    }
}
