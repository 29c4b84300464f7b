package io.buildledger.replaying;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.database.Database;
import io.buildledger.database.DatabaseTrouble;
import io.buildledger.database.ReadingConnection;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.Follower;
import io.buildledger.log.LogPosition;
import io.buildledger.log.NewerEvent;
import io.buildledger.log.Numbered;
import io.buildledger.log.Recorded;
import io.buildledger.log.Unreadable;
import io.buildledger.log.WholeLog;
import io.buildledger.mastering.Lease;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.viewing.ViewProjection;
import io.buildledger.viewing.ViewProjector;
import io.buildledger.viewing.ViewTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.util.FileSystemUtils;

/**
 * Makes views anew from the log, beside those that people look at, and puts them in their place.
 * Masters go on meanwhile. Until the last moment nothing changes for anybody, and then all of it at
 * once: whenever this ends, also by a crash, the views are either as they were or as they are to
 * be, and whoever projects goes on from there.
 *
 * <p>The old part of the log, which can't change any more, is replayed in memory. From there on a
 * reader like the views' own keeps up with the log. At the end this takes the views' own reader,
 * too, so that both are at one place while the tables change their names.
 */
public final class ViewRebuild {

    private static final Logger LOG = LoggerFactory.getLogger(ViewRebuild.class);

    /** The name by which a replay is a master to the others, so that there is one at a time. */
    static final String NAME = "replay";

    private static final Duration LEASE = Duration.ofSeconds(30);

    /** Longer than a reader waits for an event that is being committed. */
    private static final Duration PATIENCE = Database.LONGEST_TRANSACTION.plusSeconds(30);

    private static final Duration LOOKS = Duration.ofMillis(20);
    private static final String REBUILT = ViewProjector.FOLLOWER + RebuiltTables.SUFFIX;

    /** How near to the views' reader its like must be before it takes that along. */
    private static final long NEAR = 500;

    /** How long those who read the views go on before there is another try to replace them. */
    private static final Duration AIR = Duration.ofSeconds(10);

    private static final String POSITIONS =
            """
            SELECT token, token_type
              FROM token
             WHERE processor_name IN (:names) AND segment = 0 AND owner = :owner
            """;

    private static final String HOW_MANY_OF =
            "SELECT COUNT(*) FROM event WHERE global_index IN (:numbers)";

    private static final String FORGET = "DELETE FROM token WHERE processor_name = :name";

    private final Database database;
    private final HikariDataSource dataSource;
    private final Set<ViewTable> views;
    private final ReplayProgress progress;
    private final EventLog log;
    private final JdbcClient jdbc;
    private final Author author;
    private final RebuiltTables tables;
    private long notBeforeNanos = System.nanoTime();

    private ViewRebuild(
            Database database,
            HikariDataSource dataSource,
            EventLog log,
            Path directory,
            Author author,
            Set<ViewTable> views,
            ReplayProgress progress) {
        this.database = database;
        this.dataSource = dataSource;
        this.views = views;
        this.progress = progress;
        this.log = log;
        this.jdbc = JdbcClient.create(dataSource);
        this.author = author;
        this.tables =
                new RebuiltTables(
                        log, dataSource, database.withoutTimeout(), directory, author, views);
    }

    /**
     * Rebuilds views.
     *
     * @param host the machine that this runs on, for people
     * @throws ReplayFailedException if another replay is going on, an event can't be read, the
     *     reader of the views, or its like, does not get on, or there is no room for temporary
     *     files
     * @throws io.buildledger.database.UnusableDatabaseException if the database can't be used
     * @throws org.springframework.dao.DataAccessException if it fails meanwhile
     */
    public static void of(
            Database database, Set<ViewTable> views, String host, ReplayProgress progress)
            throws InterruptedException {
        of(database, views, host, progress, PATIENCE);
    }

