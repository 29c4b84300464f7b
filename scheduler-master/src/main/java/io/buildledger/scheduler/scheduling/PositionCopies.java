package io.buildledger.scheduler.scheduling;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Lets a scheduler go on where another is, and those who look for the other know of it. */
@Component
final class PositionCopies {

    private static final String LOCK =
            "SELECT COUNT(*) FROM token WHERE processor_name = :from AND segment = 0 FOR UPDATE";

    private static final String COPY =
            """
            INSERT INTO token (processor_name, segment, token, token_type, timestamp)
            SELECT :to, segment, token, token_type, timestamp FROM token
             WHERE processor_name = :from AND segment = 0
            """;

    private static final String MARK =
            """
            UPDATE scheduler_status
               SET renamed_to = :to, fires_at = NULL, last_sequence = :lastSequence
             WHERE name = :from
            """;

    private final JdbcClient jdbc;

    PositionCopies(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Copies a position in the transaction that runs, to whose end the original does not move.
     *
     * @return false if there is none
     */
    boolean copy(String from, String to) {
        return jdbc.sql(LOCK).param("from", from).query(Long.class).single() == 1
                && jdbc.sql(COPY).param("from", from).param("to", to).update() == 1;
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
