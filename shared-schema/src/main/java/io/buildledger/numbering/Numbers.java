package io.buildledger.numbering;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Hands out numbers, each at most once in the cluster, in ascending order, from 1. They are taken
 * in a transaction of their own, so that nobody waits for another's; one whose user fails is
 * skipped for ever. It needs a connection of its own, so that who does this at the same time as
 * many others takes numbers before opening a transaction, lest all hold one connection and wait for
 * a second.
 */
public final class Numbers {

    public static final String CHANGE = "change";
    public static final String BUILDSET = "buildset";
    public static final String BUILD_REQUEST = "build-request";

    private static final String TAKE =
            """
            INSERT INTO number_sequence (name, next_number) VALUES (:name, LAST_INSERT_ID(1) + :count)
                ON DUPLICATE KEY UPDATE next_number = LAST_INSERT_ID(next_number) + :count
            """;

    private static final String TAKEN = "SELECT LAST_INSERT_ID()";

    private final JdbcClient jdbc;
    private final TransactionTemplate ownTransaction;

    public Numbers(JdbcClient jdbc, PlatformTransactionManager transactionManager) {
        this.jdbc = jdbc;
        this.ownTransaction = new TransactionTemplate(transactionManager);
        this.ownTransaction.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
    }

    /** The name under which a builder's builds are numbered. */
    public static String builds(String builder) {
        return "build/" + builder;
    }

    /** The first of {@code count} numbers in a row, which are now the caller's. */
    public long take(String name, int count) {
        Long first =
                ownTransaction.execute(_ -> {
                    jdbc.sql(TAKE).param("name", name).param("count", count).update();
                    return jdbc.sql(TAKEN).query(Long.class).single();
                });
        return first;
    }
}