    /**
     * @param patience how long a reader that has something to read may stand still
     */
    static void of(
            Database database,
            Set<ViewTable> views,
            String host,
            ReplayProgress progress,
            Duration patience)
            throws InterruptedException {
        database.openToMend().close();
        Path directory = directoryOfOurs();
        try (Ending _ = () -> delete(directory);
                HikariDataSource dataSource = database.poolToLoad(NAME, 6, directory);
                EventLog log =
                        new EventLog(dataSource, new JdbcTransactionManager(dataSource), LOOKS)) {
            MasterRegistry registry = new MasterRegistry(log, dataSource, dataSource);
            requireThatNoneRuns(registry);
            Registration registration =
                    new Registration(
                            NAME, NAME, host, ProcessHandle.current().pid(), LEASE, Map.of(), null);
            try (Lease lease = new Lease(registry, registration)) {
                new ViewRebuild(
                                database,
                                dataSource,
                                log,
                                directory,
                                lease.author(),
                                views,
                                progress)
                        .run(patience);
            }
        }
    }

    /** Whose failure does not hide an earlier one. */
    private interface Ending extends AutoCloseable {
        @Override
        void close();
    }

    /** Nobody else of this machine can read what is in it. */
    private static Path directoryOfOurs() {
        try {
            Path directory = Files.createTempDirectory("buildledger-replay");
            directory.toFile().deleteOnExit();
            return directory;
        } catch (IOException e) {
            throw new ReplayFailedException(
                    "there is no place for temporary files: %s"
                            .formatted(DatabaseTrouble.reason(e)));
        }
    }

    private static void delete(Path directory) {
        try {
            FileSystemUtils.deleteRecursively(directory);
        } catch (IOException e) {
            LOG.warn("{} can't be deleted: {}", directory, DatabaseTrouble.reason(e));
        }
    }

    private static void requireThatNoneRuns(MasterRegistry registry) {
        registry.living(NAME)
                .ifPresent(living -> {
                    throw new ReplayFailedException(
                            "a replay is going on, on %s as process %d: let it end; one that was killed is forgotten after %d s"
                                    .formatted(living.host(), living.pid(), LEASE.toSeconds()));
                });
    }

    private void run(Duration patience) throws InterruptedException {
        forget();
        try (Ending _ = this::forget;
                tables) {
            tables.create();
            LogPosition replayed = replayOldPart();
            keepUpAndSwitch(replayed, patience);
        }
    }

    private void forget() {
        boolean _ = tables.ifOwnLife(() -> jdbc.sql(FORGET).param("name", REBUILT).update());
    }

    /**
     * @return how far it went
     */
    private LogPosition replayOldPart() throws InterruptedException {
        try (ReadingConnection connection = database.connectToRead()) {
            WholeLog whole = new WholeLog(connection);
            LogPosition live = ViewProjector.position(connection.jdbc());
            long last = Math.min(live.index(), whole.settled(whole.head()));
            Set<Long> missing = new HashSet<>(live.gaps());
            missing.removeIf(index -> index >= last);
            ViewReplay replay = new ViewReplay(views, tables);
            whole.read(
                    -1,
                    last,
                    ViewProjection.SHOWN,
                    event -> {
                        missing.remove(event.index());
                        replay.next(readable(event));
                        progress.at(event.index(), last);
                    });
            replay.end();
            tables.write();
            tables.addKeys();
            return new LogPosition(last, missing);
        }
    }

    private static Recorded readable(Numbered event) {
        return switch (event.recorded().event()) {
            case Unreadable unreadable ->
                    throw new ReplayFailedException(
                            "%s can't be read: %s; 'verify' tells all such events"
                                    .formatted(event.recorded().id(), unreadable.reason()));
            case NewerEvent newer ->
                    throw new ReplayFailedException(
                            "%s is %s, revision %s, which a newer program wrote: replay by that one, or the views would lack what it tells"
                                    .formatted(
                                            event.recorded().id(), newer.type(), newer.revision()));
            default -> event.recorded();
        };
    }

