package io.buildledger.scheduler.serving.buildbot;

import io.buildledger.scheduler.serving.BadParameterException;
import io.buildledger.scheduler.serving.NotThereException;
import io.buildledger.scheduler.serving.buildbot.Condition.Relation;
import io.buildledger.scheduler.serving.buildbot.GrowingList.Page;
import io.buildledger.scheduler.serving.buildbot.Numbered.Named;
import io.buildledger.scheduler.serving.buildbot.Numbered.Part;
import io.buildledger.viewing.BuildSteps;
import io.buildledger.viewing.BuildSteps.Step;
import io.buildledger.viewing.IndexWalks;
import io.buildledger.viewing.IndexWalks.Numbers;
import io.buildledger.viewing.IndexWalks.Times;
import io.buildledger.viewing.IndexWalks.Walk;
import io.buildledger.viewing.Views.Build;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Builds, their steps and properties. What people call the newest build is the one that was claimed
 * last, which may be of an older request: so the order of {@code buildid}, and what is less or
 * greater, is that of the claims.
 */
@RestController
@RequestMapping("/api/v2")
class BuildReads {

    private static final String BUILD_ID = "buildid";
    private static final String NUMBER = "number";
    private static final String STARTED_AT = "started_at";
    private static final String COMPLETE_AT = "complete_at";
    private static final String REQUEST_ID = "buildrequestid";

    /** Builds end in nearly the order in which they began. */
    private static final Set<String> NEARLY = Set.of(COMPLETE_AT);

    private static final Set<Relation> COMPARING =
            Set.of(Relation.LT, Relation.LE, Relation.GT, Relation.GE);

    private static final Comparator<Build> BY_CLAIM =
            Comparator.comparing(Build::claimedAt)
                    .thenComparing(Build::builder)
                    .thenComparingLong(Build::buildNumber);

    /** Where a list of builds begins or ends. */
    private record Bound(Relation relation, @Nullable Build build) {

        private boolean allows(Build other) {
            // Before the first build there is none.
            int place = build == null ? 1 : BY_CLAIM.compare(other, build);
            return switch (relation) {
                case LT -> place < 0;
                case LE -> place <= 0;
                case GT -> place > 0;
                case GE -> place >= 0;
                default -> throw new IllegalStateException("no bound: " + relation);
            };
        }
    }

    private final IndexWalks walks;
    private final BuildRows rows;
    private final NamesByNumber names;
    private final BuildSteps steps;
    private final ChangeRows changes;

    BuildReads(
            IndexWalks walks,
            BuildRows rows,
            NamesByNumber names,
            BuildSteps steps,
            ChangeRows changes) {
        this.walks = walks;
        this.rows = rows;
        this.names = names;
        this.steps = steps;
        this.changes = changes;
    }

    @Answers(value = Kind.BUILD, many = true)
    @GetMapping("/builds")
    Answer builds(HttpServletRequest request) {
        Query query = Query.ofMany(Kind.BUILD, request);
        OptionalLong builderId = query.onlyNumber("builderid");
        Optional<String> builder =
                builderId.isEmpty()
                        ? Optional.empty()
                        : names.name(Named.BUILDER, builderId.getAsLong());
        return answer(query, builder.orElse(null));
    }

    @Answers(value = Kind.BUILD, many = true)
    @GetMapping("/builders/{builder}/builds")
    Answer buildsOf(@PathVariable("builder") String builder, HttpServletRequest request) {
        return answer(Query.ofMany(Kind.BUILD, request), requireBuilder(builder));
    }

    private String requireBuilder(String builder) {
        return names.nameOf(Named.BUILDER, builder)
                .orElseThrow(() -> new NotThereException("there is no builder " + builder));
    }

    @Answers(value = Kind.BUILD, many = true)
    @GetMapping("/buildrequests/{request}/builds")
    Answer buildsOf(@PathVariable("request") long request, HttpServletRequest asked) {
        Query query = Query.ofMany(Kind.BUILD, asked);
        return page(
                query,
                new GrowingList<>(
                        walk -> walks.buildsOfRequests(List.of(request), walk),
                        List.of(BUILD_ID),
                        Set.of(),
                        true),
                _ -> true);
    }

