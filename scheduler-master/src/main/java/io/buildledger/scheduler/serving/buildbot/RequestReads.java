package io.buildledger.scheduler.serving.buildbot;

import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.scheduler.serving.NotThereException;
import io.buildledger.scheduler.serving.buildbot.GrowingList.Page;
import io.buildledger.scheduler.serving.buildbot.Numbered.Named;
import io.buildledger.viewing.IndexWalks;
import io.buildledger.viewing.IndexWalks.Numbers;
import io.buildledger.viewing.IndexWalks.Request;
import io.buildledger.viewing.IndexWalks.Times;
import io.buildledger.viewing.IndexWalks.Walk;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Build requests. One that has ended counts as claimed, whoever ended it. */
@RestController
@RequestMapping("/api/v2")
class RequestReads {

    private static final String ID = "buildrequestid";
    private static final String BUILDSET = "buildsetid";
    private static final String CLAIMED = "claimed";
    private static final String COMPLETE = "complete";
    private static final String SUBMITTED_AT = "submitted_at";
    private static final String UNCLAIMED = "unclaimed";

    /** Numbers are given as requests are submitted. */
    private static final List<String> BY_NUMBER = List.of(ID, SUBMITTED_AT);

    private final IndexWalks walks;
    private final NamesByNumber names;
    private final StampRows stamps;

    RequestReads(IndexWalks walks, NamesByNumber names, StampRows stamps) {
        this.walks = walks;
        this.names = names;
        this.stamps = stamps;
    }

    @Answers(value = Kind.BUILD_REQUEST, many = true)
    @GetMapping("/buildrequests")
    Answer requests(HttpServletRequest request) {
        Query query = Query.ofMany(Kind.BUILD_REQUEST, request);
        OptionalLong builder = query.onlyNumber("builderid");
        return answer(
                query,
                builder.isEmpty()
                        ? null
                        : names.name(Named.BUILDER, builder.getAsLong()).orElse(null));
    }

    @Answers(value = Kind.BUILD_REQUEST, many = true)
    @GetMapping("/builders/{builder}/buildrequests")
    Answer requestsFor(@PathVariable("builder") String builder, HttpServletRequest request) {
        return answer(
                Query.ofMany(Kind.BUILD_REQUEST, request),
                names.nameOf(Named.BUILDER, builder)
                        .orElseThrow(
                                () -> new NotThereException("there is no builder " + builder)));
    }

    @Answers(Kind.BUILD_REQUEST)
    @GetMapping("/buildrequests/{id}")
    Answer request(@PathVariable("id") long id, HttpServletRequest request) {
        Query query = Query.ofOne(Kind.BUILD_REQUEST, request);
        List<Request> found = walks.requestsOfIds(List.of(id), new Walk(false, 1));
        if (found.isEmpty()) {
            throw new NotThereException("there is no build request " + id);
        }
        return Answer.of(query, rows(query, found), Map.of());
    }

    private Answer answer(Query query, @Nullable String builder) {
        Page<Request> page =
                list(query, builder)
                        .of(
                                query,
                                isOfLog(query) ? GrowingList.MOST_FROM_LOG : GrowingList.MOST,
                                this::row,
                                it -> builder == null || it.builder().equals(builder));
        return Answer.of(query, rows(query, page.items()), page.meta());
    }

    /** The shortest list along an index that has all that is asked for. */
    private GrowingList<Request> list(Query query, @Nullable String builder) {
        Optional<List<Comparable<?>>> ids = query.oneOf(ID);
        if (ids.isPresent()) {
            return whole(walk -> walks.requestsOfIds(numbers(ids.get()), walk));
        }
        Optional<List<Comparable<?>>> buildsets = query.oneOf(BUILDSET);
        if (buildsets.isPresent()) {
            return whole(walk -> walks.requestsOfBuildsets(numbers(buildsets.get()), walk));
        }
        Numbers range = query.range(ID);
        if (query.isOnly(CLAIMED, false)) {
            if (builder == null && !query.isOrderedBy(BY_NUMBER)) {
                return whole(walk -> walks.waiting(range, walk));
            }
            return builder == null
                    ? byNumber(walk -> walks.waiting(range, walk), Set.of(ID, CLAIMED, COMPLETE))
                    : whole(walk -> walks.waitingFor(builder, walk));
        }
        if (query.isOnly(COMPLETE, false)) {
            if (query.isOnly(CLAIMED, true)) {
                return byNumber(walk -> walks.held(range, walk), Set.of(ID));
            }
            return builder == null
                    ? byNumber(walk -> open(range, walk), Set.of(ID))
                    : whole(walk ->
                            Stream.concat(
                                            walks.held(range, walk).stream(),
                                            walks.waitingFor(builder, walk).stream())
                                    .toList());
        }
        return builder == null
                ? byNumber(walk -> walks.requests(range, walk), Set.of(ID))
                : new GrowingList<>(
                        walk -> walks.requestsOf(builder, submitted(query, range), walk),
                        BY_NUMBER,
                        Set.of("builderid", ID, SUBMITTED_AT),
                        false);
    }