    private void keepUpAndSwitch(LogPosition from, Duration patience) throws InterruptedException {
        try (Follower follower = new Follower(NAME, log, dataSource, author)) {
            follower.add(
                    REBUILT,
                    () -> new Follower.Start.After(from.index(), from.gaps()),
                    ViewProjector.refusingNewer(dataSource, views, RebuiltTables.SUFFIX));
            follower.start();
            Moving rebuilt = new Moving(follower, REBUILT, patience);
            long head = log.head();
            while (head - follower.position(REBUILT).orElse(-1) > NEAR) {
                pause();
                head = log.head();
                rebuilt.require(head);
                progress.at(follower.position(REBUILT).orElse(from.index()), head);
            }
            // What is wrong with the views must not keep them from being made anew.
            follower.addInPlaceOfOwner(ViewProjector.FOLLOWER, ViewProjector.replacing(dataSource));
            Moving own = new Moving(follower, ViewProjector.FOLLOWER, patience);
            AtomicBoolean isDone = new AtomicBoolean();
            while (!isDone.get()) {
                pause();
                head = log.head();
                rebuilt.require(head);
                own.require(head);
                if (System.nanoTime() - notBeforeNanos >= 0) {
                    follower.betweenBatches(() -> isDone.set(putInPlaceIfReady(follower)));
                }
            }
        }
    }

    private void pause() throws InterruptedException {
        Thread.sleep(LOOKS);
        tables.requireOwnLife();
    }

    /** Nothing is read meanwhile. */
    private boolean putInPlaceIfReady(Follower follower) {
        if (!areAtOnePlace()) {
            return false;
        }
        if (!tables.putInPlace()) {
            notBeforeNanos = System.nanoTime() + AIR.toNanos();
            return false;
        }
        // Its tables have other names now.
        follower.remove(REBUILT);
        return true;
    }

    private boolean areAtOnePlace() {
        List<LogPosition> positions =
                jdbc.sql(POSITIONS)
                        .param("names", List.of(REBUILT, ViewProjector.FOLLOWER))
                        .param("owner", author.owner())
                        .query((row, _) ->
                                LogPosition.of(row.getString("token"), row.getString("token_type")))
                        .list();
        if (positions.size() != 2 || positions.getFirst().index() != positions.getLast().index()) {
            return false;
        }
        Set<Long> one = positions.getFirst().gaps();
        Set<Long> other = positions.getLast().gaps();
        return one.equals(other)
                || areLost(
                        Stream.concat(one.stream(), other.stream())
                                .filter(gap -> one.contains(gap) != other.contains(gap))
                                .toList());
    }

    /**
     * Whether no event will ever have one of these numbers: one reader goes on to wait for such a
     * number where another has given it up.
     */
    private boolean areLost(List<Long> numbers) {
        try (ReadingConnection connection = database.connectToRead()) {
            WholeLog whole = new WholeLog(connection);
            long settled = whole.settled(whole.head());
            return numbers.stream().allMatch(number -> number <= settled)
                    && connection
                                    .jdbc()
                                    .sql(HOW_MANY_OF)
                                    .param("numbers", numbers)
                                    .query(Long.class)
                                    .single()
                            == 0;
        }
    }

    /** Sees to it that a reader gets on as long as there is something to read. */
    private static final class Moving {

        private final Follower follower;
        private final String name;
        private final Duration patience;
        private long index = -1;
        private long sinceNanos = System.nanoTime();

        Moving(Follower follower, String name, Duration patience) {
            this.follower = follower;
            this.name = name;
            this.patience = patience;
        }

        void require(long head) {
            long now = follower.position(name).orElse(-1);
            if (now > index || now >= head) {
                index = now;
                sinceNanos = System.nanoTime();
            } else if (System.nanoTime() - sinceNanos > patience.toNanos()) {
                throw new ReplayFailedException(
                        "%s has not got beyond event %d of %d for %d s: %s; the views are as they were"
                                .formatted(
                                        name,
                                        index,
                                        head,
                                        patience.toSeconds(),
                                        follower.failure(name)
                                                .map(DatabaseTrouble::reason)
                                                .orElse("nobody knows why")));
            }
        }
    }
}
