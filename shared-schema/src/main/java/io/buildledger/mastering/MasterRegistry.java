package io.buildledger.mastering;

import io.buildledger.database.UtcColumn;
import io.buildledger.domain.mastering.Descriptions;
import io.buildledger.domain.mastering.MasterEvent;
import io.buildledger.domain.mastering.MasterEvent.BuildersDescribed;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloadRefused;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloadRequested;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloaded;
import io.buildledger.domain.mastering.MasterEvent.MasterDrained;
import io.buildledger.domain.mastering.MasterEvent.MasterLost;
import io.buildledger.domain.mastering.MasterEvent.MasterStarted;
import io.buildledger.domain.mastering.MasterEvent.MasterStopped;
import io.buildledger.domain.mastering.MasterEvent.MasterUndrained;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.EventLog;
import io.buildledger.log.Streams;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Which masters there are, in which epoch, and until when each is taken for alive. All times are
 * the database's.
 *
 * <p>A start under a name that is live fences the life before: that one is declared lost at once,
 * and can neither renew its lease nor move a follower's position from then on.
 */
public final class MasterRegistry {

    /**
     * What a master says of itself when it starts.
     *
     * @param fingerprints of the factory of each builder that it runs, by the builder's name
     * @param descriptions of these builders, for people
     * @param hintAddress where it takes hints, or null if it takes none
     */
    public record Registration(
            String name,
            String role,
            String host,
            long pid,
            Duration lease,
            Map<String, String> fingerprints,
            Descriptions descriptions,
            @Nullable HintAddress hintAddress) {

        /** One that tells people nothing of its builders. */
        public Registration(
                String name,
                String role,
                String host,
                long pid,
                Duration lease,
                Map<String, String> fingerprints,
                @Nullable HintAddress hintAddress) {
            this(name, role, host, pid, lease, fingerprints, Descriptions.NONE, hintAddress);
        }
    }

    /**
     * Where and how a master is told to look.
     *
     * @param token the word that shows a hint to be a master's: whoever can read the registry knows
     *     it
     */
    public record HintAddress(String url, String token) {}

    /** What a master was told about its end. */
    public enum Drain {
        /** Go on. */
        NONE,
        /** Claim nothing more, let the builds end, then stop. */
        WHEN_DONE,
        /** Interrupt the builds, hand their requests back, and stop. */
        NOW
    }

    /** How a master stands when it renews its lease; {@code now} is the database's time. */
    public record Standing(Instant now, Drain drain) {}

    /** What became of the wish to drain a master, or to undrain it. */
    public enum Answer {
        DONE,
        /** It is so already. */
        NO_CHANGE,
        /** No living master has this name. */
        NOT_LIVING
    }

    /**
     * A builder that nobody claims for.
     *
     * @param requests how many wait for it; {@link #COUNTED} stands for so many or more
     */
    public record Unserved(String builder, int requests) {

        /** More are not counted. */
        public static final int COUNTED = 1000;
    }

    /** A master whose lease has run out and that nobody has declared lost yet. */
    public record Expired(Author author, Duration lease, Instant leasedUntil) {}

    /**
     * How a master's lease stands.
     *
     * @param isLive whether nobody has taken it for dead
     * @param age how long ago it was renewed
     */
    public record LeaseStanding(String name, String role, boolean isLive, Duration age) {}

    /** Where a master of a name lives, by its own word. */
    public record Living(String host, long pid, Instant startedAt) {}

    /**
     * Where on its stream a master was asked for something.
     *
     * @param epoch the life of it that was asked
     */
    public record Asked(long epoch, long sequence) {}

    private record Former(long epoch, String state) {}

    private record LifeToDrain(long epoch, @Nullable String drain) {}

    private static final String DRAIN_WHEN_DONE = "drain";
    private static final String STOPPING = "stop";
    private static final String DRAIN_NOW = "now";

    private static final String FORMER =
            "SELECT epoch, state FROM master WHERE name = :name FOR UPDATE";

