package io.buildledger.locking;

import io.buildledger.domain.locking.LockLine.Standing;
import io.buildledger.domain.locking.LockMode;
import io.buildledger.domain.locking.LockUse;
import io.buildledger.log.Author;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.namedparam.SqlParameterSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The rows of the locks. */
final class LockTable {

    /** How long a lock is kept for a builder that nobody claims for any more. */
    static final Duration EXPECTED_FOR = Duration.ofMinutes(1);

    /** Who has less time left than this is given more. */
    private static final Duration FADING = Duration.ofSeconds(40);

    // One lock a statement: for a list of keys MySQL scans a short table, and would wait for rows
    // that others have locked.
    private static final String TAKE =
            """
            SELECT next_sequence, next_ticket FROM named_lock FORCE INDEX (PRIMARY)
             WHERE lock_name = :lock
               FOR UPDATE
            """;

    private static final String TAKE_IF_FREE = TAKE + " SKIP LOCKED";

    // Of two that are first, the other waits for the row as it would for one that was there.
    private static final String ADD =
            """
            INSERT INTO named_lock (lock_name, next_sequence, next_ticket) VALUES (:lock, 0, 0)
                ON DUPLICATE KEY UPDATE lock_name = lock_name
            """;

    private static final String ADVANCE =
            "UPDATE named_lock SET next_sequence = :sequence, next_ticket = :ticket WHERE lock_name = :lock";

    // The row of the lock guards them. What a build holds of other locks it had before it came to
    // this one, or has in the same transaction.
    private static final String TICKETS =
            """
            SELECT ticket, mode, amount, max_count, held, builder, build_number, request_id, attempt, step, master, epoch,
                   expires_at IS NOT NULL AS expected,
                   expires_at < UTC_TIMESTAMP(6) + INTERVAL :fading SECOND AS fading,
                   expires_at IS NOT NULL
                     AND (expires_at < UTC_TIMESTAMP(6)
                          OR NOT EXISTS (SELECT 1 FROM build_request_queue
                                          WHERE build_request_queue.builder = lock_ticket.builder)) AS gone,
                   held AND request_id IS NOT NULL
                     OR EXISTS (SELECT 1 FROM lock_ticket AS other
                                 WHERE other.request_id = lock_ticket.request_id
                                   AND other.attempt = lock_ticket.attempt AND other.held) AS has_locks
              FROM lock_ticket
             WHERE lock_name = :lock
             ORDER BY ticket
            """;

    private static final String PUT =
            """
            INSERT INTO lock_ticket (lock_name, ticket, mode, amount, max_count, held, builder, build_number, request_id,
                                     attempt, step, master, epoch, expires_at)
            VALUES (:lock, :ticket, :mode, :amount, :maxCount, :held, :builder, :build, :request, :attempt, :step,
                    :master, :epoch, UTC_TIMESTAMP(6) + INTERVAL :expected SECOND)
                ON DUPLICATE KEY UPDATE
                   mode = VALUES(mode), amount = VALUES(amount), max_count = VALUES(max_count), held = VALUES(held),
                   build_number = VALUES(build_number), request_id = VALUES(request_id), attempt = VALUES(attempt),
                   step = VALUES(step), master = VALUES(master), epoch = VALUES(epoch), expires_at = VALUES(expires_at)
            """;

    private static final String REMOVE =
            "DELETE FROM lock_ticket WHERE lock_name = :lock AND ticket = :ticket";

    // What the builder itself holds is nothing that it could have once more.
    private static final String WANTED_BY_OTHERS =
            """
            SELECT DISTINCT lock_name FROM lock_ticket
             WHERE lock_name IN (:locks) AND NOT (builder = :builder AND expires_at IS NOT NULL)
            """;

    private static final String HAS_LOCKS =
            """
            SELECT COUNT(*) FROM lock_ticket
             WHERE request_id = :request AND attempt = :attempt AND held
            """;

    private static final String OF_REQUESTS =
            "SELECT DISTINCT lock_name FROM lock_ticket WHERE request_id IN (:requests) ORDER BY lock_name";

    private static final String OF_MASTER =
            "SELECT DISTINCT lock_name FROM lock_ticket WHERE master = :master AND epoch = :epoch ORDER BY lock_name";

    /** The next free places of a lock. */
    record Counters(long nextSequence, long nextTicket) {}

    /**
     * @param gone whether nobody comes for it any more
     * @param fading whether it will soon be taken for that
     * @param hasLocks whether its build holds a lock
     */
    record Row(Ticket ticket, boolean gone, boolean fading, boolean hasLocks) {}

    private final JdbcClient jdbc;
    private final NamedParameterJdbcTemplate batches;

    LockTable(DataSource dataSource) {
        this.jdbc = JdbcClient.create(dataSource);
        this.batches = new NamedParameterJdbcTemplate(dataSource);
    }

    JdbcClient jdbc() {
        return jdbc;
    }