    /** When requests of a range were submitted, as no index has those of a builder by number. */
    private Times submitted(Query query, Numbers range) {
        Times asked = query.times(SUBMITTED_AT);
        Instant from =
                range.from() <= 0
                        ? asked.from()
                        : submitted(new Numbers(range.from(), Long.MAX_VALUE), false)
                                .filter(asked.from()::isBefore)
                                .orElse(asked.from());
        Instant to =
                range.to() == Long.MAX_VALUE
                        ? asked.to()
                        : submitted(new Numbers(Long.MIN_VALUE, range.to()), true)
                                .filter(asked.to()::isAfter)
                                .orElse(asked.to());
        return new Times(from, to);
    }

    /** When the first request of a range was submitted, or the last one. */
    private Optional<Instant> submitted(Numbers range, boolean isLast) {
        return walks.requests(range, new Walk(isLast, 1)).stream()
                .map(Request::submittedAt)
                .findFirst();
    }

    private static List<Long> numbers(List<Comparable<?>> values) {
        return values.stream().filter(Long.class::isInstance).map(Long.class::cast).toList();
    }

    private static GrowingList<Request> whole(Function<Walk, List<Request>> walk) {
        return new GrowingList<>(walk, List.of(ID), Set.of(), true);
    }

    private static GrowingList<Request> byNumber(
            Function<Walk, List<Request>> walk, Set<String> served) {
        return new GrowingList<>(walk, BY_NUMBER, served, false);
    }

    /** What waits and what is held, by number. */
    private List<Request> open(Numbers range, Walk walk) {
        Comparator<Request> byNumber = Comparator.comparingLong(Request::requestId);
        return Stream.concat(walks.waiting(range, walk).stream(), walks.held(range, walk).stream())
                .sorted(walk.newestFirst() ? byNumber.reversed() : byNumber)
                .distinct()
                .limit(walk.rows())
                .toList();
    }

    private Row row(Request request) {
        boolean isClaimed = !request.state().equals(UNCLAIMED);
        boolean isComplete = request.completedAt() != null;
        String master = request.master();
        return new Row()
                .with(ID, request.requestId())
                .with(BUILDSET, request.buildsetId())
                .with("builderid", names.number(Named.BUILDER, request.builder()))
                .with("priority", (long) request.priority())
                .with(CLAIMED, isClaimed)
                .withTime("claimed_at", isClaimed ? claimedAt(request) : null)
                .with(
                        "claimed_by_masterid",
                        master == null ? null : names.number(Named.MASTER, master))
                .with(COMPLETE, isComplete)
                .withTime("complete_at", request.completedAt())
                .withResults("results", request.results())
                .withTime(SUBMITTED_AT, request.submittedAt())
                .with("waited_for", false)
                .with("properties", Map.of());
    }

    private static @Nullable Instant claimedAt(Request request) {
        return request.claimedAt() == null ? request.completedAt() : request.claimedAt();
    }

    private static boolean isOfLog(Query query) {
        return query.wants("waited_for") || wantsProperties(query);
    }

    private static boolean wantsProperties(Query query) {
        return !query.properties().isEmpty() && query.wants("properties");
    }

    /** What only the log has of the buildset of a request. */
    private record Told(boolean waitedFor, Map<String, List<Object>> properties) {

        private static final Told NOTHING = new Told(false, Map.of());

        private static Told of(BuildsetSubmitted submitted, Set<String> wanted) {
            Map<String, List<Object>> properties = new TreeMap<>();
            submitted
                    .properties()
                    .forEach((name, it) -> {
                        if (wanted.contains("*") || wanted.contains(name)) {
                            properties.put(name, List.of(it.value(), it.source()));
                        }
                    });
            return new Told(submitted.waitedFor(), properties);
        }
    }

    private List<Row> rows(Query query, List<Request> requests) {
        Set<String> wanted = wantsProperties(query) ? query.properties() : Set.of();
        Map<Long, Told> ofBuildsets =
                isOfLog(query)
                        ? stamps.submitted(
                                requests.stream().map(Request::buildsetId).distinct().toList(),
                                it -> Told.of(it, wanted))
                        : Map.of();
        List<Row> rows = new ArrayList<>();
        for (Request request : requests) {
            Told told = ofBuildsets.getOrDefault(request.buildsetId(), Told.NOTHING);
            rows.add(
                    row(request)
                            .with("waited_for", told.waitedFor())
                            .with("properties", told.properties()));
        }
        return rows;
    }
}
