package io.buildledger.claiming;

import io.buildledger.claiming.BuildRequestQueue.Offer;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCollapsed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetCompleted;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.requesting.BuildsetOrder;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.log.Rows;
import io.buildledger.log.Streams;
import io.buildledger.numbering.Numbers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.namedparam.SqlParameterSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

/**
 * Buildsets: submitted with one request a builder, and completed by whoever completes the last of
 * these.
 */
public final class Buildsets {

    private static final String OPEN =
            "INSERT INTO buildset_progress (buildset_id, remaining, worst) VALUES (:buildset, :remaining, 0)";

    // An upsert, because it counts down many buildsets in one statement. All of them are there; a
    // row that this were to insert would stay, for the verifier to find.
    private static final String COUNT_DOWN =
            """
            INSERT INTO buildset_progress (buildset_id, remaining, worst) VALUES (:buildset, :ended, :worst)
                ON DUPLICATE KEY UPDATE
                   remaining = remaining - VALUES(remaining), worst = GREATEST(worst, VALUES(worst))
            """;

    private static final String FINISHED =
            """
            SELECT buildset_id, worst FROM buildset_progress
             WHERE buildset_id IN (:buildsets) AND remaining = 0
            """;

    private static final String CANDIDATE =
            """
            SELECT request_id, sources FROM collapse_candidate
             WHERE builder = :builder AND collapse_key = :key
               FOR UPDATE
            """;

    private static final String BECOME_CANDIDATE =
            """
            INSERT INTO collapse_candidate (builder, collapse_key, request_id, sources)
            VALUES (:builder, :key, :request, :sources)
                ON DUPLICATE KEY UPDATE request_id = VALUES(request_id), sources = VALUES(sources)
            """;

    // The join looks each key up; see BuildRequestQueue.
    private static final String CLOSE =
            """
            DELETE buildset_progress
              FROM JSON_TABLE(:buildsets, '$[*]' COLUMNS (id BIGINT PATH '$')) AS finished
                   STRAIGHT_JOIN buildset_progress ON buildset_progress.buildset_id = finished.id
            """;

    /**
     * A request that has ended.
     *
     * @param cause id of the event that says so
     */
    record Ended(long buildsetId, Results results, String cause) {}

    /** A request that may be collapsed; without sources if they are not known. */
    private record Candidacy(long request, @Nullable Sources sources) {

        /** A master of a former program writes the request alone, and leaves another's sources. */
        static Candidacy of(long request, @Nullable String written) {
            Candidacy candidacy = written == null ? null : JSON.readValue(written, Candidacy.class);
            return candidacy != null && candidacy.request == request
                    ? candidacy
                    : new Candidacy(request, null);
        }
    }

    private record Candidate(Offer offer, @Nullable Sources sources) {}

    private record Submission(
            Author author, String cause, BuildsetOrder order, Instant submittedAt) {}

    private static final JsonMapper JSON = JsonMapper.shared();

    private final Rows<Submission> submissions = this::write;
    private final EventLog log;
    private final JdbcClient jdbc;
    private final NamedParameterJdbcTemplate batches;
    private final Numbers numbers;
    private final BuildRequestQueue queue;
    private final Collapsing collapsing;

    public Buildsets(
            EventLog log,
            DataSource dataSource,
            Numbers numbers,
            BuildRequestQueue queue,
            Collapsing collapsing) {
        this.log = log;
        this.jdbc = JdbcClient.create(dataSource);
        this.batches = new NamedParameterJdbcTemplate(dataSource);
        this.numbers = numbers;
        this.queue = queue;
        this.collapsing = collapsing;
    }

    /**
     * Submits what a scheduler's firing asks for and puts its requests on offer, at the end of the
     * transaction that runs, together with all that is submitted in it. Requests that are on offer
     * for the same are collapsed into the new ones where the builder's configuration says so.
     *
     * @param cause id of the event that recorded the firing
     */
    public void submit(Author author, String cause, BuildsetOrder order, Instant submittedAt) {
        log.atEnd(submissions, new Submission(author, cause, order, submittedAt));
    }

    /**
     * Submits a buildset at once, in a transaction that does nothing else afterwards.
     *
     * @param cause id of the event that it follows from
     */
    BuildsetSubmitted submitNow(
            Author author, String cause, BuildsetOrder order, Instant submittedAt) {
        return write(List.of(new Submission(author, cause, order, submittedAt))).getFirst();
    }

