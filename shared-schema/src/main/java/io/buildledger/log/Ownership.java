package io.buildledger.log;

import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What one living master of all does and the others don't, beside following the log. It is owned in
 * the table of {@link Follower}s' positions and as they are: from when it is taken until the
 * master's life is over, on the database's clock.
 *
 * <p>A master that was declared lost may act on what it owned until it learns of that. So whatever
 * must not be done twice needs a judge of its own, such as the unique key of the log.
 */
public final class Ownership {

    private static final String FIND =
            """
            SELECT COALESCE(owner, '') AS owner
              FROM token
             WHERE processor_name = :what AND segment = 0
            """;

    private static final String ADD =
            "INSERT IGNORE INTO token (processor_name, segment) VALUES (:what, 0)";

    private static final String TAKE =
            """
            UPDATE token SET owner = :owner
             WHERE processor_name = :what AND segment = 0 AND owner IS NULL
            """;

    private static final String GIVE_UP =
            """
            UPDATE token SET owner = NULL
             WHERE processor_name = :what AND segment = 0 AND owner = :owner
            """;

    private static final String FREE = "";

    private final EventLog log;
    private final JdbcClient jdbc;
    private final Author author;

    /**
     * @param author the master that this process is
     */
    public Ownership(EventLog log, DataSource dataSource, Author author) {
        this.log = log;
        this.jdbc = JdbcClient.create(dataSource);
        this.author = author;
    }

    /**
     * Takes something that nobody owns.
     *
     * @param what at most 255 characters, and the name of no follower
     * @return whether this master owns it now, or did before
     */
    public boolean take(String what) {
        Optional<String> owner = find(what);
        if (owner.isPresent() && !owner.get().equals(FREE)) {
            return owner.get().equals(author.owner());
        }
        return log.inTransaction(() -> {
            if (OwnLife.isOver(jdbc, author)) {
                return false;
            }
            if (owner.isEmpty()) {
                jdbc.sql(ADD).param("what", what).update();
            }
            return jdbc.sql(TAKE).param("what", what).param("owner", author.owner()).update() == 1;
        });
    }

    /** Lets another master take something; does nothing where this one does not own it. */
    public void giveUp(String what) {
        jdbc.sql(GIVE_UP).param("what", what).param("owner", author.owner()).update();
    }

    /** The name of the master that owns something; null if none does. */
    public @Nullable String ownerOf(String what) {
        return find(what)
                .filter(owner -> !owner.equals(FREE))
                .map(owner -> owner.substring(0, owner.lastIndexOf('#')))
                .orElse(null);
    }

    private Optional<String> find(String what) {
        return jdbc.sql(FIND).param("what", what).query(String.class).optional();
    }
}
