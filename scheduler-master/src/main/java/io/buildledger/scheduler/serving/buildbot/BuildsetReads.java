package io.buildledger.scheduler.serving.buildbot;

import io.buildledger.commanding.SchedulerCommands.Outcome;
import io.buildledger.commanding.TriggeredBuilds;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.requesting.ParentBuild;
import io.buildledger.domain.requesting.RebuiltFrom;
import io.buildledger.log.EventLog;
import io.buildledger.scheduler.serving.NotThereException;
import io.buildledger.scheduler.serving.buildbot.GrowingList.Page;
import io.buildledger.viewing.IndexWalks;
import io.buildledger.viewing.IndexWalks.Buildset;
import io.buildledger.viewing.IndexWalks.Numbers;
import io.buildledger.viewing.IndexWalks.Walk;
import io.buildledger.viewing.Views;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Buildsets and source stamps. Filters of a list know what the views have of a buildset. */
@RestController
@RequestMapping("/api/v2")
class BuildsetReads {

    private static final String ID = "bsid";
    private static final String COMPLETE = "complete";
    private static final String PARENT = "parent_buildid";
    private static final String SUBMITTED_AT = "submitted_at";

    /** Numbers are given as buildsets are submitted. */
    private static final List<String> BY_NUMBER = List.of(ID, SUBMITTED_AT);

    private final Views views;
    private final IndexWalks walks;
    private final BuildRows builds;
    private final TriggeredBuilds triggered;
    private final StampRows stamps;
    private final ChangeRows changes;

    BuildsetReads(
            Views views,
            IndexWalks walks,
            BuildRows builds,
            EventLog log,
            StampRows stamps,
            ChangeRows changes) {
        this.views = views;
        this.walks = walks;
        this.builds = builds;
        this.triggered = new TriggeredBuilds(log.toTell());
        this.stamps = stamps;
        this.changes = changes;
    }

    @Answers(value = Kind.BUILDSET, many = true)
    @GetMapping("/buildsets")
    Answer buildsets(HttpServletRequest request) {
        Query query = Query.ofMany(Kind.BUILDSET, request);
        OptionalLong parent = query.onlyNumber(PARENT);
        Query rest = parent.isEmpty() ? query : query.without(it -> it.isOneOf(PARENT));
        Page<Buildset> page =
                list(rest, parent)
                        .of(rest, GrowingList.MOST_FROM_LOG, BuildsetReads::row, _ -> true);
        return Answer.of(query, rows(page.items(), Told::inList), page.meta());
    }

    /** The shortest list that has all that is asked for. */
    private GrowingList<Buildset> list(Query query, OptionalLong parent) {
        if (parent.isPresent()) {
            List<Long> ids = triggeredBy(parent.getAsLong());
            return new GrowingList<>(
                    walk -> walks.buildsetsOfIds(ids, walk), BY_NUMBER, Set.of(), true);
        }
        Numbers range = query.range(ID);
        return query.isOnly(COMPLETE, false)
                ? new GrowingList<>(
                        walk -> walks.openBuildsets(range, walk), BY_NUMBER, Set.of(ID), false)
                : new GrowingList<>(
                        walk -> walks.buildsets(range, walk), BY_NUMBER, Set.of(ID), false);
    }

    /** What the steps of a build have asked for, as far as it was submitted. */
    private List<Long> triggeredBy(long buildId) {
        return builds
                .find(buildId)
                .map(build -> triggered.by(build.builder(), build.buildNumber()))
                .orElse(List.of())
                .stream()
                .limit(GrowingList.LOOKED_AT)
                .flatMap(it -> it.outcome().stream())
                .filter(Outcome.Submitted.class::isInstance)
                .map(it -> ((Outcome.Submitted) it).buildset().buildsetId())
                .toList();
    }

    @Answers(Kind.BUILDSET)
    @GetMapping("/buildsets/{id}")
    Answer buildset(@PathVariable("id") long id, HttpServletRequest request) {
        return Answer.of(
                Query.ofOne(Kind.BUILDSET, request),
                rows(List.of(require(id)), Told::of),
                Map.of());
    }

