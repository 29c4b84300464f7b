package io.buildledger.claiming;

import io.buildledger.claiming.BuildRequestQueue.Offer;
import io.buildledger.claiming.Buildsets.Ended;
import io.buildledger.claiming.Look.Assigned;
import io.buildledger.claiming.Offers.Shown;
import io.buildledger.claiming.Offers.Taken;
import io.buildledger.database.UtcColumn;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCompleted;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestGivenUp;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestPriorityChanged;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestReleased;
import io.buildledger.domain.requesting.BuildRequestEvent.Choice;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.locking.Holder;
import io.buildledger.locking.Locks;
import io.buildledger.log.Author;
import io.buildledger.log.ConflictException;
import io.buildledger.log.Entry;
import io.buildledger.log.EventLog;
import io.buildledger.log.GroupCommit.Submission;
import io.buildledger.log.NewerEvent;
import io.buildledger.log.OwnLife;
import io.buildledger.log.Recorded;
import io.buildledger.log.Rows;
import io.buildledger.log.Streams;
import io.buildledger.numbering.Numbers;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.namedparam.SqlParameterSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Claims on build requests. A request has at most one live claim: whoever claims holds the
 * request's row in the queue, and writes at the position that the row names. Completion and release
 * end the claim in the transaction of the event that says so.
 */
public final class Claims {

    private static final Logger LOG = LoggerFactory.getLogger(Claims.class);

    private static final int RELEASED_AT_ONCE = 100;
    private static final int CONFLICTS_BEFORE_GIVING_UP = 5;

    /** Of a claim's next event: it is looked up when it is written. */
    private static final long NOBODY_KNOWS = -1;

    private static final String HOLD =
            """
            INSERT INTO claim
                   (request_id, buildset_id, builder, priority, submitted_at, attempt, build_number, master, epoch,
                    max_attempts, queue_timeout_micros)
            VALUES (:request, :buildset, :builder, :priority, :submittedAt, :attempt, :buildNumber, :master, :epoch,
                    :maxAttempts, :queueTimeout)
            """;

    // The join looks each key up; see BuildRequestQueue.
    private static final String LET_GO =
            """
            DELETE claim
              FROM JSON_TABLE(:requests, '$[*]' COLUMNS (id BIGINT PATH '$')) AS ended
                   STRAIGHT_JOIN claim ON claim.request_id = ended.id
            """;

    private static final String COLUMNS =
            """
            request_id, buildset_id, builder, priority, submitted_at, attempt, build_number, max_attempts,
            queue_timeout_micros\
            """;

    private static final String HELD_BY =
            "SELECT "
                    + COLUMNS
                    + """

                       FROM claim FORCE INDEX (claim_master)
                      WHERE master = :master AND epoch = :epoch
                      ORDER BY request_id
                      LIMIT :limit
                        FOR UPDATE
                    """;

    // What a transaction of the holder, that vanished in the middle of it, has locked is released
    // by a later look: it must not hold up the rest.
    private static final String FREE_OF = HELD_BY + " SKIP LOCKED";

    private static final String CLAIM_OF =
            "SELECT "
                    + COLUMNS
                    + " FROM claim FORCE INDEX (PRIMARY) WHERE request_id = :request FOR UPDATE";

    private static final String CHANGE_PRIORITY =
            "UPDATE claim SET priority = :priority WHERE request_id = :request";

    private static final String HELD_WITHOUT_A_LIVING_MASTER =
            """
            SELECT held.master, held.epoch
              FROM (SELECT master, epoch FROM claim
                     UNION
                    SELECT master, epoch FROM lock_ticket WHERE master IS NOT NULL) AS held
                   LEFT JOIN master ON master.name = held.master AND master.epoch = held.epoch
             WHERE master.state IS NULL OR master.state <> 'live'
            """;

