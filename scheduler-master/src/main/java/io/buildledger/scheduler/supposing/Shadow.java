package io.buildledger.scheduler.supposing;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.configuring.InvalidConfigurationException;
import io.buildledger.database.Database;
import io.buildledger.database.DatabaseTrouble;
import io.buildledger.database.ReadingConnection;
import io.buildledger.database.UtcColumn;
import io.buildledger.log.LogTail;
import io.buildledger.log.LogTail.Subscription;
import io.buildledger.log.NewerProgramException;
import io.buildledger.log.Recorded;
import io.buildledger.log.WholeLog;
import io.buildledger.replaying.PastStates;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * A scheduler master without effect: it follows a cluster's log with a configuration of its own,
 * decides, and tells where it decides otherwise than the cluster did. It only reads, and no master
 * knows of it.
 */
public final class Shadow {

    /**
     * How it follows.
     *
     * @param since when it begins; null for where the log ends
     * @param last how long before its start it begins, in the place of {@code since}
     * @param grace how long the cluster has for what it does, more than zero; so long after it the
     *     shadow decides
     * @param isUntilCaughtUp whether it ends when it has decided upon all that was there when it
     *     began
     */
    public record Terms(
            @Nullable Instant since,
            @Nullable Duration last,
            Duration grace,
            boolean isUntilCaughtUp) {}

    /** Where it says what it has to say; both for people, and may hold anything. */
    public record Voice(Consumer<String> says, Consumer<String> warns) {}

    /** The log and the kept states have been as they are since this version of the schema. */
    private static final int SCHEMA = 17;

    private static final int CONNECTIONS = 2;
    private static final int EVENTS_OF_A_STEP = 1_000;
    private static final Duration AFTER_TROUBLE = Duration.ofSeconds(1);
    private static final long SUMMARY_NANOS = Duration.ofHours(1).toNanos();
    private static final String NOW = "SELECT UTC_TIMESTAMP(6) AS moment";

    private final Database database;
    private final Terms terms;
    private final Supplier<ConfigurationFile> file;
    private final Voice voice;
    private final Semaphore wake = new Semaphore(0);
    private volatile boolean isStopped;
    private volatile boolean isToReload;
    private boolean isSame = true;

    /**
     * @param file reads the configuration, at the start and whenever it is to be read anew
     */
    public Shadow(Database database, Terms terms, Supplier<ConfigurationFile> file, Voice voice) {
        this.database = database;
        this.terms = terms;
        this.file = file;
        this.voice = voice;
    }

    /** Has {@link #run} end soon. */
    public void stop() {
        isStopped = true;
        wake.release();
    }

    /** Has the configuration read anew; the shadow begins anew with it, where the log ends then. */
    public void reload() {
        isToReload = true;
        wake.release();
    }

    /**
     * Follows the log until it is stopped, or has caught up if that is asked for. An outage of the
     * database is outlasted.
     *
     * @return whether nothing differed
     * @throws InvalidConfigurationException if the configuration can't be used at the start
     * @throws io.buildledger.database.UnusableDatabaseException if the database can't be used at
     *     the start
     * @throws NewerProgramException if there is an event that would have to be understood
     */
    public boolean run() throws InterruptedException {
        ConfigurationFile current = file.get();
        database.openToRead(SCHEMA).close();
        try (HikariDataSource pool = database.poolToRead("shadow", CONNECTIONS)) {
            follow(current, pool);
        }
        return isSame;
    }

    private void follow(ConfigurationFile first, DataSource pool) throws InterruptedException {
        Following following = new Following(first, true, pool);
        long saidNanos = System.nanoTime();
        boolean isTroubleTold = false;
        while (!isStopped) {
            Duration pause = first.configuration().dbPollInterval();
            try {
                if (isToReload) {
                    isToReload = false;
                    following = reloaded(following, pool);
                }
                following.goOn();
                isTroubleTold = false;
                if (terms.isUntilCaughtUp() && following.hasCaughtUp()) {
                    break;
                }
            } catch (StoppedException e) {
                break;
            } catch (RuntimeException e) {
                if (!DatabaseTrouble.isTransient(e)) {
                    throw e;
                }
                if (!isTroubleTold) {
                    voice.warns()
                            .accept(
                                    "the log can't be read; trying again: "
                                            + DatabaseTrouble.reason(e));
                }
                isTroubleTold = true;
                pause = AFTER_TROUBLE;
            }
            if (System.nanoTime() - saidNanos > SUMMARY_NANOS) {
                saidNanos = System.nanoTime();
                following.sayHowMany();
            }
            if (wake.tryAcquire(pause.toNanos(), TimeUnit.NANOSECONDS)) {
                wake.drainPermits();
            }
        }
        following.sayHowMany();
    }