    /** Builds of all requests that were made because of a change. */
    @Answers(value = Kind.BUILD, many = true)
    @GetMapping("/changes/{change}/builds")
    Answer buildsOfChange(@PathVariable("change") long change, HttpServletRequest asked) {
        Query query = Query.ofMany(Kind.BUILD, asked);
        changes.require(change);
        return page(
                query,
                new GrowingList<>(
                        // Its requests are counted, of which some have no build.
                        walk ->
                                walks.buildsOfChange(
                                        change,
                                        new Walk(walk.newestFirst(), GrowingList.LOOKED_AT)),
                        List.of(BUILD_ID),
                        Set.of(),
                        true),
                _ -> true);
    }

    private Answer answer(Query query, @Nullable String builder) {
        List<Bound> bounds = bounds(query);
        Query rest =
                query.without(it ->
                        it.field().name().equals(BUILD_ID) && COMPARING.contains(it.relation()));
        return page(
                rest,
                list(rest, builder, bounds),
                build ->
                        (builder == null || build.builder().equals(builder))
                                && bounds.stream().allMatch(it -> it.allows(build)));
    }

    private List<Bound> bounds(Query query) {
        return query.conditions().stream()
                .filter(it ->
                        it.field().name().equals(BUILD_ID) && COMPARING.contains(it.relation()))
                .map(it -> bound(it.relation(), it.values()))
                .toList();
    }

    private Bound bound(Relation relation, List<Comparable<?>> values) {
        if (values.size() != 1 || !(values.getFirst() instanceof Long buildId)) {
            throw new BadParameterException(BUILD_ID + ": is compared with one number at a time");
        }
        if (buildId <= 0) {
            return new Bound(relation, null);
        }
        return new Bound(
                relation,
                rows.find(buildId)
                        .orElseThrow(() ->
                                new BadParameterException(
                                        "%s: there is no build %d, and others are before or after one that is"
                                                .formatted(BUILD_ID, buildId))));
    }

    /** The shortest list along an index that has all that is asked for. */
    private GrowingList<Build> list(Query query, @Nullable String builder, List<Bound> bounds) {
        Optional<List<Comparable<?>>> ids = query.oneOf(BUILD_ID);
        if (ids.isPresent()) {
            return ofRequests(
                    ids.get().stream()
                            .flatMap(it -> Numbered.part(number(it)).stream())
                            .map(Part::whole)
                            .toList());
        }
        Optional<List<Comparable<?>>> requests = query.oneOf(REQUEST_ID);
        if (requests.isPresent()) {
            return ofRequests(requests.get().stream().map(BuildReads::number).toList());
        }
        if (query.isOnly("complete", false)) {
            return new GrowingList<>(walks::running, List.of(BUILD_ID), Set.of(), true);
        }
        if (builder != null) {
            Numbers numbers = narrowed(query.range(NUMBER), builder, bounds);
            return new GrowingList<>(
                    walk -> walks.buildsOf(builder, numbers, walk),
                    List.of(NUMBER, BUILD_ID, STARTED_AT),
                    Set.of("builderid", NUMBER),
                    NEARLY,
                    false);
        }
        if (!query.order().isEmpty() && query.order().getFirst().field().equals(REQUEST_ID)) {
            return new GrowingList<>(
                    walk -> walks.buildsByRequest(query.range(REQUEST_ID), walk),
                    List.of(REQUEST_ID),
                    Set.of(REQUEST_ID),
                    false);
        }
        return byClaim(query, times(query, bounds));
    }

    private GrowingList<Build> ofRequests(List<Long> requests) {
        return new GrowingList<>(
                walk -> walks.buildsOfRequests(requests, walk), List.of(BUILD_ID), Set.of(), true);
    }