    /**
     * A claim that was won, and what is to be built.
     *
     * @param submittedAt when the request was first on offer
     * @param locked whether the build holds locks, which end with it
     */
    public record Won(
            BuildRequestClaimed claim,
            BuildsetSubmitted buildset,
            Instant submittedAt,
            long nextSequence,
            boolean locked) {}

    /**
     * A claim without an end yet.
     *
     * @param offer what was claimed
     * @param attempt the how-manieth claim it is
     * @param buildNumber of its build within its builder
     * @param maxAttempts the last that the builder allows
     */
    record Held(Offer offer, int attempt, long buildNumber, int maxAttempts) {

        private Attempt toAttempt() {
            return new Attempt(offer.requestId(), attempt);
        }
    }

    /**
     * A claim by what tells it from all others.
     *
     * @param number the how-manieth claim of the request it is, from 1
     */
    public record Attempt(long requestId, int number) {

        public static Attempt of(BuildRequestClaimed claim) {
            return new Attempt(claim.requestId(), claim.attempt());
        }
    }

    /**
     * The end of a claim without a result.
     *
     * @param requestedBy who wants the request on offer again, or null if only its attempts decide
     */
    private record Release(Held claim, String reason, @Nullable String requestedBy) {

        private boolean offersAgain() {
            return requestedBy != null || claim.attempt() < claim.maxAttempts();
        }
    }

    /** What a build leaves in other tables when it ends. */
    private sealed interface BuildEnd {

        Author author();

        /** The build if it holds locks. */
        @Nullable Holder locked();

        String reason();
    }

    private record Completion(
            Author author,
            BuildRequestCompleted completed,
            long buildsetId,
            String cause,
            @Nullable Holder locked)
            implements BuildEnd {

        @Override
        public String reason() {
            return "the build has ended";
        }
    }

    private record Dropped(Author author, Holder locked) implements BuildEnd {

        @Override
        public String reason() {
            return "the build was dropped";
        }
    }

    private final EventLog log;
    private final JdbcClient jdbc;
    private final NamedParameterJdbcTemplate batches;
    private final Numbers numbers;
    private final BuildRequestQueue queue;
    private final Buildsets buildsets;
    private final Offers offers;

    /** Of its own, because it remembers how far it has looked. */
    private final Offers offersForAbsent;

    private final Locks locks;
    private final NotUnderstood notUnderstood;

    // One object for all, so that those of a transaction are written together, and take the rows
    // of their locks in one order.
    private final Rows<BuildEnd> ends = this::end;

    public Claims(
            EventLog log,
            DataSource dataSource,
            Numbers numbers,
            BuildRequestQueue queue,
            Buildsets buildsets) {
        this.log = log;
        this.jdbc = JdbcClient.create(dataSource);
        this.batches = new NamedParameterJdbcTemplate(dataSource);
        this.numbers = numbers;
        this.queue = queue;
        this.buildsets = buildsets;
        Unclaimable unclaimable = new Unclaimable();
        this.offers = new Offers(queue, this::buildsetsOf, unclaimable);
        this.offersForAbsent = new Offers(queue, this::buildsetsOf, unclaimable);
        this.locks = new Locks(log, dataSource);
        this.notUnderstood = new NotUnderstood(log);
    }

    /**
     * For which workers there is something on offer.
     *
     * @param exhausted builders of which nothing was on offer
     */
    public record Wanted(Set<String> workers, Set<String> exhausted) {}

    /**
     * Looks which workers could take something that is on offer, if they were there. Locks are not
     * asked for. Nothing is claimed, so others may have taken it the next moment.
     *
     * @param workers that are not there
     */
    public Wanted wanted(Author author, Map<String, ClaimTerms> terms, FreeWorkers workers) {
        Shown shown = offersForAbsent.look(author, terms, workers);
        return new Wanted(shown.look().takers(workers), shown.exhausted());
    }

