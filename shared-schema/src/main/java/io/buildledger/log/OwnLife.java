package io.buildledger.log;

import org.springframework.jdbc.core.simple.JdbcClient;

/** Whether a master's life is over to the others, whether it knows of it or not. */
public final class OwnLife {

    // Whoever declares this life over waits for the transaction that has asked.
    private static final String STANDING =
            "SELECT epoch, state FROM master WHERE name = :name LOCK IN SHARE MODE";

    private OwnLife() {}

    /**
     * Asks inside of a transaction; if the answer is no, the life is not over before that has
     * ended. An author that is no master, and never began a life, has none that could be over.
     */
    public static boolean isOver(JdbcClient jdbc, Author author) {
        return jdbc.sql(STANDING)
                .param("name", author.master())
                .query((row, _) ->
                        row.getLong("epoch") != author.epoch()
                                || !row.getString("state").equals("live"))
                .optional()
                .orElse(false);
    }
}