    /** Locks a lock's row until the transaction that runs has ended. */
    Counters take(String lock) {
        return find(TAKE, lock)
                .orElseGet(() -> {
                    jdbc.sql(ADD).param("lock", lock).update();
                    return find(TAKE, lock).orElseThrow();
                });
    }

    /** The same, unless somebody else has it locked. */
    Optional<Counters> takeIfFree(String lock) {
        return find(TAKE_IF_FREE, lock);
    }

    private Optional<Counters> find(String sql, String lock) {
        return jdbc.sql(sql)
                .param("lock", lock)
                .query((row, _) ->
                        new Counters(row.getLong("next_sequence"), row.getLong("next_ticket")))
                .optional();
    }

    void advance(String lock, Counters next) {
        jdbc.sql(ADVANCE)
                .param("lock", lock)
                .param("sequence", next.nextSequence())
                .param("ticket", next.nextTicket())
                .update();
    }

    List<Row> tickets(String lock) {
        return jdbc.sql(TICKETS)
                .param("lock", lock)
                .param("fading", FADING.toSeconds())
                .query((row, _) ->
                        new Row(
                                ticket(lock, row),
                                row.getBoolean("gone"),
                                row.getBoolean("fading"),
                                row.getBoolean("has_locks")))
                .list();
    }

    private static Ticket ticket(String lock, ResultSet row) throws SQLException {
        String builder = row.getString("builder");
        Standing standing =
                row.getBoolean("expected")
                        ? Standing.EXPECTED
                        : row.getBoolean("held") ? Standing.HOLDING : Standing.WAITING;
        String master = row.getString("master");
        return new Ticket(
                row.getLong("ticket"),
                new LockUse(
                        lock,
                        LockMode.valueOf(row.getString("mode")),
                        row.getInt("amount"),
                        row.getInt("max_count")),
                standing,
                builder,
                standing == Standing.EXPECTED
                        ? null
                        : new Holder(
                                builder,
                                row.getLong("build_number"),
                                row.getLong("request_id"),
                                row.getInt("attempt"),
                                step(row)),
                master == null ? null : new Author(master, row.getLong("epoch")));
    }

    private static @Nullable Integer step(ResultSet row) throws SQLException {
        int step = row.getInt("step");
        return row.wasNull() ? null : step;
    }

    void put(String lock, Collection<Ticket> tickets) {
        batches.batchUpdate(
                PUT,
                tickets.stream()
                        .map(ticket -> parameters(lock, ticket))
                        .toArray(SqlParameterSource[]::new));
    }

    private static SqlParameterSource parameters(String lock, Ticket ticket) {
        Holder holder = ticket.holder();
        Author master = ticket.master();
        return new MapSqlParameterSource("lock", lock)
                .addValue("ticket", ticket.number())
                .addValue("mode", ticket.use().mode().name())
                .addValue("amount", ticket.use().count())
                .addValue("maxCount", ticket.use().maxCount())
                .addValue("held", ticket.standing() == Standing.HOLDING)
                .addValue("builder", ticket.builder())
                .addValue("build", holder == null ? null : holder.buildNumber())
                .addValue("request", holder == null ? null : holder.requestId())
                .addValue("attempt", holder == null ? null : holder.attempt())
                .addValue("step", holder == null ? null : holder.step())
                .addValue("master", master == null ? null : master.master())
                .addValue("epoch", master == null ? null : master.epoch())
                .addValue(
                        "expected",
                        ticket.standing() == Standing.EXPECTED ? EXPECTED_FOR.toSeconds() : null);
    }

    void remove(String lock, Collection<Long> tickets) {
        batches.batchUpdate(
                REMOVE,
                tickets.stream()
                        .map(ticket ->
                                new MapSqlParameterSource("lock", lock).addValue("ticket", ticket))
                        .toArray(SqlParameterSource[]::new));
    }

    /** The locks in whose lines anybody is, but for a builder that is expected. */
    Set<String> wantedByOthers(String builder, Set<String> locks) {
        return new HashSet<>(
                jdbc.sql(WANTED_BY_OTHERS)
                        .param("locks", locks)
                        .param("builder", builder)
                        .query(String.class)
                        .list());
    }

    /** Whether the build holds a lock, or a step of it does. */
    boolean hasLocks(Holder holder) {
        return jdbc.sql(HAS_LOCKS)
                        .param("request", holder.requestId())
                        .param("attempt", holder.attempt())
                        .query(Long.class)
                        .single()
                > 0;
    }

    /** The locks in whose lines the builds of these requests are. */
    List<String> ofRequests(Collection<Long> requestIds) {
        return jdbc.sql(OF_REQUESTS).param("requests", requestIds).query(String.class).list();
    }

    /** The locks in whose lines the builds of a life of a master are. */
    List<String> ofMaster(Author master) {
        return jdbc.sql(OF_MASTER)
                .param("master", master.master())
                .param("epoch", master.epoch())
                .query(String.class)
                .list();
    }
}