    /**
     * What a claim brought.
     *
     * @param won in the order of claims
     * @param exhausted builders of which no offer was left when the master looked
     * @param unsuitable builders of which there were offers, and none that a worker that was free
     *     may build
     * @param waiting builders of which something was left on offer because a lock is held; their
     *     places in the lines are kept for a minute
     * @param lost how many of the offers that this master saw, and had a worker for, others had
     *     taken or were taking by the time that it locked them, with no other in their place
     */
    public record Claimed(
            List<Won> won,
            Set<String> exhausted,
            Set<String> unsuitable,
            Set<String> waiting,
            int lost) {}

    /**
     * Claims the first requests, of all builders that the workers serve, in the order of claims: as
     * many as there are workers for, and no more. A builder's policy may prefer others of its own,
     * or leave some on offer. A master that was declared lost, or whose name another life has,
     * claims nothing any more, whether it knows of it or not.
     *
     * <p>What can't have its builder's locks now is left on offer, and so is, this time, what its
     * worker could have taken instead. What a newer program has written to is left on offer, too,
     * and holds up nothing.
     *
     * @param terms of each builder that the workers may be asked for
     */
    public Claimed claim(Author author, Map<String, ClaimTerms> terms, FreeWorkers workers) {
        int lost = 0;
        while (true) {
            AtomicBoolean hasPassedOver = new AtomicBoolean();
            Claimed claimed = claim(author, terms, workers, hasPassedOver);
            lost += claimed.lost();
            // Each time round there is one more that is not looked at again.
            if (!claimed.won().isEmpty() || !hasPassedOver.get()) {
                return new Claimed(
                        claimed.won(),
                        claimed.exhausted(),
                        claimed.unsuitable(),
                        claimed.waiting(),
                        lost);
            }
        }
    }

    private Claimed claim(
            Author author,
            Map<String, ClaimTerms> terms,
            FreeWorkers workers,
            AtomicBoolean hasPassedOver) {
        List<Entry> entries = new ArrayList<>();
        Set<String> exhausted = new HashSet<>();
        Set<String> unsuitable = new HashSet<>();
        Set<String> waiting = new HashSet<>();
        Map<Long, BuildsetSubmitted> submitted = new HashMap<>();
        AtomicInteger lost = new AtomicInteger();
        List<Assigned> taken =
                log.inTransaction(() -> {
                    Shown shown = offers.look(author, terms, workers);
                    exhausted.addAll(shown.exhausted());
                    unsuitable.addAll(shown.unsuitable());
                    Look look = shown.look();
                    Taken takenNow = offers.take(look, workers);
                    List<Offer> taking = takenNow.offers();
                    lost.set(takenNow.lost());
                    List<Offer> locked = understood(taking, submitted);
                    hasPassedOver.set(locked.size() < taking.size());
                    LockTurns turns = LockTurns.of(locks, author, terms, look, locked, workers);
                    List<Assigned> assigned = look.assign(locked, workers, turns);
                    waiting.addAll(turns.waiting());
                    entries.addAll(entries(author, terms, look, assigned));
                    // Last before the writes: nobody may have to wait with this lock held.
                    if ((turns.areAny() || !assigned.isEmpty()) && OwnLife.isOver(jdbc, author)) {
                        return List.of();
                    }
                    turns.settle(
                            author,
                            assigned,
                            entries.stream().map(it -> (BuildRequestClaimed) it.event()).toList());
                    if (!assigned.isEmpty()) {
                        log.append(author, null, entries);
                        queue.remove(
                                assigned.stream().map(won -> won.offer().requestId()).toList());
                        hold(assigned, entries);
                    }
                    return assigned;
                });
        List<Won> won = new ArrayList<>();
        for (int i = 0; i < taken.size(); i++) {
            Entry entry = entries.get(i);
            Offer offer = taken.get(i).offer();
            BuildsetSubmitted buildset = submitted.get(offer.buildsetId());
            if (buildset == null) {
                throw new IllegalStateException(
                        "request %d is of buildset %d, which the log does not have"
                                .formatted(offer.requestId(), offer.buildsetId()));
            }
            won.add(
                    new Won(
                            (BuildRequestClaimed) entry.event(),
                            buildset,
                            offer.submittedAt(),
                            entry.sequence() + 1,
                            !taken.get(i).locks().isEmpty()));
        }
        return new Claimed(won, exhausted, unsuitable, waiting, lost.get());
    }