    private List<BuildsetSubmitted> write(List<Submission> submitted) {
        SortedMap<String, Integer> counts = new TreeMap<>();
        counts.put(Numbers.BUILDSET, submitted.size());
        counts.put(
                Numbers.BUILD_REQUEST,
                submitted.stream().mapToInt(it -> it.order().builderNames().size()).sum());
        Map<String, Long> first = numbers.take(counts);
        long buildset = Objects.requireNonNull(first.get(Numbers.BUILDSET));
        long request = Objects.requireNonNull(first.get(Numbers.BUILD_REQUEST));
        List<Offer> offers = new ArrayList<>();
        List<BuildsetSubmitted> events = new ArrayList<>();
        for (Submission submission : submitted) {
            if (collapses(submission.order(), collapsing.keys(submission.order()))) {
                // It may be one of those before it that asks for the same.
                open(offers);
                offers.clear();
            }
            List<Offer> own = offers(submission, buildset, request);
            events.add(append(submission, buildset, own));
            offers.addAll(own);
            buildset++;
            request += own.size();
        }
        open(offers);
        return events;
    }

    private static boolean collapses(BuildsetOrder order, Collapsing.Keys keys) {
        return order.builderNames().stream().anyMatch(builder -> keys.of(builder).isPresent());
    }

    private List<Offer> offers(Submission submission, long buildsetId, long firstRequest) {
        BuildsetOrder order = submission.order();
        List<Offer> offers = new ArrayList<>();
        Collapsing.Keys keys = collapsing.keys(order);
        Sources sources = collapses(order, keys) ? sources(order) : null;
        for (String builder : order.builderNames()) {
            long request = firstRequest + offers.size();
            int priority =
                    Math.max(
                            order.priority(),
                            collapse(submission, keys, sources, builder, request)
                                    .orElse(order.priority()));
            offers.add(
                    offer(order, buildsetId, builder, request, priority, submission.submittedAt()));
        }
        return offers;
    }

    private BuildsetSubmitted append(Submission submission, long buildsetId, List<Offer> offers) {
        BuildsetOrder order = submission.order();
        Map<String, Long> requestIds = new LinkedHashMap<>();
        offers.forEach(offer -> requestIds.put(offer.builder(), offer.requestId()));
        BuildsetSubmitted event =
                new BuildsetSubmitted(
                        buildsetId,
                        order.scheduler(),
                        order.firing(),
                        order.reason(),
                        order.sourceStamps(),
                        order.changeIds(),
                        order.properties(),
                        requestIds,
                        submission.submittedAt(),
                        order.waitedFor(),
                        order.parent(),
                        order.externalId(),
                        order.rebuiltFrom());
        List<Entry> entries = new ArrayList<>();
        entries.add(new Entry(Streams.buildset(buildsetId), 0, event));
        for (Offer offer : offers) {
            entries.add(
                    Entry.of(
                            0,
                            new BuildRequested(
                                    offer.requestId(),
                                    buildsetId,
                                    offer.builder(),
                                    offer.priority(),
                                    submission.submittedAt(),
                                    order.queueTimeoutMillis())));
        }
        log.append(submission.author(), submission.cause(), entries);
        return event;
    }

    /** Writes the rows of whole buildsets. */
    private void open(List<Offer> offers) {
        if (offers.isEmpty()) {
            return;
        }
        queue.offer(offers);
        Map<Long, Long> remaining =
                offers.stream()
                        .collect(
                                Collectors.groupingBy(
                                        Offer::buildsetId, TreeMap::new, Collectors.counting()));
        batches.batchUpdate(
                OPEN,
                remaining.entrySet().stream()
                        .map(buildset ->
                                new MapSqlParameterSource("buildset", buildset.getKey())
                                        .addValue("remaining", buildset.getValue()))
                        .toArray(SqlParameterSource[]::new));
    }

    private static Offer offer(
            BuildsetOrder order,
            long buildsetId,
            String builder,
            long requestId,
            int priority,
            Instant submittedAt) {
        Long timeout = order.queueTimeoutMillis();
        return new Offer(
                requestId,
                buildsetId,
                builder,
                priority,
                submittedAt,
                0,
                1,
                timeout == null ? null : Duration.ofMillis(timeout));
    }