    private GrowingList<Build> byClaim(Query query, Times times) {
        List<String> ordered = List.of(BUILD_ID, STARTED_AT, REQUEST_ID);
        OptionalLong worker = query.onlyNumber("workerid");
        Optional<String> workerName =
                worker.isEmpty() ? Optional.empty() : names.name(Named.WORKER, worker.getAsLong());
        if (workerName.isPresent()) {
            String name = workerName.get();
            int slash = name.indexOf('/');
            String master = slash < 0 ? null : name.substring(0, slash);
            return new GrowingList<>(
                    walk -> walks.buildsOn(name.substring(slash + 1), master, times, walk),
                    ordered,
                    Set.of(STARTED_AT),
                    NEARLY,
                    false);
        }
        OptionalLong master = query.onlyNumber("masterid");
        Optional<String> masterName =
                master.isEmpty() ? Optional.empty() : names.name(Named.MASTER, master.getAsLong());
        return masterName
                .map(name ->
                        new GrowingList<Build>(
                                walk -> walks.buildsOfMaster(name, times, walk),
                                ordered,
                                Set.of("masterid", STARTED_AT),
                                NEARLY,
                                false))
                .orElseGet(() ->
                        new GrowingList<>(
                                walk -> walks.builds(times, walk),
                                ordered,
                                Set.of(STARTED_AT),
                                NEARLY,
                                false));
    }

    private static long number(Object value) {
        return value instanceof Long number ? number : -1;
    }

    private static Numbers narrowed(Numbers numbers, String builder, List<Bound> bounds) {
        long from = numbers.from();
        long to = numbers.to();
        for (Bound bound : bounds) {
            Build build = bound.build();
            if (build != null && build.builder().equals(builder)) {
                switch (bound.relation()) {
                    case LT, LE -> to = Math.min(to, build.buildNumber());
                    default -> from = Math.max(from, build.buildNumber());
                }
            }
        }
        return new Numbers(from, to);
    }

    private static Times times(Query query, List<Bound> bounds) {
        Times seconds = query.times(STARTED_AT);
        Instant from = seconds.from();
        Instant to = seconds.to();
        for (Bound bound : bounds) {
            Build build = bound.build();
            if (build != null) {
                Instant at = build.claimedAt();
                switch (bound.relation()) {
                    case LT, LE -> to = at.isBefore(to) ? at : to;
                    default -> from = at.isAfter(from) ? at : from;
                }
            }
        }
        return new Times(from, to);
    }

    private Answer page(Query query, GrowingList<Build> list, Predicate<Build> also) {
        Set<String> workers = rows.workers();
        boolean withProperties = !query.properties().isEmpty() && query.wants("properties");
        Page<Build> page =
                list.of(
                        query,
                        withProperties ? GrowingList.MOST_FROM_LOG : GrowingList.MOST,
                        build -> rows.row(build, workers),
                        also.and(build -> BuildRows.number(build).isPresent()));
        List<Row> found = new ArrayList<>();
        for (Build build : page.items()) {
            found.add(row(query, build, workers));
        }
        return Answer.of(query, found, page.meta());
    }

    private Row row(Query query, Build build, Set<String> workers) {
        Row row = rows.row(build, workers);
        if (!query.properties().isEmpty() && query.wants("properties")) {
            row.with("properties", rows.properties(build, query.properties()));
        }
        return row;
    }

    @Answers(Kind.BUILD)
    @GetMapping("/builds/{id}")
    Answer build(@PathVariable("id") long id, HttpServletRequest request) {
        Query query = Query.ofOne(Kind.BUILD, request);
        return Answer.ofOne(query, row(query, rows.require(id), rows.workers()));
    }

    @Answers(Kind.BUILD)
    @GetMapping("/builders/{builder}/builds/{number}")
    Answer build(
            @PathVariable("builder") String builder,
            @PathVariable("number") long number,
            HttpServletRequest request) {
        Query query = Query.ofOne(Kind.BUILD, request);
        return Answer.ofOne(query, row(query, rows.require(builder, number), rows.workers()));
    }