    /**
     * Those of some offers that this program may claim and can build.
     *
     * @param submitted gets the buildsets that they are of
     */
    private List<Offer> understood(List<Offer> locked, Map<Long, BuildsetSubmitted> submitted) {
        Set<String> streams = new HashSet<>();
        for (Offer offer : locked) {
            streams.add(Streams.buildRequest(offer.requestId()));
            streams.add(Streams.buildset(offer.buildsetId()));
        }
        Map<String, NewerEvent> newer = new HashMap<>();
        for (Recorded recorded : log.read(streams)) {
            switch (recorded.event()) {
                case BuildsetSubmitted buildset -> submitted.put(buildset.buildsetId(), buildset);
                case NewerEvent event -> newer.putIfAbsent(recorded.stream(), event);
                default -> {
                    // The queue says the rest.
                }
            }
        }
        List<Offer> understood = new ArrayList<>();
        for (Offer offer : locked) {
            NewerEvent first =
                    newer.getOrDefault(
                            Streams.buildRequest(offer.requestId()),
                            newer.get(Streams.buildset(offer.buildsetId())));
            if (first == null) {
                understood.add(offer);
            } else {
                offers.passOver(offer);
                notUnderstood.tell(offer.requestId(), first, "left on offer");
            }
        }
        return understood;
    }

    private List<Entry> entries(
            Author author, Map<String, ClaimTerms> terms, Look look, List<Assigned> assigned) {
        if (assigned.isEmpty()) {
            return List.of();
        }
        Map<Long, Choice> choices = look.choices(assigned.stream().map(Assigned::offer).toList());
        Map<String, Long> nextBuild = firstBuilds(assigned);
        List<Entry> entries = new ArrayList<>();
        for (Assigned won : assigned) {
            Offer offer = won.offer();
            ClaimTerms ofBuilder = terms.get(offer.builder());
            if (ofBuilder == null) {
                throw new IllegalStateException("a worker was assigned to " + offer.builder());
            }
            entries.add(
                    Entry.of(
                            offer.nextSequence(),
                            new BuildRequestClaimed(
                                    offer.requestId(),
                                    offer.builder(),
                                    nextBuild.merge(Numbers.builds(offer.builder()), 1L, Long::sum)
                                            - 1,
                                    author.master(),
                                    author.epoch(),
                                    offer.attempts() + 1,
                                    won.worker(),
                                    ofBuilder.fingerprint(),
                                    ofBuilder.maxAttempts(),
                                    choices.get(offer.requestId()))));
        }
        return entries;
    }

    private Map<String, Long> firstBuilds(List<Assigned> assigned) {
        SortedMap<String, Integer> counts = new TreeMap<>();
        assigned.forEach(
                won -> counts.merge(Numbers.builds(won.offer().builder()), 1, Integer::sum));
        return numbers.take(counts);
    }

    private void hold(List<Assigned> assigned, List<Entry> entries) {
        SqlParameterSource[] rows = new SqlParameterSource[assigned.size()];
        for (int i = 0; i < rows.length; i++) {
            Offer offer = assigned.get(i).offer();
            BuildRequestClaimed claim = (BuildRequestClaimed) entries.get(i).event();
            rows[i] =
                    new MapSqlParameterSource("request", offer.requestId())
                            .addValue("buildset", offer.buildsetId())
                            .addValue("builder", offer.builder())
                            .addValue("priority", offer.priority())
                            .addValue("submittedAt", UtcColumn.of(offer.submittedAt()))
                            .addValue("attempt", claim.attempt())
                            .addValue("buildNumber", claim.buildNumber())
                            .addValue("master", claim.master())
                            .addValue("epoch", claim.epoch())
                            .addValue("maxAttempts", claim.maxAttempts())
                            .addValue(
                                    "queueTimeout", BuildRequestQueue.micros(offer.queueTimeout()));
        }
        batches.batchUpdate(HOLD, rows);
    }

