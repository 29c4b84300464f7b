package io.buildledger.numbering;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Hands out numbers, each at most once in the cluster, in ascending order, from 1. They are taken
 * in a transaction of their own, so that nobody waits for another's; one whose user fails is
 * skipped for ever.
 *
 * <p>That transaction needs a connection of its own while its caller may hold another. So the
 * connections come from a source that nobody holds for longer.
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

    // By the primary key: '0' is the character after '/'.
    private static final String NAMES_AFTER =
            "SELECT name FROM number_sequence WHERE name > :before AND name < :end ORDER BY name";

    private static final String TAKEN = "SELECT LAST_INSERT_ID()";

    private final JdbcClient jdbc;
    private final TransactionTemplate ownTransaction;

    /**
     * @param shortTransactions where all transactions are as short as these
     */
    public Numbers(DataSource shortTransactions) {
        this.jdbc = JdbcClient.create(shortTransactions);
        this.ownTransaction =
                new TransactionTemplate(new JdbcTransactionManager(shortTransactions));
        this.ownTransaction.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
    }

    /** The name under which a builder's builds are numbered. */
    public static String builds(String builder) {
        return "build/" + builder;
    }

    /** The names of all builders that have ever begun a build. */
    public static List<String> builders(JdbcClient jdbc) {
        String before = builds("");
        return jdbc
                .sql(NAMES_AFTER)
                .param("before", before)
                .param("end", before.replace('/', '0'))
                .query(String.class)
                .list()
                .stream()
                .map(name -> name.substring(before.length()))
                .toList();
    }

    /** The first of {@code count} numbers in a row, which are now the caller's. */
    public long take(String name, int count) {
        return ownTransaction.execute(_ -> next(name, count));
    }

    /**
     * Takes numbers of several kinds at once.
     *
     * @param counts how many of each; in order, so that two who take of the same kinds don't wait
     *     for each other
     * @return the first of each
     */
    public Map<String, Long> take(SortedMap<String, Integer> counts) {
        return ownTransaction.execute(_ -> {
            Map<String, Long> first = new HashMap<>();
            counts.forEach((name, count) -> first.put(name, next(name, count)));
            return first;
        });
    }

    private long next(String name, int count) {
        jdbc.sql(TAKE).param("name", name).param("count", count).update();
        return jdbc.sql(TAKEN).query(Long.class).single();
    }
}
