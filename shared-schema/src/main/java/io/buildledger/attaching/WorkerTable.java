package io.buildledger.attaching;

import io.buildledger.database.UtcColumn;
import io.buildledger.domain.attaching.WorkerState;
import io.buildledger.domain.attaching.WorkerState.Attached;
import io.buildledger.domain.attaching.WorkerState.Gone;
import io.buildledger.domain.attaching.WorkerState.Machine;
import io.buildledger.domain.attaching.WorkerState.Presence;
import io.buildledger.domain.attaching.WorkerState.Quarantine;
import io.buildledger.domain.attaching.WorkerState.Unseen;
import io.buildledger.domain.attaching.WorkerState.Wish;
import io.buildledger.showing.Printable;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The table {@code worker}, in which everybody finds how a worker stands without reading its
 * stream. Texts longer than their column are cut.
 */
public final class WorkerTable {

    private static final int NAME = 100;
    private static final int TEXT = 500;

    private static final String ALL = "SELECT * FROM worker";

    private static final String ONE = ALL + " WHERE name = :name";

    private static final String NOW = "SELECT UTC_TIMESTAMP(6) AS moment";

    private final JdbcClient jdbc;

    public WorkerTable(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** All workers that the table knows, by their names. */
    public Map<String, WorkerStanding> all() {
        Map<String, WorkerStanding> found = new LinkedHashMap<>();
        jdbc.sql(ALL)
                .query(row -> {
                    found.put(row.getString("name"), standing(row));
                });
        return found;
    }

    Optional<WorkerStanding> find(String worker) {
        return jdbc.sql(ONE).param("name", worker).query((row, _) -> standing(row)).optional();
    }

    Instant now() {
        return jdbc.sql(NOW).query((row, _) -> UtcColumn.read(row, "moment")).single();
    }

    void write(String worker, WorkerStanding standing) {
        Map<String, @Nullable Object> values = columns(worker, standing);
        jdbc.sql(
                        """
                        INSERT INTO worker (%s) VALUES (%s)
                            ON DUPLICATE KEY UPDATE %s
                        """
                                .formatted(
                                        String.join(", ", values.keySet()),
                                        values.keySet().stream()
                                                .map(":%s"::formatted)
                                                .collect(Collectors.joining(", ")),
                                        values.keySet().stream()
                                                .map("%1$s = :%1$s"::formatted)
                                                .collect(Collectors.joining(", "))))
                .params(values)
                .update();
    }

    /** The row of a worker, by the names of its columns. */
    public static Map<String, @Nullable Object> columns(String worker, WorkerStanding standing) {
        WorkerState state = standing.state();
        Attached last =
                switch (state.presence()) {
                    case Unseen _ -> null;
                    case Attached attached -> attached;
                    case Gone gone -> gone.last();
                };
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        values.put("name", worker);
        values.put("sequence_number", standing.sequence());
        values.put("master", last == null ? null : last.master());
        values.put("epoch", last == null ? null : last.epoch());
        values.put("version", last == null ? null : Printable.cut(last.version(), NAME));
        values.put("platform", last == null ? null : Printable.cut(last.system(), NAME));
        values.put("attached_at", last == null ? null : UtcColumn.of(last.since()));
        values.put(
                "detached_at",
                state.presence() instanceof Gone gone ? UtcColumn.of(gone.since()) : null);
        values.put("shut_down", state.isStopped());
        values.put("missing_since", time(state.missingSince()));
        put(values, state.pause(), "paused_by", "pause_reason", "paused_at");
        put(values, state.stop(), "stop_requested_by", "stop_reason", "stop_requested_at");
        values.put("failures", state.failures());
        Quarantine quarantine = state.quarantine();
        values.put("quarantined_until", quarantine == null ? null : time(quarantine.until()));
        values.put(
                "quarantine_reason",
                quarantine == null ? null : Printable.cut(quarantine.reason(), TEXT));
        Machine machine = state.machine();
        values.put(
                "machine",
                machine == null ? null : machine.phase().name().toLowerCase(Locale.ROOT));
        values.put("machine_master", machine == null ? null : machine.master());
        values.put("machine_epoch", machine == null ? null : machine.epoch());
        values.put("machine_since", machine == null ? null : UtcColumn.of(machine.since()));
        return values;
    }

    private static void put(
            Map<String, @Nullable Object> values,
            @Nullable Wish wish,
            String by,
            String reason,
            String at) {
        values.put(by, wish == null ? null : Printable.cut(wish.requestedBy(), NAME));
        values.put(reason, wish == null ? null : Printable.cut(wish.reason(), TEXT));
        values.put(at, wish == null ? null : UtcColumn.of(wish.since()));
    }

    private static @Nullable Object time(@Nullable Instant at) {
        return at == null ? null : UtcColumn.of(at);
    }

    /** How a worker stands, of a row with all columns. */
    public static WorkerStanding standing(ResultSet row) throws SQLException {
        return new WorkerStanding(
                new WorkerState(
                        presence(row),
                        UtcColumn.readOrNull(row, "missing_since"),
                        wish(row, "paused_by", "pause_reason", "paused_at"),
                        wish(row, "stop_requested_by", "stop_reason", "stop_requested_at"),
                        row.getInt("failures"),
                        quarantine(row),
                        machine(row)),
                row.getLong("sequence_number"));
    }

    private static Presence presence(ResultSet row) throws SQLException {
        String master = row.getString("master");
        if (master == null) {
            return new Unseen();
        }
        Attached attached =
                new Attached(
                        master,
                        row.getLong("epoch"),
                        row.getString("version"),
                        row.getString("platform"),
                        UtcColumn.read(row, "attached_at"),
                        row.getBoolean("shut_down"));
        Instant gone = UtcColumn.readOrNull(row, "detached_at");
        return gone == null ? attached : new Gone(attached, gone);
    }

    private static @Nullable Wish wish(ResultSet row, String by, String reason, String at)
            throws SQLException {
        String requestedBy = row.getString(by);
        return requestedBy == null
                ? null
                : new Wish(requestedBy, row.getString(reason), UtcColumn.read(row, at));
    }

    private static @Nullable Quarantine quarantine(ResultSet row) throws SQLException {
        Instant until = UtcColumn.readOrNull(row, "quarantined_until");
        return until == null
                ? null
                : new Quarantine(until, Objects.requireNonNull(row.getString("quarantine_reason")));
    }

    private static @Nullable Machine machine(ResultSet row) throws SQLException {
        String phase = row.getString("machine");
        return phase == null
                ? null
                : new Machine(
                        Machine.Phase.valueOf(phase.toUpperCase(Locale.ROOT)),
                        row.getString("machine_master"),
                        row.getLong("machine_epoch"),
                        UtcColumn.read(row, "machine_since"));
    }
}
