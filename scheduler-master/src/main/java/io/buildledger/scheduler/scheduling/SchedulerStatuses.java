package io.buildledger.scheduler.scheduling;

import io.buildledger.configuring.BoundScheduler;
import io.buildledger.database.UtcColumn;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import io.buildledger.domain.scheduling.SchedulerState;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.LogPosition;
import io.buildledger.log.Rows;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.namedparam.SqlParameterSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * What each scheduler of the cluster knew when it last did something, for people to look at; its
 * stream says the same.
 */
@Component
public final class SchedulerStatuses {

    /**
     * @param pending how many changes wait
     * @param firesAt when the next of its timers ends, or null
     * @param renamedTo the name under which it goes on, or null
     * @param master the one that runs it now, or null if none does
     */
    public record Status(
            String name,
            String type,
            boolean enabled,
            int pending,
            long firings,
            @Nullable Instant firesAt,
            @Nullable String renamedTo,
            @Nullable String master) {}

    /**
     * How far a scheduler has read.
     *
     * @param owner the life of the master that runs it now, or null if none does
     */
    public record Reading(LogPosition position, @Nullable String owner) {}

    private static final String WRITE =
            """
            INSERT INTO scheduler_status
                   (name, type, last_sequence, enabled, pending, firings, fires_at, renamed_to, master)
            VALUES (:name, :type, :lastSequence, :enabled, :pending, :firings, :firesAt, :renamedTo, :master)
                ON DUPLICATE KEY UPDATE
                   type = VALUES(type), last_sequence = VALUES(last_sequence), enabled = VALUES(enabled),
                   pending = VALUES(pending), firings = VALUES(firings), fires_at = VALUES(fires_at),
                   renamed_to = VALUES(renamed_to), master = VALUES(master)
            """;

    private static final String ALL =
            """
            SELECT scheduler_status.name, type, enabled, pending, firings, fires_at, renamed_to, token.owner
              FROM scheduler_status
                   LEFT JOIN token
                   ON token.processor_name = CONCAT('scheduler/', scheduler_status.name) AND token.segment = 0
             ORDER BY scheduler_status.name
            """;

    private static final String READING =
            """
            SELECT token, token_type, owner
              FROM token
             WHERE processor_name = :position AND segment = 0
            """;

    private final EventLog log;
    private final JdbcClient jdbc;
    private final Rows<SqlParameterSource> rows;

    public SchedulerStatuses(EventLog log, DataSource dataSource) {
        this.log = log;
        this.jdbc = JdbcClient.create(dataSource);
        NamedParameterJdbcTemplate batches = new NamedParameterJdbcTemplate(dataSource);
        this.rows =
                written -> batches.batchUpdate(WRITE, written.toArray(SqlParameterSource[]::new));
    }

    /** Writes at the end of the transaction that runs. */
    void write(BoundScheduler scheduler, SchedulerStream stream, Author author) {
        log.atEnd(rows, row(scheduler, stream, author));
    }

    private static SqlParameterSource row(
            BoundScheduler scheduler, SchedulerStream stream, Author author) {
        SchedulerState state = stream.state();
        Optional<Instant> firesAt =
                state.timers().values().stream()
                        .map(TimerArmed::fireAt)
                        .min(Comparator.naturalOrder());
        return new MapSqlParameterSource("name", scheduler.name())
                .addValue("type", scheduler.scheduler().type())
                .addValue("lastSequence", stream.nextSequence() - 1)
                .addValue("enabled", state.enabled())
                .addValue("pending", state.pending().size())
                .addValue("firings", state.firings())
                .addValue("firesAt", firesAt.map(UtcColumn::of).orElse(null))
                .addValue("renamedTo", state.renamedTo())
                .addValue("master", author.master());
    }

    /** Of all schedulers that ever did something, by name. */
    public List<Status> all() {
        return jdbc.sql(ALL)
                .query((row, _) ->
                        new Status(
                                row.getString("name"),
                                row.getString("type"),
                                row.getBoolean("enabled"),
                                row.getInt("pending"),
                                row.getLong("firings"),
                                row.getObject("fires_at") == null
                                        ? null
                                        : UtcColumn.read(row, "fires_at"),
                                row.getString("renamed_to"),
                                master(row.getString("owner"))))
                .list();
    }

    /** How far a scheduler has read; empty if it never ran. */
    public Optional<Reading> reading(String scheduler) {
        return jdbc.sql(READING)
                .param("position", Schedulers.position(scheduler))
                .query((row, _) ->
                        new Reading(
                                LogPosition.of(row.getString("token"), row.getString("token_type")),
                                row.getString("owner")))
                .optional();
    }

    private static @Nullable String master(@Nullable String owner) {
        return owner == null ? null : owner.substring(0, owner.lastIndexOf('#'));
    }
}