    private Map<Long, BuildsetSubmitted> buildsetsOf(List<Offer> offers) {
        Map<Long, BuildsetSubmitted> found = new HashMap<>();
        List<String> streams =
                offers.stream()
                        .map(offer -> Streams.buildset(offer.buildsetId()))
                        .distinct()
                        .toList();
        for (Recorded recorded : log.read(streams)) {
            if (recorded.event() instanceof BuildsetSubmitted submitted) {
                found.put(submitted.buildsetId(), submitted);
            }
        }
        return found;
    }

    /** What is to be submitted so that the claim ends with a result. */
    public Submission<?> completion(
            Author author, Won won, long sequence, BuildRequestCompleted completed) {
        Entry entry = Entry.of(sequence, completed);
        return new Submission<>(
                List.of(entry),
                ends,
                new Completion(
                        author,
                        completed,
                        won.buildset().buildsetId(),
                        entry.id(),
                        won.locked() ? LockTurns.holder(won.claim()) : null));
    }

    /**
     * What is to be submitted with the last event of a build that has no result from its master: of
     * its locks nothing is held from then on.
     */
    public Submission<?> drop(Author author, Won won, Entry entry) {
        return won.locked()
                ? new Submission<>(
                        List.of(entry), ends, new Dropped(author, LockTurns.holder(won.claim())))
                : Submission.of(entry);
    }

    private void end(List<BuildEnd> ended) {
        // What a master writes is its own.
        Author author = ended.getFirst().author();
        List<Completion> completed =
                ended.stream()
                        .filter(Completion.class::isInstance)
                        .map(Completion.class::cast)
                        .toList();
        if (!completed.isEmpty()) {
            letGo(completed.stream().map(it -> it.completed().requestId()).toList());
        }
        Map<Holder, String> locked = new LinkedHashMap<>();
        for (BuildEnd end : ended) {
            Holder build = end.locked();
            if (build != null) {
                locked.put(build, end.reason());
            }
        }
        if (!locked.isEmpty()) {
            locks.releaseBuilds(author, locked);
        }
        if (!completed.isEmpty()) {
            buildsets.countDown(
                    author,
                    completed.stream()
                            .map(it ->
                                    new Ended(
                                            it.buildsetId(), it.completed().results(), it.cause()))
                            .toList());
        }
    }

    void letGo(Collection<Long> requestIds) {
        jdbc.sql(LET_GO)
                .param("requests", requestIds.stream().sorted().toList().toString())
                .update();
    }

    /**
     * Where the holder of a claim may write next, when somebody else has written at the place that
     * it expected: only what leaves the claim alive.
     *
     * @param expected the place that was taken
     * @return empty if the claim is over
     */
    public OptionalLong nextPlace(long requestId, long expected) {
        List<Recorded> since =
                log.read(Streams.buildRequest(requestId)).stream()
                        .filter(recorded -> recorded.sequence() >= expected)
                        .toList();
        for (Recorded recorded : since) {
            if (recorded.event() instanceof NewerEvent newer) {
                // Whether the claim lives is not known here.
                notUnderstood.tell(requestId, newer, "not completed");
                return OptionalLong.empty();
            }
        }
        if (since.isEmpty()) {
            throw new IllegalStateException(
                    "request %d has no event at %d, where one was refused"
                            .formatted(requestId, expected));
        }
        return since.stream().allMatch(it -> it.event() instanceof BuildRequestPriorityChanged)
                ? OptionalLong.of(expected + since.size())
                : OptionalLong.empty();
    }

    /** The claim that a request is under, locked until the transaction that runs has ended. */
    Optional<Held> claimOf(long requestId) {
        return jdbc.sql(CLAIM_OF)
                .param("request", requestId)
                .query((row, _) -> held(row))
                .optional();
    }