    private static final String REGISTER =
            """
            INSERT INTO master (name, epoch, role, state, host, pid, lease_micros, started_at, leased_until,
                                hint_url, hint_token)
            VALUES (:name, :epoch, :role, 'live', :host, :pid, :lease, UTC_TIMESTAMP(6),
                    UTC_TIMESTAMP(6) + INTERVAL :lease MICROSECOND, :hintUrl, :hintToken)
                ON DUPLICATE KEY UPDATE
                   epoch = :epoch, role = :role, state = 'live', host = :host, pid = :pid, lease_micros = :lease,
                   started_at = UTC_TIMESTAMP(6), leased_until = UTC_TIMESTAMP(6) + INTERVAL :lease MICROSECOND,
                   drain = NULL, hint_url = :hintUrl, hint_token = :hintToken
            """;

    private static final String OWN_LIFE =
            """
            SELECT epoch FROM master
             WHERE name = :name AND epoch = :epoch AND state = 'live'
               FOR UPDATE
            """;

    private static final String RENEW =
            """
            UPDATE master SET leased_until = UTC_TIMESTAMP(6) + INTERVAL lease_micros MICROSECOND
             WHERE name = :name AND epoch = :epoch AND state = 'live'
            """;

    private static final String STOP =
            "UPDATE master SET state = 'stopped' WHERE name = :name AND epoch = :epoch AND state = 'live'";

    // A suspect that claims at this moment, or that vanished while it did, has its row locked until
    // it is done or the server gives it up. The other suspects must not wait for that.
    private static final String LOCK_EXPIRED =
            """
            SELECT name FROM master
             WHERE name = :name AND epoch = :epoch AND state = 'live' AND leased_until < UTC_TIMESTAMP(6)
               FOR UPDATE SKIP LOCKED
            """;

    private static final String DECLARE_LOST =
            "UPDATE master SET state = 'lost' WHERE name = :name";

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

    private static final String FREE_TOKENS = "UPDATE token SET owner = NULL WHERE owner = :owner";

    private static final String NOW = "SELECT UTC_TIMESTAMP(6) AS moment";

    private static final String STANDING =
            "SELECT UTC_TIMESTAMP(6) AS moment, drain FROM master WHERE name = :name";

    private static final String LIFE_TO_DRAIN =
            """
            SELECT epoch, drain FROM master
             WHERE name = :name AND state = 'live' AND leased_until >= UTC_TIMESTAMP(6)
               FOR UPDATE
            """;

    private static final String DRAIN = "UPDATE master SET drain = :drain WHERE name = :name";

    private static final String HINT_ADDRESSES =
            """
            SELECT hint_url, hint_token FROM master
             WHERE state = 'live' AND hint_url IS NOT NULL AND name <> :self
            """;

    // One builder a statement: to find all in one, a server may read every row.
    private static final String NEXT_WANTED =
            """
            SELECT builder
              FROM build_request_queue FORCE INDEX (build_request_offer)
             WHERE builder > :after
             ORDER BY builder
             LIMIT 1
            """;

    private static final String SERVED =
            """
            SELECT DISTINCT master_builder.builder
              FROM master_builder JOIN master ON master.name = master_builder.master
             WHERE master.state = 'live' AND master.drain IS NULL
            """;

    private static final String SERVING =
            """
            SELECT master_builder.builder, COUNT(*) AS masters
              FROM master_builder JOIN master ON master.name = master_builder.master
             WHERE master.state = 'live' AND master.drain IS NULL
             GROUP BY master_builder.builder
            """;

    private static final String LEASES =
            """
            SELECT name, role, state, lease_micros,
                   TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6), leased_until) AS left_micros
              FROM master FORCE INDEX (master_lease)
             WHERE state = 'live'
                OR (state = 'lost' AND leased_until > UTC_TIMESTAMP(6) - INTERVAL :lostFor MICROSECOND)
             ORDER BY name
            """;

    private static final String WAITING =
            """
            SELECT COUNT(*)
              FROM (SELECT 1
                      FROM build_request_queue FORCE INDEX (build_request_offer)
                     WHERE builder = :builder
                     LIMIT :atMost) AS waiting
            """;