    @Answers(Kind.PROPERTIES)
    @GetMapping("/buildsets/{id}/properties")
    Answer properties(@PathVariable("id") long id, HttpServletRequest request) {
        Row row = new Row();
        stamps.submitted(require(id).buildsetId())
                .map(BuildsetSubmitted::properties)
                .orElse(Map.of())
                .forEach((name, it) -> row.with(name, List.of(it.value(), it.source())));
        return Answer.ofOne(Query.ofOne(Kind.PROPERTIES, request), row);
    }

    private Buildset require(long id) {
        return walks.buildsets(new Numbers(id, id), new Walk(false, 1)).stream()
                .findFirst()
                .orElseThrow(() -> new NotThereException("there is no buildset " + id));
    }

    private static Row row(Buildset buildset) {
        return new Row()
                .with(ID, buildset.buildsetId())
                .with("external_idstring", null)
                .with("reason", buildset.reason())
                .withTime(SUBMITTED_AT, buildset.submittedAt())
                .with(COMPLETE, buildset.completedAt() != null)
                .withTime("complete_at", buildset.completedAt())
                .withResults("results", buildset.results())
                .with(PARENT, null)
                .with("parent_relationship", null)
                .with("rebuilt_buildid", null)
                .with("sourcestamps", List.of());
    }

    /** What only the log has of a buildset. */
    private record Told(
            @Nullable String externalId,
            @Nullable ParentBuild parent,
            @Nullable RebuiltFrom former,
            List<SourceStamp> stamps) {

        private static Told of(BuildsetSubmitted submitted) {
            return of(submitted, submitted.sourceStamps());
        }

        private static Told inList(BuildsetSubmitted submitted) {
            return of(submitted, StampRows.withoutBodies(submitted));
        }

        private static Told of(BuildsetSubmitted submitted, List<SourceStamp> stamps) {
            return new Told(
                    submitted.externalId(), submitted.parent(), submitted.rebuiltFrom(), stamps);
        }
    }

    private List<Row> rows(List<Buildset> buildsets, Function<BuildsetSubmitted, Told> wanted) {
        Map<Long, Told> told =
                stamps.submitted(buildsets.stream().map(Buildset::buildsetId).toList(), wanted);
        Map<Long, List<SourceStamp>> sources = new HashMap<>();
        told.forEach((buildset, it) -> sources.put(buildset, it.stamps()));
        Map<Long, List<Row>> ofBuildsets = stamps.of(sources);
        List<Row> rows = new ArrayList<>();
        for (Buildset buildset : buildsets) {
            Row row =
                    row(buildset)
                            .with(
                                    "sourcestamps",
                                    ofBuildsets.getOrDefault(buildset.buildsetId(), List.of()));
            addFromLog(row, told.get(buildset.buildsetId()));
            rows.add(row);
        }
        return rows;
    }

    private void addFromLog(Row row, @Nullable Told told) {
        if (told == null) {
            return;
        }
        row.with("external_idstring", told.externalId());
        ParentBuild parent = told.parent();
        if (parent != null) {
            row.with(PARENT, buildId(parent.builder(), parent.buildNumber()))
                    .with("parent_relationship", parent.relationship());
        }
        RebuiltFrom former = told.former();
        if (former != null && former.builder() != null && former.buildNumber() != null) {
            row.with("rebuilt_buildid", buildId(former.builder(), former.buildNumber()));
        }
    }

    private @Nullable Long buildId(String builder, long buildNumber) {
        OptionalLong number =
                views.build(builder, buildNumber)
                        .map(BuildRows::number)
                        .orElse(OptionalLong.empty());
        return number.isPresent() ? number.getAsLong() : null;
    }

    @Answers(Kind.SOURCE_STAMP)
    @GetMapping("/sourcestamps/{id}")
    Answer sourceStamp(@PathVariable("id") long id, HttpServletRequest request) {
        return Answer.ofOne(
                Query.ofOne(Kind.SOURCE_STAMP, request),
                Numbered.part(id)
                        .flatMap(it ->
                                it.number() == 0
                                        ? changes.stamp(it.whole())
                                        : stamps.find(it.whole(), it.number()))
                        .orElseThrow(
                                () -> new NotThereException("there is no source stamp " + id)));
    }
}