    private Following reloaded(Following former, DataSource pool) {
        try {
            Following next = new Following(file.get(), false, pool);
            former.sayHowMany();
            voice.says().accept("the configuration was read anew");
            return next;
        } catch (InvalidConfigurationException e) {
            e.problems().forEach(voice.warns());
            voice.warns().accept("the shadow goes on as before: mend its file");
            return former;
        }
    }

    private static final class StoppedException extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** One configuration's way along the log. */
    private final class Following {
        private final ConfigurationFile configuration;
        private final boolean isFirst;
        private final DataSource pool;
        private final JdbcClient jdbc;
        private @Nullable Shadowing shadowing;
        private @Nullable Instant begunAt;
        private @Nullable LogTail tail;
        private long read;
        private int unsettled;

        /**
         * @param isFirst whether it begins where it is told to, and not where the log ends
         */
        Following(ConfigurationFile configuration, boolean isFirst, DataSource pool) {
            this.configuration = configuration;
            this.isFirst = isFirst;
            this.pool = pool;
            this.jdbc = JdbcClient.create(pool);
        }

        void goOn() throws InterruptedException {
            Shadowing begun = shadowing == null ? begin() : shadowing;
            LogTail following = tail == null ? readUpToTail(begun) : tail;
            Instant now = now();
            following.runOnce();
            if (!following.isWaiting()) {
                begun.knownUntil(now);
            }
        }

        private Instant now() {
            return jdbc.sql(NOW).query((row, _) -> UtcColumn.read(row, "moment")).single();
        }

        private Shadowing begin() throws InterruptedException {
            try (ReadingConnection connection = database.connectToRead()) {
                Instant now = now();
                WholeLog log = new WholeLog(connection);
                long settled = log.settled(log.head());
                Instant from = from(now);
                read = from == null ? settled : Math.min(settled, log.lastUntil(from));
                // Everything after the settled ones was recorded later than that.
                Instant since = from == null ? now.minus(Database.LONGEST_TRANSACTION) : from;
                Shadowing begun =
                        new Shadowing(
                                configuration.schedulers(),
                                new PastStates(connection).atEvent(read).state(),
                                from != null && read < 0 ? null : since,
                                terms.grace(),
                                this::recordedAt,
                                this::tell);
                begunAt = now;
                shadowing = begun;
                voice.says()
                        .accept(
                                read < 0
                                        ? "follows the log from its first event on"
                                        : "follows the log from %s on, after event %d"
                                                .formatted(since, read));
                return begun;
            }
        }

        private @Nullable Instant from(Instant now) {
            if (!isFirst) {
                return null;
            }
            Duration last = terms.last();
            return last == null ? terms.since() : now.minus(last);
        }

        /** What is so old that all of it is there needs no tail, and there may be much of it. */
        private LogTail readUpToTail(Shadowing begun) throws InterruptedException {
            try (ReadingConnection connection = database.connectToRead()) {
                WholeLog log = new WholeLog(connection);
                long settled = log.settled(log.head());
                log.read(
                        read,
                        settled,
                        RecordedTime.TYPES,
                        event -> {
                            next(begun, event.recorded());
                            read = event.index();
                            if (++unsettled >= EVENTS_OF_A_STEP) {
                                unsettled = 0;
                                begun.knownUntil(event.recorded().at());
                            }
                        });
                read = Math.max(read, settled);
            }
            LogTail following =
                    LogTail.inOrder(
                            "shadow",
                            pool,
                            read,
                            new Subscription(
                                    RecordedTime.TYPES,
                                    event -> next(begun, event),
                                    Set.of(),
                                    () -> {}),
                            configuration.configuration().dbPollInterval(),
                            System::nanoTime);
            tail = following;
            return following;
        }

        private void next(Shadowing begun, Recorded event) {
            if (isStopped) {
                throw new StoppedException();
            }
            Object _ = event.understood();
            begun.next(event);
        }

        private Optional<Instant> recordedAt(String event) {
            int sequence = event.lastIndexOf('@');
            try (ReadingConnection connection = database.connectToRead()) {
                return new WholeLog(connection)
                        .find(
                                event.substring(0, sequence),
                                Long.parseLong(event.substring(sequence + 1)))
                        .map(Recorded::at);
            }
        }

        private void tell(Difference difference) {
            isSame = false;
            voice.says().accept(difference.line());
        }

        boolean hasCaughtUp() {
            Shadowing begun = shadowing;
            Instant at = begunAt;
            return begun != null && at != null && begun.decidedUntil().isAfter(at);
        }

        void sayHowMany() {
            if (shadowing != null) {
                Comparisons comparisons = shadowing.comparisons();
                voice.says().accept(comparisons.line());
                List<String> remarks = comparisons.remarks();
                remarks.forEach(voice.says());
            }
        }
    }
}