    // Also where it says so already: the answer to an earlier try may have been lost.
    private static final String END_DRAIN =
            """
            UPDATE master SET drain = 'stop'
             WHERE name = :name AND epoch = :epoch AND state = 'live' AND drain IN ('drain', 'stop')
            """;

    private final EventLog log;
    private final JdbcClient jdbc;
    private final BuilderPublication builders;
    private final JdbcClient shortTransactions;

    /**
     * @param shortTransactions for the lease, which must not wait for those who work
     */
    public MasterRegistry(EventLog log, DataSource dataSource, DataSource shortTransactions) {
        this.log = log;
        this.jdbc = JdbcClient.create(dataSource);
        this.builders = new BuilderPublication(dataSource);
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
                            sequence++,
                            new MasterStarted(
                                    registration.name(),
                                    epoch,
                                    registration.role(),
                                    registration.host(),
                                    registration.pid(),
                                    registration.fingerprints())));
            if (builders.publish(
                    registration.name(),
                    registration.fingerprints(),
                    registration.descriptions())) {
                entries.add(described(author, registration.descriptions(), sequence));
            }
            log.append(author, null, entries);
            HintAddress hint = registration.hintAddress();
            jdbc.sql(REGISTER)
                    .param("name", registration.name())
                    .param("epoch", epoch)
                    .param("role", registration.role())
                    .param("host", registration.host())
                    .param("pid", registration.pid())
                    .param("lease", registration.lease().toNanos() / 1000)
                    .param("hintUrl", hint == null ? null : hint.url())
                    .param("hintToken", hint == null ? null : hint.token())
                    .update();
            former.ifPresent(
                    life -> freeTokens(new Author(registration.name(), life.epoch()).owner()));
            return author;
        });
    }

    private static Entry described(Author author, Descriptions descriptions, long sequence) {
        return new Entry(
                Streams.master(author.master()),
                sequence,
                new BuildersDescribed(
                        author.master(),
                        author.epoch(),
                        descriptions.builders(),
                        descriptions.projects()));
    }

    /**
     * Extends the lease from now on, even one that has lapsed, as long as nobody has declared the
     * master lost.
     *
     * @return empty if the master is not alive to the others any more
     */
    public Optional<Standing> renew(Author author) {
        int renewed =
                shortTransactions
                        .sql(RENEW)
                        .param("name", author.master())
                        .param("epoch", author.epoch())
                        .update();
        return renewed == 0
                ? Optional.empty()
                : Optional.of(
                        shortTransactions
                                .sql(STANDING)
                                .param("name", author.master())
                                .query((row, _) ->
                                        new Standing(
                                                UtcColumn.read(row, "moment"),
                                                drain(row.getString("drain"))))
                                .single());
    }

    private static Drain drain(@Nullable String column) {
        return column == null
                ? Drain.NONE
                : switch (column) {
                    case DRAIN_WHEN_DONE, STOPPING -> Drain.WHEN_DONE;
                    case DRAIN_NOW -> Drain.NOW;
                    default -> throw new IllegalStateException("master.drain is " + column);
                };
    }

    /**
     * Tells a living master to stop: when its builds have ended, or now.
     *
     * @param requestedBy who asks for it
     */
    public Answer drain(Author author, String master, boolean now, String requestedBy) {
        return changeDrain(
                author,
                master,
                _ -> true,
                drain -> drain == null || (now && !drain.equals(DRAIN_NOW)),
                now ? DRAIN_NOW : DRAIN_WHEN_DONE,
                epoch -> new MasterDrained(master, epoch, now, requestedBy));
    }

    /**
     * Says that this master stops when its builds have ended. Unlike a drain that somebody asked
     * for it can't be taken back: the process is on its way out.
     */
    public Answer stopping(Author self, String requestedBy) {
        return changeDrain(
                self,
                self.master(),
                // One that has started since under the same name is not on its way out.
                epoch -> epoch == self.epoch(),
                drain -> drain == null || drain.equals(DRAIN_WHEN_DONE),
                STOPPING,
                epoch -> new MasterDrained(self.master(), epoch, false, requestedBy));
    }

    /**
     * Says that a drained master's builds have ended, so that it stops: from here on the drain
     * can't be taken back.
     *
     * @return false if it was taken back before, and the master has to go on
     */
    public boolean endDrain(Author self) {
        return jdbc.sql(END_DRAIN)
                        .param("name", self.master())
                        .param("epoch", self.epoch())
                        .update()
                == 1;
    }

    /** Tells a living master to go on, unless it stops already. */
    public Answer undrain(Author author, String master, String requestedBy) {
        return changeDrain(
                author,
                master,
                _ -> true,
                DRAIN_WHEN_DONE::equals,
                null,
                epoch -> new MasterUndrained(master, epoch, requestedBy));
    }

    private Answer changeDrain(
            Author author,
            String master,
            LongPredicate isMeant,
            Predicate<@Nullable String> isChange,
            @Nullable String drain,
            LongFunction<MasterEvent> event) {
        return log.inTransaction(() -> {
            Optional<LifeToDrain> life =
                    jdbc.sql(LIFE_TO_DRAIN)
                            .param("name", master)
                            .query((row, _) ->
                                    new LifeToDrain(row.getLong("epoch"), row.getString("drain")))
                            .optional();
            if (life.isEmpty() || !isMeant.test(life.get().epoch())) {
                return Answer.NOT_LIVING;
            }
            if (!isChange.test(life.get().drain())) {
                return Answer.NO_CHANGE;
            }
            jdbc.sql(DRAIN).param("drain", drain).param("name", master).update();
            log.append(
                    author,
                    null,
                    List.of(
                            new Entry(
                                    Streams.master(master),
                                    nextSequence(master),
                                    event.apply(life.get().epoch()))));
            return Answer.DONE;
        });
    }

    /**
     * Tells a living master to read its configuration file again.
     *
     * @return empty if no living master has this name
     */
    public Optional<Asked> askToReload(Author author, String master, String requestedBy) {
        return log.inTransaction(() -> {
            Optional<Long> epoch =
                    jdbc.sql(LIFE_TO_DRAIN)
                            .param("name", master)
                            .query((row, _) -> row.getLong("epoch"))
                            .optional();
            return epoch.map(life -> {
                long sequence = nextSequence(master);
                log.append(
                        author,
                        null,
                        List.of(
                                new Entry(
                                        Streams.master(master),
                                        sequence,
                                        new ConfigurationReloadRequested(
                                                master, life, requestedBy))));
                return new Asked(life, sequence);
            });
        });
    }

    /**
     * Records that this master goes by another configuration from now on, and which builders it
     * serves by it.
     *
     * @param cause id of the event that asked for it, or null
     * @return false if its life is over; nothing is recorded then
     */
    public boolean reloaded(
            Author self,
            @Nullable String cause,
            ConfigurationReloaded reloaded,
            Descriptions descriptions) {
        return record(
                self,
                cause,
                reloaded,
                sequence ->
                        builders.publish(self.master(), reloaded.fingerprints(), descriptions)
                                ? List.of(described(self, descriptions, sequence))
                                : List.of());
    }

    /** Records that this master goes on as before; in the same way as {@link #reloaded}. */
    public boolean reloadRefused(
            Author self, @Nullable String cause, ConfigurationReloadRefused refused) {
        return record(self, cause, refused, _ -> List.of());
    }

    /**
     * @param besides what is recorded after the event, from this place of the stream on
     */
    private boolean record(
            Author self,
            @Nullable String cause,
            MasterEvent event,
            LongFunction<List<Entry>> besides) {
        return log.inTransaction(() -> {
            boolean isLiving =
                    jdbc.sql(OWN_LIFE)
                            .param("name", self.master())
                            .param("epoch", self.epoch())
                            .query(Long.class)
                            .optional()
                            .isPresent();
            if (isLiving) {
                long sequence = nextSequence(self.master());
                List<Entry> entries = new ArrayList<>();
                entries.add(new Entry(Streams.master(self.master()), sequence, event));
                entries.addAll(besides.apply(sequence + 1));
                log.append(self, cause, entries);
            }
            return isLiving;
        });
    }

    /**
     * Whether what this master has tried to record did get into the log, after a place of its
     * stream. What is still under way is waited for.
     */
    public boolean isRecorded(Author self, MasterEvent event, long after) {
        return log.inTransaction(() -> {
            jdbc.sql(FORMER)
                    .param("name", self.master())
                    .query((row, _) -> row.getLong("epoch"))
                    .optional();
            return log.readAfter(Streams.master(self.master()), after).stream()
                    .anyMatch(recorded -> recorded.event().equals(event));
        });
    }

    /** Where the other living masters take hints. */
    public List<HintAddress> hintAddresses(String self) {
        return jdbc.sql(HINT_ADDRESSES)
                .param("self", self)
                .query((row, _) ->
                        new HintAddress(row.getString("hint_url"), row.getString("hint_token")))
                .list();
    }

    /**
     * The builders that have requests on offer, and no living master that claims for them: none
     * runs them, or those that do are being drained. What it costs depends on how many builders
     * have requests, and not on how many requests wait.
     */
    public List<Unserved> unservedBuilders() {
        Set<String> served = servedBuilders();
        return wantedBuilders().stream()
                .filter(builder -> !served.contains(builder))
                .map(builder -> new Unserved(builder, waiting(builder)))
                .filter(builder -> builder.requests() > 0)
                .toList();
    }

    /** The builders for which some living master claims. */
    public Set<String> servedBuilders() {
        return jdbc.sql(SERVED).query(String.class).set();
    }

    /** How many living masters claim for each builder; those for which none does are absent. */
    public Map<String, Integer> servingMasters() {
        Map<String, Integer> serving = new HashMap<>();
        jdbc.sql(SERVING)
                .query(row -> {
                    serving.put(row.getString("builder"), row.getInt("masters"));
                });
        return serving;
    }

    /**
     * The masters that live to the others, and those that have been taken for dead and whose lease
     * has not been over for long.
     *
     * @param lostFor how long after its lease's end a lost master is still told of
     */
    public List<LeaseStanding> leases(Duration lostFor) {
        return jdbc.sql(LEASES)
                .param("lostFor", lostFor.toNanos() / 1000)
                .query((row, _) ->
                        new LeaseStanding(
                                row.getString("name"),
                                row.getString("role"),
                                row.getString("state").equals("live"),
                                // The database's clock may have been put back.
                                Duration.of(
                                        Math.max(
                                                0,
                                                row.getLong("lease_micros")
                                                        - row.getLong("left_micros")),
                                        ChronoUnit.MICROS)))
                .list();
    }

    private List<String> wantedBuilders() {
        List<String> wanted = new ArrayList<>();
        Optional<String> next = wantedAfter("");
        while (next.isPresent()) {
            wanted.add(next.get());
            next = wantedAfter(next.get());
        }
        return wanted;
    }

    private Optional<String> wantedAfter(String builder) {
        return jdbc.sql(NEXT_WANTED).param("after", builder).query(String.class).optional();
    }

    private int waiting(String builder) {
        return jdbc.sql(WAITING)
                .param("builder", builder)
                .param("atMost", Unserved.COUNTED)
                .query(Integer.class)
                .single();
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
     * @return false if the master has renewed its lease meanwhile, somebody else was first, or the
     *     master is in the middle of a transaction that its end has to wait for
     */
    public boolean declareLost(Author declaring, Expired expired) {
        Author lost = expired.author();
        return log.inTransaction(() -> {
            Optional<String> locked =
                    jdbc.sql(LOCK_EXPIRED)
                            .param("name", lost.master())
                            .param("epoch", lost.epoch())
                            .query(String.class)
                            .optional();
            if (locked.isEmpty()) {
                return false;
            }
            jdbc.sql(DECLARE_LOST).param("name", lost.master()).update();
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