    /** The priority with which a claimed request would be offered again. */
    void changePriority(long requestId, int priority) {
        jdbc.sql(CHANGE_PRIORITY).param("request", requestId).param("priority", priority).update();
    }

    /**
     * Releases every claim of one life of a master, with all that it has of locks, and puts the
     * requests back on offer, where they were; but for those that a transaction has locked at this
     * moment.
     *
     * <p>What this program does not understand is left to masters of a newer one.
     *
     * @return how many
     */
    public int releaseAllOf(Author author, Author holder, String reason) {
        int released = 0;
        int conflicts = 0;
        while (true) {
            try {
                int some = log.inTransaction(() -> releaseSome(author, holder, reason));
                released += some;
                if (some < RELEASED_AT_ONCE) {
                    return released;
                }
            } catch (ConflictException e) {
                // The holder is alive enough to have written since we looked; look again.
                if (++conflicts == CONFLICTS_BEFORE_GIVING_UP) {
                    throw e;
                }
                LOG.info(
                        "{} wrote while its claims were being released; trying again",
                        holder.owner());
            }
        }
    }

    private List<Held> understood(List<Held> held, String undone) {
        return notUnderstood.leftOut(held, claim -> claim.offer().requestId(), undone);
    }

    private int releaseSome(Author author, Author holder, String reason) {
        List<Held> held =
                understood(heldBy(FREE_OF, holder, RELEASED_AT_ONCE), "not offered again");
        locks.releaseFreeOf(author, holder, reason);
        release(author, held.stream().map(claim -> new Release(claim, reason, null)).toList());
        return held.size();
    }

    /**
     * What became of claims that their master did not work on.
     *
     * @param unheard to be built by it
     * @param released how many went back on offer
     */
    public record Recovered(List<Won> unheard, int released) {}

    /**
     * Settles the claims of a living master that it does not work on. Where only the answer to the
     * commit was lost, the claim is the master's all the same, and is returned to be built: it is
     * no attempt the less. Where the build came to nothing the claim is released. So are locks of
     * builds that nobody works on.
     *
     * @param isKnown whether the master works on a claim; asked while the claim is locked, so that
     *     it can't end in between
     * @param cameToNothing claims whose builds have ended in this master without a result, and why
     * @param otherwise why others are released, which this program can't build
     */
    public Recovered recover(
            Author master,
            Predicate<Attempt> isKnown,
            Map<Attempt, String> cameToNothing,
            String otherwise) {
        return log.inTransaction(() -> {
            List<Won> unheard = new ArrayList<>();
            List<Release> toRelease = new ArrayList<>();
            List<Held> unknown =
                    heldBy(HELD_BY, master, Integer.MAX_VALUE).stream()
                            .filter(held -> !isKnown.test(held.toAttempt()))
                            .toList();
            for (Held held : understood(unknown, "kept under its claim")) {
                String reason = cameToNothing.get(held.toAttempt());
                Optional<Won> won = reason == null ? unheard(held) : Optional.empty();
                won.ifPresentOrElse(
                        unheard::add,
                        () ->
                                toRelease.add(
                                        new Release(
                                                held, reason == null ? otherwise : reason, null)));
            }
            releaseForgottenLocks(master, isKnown, unheard);
            release(master, toRelease);
            return new Recovered(unheard, toRelease.size());
        });
    }

    private void releaseForgottenLocks(
            Author master, Predicate<Attempt> isKnown, List<Won> unheard) {
        Set<Attempt> toBuild =
                unheard.stream().map(won -> Attempt.of(won.claim())).collect(Collectors.toSet());
        locks.releaseAllOf(
                master,
                master,
                holder -> {
                    Attempt attempt = new Attempt(holder.requestId(), holder.attempt());
                    return !toBuild.contains(attempt) && !isKnown.test(attempt);
                },
                "nobody works on the build any more");
    }

