package io.buildledger.mastering;

import io.buildledger.database.UtcColumn;
import io.buildledger.domain.mastering.MasterEvent.MasterLost;
import io.buildledger.domain.mastering.MasterEvent.MasterStarted;
import io.buildledger.domain.mastering.MasterEvent.MasterStopped;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.EventLog;
import io.buildledger.log.Streams;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Which masters there are, in which epoch, and until when each is taken for alive. All times are
 * the database's.
 *
 * <p>A start under a name that is live fences the life before: that one is declared lost at once,
 * and can neither renew its lease nor move a follower's position from then on.
 */
public final class MasterRegistry {

    /** What a master says of itself when it starts. */
    public record Registration(
            String name,
            String role,
            String host,
            long pid,
            Duration lease,
            Map<String, String> fingerprints) {}

    /** A master whose lease has run out and that nobody has declared lost yet. */
    public record Expired(Author author, Duration lease, Instant leasedUntil) {}

    /** Where a master of a name lives, by its own word. */
    public record Living(String host, long pid, Instant startedAt) {}

    private record Former(long epoch, String state) {}

    private static final String FORMER =
            "SELECT epoch, state FROM master WHERE name = :name FOR UPDATE";

    private static final String REGISTER =
            """
            INSERT INTO master (name, epoch, role, state, host, pid, lease_micros, started_at, leased_until)
            VALUES (:name, :epoch, :role, 'live', :host, :pid, :lease, UTC_TIMESTAMP(6),
                    UTC_TIMESTAMP(6) + INTERVAL :lease MICROSECOND)
                ON DUPLICATE KEY UPDATE
                   epoch = :epoch, role = :role, state = 'live', host = :host, pid = :pid, lease_micros = :lease,
                   started_at = UTC_TIMESTAMP(6), leased_until = UTC_TIMESTAMP(6) + INTERVAL :lease MICROSECOND
            """;

    private static final String RENEW =
            """
            UPDATE master SET leased_until = UTC_TIMESTAMP(6) + INTERVAL lease_micros MICROSECOND
             WHERE name = :name AND epoch = :epoch AND state = 'live'
            """;

    private static final String STOP =
            "UPDATE master SET state = 'stopped' WHERE name = :name AND epoch = :epoch AND state = 'live'";

    private static final String DECLARE_LOST =
            """
            UPDATE master SET state = 'lost'
             WHERE name = :name AND epoch = :epoch AND state = 'live' AND leased_until < UTC_TIMESTAMP(6)
            """;

    private static final String EXPIRED =
            """
            SELECT name, epoch, lease_micros, leased_until
              FROM master
             WHERE state = 'live' AND leased_until < UTC_TIMESTAMP(6)
            """;

    private static final String LIVING =
            """
            SELECT host, pid, started_at FROM master
             WHERE name = :name AND state = 'live' AND leased_until >= UTC_TIMESTAMP(6)
            """;

    private static final String OWNERS_WITHOUT_A_LIFE =
            """
            SELECT DISTINCT token.owner
              FROM token LEFT JOIN master ON token.owner = CONCAT(master.name, '#', master.epoch)
                                         AND master.state = 'live'
             WHERE token.owner IS NOT NULL AND master.name IS NULL
            """;

    private static final String FREE_TOKENS = "UPDATE token SET owner = NULL WHERE owner = :owner";

    private static final String NOW = "SELECT UTC_TIMESTAMP(6) AS moment";

    private final EventLog log;
    private final JdbcClient jdbc;
    private final JdbcClient shortTransactions;

    /**
     * @param shortTransactions for the lease, which must not wait for those who work
     */
    public MasterRegistry(EventLog log, DataSource dataSource, DataSource shortTransactions) {
        this.log = log;
        this.jdbc = JdbcClient.create(dataSource);
        this.shortTransactions = JdbcClient.create(shortTransactions);
    }

    /** The master of this name whose lease has not run out. */
    public Optional<Living> living(String name) {
        return jdbc.sql(LIVING)
                .param("name", name)
                .query((row, _) ->
                        new Living(
                                row.getString("host"),
                                row.getLong("pid"),
                                UtcColumn.read(row, "started_at")))
                .optional();
    }

