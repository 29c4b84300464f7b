package io.buildledger.auditing;

import io.buildledger.database.UtcColumn;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * All claims of a master, those that were lost or handed back, too, in the order in which they were
 * made. Which there are the views say, which are a poll interval or so behind the log; what they
 * were and how they ended is read from the events.
 */
public final class ClaimAudit {

    /** So many are read at once. */
    public static final int PAGE = 1_000;

    // The key is named, so that no statistics make the database read the table and sort it.
    private static final String PAGE_OF_MASTER =
            """
            SELECT audit_claims.*
              FROM (SELECT builder, build_number
                      FROM build_view FORCE INDEX (build_view_master)
                     WHERE master = :master AND claimed_at >= :since AND claimed_at <= :until
                       AND (claimed_at > :since OR builder > :builder
                            OR (builder = :builder AND build_number > :number))
                     ORDER BY claimed_at, builder, build_number
                     LIMIT :limit) AS page
                   JOIN audit_claims ON audit_claims.builder = page.builder
                                    AND audit_claims.build_number = page.build_number
             ORDER BY audit_claims.claimed_at, audit_claims.builder, audit_claims.build_number
            """;

    private static final String CLAIMED_AT =
            """
            SELECT claimed_at FROM build_view
             WHERE builder = :builder AND build_number = :number AND master = :master
            """;

    private static final Instant FIRST = Instant.EPOCH;
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59Z");

    /** After which claim a page begins. */
    private record After(Instant at, String builder, long number) {}

    private final JdbcClient jdbc;

    public ClaimAudit(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Hands over the claims that a master made in a time, in little memory.
     *
     * @param since null for from the beginning
     * @param until the last moment, or null for up to now
     */
    public void read(
            String master,
            @Nullable Instant since,
            @Nullable Instant until,
            Consumer<List<Claimed>> pages) {
        After after = begin(since);
        while (true) {
            List<Claimed> page = page(master, after, until, PAGE);
            if (page.isEmpty()) {
                return;
            }
            pages.accept(page);
            Claimed last = page.getLast();
            after = new After(last.claimedAt(), last.builder(), last.buildNumber());
        }
    }

    /**
     * Some of the claims that a master made in a time.
     *
     * @param after the build of the claim after which to begin, {@code BUILDER/NUMBER}; null for
     *     the first
     * @param limit how many at most
     * @return empty if {@code after} is no build of this master
     */
    public Optional<List<Claimed>> page(
            String master,
            @Nullable Instant since,
            @Nullable Instant until,
            @Nullable Subject after,
            int limit) {
        return (after == null ? Optional.of(begin(since)) : place(master, after))
                .map(place -> page(master, place, until, limit));
    }

    private static After begin(@Nullable Instant since) {
        return new After(since == null ? FIRST : since, "", -1);
    }

    private Optional<After> place(String master, Subject build) {
        return jdbc.sql(CLAIMED_AT)
                .param("builder", build.builder())
                .param("number", build.number())
                .param("master", master)
                .query((row, _) ->
                        new After(
                                UtcColumn.read(row, "claimed_at"), build.builder(), build.number()))
                .optional();
    }

    private List<Claimed> page(String master, After after, @Nullable Instant until, int limit) {
        return jdbc.sql(PAGE_OF_MASTER)
                .param("master", master)
                .param("since", UtcColumn.of(after.at()))
                .param("until", UtcColumn.of(until == null ? LAST : until))
                .param("builder", after.builder())
                .param("number", after.number())
                .param("limit", limit)
                .query((row, _) -> claimed(row))
                .list();
    }

    private static Claimed claimed(ResultSet row) throws SQLException {
        long endedByEpoch = row.getLong("ended_by_epoch");
        boolean hasNoEnd = row.wasNull();
        return new Claimed(
                row.getLong("request_id"),
                row.getString("builder"),
                row.getLong("build_number"),
                row.getString("master"),
                row.getLong("epoch"),
                row.getInt("attempt"),
                row.getString("worker"),
                row.getString("fingerprint"),
                UtcColumn.read(row, "claimed_at"),
                UtcColumn.readOrNull(row, "started_at"),
                UtcColumn.readOrNull(row, "ended_at"),
                row.getString("ended_as"),
                row.getString("results"),
                row.getString("summary"),
                row.getString("ended_by_master"),
                hasNoEnd ? null : endedByEpoch,
                row.getString("ended_by_actor"),
                row.getString("claim_event"),
                row.getString("end_event"));
    }
}
