package io.buildledger.log;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import javax.sql.DataSource;
import org.axonframework.eventhandling.GapAwareTrackingToken;
import org.axonframework.serialization.SerializedObject;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * How far followers have read, in the table {@code token}: each position is owned by one master of
 * all, until that gives it up or its life is over, and only a living owner moves it.
 *
 * <p>Whoever takes or moves positions keeps its own row in the registry of masters as it is until
 * the transaction has ended: for so long its lease is not renewed, nor its life declared over.
 */
final class Positions {

    private static final String EXISTS =
            "SELECT COUNT(*) FROM token WHERE processor_name = :name AND segment = 0";

    // The time as Axon would write it; a master of an earlier version reads it.
    private static final String NOW = "DATE_FORMAT(UTC_TIMESTAMP(3), '%Y-%m-%dT%H:%i:%s.%fZ')";

    private static final String BEGIN =
            "INSERT INTO token (processor_name, segment, token, token_type, timestamp) VALUES (:name, 0, :token, :type, "
                    + NOW
                    + ")";

    /** Without a lock, so that those who stand by don't wait for those who own. */
    private static final String FREE =
            """
            SELECT processor_name FROM token
             WHERE processor_name IN (:names) AND segment = 0 AND (owner IS NULL OR owner = :owner)
            """;

    private static final String TAKE =
            """
            UPDATE token SET owner = :owner
             WHERE processor_name IN (:names) AND segment = 0 AND (owner IS NULL OR owner = :owner)
            """;

    // That of nobody was given up for good, by a migration.
    private static final String SEIZE =
            """
            UPDATE token SET owner = :owner
             WHERE processor_name = :name AND segment = 0 AND (owner IS NULL OR owner <> 'nobody#0')
            """;

    private static final String OWNED =
            """
            SELECT processor_name, token, token_type FROM token
             WHERE processor_name IN (:names) AND segment = 0 AND owner = :owner
            """;

    private static final String MOVE =
            "UPDATE token SET token = :token, token_type = :type, timestamp = "
                    + NOW
                    + " WHERE processor_name IN (:names) AND segment = 0 AND owner = :owner";

    private static final String GIVE_UP =
            """
            UPDATE token SET owner = NULL
             WHERE processor_name IN (:names) AND segment = 0 AND owner = :owner
            """;

    /** A position has got another owner, or the own life is over. */
    static final class LostException extends RuntimeException {

        private static final long serialVersionUID = 1;

        LostException(String message) {
            super(message);
        }
    }

    private final EventLog log;
    private final JdbcClient jdbc;
    private final EventJson json = new EventJson();
    private final Author owner;

    /**
     * @param owner the master that this process is
     */
    Positions(EventLog log, DataSource dataSource, Author owner) {
        this.log = log;
        this.jdbc = JdbcClient.create(dataSource);
        this.owner = owner;
    }

    boolean exists(String name) {
        return jdbc.sql(EXISTS).param("name", name).query(Long.class).single() > 0;
    }

    /** Begins a position that nobody owns, unless another master has just done so. */
    void begin(String name, GapAwareTrackingToken position) {
        SerializedObject<String> token = json.serialize(position, String.class);
        try {
            jdbc.sql(BEGIN)
                    .param("name", name)
                    .param("token", token.getData())
                    .param("type", token.getType().getName())
                    .update();
        } catch (DuplicateKeyException e) {
            if (!exists(name)) {
                throw e;
            }
        }
    }

    /**
     * Takes those of the positions that are free.
     *
     * @return those that this master owns now, and how far each has read
     */
    Map<String, GapAwareTrackingToken> take(Collection<String> names) {
        Set<String> free =
                jdbc.sql(FREE)
                        .param("names", names)
                        .param("owner", owner.owner())
                        .query(String.class)
                        .set();
        return free.isEmpty() ? Map.of() : log.inTransaction(() -> takeFree(free));
    }

    private Map<String, GapAwareTrackingToken> takeFree(Set<String> free) {
        Map<String, GapAwareTrackingToken> taken = new HashMap<>();
        if (!OwnLife.isOver(jdbc, owner)) {
            jdbc.sql(TAKE).param("names", free).param("owner", owner.owner()).update();
            jdbc.sql(OWNED)
                    .param("names", free)
                    .param("owner", owner.owner())
                    .query(row -> {
                        LogPosition position =
                                LogPosition.of(row.getString("token"), row.getString("token_type"));
                        taken.put(
                                row.getString("processor_name"),
                                // The first number is 1: else 0 would be missing for a while.
                                GapAwareTrackingToken.newInstance(
                                        Math.max(0, position.index()), position.gaps()));
                    });
        }
        return taken;
    }

    /**
     * Moves positions that this master owns, in the transaction that runs.
     *
     * @throws LostException if it owns one of them no longer
     */
    void move(Map<String, GapAwareTrackingToken> positions) {
        if (OwnLife.isOver(jdbc, owner)) {
            throw new LostException("the life of " + owner.owner() + " is over");
        }
        Map<String, Set<String>> byToken = new TreeMap<>();
        Map<String, String> types = new HashMap<>();
        positions.forEach((name, position) -> {
            SerializedObject<String> token = json.serialize(position, String.class);
            byToken.computeIfAbsent(token.getData(), _ -> new TreeSet<>()).add(name);
            types.put(token.getData(), token.getType().getName());
        });
        byToken.forEach((token, names) -> {
            int moved =
                    jdbc.sql(MOVE)
                            .param("token", token)
                            .param("type", types.get(token))
                            .param("names", names)
                            .param("owner", owner.owner())
                            .update();
            if (moved < names.size()) {
                throw new LostException(
                        "%d of %s have another owner".formatted(names.size() - moved, names));
            }
        });
    }

    /**
     * Takes a position from whoever has it, whose work on a batch comes to nothing; {@link #take}
     * tells then where it is.
     */
    void seize(String name) {
        log.inTransaction(() -> {
            if (!OwnLife.isOver(jdbc, owner)) {
                jdbc.sql(SEIZE).param("name", name).param("owner", owner.owner()).update();
            }
        });
    }

    /** Lets others take the positions; those that this master does not own stay as they are. */
    void giveUp(Collection<String> names) {
        if (!names.isEmpty()) {
            jdbc.sql(GIVE_UP).param("names", names).param("owner", owner.owner()).update();
        }
    }
}