    /**
     * The claim as it was won, if nothing has come of it and this program can read what to build.
     */
    private Optional<Won> unheard(Held held) {
        Offer offer = held.offer();
        BuildRequestClaimed claim = null;
        long next = 0;
        for (Recorded recorded : log.read(Streams.buildRequest(offer.requestId()))) {
            next = recorded.sequence() + 1;
            if (recorded.event() instanceof BuildRequestClaimed claimed
                    && claimed.attempt() == held.attempt()) {
                claim = claimed;
            } else if (!(recorded.event() instanceof BuildRequestPriorityChanged)) {
                claim = null;
            }
        }
        BuildsetSubmitted buildset = buildsetsOf(List.of(offer)).get(offer.buildsetId());
        return claim == null || buildset == null
                ? Optional.empty()
                : Optional.of(
                        new Won(
                                claim,
                                buildset,
                                offer.submittedAt(),
                                next,
                                locks.areHeldBy(LockTurns.holder(claim))));
    }

    private List<Held> heldBy(String sql, Author holder, int limit) {
        return jdbc.sql(sql)
                .param("master", holder.master())
                .param("epoch", holder.epoch())
                .param("limit", limit)
                .query((row, _) -> held(row))
                .list();
    }

    private static Held held(ResultSet row) throws SQLException {
        return new Held(
                new Offer(
                        row.getLong("request_id"),
                        row.getLong("buildset_id"),
                        row.getString("builder"),
                        row.getInt("priority"),
                        UtcColumn.read(row, "submitted_at"),
                        row.getInt("attempt"),
                        NOBODY_KNOWS,
                        BuildRequestQueue.duration(row, "queue_timeout_micros")),
                row.getInt("attempt"),
                row.getLong("build_number"),
                row.getInt("max_attempts"));
    }

    /**
     * Releases a claim in the transaction that runs because somebody wants the request built again,
     * even after its last attempt.
     */
    void retry(Author author, Held claim, String requestedBy, String reason) {
        release(author, List.of(new Release(claim, reason, requestedBy)));
    }

    /**
     * Offers the requests again where they were, or gives them up after their last attempt, if
     * nobody wants another.
     */
    private void release(Author author, List<Release> releases) {
        if (releases.isEmpty()) {
            return;
        }
        List<Long> requestIds =
                releases.stream().map(it -> it.claim().offer().requestId()).toList();
        Map<String, Long> last =
                log.lastSequences(requestIds.stream().map(Streams::buildRequest).toList());
        List<Entry> entries = new ArrayList<>();
        List<Offer> offers = new ArrayList<>();
        List<Ended> givenUp = new ArrayList<>();
        for (Release release : releases) {
            Held claim = release.claim();
            long requestId = claim.offer().requestId();
            long sequence = last.getOrDefault(Streams.buildRequest(requestId), -1L) + 1;
            entries.add(
                    Entry.of(
                            sequence,
                            new BuildRequestReleased(
                                    requestId,
                                    claim.attempt(),
                                    author.master(),
                                    release.reason(),
                                    release.requestedBy())));
            if (release.offersAgain()) {
                offers.add(claim.offer().at(sequence + 1));
            } else {
                Entry end =
                        Entry.of(
                                sequence + 1,
                                new BuildRequestGivenUp(
                                        requestId, claim.attempt(), release.reason()));
                entries.add(end);
                givenUp.add(new Ended(claim.offer().buildsetId(), Results.EXCEPTION, end.id()));
            }
        }
        log.append(author, null, entries);
        letGo(requestIds);
        queue.offer(offers);
        if (!givenUp.isEmpty()) {
            buildsets.countDown(author, givenUp);
        }
    }

    /** The lives of masters that are over and still hold claims or locks. */
    public List<Author> holdersThatAreGone() {
        return jdbc.sql(HELD_WITHOUT_A_LIVING_MASTER)
                .query((row, _) -> new Author(row.getString("master"), row.getLong("epoch")))
                .list();
    }
}