    /**
     * Ends the request on offer that asks for the same, if there is one.
     *
     * @return its priority, which the later one takes over if it is higher
     */
    private OptionalInt collapse(
            Submission submission,
            Collapsing.Keys keys,
            @Nullable Sources sources,
            String builder,
            long into) {
        byte[] key = keys.of(builder).orElse(null);
        if (key == null || sources == null) {
            return OptionalInt.empty();
        }
        Optional<Candidate> candidate = candidate(builder, key);
        Optional<Candidate> held = candidate.filter(it -> Collapsing.ends(it.sources(), sources));
        if (Collapsing.takesOver(candidate.map(Candidate::sources).orElse(null), sources)) {
            becomeCandidate(builder, key, new Candidacy(into, sources));
        }
        if (held.isEmpty()) {
            return OptionalInt.empty();
        }
        Offer older = held.get().offer();
        Entry collapsed =
                Entry.of(
                        older.nextSequence(),
                        new BuildRequestCollapsed(
                                older.requestId(), into, "a later request asks for the same"));
        log.append(submission.author(), submission.cause(), List.of(collapsed));
        queue.remove(List.of(older.requestId()));
        countDown(
                submission.author(),
                List.of(new Ended(older.buildsetId(), Results.SKIPPED, collapsed.id())));
        return OptionalInt.of(older.priority());
    }

    private Sources sources(BuildsetOrder order) {
        return Sources.of(order.sourceStamps(), order.changeIds(), this::codebases);
    }

    private Map<Long, String> codebases(List<Long> changeIds) {
        Map<Long, String> codebases = new HashMap<>();
        for (Recorded recorded : log.read(changeIds.stream().map(Streams::change).toList())) {
            if (recorded.understood() instanceof ChangeReceived change) {
                codebases.put(change.changeId(), change.codebase());
            }
        }
        return codebases;
    }

    /** The request on offer that asks for the same. */
    private Optional<Candidate> candidate(String builder, byte[] key) {
        return jdbc.sql(CANDIDATE)
                .param("builder", builder)
                .param("key", key)
                .query((row, _) ->
                        Candidacy.of(row.getLong("request_id"), row.getString("sources")))
                .optional()
                .flatMap(it ->
                        queue.take(it.request()).map(offer -> new Candidate(offer, it.sources())));
    }

    private void becomeCandidate(String builder, byte[] key, Candidacy candidacy) {
        jdbc.sql(BECOME_CANDIDATE)
                .param("builder", builder)
                .param("key", key)
                .param("request", candidacy.request())
                .param("sources", JSON.writeValueAsString(candidacy))
                .update();
    }

    /**
     * Counts requests as ended, in the transaction that runs, and completes the buildsets of which
     * these were the last.
     */
    void countDown(Author author, List<Ended> ended) {
        // In one order, so that two who count down the same buildsets don't wait for each other.
        Map<Long, List<Ended>> ofBuildset =
                ended.stream()
                        .collect(
                                Collectors.groupingBy(
                                        Ended::buildsetId, TreeMap::new, Collectors.toList()));
        batches.batchUpdate(
                COUNT_DOWN,
                ofBuildset.entrySet().stream()
                        .map(buildset ->
                                new MapSqlParameterSource("buildset", buildset.getKey())
                                        .addValue("ended", buildset.getValue().size())
                                        .addValue("worst", worst(buildset.getValue()).severity()))
                        .toArray(SqlParameterSource[]::new));
        Map<Long, Results> finished = new HashMap<>();
        jdbc.sql(FINISHED)
                .param("buildsets", ofBuildset.keySet())
                .query(row -> {
                    finished.put(
                            row.getLong("buildset_id"), Results.ofSeverity(row.getInt("worst")));
                });
        if (finished.isEmpty()) {
            return;
        }
        jdbc.sql(CLOSE).param("buildsets", finished.keySet().toString()).update();
        ofBuildset.forEach((id, requests) -> {
            Results worst = finished.get(id);
            if (worst != null) {
                log.append(
                        author,
                        requests.getLast().cause(),
                        List.of(
                                new Entry(
                                        Streams.buildset(id),
                                        1,
                                        new BuildsetCompleted(id, worst))));
            }
        });
    }

    private static Results worst(List<Ended> ended) {
        return ended.stream().map(Ended::results).reduce(Results.SKIPPED, Results::worse);
    }
}
