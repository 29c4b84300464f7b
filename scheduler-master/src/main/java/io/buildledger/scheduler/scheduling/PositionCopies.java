package io.buildledger.scheduler.scheduling;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Lets a follower begin where another is. */
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
}