    @Answers(Kind.PROPERTIES)
    @GetMapping("/builds/{id}/properties")
    Answer properties(@PathVariable("id") long id, HttpServletRequest request) {
        return properties(rows.require(id), request);
    }

    @Answers(Kind.PROPERTIES)
    @GetMapping("/builders/{builder}/builds/{number}/properties")
    Answer properties(
            @PathVariable("builder") String builder,
            @PathVariable("number") long number,
            HttpServletRequest request) {
        return properties(rows.require(builder, number), request);
    }

    private Answer properties(Build build, HttpServletRequest request) {
        Row row = new Row();
        rows.properties(build, Set.of("*")).forEach(row::with);
        return Answer.ofOne(Query.ofOne(Kind.PROPERTIES, request), row);
    }

    @Answers(value = Kind.CHANGE, many = true)
    @GetMapping("/builds/{id}/changes")
    Answer changes(@PathVariable("id") long id, HttpServletRequest request) {
        return changes(rows.require(id), request);
    }

    @Answers(value = Kind.CHANGE, many = true)
    @GetMapping("/builders/{builder}/builds/{number}/changes")
    Answer changes(
            @PathVariable("builder") String builder,
            @PathVariable("number") long number,
            HttpServletRequest request) {
        return changes(rows.require(builder, number), request);
    }

    private Answer changes(Build build, HttpServletRequest request) {
        return Answer.ofAll(Query.ofMany(Kind.CHANGE, request), changes.of(build));
    }

    @Answers(value = Kind.STEP, many = true)
    @GetMapping("/builds/{id}/steps")
    Answer steps(@PathVariable("id") long id, HttpServletRequest request) {
        return steps(rows.require(id), request);
    }

    @Answers(value = Kind.STEP, many = true)
    @GetMapping("/builders/{builder}/builds/{number}/steps")
    Answer steps(
            @PathVariable("builder") String builder,
            @PathVariable("number") long number,
            HttpServletRequest request) {
        return steps(rows.require(builder, number), request);
    }

    private Answer steps(Build build, HttpServletRequest request) {
        return Answer.ofAll(
                Query.ofMany(Kind.STEP, request),
                steps.of(build).all().stream().map(it -> BuildRows.row(it, build)).toList());
    }

    @Answers(Kind.STEP)
    @GetMapping("/builds/{id}/steps/{step}")
    Answer step(
            @PathVariable("id") long id,
            @PathVariable("step") String step,
            HttpServletRequest request) {
        return step(rows.require(id), step, request);
    }

    @Answers(Kind.STEP)
    @GetMapping("/builders/{builder}/builds/{number}/steps/{step}")
    Answer step(
            @PathVariable("builder") String builder,
            @PathVariable("number") long number,
            @PathVariable("step") String step,
            HttpServletRequest request) {
        return step(rows.require(builder, number), step, request);
    }

    @Answers(Kind.STEP)
    @GetMapping("/steps/{id}")
    Answer step(@PathVariable("id") long id, HttpServletRequest request) {
        Part part = Numbered.part(id).orElseThrow(() -> noStep(String.valueOf(id)));
        Build build = rows.find(part.whole()).orElseThrow(() -> noStep(String.valueOf(id)));
        return step(build, String.valueOf(part.number()), request);
    }

    private Answer step(Build build, String numberOrName, HttpServletRequest request) {
        return Answer.ofOne(
                Query.ofOne(Kind.STEP, request),
                BuildRows.row(require(steps, build, numberOrName), build));
    }

    /** A step by its number, else the first one of a name. */
    static Step require(BuildSteps steps, Build build, String numberOrName) {
        List<Step> all = steps.of(build).all();
        return all.stream()
                .filter(it -> String.valueOf(it.step()).equals(numberOrName))
                .findFirst()
                .or(() -> all.stream().filter(it -> it.name().equals(numberOrName)).findFirst())
                .orElseThrow(() -> noStep(numberOrName));
    }

    private static NotThereException noStep(String step) {
        return new NotThereException("there is no step " + step);
    }
}
