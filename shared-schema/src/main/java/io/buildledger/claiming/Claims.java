package io.buildledger.claiming;

import io.buildledger.claiming.BuildRequestQueue.Offer;
import io.buildledger.database.UtcColumn;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCompleted;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestReleased;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.log.Author;
import io.buildledger.log.ConflictException;
import io.buildledger.log.Entry;
import io.buildledger.log.EventLog;
import io.buildledger.log.GroupCommit.Submission;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.numbering.Numbers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import javax.sql.DataSource;
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

    private static final String HOLD =
            """
            INSERT INTO claim
                   (request_id, buildset_id, builder, priority, submitted_at, attempt, build_number, master, epoch)
            VALUES (:request, :buildset, :builder, :priority, :submittedAt, :attempt, :buildNumber, :master, :epoch)
            """;

    private static final String LET_GO =
            "DELETE FROM claim WHERE request_id = :request AND master = :master AND epoch = :epoch";

    private static final String HELD_BY =
            """
            SELECT request_id, buildset_id, builder, priority, submitted_at, attempt AS attempts,
                   -1 AS next_sequence
              FROM claim FORCE INDEX (claim_master)
             WHERE master = :master AND epoch = :epoch
             ORDER BY request_id
             LIMIT :limit
               FOR UPDATE
            """;

    private static final String HELD_WITHOUT_A_LIVING_MASTER =
            """
            SELECT DISTINCT claim.master, claim.epoch
              FROM claim LEFT JOIN master ON master.name = claim.master AND master.epoch = claim.epoch
             WHERE master.state IS NULL OR master.state <> 'live'
            """;

    /** A claim that was won, and what is to be built. */
    public record Won(BuildRequestClaimed claim, BuildsetSubmitted buildset, long nextSequence) {}

    private final EventLog log;
    private final JdbcClient jdbc;
    private final NamedParameterJdbcTemplate batches;
    private final Numbers numbers;
    private final BuildRequestQueue queue;
    private final Buildsets buildsets;

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
    }

    /**
     * Claims the first requests for a builder, one for each worker at most.
     *
     * @param workers free workers, each named once for each build that it can start
     * @return what was won; empty where there was nothing, or others were at it
     */
    public List<Won> claim(
            Author author, String builder, List<String> workers, String fingerprint) {
        List<Entry> claims = new ArrayList<>();
        List<Offer> taken =
                log.inTransaction(() -> {
                    List<Offer> offers = queue.takeFirst(builder, workers.size());
                    if (!offers.isEmpty()) {
                        claims.addAll(claimEntries(author, offers, workers, fingerprint));
                        log.append(author, null, claims);
                        queue.remove(offers.stream().map(Offer::requestId).toList());
                        hold(offers, claims);
                    }
                    return offers;
                });
        Map<Long, BuildsetSubmitted> submitted = buildsetsOf(taken);
        List<Won> won = new ArrayList<>();
        for (int i = 0; i < taken.size(); i++) {
            Entry entry = claims.get(i);
            BuildsetSubmitted buildset = submitted.get(taken.get(i).buildsetId());
            if (buildset == null) {
                throw new IllegalStateException(
                        "request %d is of buildset %d, which the log does not have"
                                .formatted(taken.get(i).requestId(), taken.get(i).buildsetId()));
            }
            won.add(new Won((BuildRequestClaimed) entry.event(), buildset, entry.sequence() + 1));
        }
        return won;
    }

    private List<Entry> claimEntries(
            Author author, List<Offer> offers, List<String> workers, String fingerprint) {
        String builder = offers.getFirst().builder();
        long firstBuild = numbers.take(Numbers.builds(builder), offers.size());
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < offers.size(); i++) {
            Offer offer = offers.get(i);
            entries.add(
                    Entry.of(
                            offer.nextSequence(),
                            new BuildRequestClaimed(
                                    offer.requestId(),
                                    builder,
                                    firstBuild + i,
                                    author.master(),
                                    author.epoch(),
                                    offer.attempts() + 1,
                                    workers.get(i),
                                    fingerprint,
                                    null,
                                    null)));
        }
        return entries;
    }

    private void hold(List<Offer> offers, List<Entry> claims) {
        SqlParameterSource[] rows = new SqlParameterSource[offers.size()];
        for (int i = 0; i < rows.length; i++) {
            Offer offer = offers.get(i);
            BuildRequestClaimed claim = (BuildRequestClaimed) claims.get(i).event();
            rows[i] =
                    new MapSqlParameterSource("request", offer.requestId())
                            .addValue("buildset", offer.buildsetId())
                            .addValue("builder", offer.builder())
                            .addValue("priority", offer.priority())
                            .addValue("submittedAt", UtcColumn.of(offer.submittedAt()))
                            .addValue("attempt", claim.attempt())
                            .addValue("buildNumber", claim.buildNumber())
                            .addValue("master", claim.master())
                            .addValue("epoch", claim.epoch());
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
    public Submission completion(
            Author author, Won won, long sequence, BuildRequestCompleted completed) {
        return new Submission(
                List.of(Entry.of(sequence, completed)),
                () -> {
                    jdbc.sql(LET_GO)
                            .param("request", completed.requestId())
                            .param("master", author.master())
                            .param("epoch", author.epoch())
                            .update();
                    buildsets.countDown(
                            author,
                            Streams.buildRequest(completed.requestId()) + "@" + sequence,
                            won.buildset().buildsetId(),
                            completed.results());
                });
    }

    /**
     * Releases every claim of one life of a master and puts the requests back on offer, where they
     * were.
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

    private int releaseSome(Author author, Author holder, String reason) {
        List<Offer> held = lockHeldBy(holder, RELEASED_AT_ONCE);
        release(author, holder, held, reason);
        return held.size();
    }

    /**
     * Releases those claims of a living master that it does not know of: after a claim whose commit
     * went unanswered, and after a build that came to nothing.
     *
     * @param isKnown whether the master works on a request; asked while the claim is locked, so
     *     that it can't end in between
     * @return how many
     */
    public int releaseForgotten(Author master, Predicate<Long> isKnown, String reason) {
        return log.inTransaction(() -> {
            List<Offer> forgotten =
                    lockHeldBy(master, Integer.MAX_VALUE).stream()
                            .filter(claim -> !isKnown.test(claim.requestId()))
                            .toList();
            release(master, master, forgotten, reason);
            return forgotten.size();
        });
    }

    /**
     * What was offered, as it was claimed; where to write next, nobody knows before it is looked
     * up.
     */
    private List<Offer> lockHeldBy(Author holder, int limit) {
        return jdbc.sql(HELD_BY)
                .param("master", holder.master())
                .param("epoch", holder.epoch())
                .param("limit", limit)
                .query((row, _) -> BuildRequestQueue.offer(row))
                .list();
    }

    private void release(Author author, Author holder, List<Offer> held, String reason) {
        if (held.isEmpty()) {
            return;
        }
        Map<String, Long> last =
                log.lastSequences(
                        held.stream()
                                .map(claim -> Streams.buildRequest(claim.requestId()))
                                .toList());
        List<Entry> releases = new ArrayList<>();
        List<Offer> offers = new ArrayList<>();
        for (Offer claim : held) {
            long sequence = last.getOrDefault(Streams.buildRequest(claim.requestId()), -1L) + 1;
            releases.add(
                    Entry.of(
                            sequence,
                            new BuildRequestReleased(
                                    claim.requestId(), claim.attempts(), author.master(), reason)));
            offers.add(
                    new Offer(
                            claim.requestId(),
                            claim.buildsetId(),
                            claim.builder(),
                            claim.priority(),
                            claim.submittedAt(),
                            claim.attempts(),
                            sequence + 1));
        }
        log.append(author, null, releases);
        batches.batchUpdate(
                LET_GO,
                held.stream()
                        .map(claim ->
                                new MapSqlParameterSource("request", claim.requestId())
                                        .addValue("master", holder.master())
                                        .addValue("epoch", holder.epoch()))
                        .toArray(SqlParameterSource[]::new));
        queue.offer(offers);
    }

    /** The lives of masters that are over and still hold claims. */
    public List<Author> holdersThatAreGone() {
        return jdbc.sql(HELD_WITHOUT_A_LIVING_MASTER)
                .query((row, _) -> new Author(row.getString("master"), row.getLong("epoch")))
                .list();
    }
}
