package io.buildledger.scheduler.scheduling;

import io.buildledger.log.LogPosition;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Lets a scheduler go on where another is, and those who look for the other know of it. */
@Component
final class PositionCopies {

    /** Both in one order, as they may be moved together. */
    private static final String LOCK =
            """
            SELECT processor_name, owner, token, token_type FROM token
             WHERE processor_name IN (:names) AND segment = 0 ORDER BY processor_name FOR UPDATE
            """;

    private static final String COPY =
            """
            INSERT INTO token (processor_name, segment, token, token_type, timestamp)
            SELECT :to, segment, token, token_type, timestamp FROM token
             WHERE processor_name = :from AND segment = 0
                ON DUPLICATE KEY UPDATE
                   token = VALUES(token), token_type = VALUES(token_type),
                   timestamp = VALUES(timestamp), owner = NULL
            """;

    private static final String GIVE_UP =
            "UPDATE token SET owner = NULL WHERE processor_name = :from AND segment = 0";

    private static final String MARK =
            """
            UPDATE scheduler_status
               SET renamed_to = :to, fires_at = NULL, last_sequence = :lastSequence
             WHERE name = :from
            """;

    /**
     * @param owner of the position, or null if it is free
     */
    record Held(@Nullable String owner, LogPosition position) {}

    private final JdbcClient jdbc;

    PositionCopies(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Keeps positions where they are, to the end of the transaction that runs.
     *
     * @return those that there are
     */
    Map<String, Held> hold(String... names) {
        Map<String, Held> held = new HashMap<>();
        jdbc.sql(LOCK)
                .param("names", List.of(names))
                .query(row -> {
                    held.put(
                            row.getString("processor_name"),
                            new Held(
                                    row.getString("owner"),
                                    LogPosition.of(
                                            row.getString("token"), row.getString("token_type"))));
                });
        return held;
    }

    /**
     * Makes a position of another that is held. Whoever owned one of them owns it no more: it has
     * to find out what that name stands for now.
     */
    void copy(String from, String to) {
        jdbc.sql(COPY).param("from", from).param("to", to).update();
        jdbc.sql(GIVE_UP).param("from", from).update();
    }

    /**
     * Has the status of a scheduler say, in the transaction that runs, that it goes on under
     * another name: nobody reads for it again, who would.
     *
     * @param lastSequence place of its last event
     */
    void mark(String from, String to, long lastSequence) {
        jdbc.sql(MARK)
                .param("from", from)
                .param("to", to)
                .param("lastSequence", lastSequence)
                .update();
    }
}