    /** Begins a new life of a master: a new epoch and a lease. */
    public Author register(Registration registration) {
        return log.inTransaction(() -> {
            Optional<Former> former =
                    jdbc.sql(FORMER)
                            .param("name", registration.name())
                            .query((row, _) ->
                                    new Former(row.getLong("epoch"), row.getString("state")))
                            .optional();
            long epoch = former.map(Former::epoch).orElse(0L) + 1;
            Author author = new Author(registration.name(), epoch);
            List<Entry> entries = new ArrayList<>();
            long sequence = nextSequence(registration.name());
            if (former.isPresent() && former.get().state().equals("live")) {
                entries.add(
                        new Entry(
                                Streams.master(registration.name()),
                                sequence++,
                                new MasterLost(
                                        registration.name(),
                                        former.get().epoch(),
                                        registration.name(),
                                        "a master of this name has started again")));
            }
            entries.add(
                    new Entry(
                            Streams.master(registration.name()),
                            sequence,
                            new MasterStarted(
                                    registration.name(),
                                    epoch,
                                    registration.role(),
                                    registration.host(),
                                    registration.pid(),
                                    registration.fingerprints())));
            log.append(author, null, entries);
            jdbc.sql(REGISTER)
                    .param("name", registration.name())
                    .param("epoch", epoch)
                    .param("role", registration.role())
                    .param("host", registration.host())
                    .param("pid", registration.pid())
                    .param("lease", registration.lease().toNanos() / 1000)
                    .update();
            former.ifPresent(
                    life -> freeTokens(new Author(registration.name(), life.epoch()).owner()));
            return author;
        });
    }

    /**
     * Extends the lease from now on, even one that has lapsed, as long as nobody has declared the
     * master lost.
     *
     * @return whether the master is still alive to the others
     */
    public boolean renew(Author author) {
        return shortTransactions
                        .sql(RENEW)
                        .param("name", author.master())
                        .param("epoch", author.epoch())
                        .update()
                == 1;
    }

    /** Ends a master's life in order. What it holds must have been released before. */
    public void stop(Author author) {
        log.inTransaction(() -> {
            int stopped =
                    jdbc.sql(STOP)
                            .param("name", author.master())
                            .param("epoch", author.epoch())
                            .update();
            if (stopped == 1) {
                log.append(
                        author,
                        null,
                        List.of(
                                new Entry(
                                        Streams.master(author.master()),
                                        nextSequence(author.master()),
                                        new MasterStopped(author.master(), author.epoch()))));
            }
            freeTokens(author.owner());
        });
    }

    public List<Expired> expired() {
        return jdbc.sql(EXPIRED)
                .query((row, _) ->
                        new Expired(
                                new Author(row.getString("name"), row.getLong("epoch")),
                                Duration.ofNanos(row.getLong("lease_micros") * 1000),
                                UtcColumn.read(row, "leased_until")))
                .list();
    }

    /**
     * Declares a master lost and frees the followers that it owned, if its lease is still expired.
     *
     * @return false if the master has renewed its lease meanwhile, or somebody else was first
     */
    public boolean declareLost(Author declaring, Expired expired) {
        Author lost = expired.author();
        return log.inTransaction(() -> {
            int declared =
                    jdbc.sql(DECLARE_LOST)
                            .param("name", lost.master())
                            .param("epoch", lost.epoch())
                            .update();
            if (declared == 0) {
                return false;
            }
            log.append(
                    declaring,
                    null,
                    List.of(
                            new Entry(
                                    Streams.master(lost.master()),
                                    nextSequence(lost.master()),
                                    new MasterLost(
                                            lost.master(),
                                            lost.epoch(),
                                            declaring.master(),
                                            "its lease ended at " + expired.leasedUntil()))));
            freeTokens(lost.owner());
            return true;
        });
    }

    /**
     * Frees the followers of lives that are over. A process that was taken for dead and does not
     * know it yet may have taken one again after it was freed.
     */
    public void freeTokensOfTheDead() {
        jdbc.sql(OWNERS_WITHOUT_A_LIFE).query(String.class).list().forEach(this::freeTokens);
    }

    private void freeTokens(String owner) {
        jdbc.sql(FREE_TOKENS).param("owner", owner).update();
    }

    private long nextSequence(String master) {
        return log.lastSequence(Streams.master(master)).orElse(-1) + 1;
    }

    public Instant now() {
        return shortTransactions.sql(NOW).query((row, _) -> UtcColumn.read(row, "moment")).single();
    }
}
