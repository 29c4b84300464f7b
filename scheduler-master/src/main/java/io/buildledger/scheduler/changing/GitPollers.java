package io.buildledger.scheduler.changing;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.configuring.Configuration.GitPoller;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.configuring.RepositoryAddress;
import io.buildledger.database.DatabaseTrouble;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.Ownership;
import io.buildledger.log.Streams;
import io.buildledger.reloading.Reloadable;
import io.buildledger.scheduler.fetching.Git;
import io.buildledger.scheduler.fetching.GitAccess;
import io.buildledger.starting.MasterIdentity;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * The git pollers of this master's file, each on a thread of its own, so that a slow repository
 * delays no other. So many run git at once as the machine can bear. Pollers of one repository share
 * its clone and take turns.
 */
@Component
public final class GitPollers implements SmartLifecycle, Reloadable {

    private static final Logger LOG = LoggerFactory.getLogger(GitPollers.class);
    private static final Duration STOP_WITHIN = Duration.ofSeconds(5);
    private static final int FEWEST_SLOTS = 4;

    private record Running(Polling polling, Thread thread) {}

    private final List<GitPoller> configured;

    /** For the paths that it has, which begin at the same place however often it is read. */
    private final ConfigurationFile file;

    private final Path directory;
    private final EventLog log;
    private final ChangeIntake intake;
    private final Ownership ownership;
    private final InstantSource clock;
    private final PollSlots slots =
            new PollSlots(Math.max(FEWEST_SLOTS, 2 * Runtime.getRuntime().availableProcessors()));
    private final Map<String, ReentrantLock> turns = new HashMap<>();
    private final Map<GitPoller, Running> pollers = new LinkedHashMap<>();
    private volatile boolean running;

    GitPollers(
            ConfigurationFile file,
            MasterIdentity identity,
            EventLog log,
            HikariDataSource dataSource,
            Author author,
            ChangeIntake intake,
            InstantSource databaseClock) {
        this.configured = pollersOf(file);
        this.file = file;
        this.directory = file.basedir(identity.name()).resolve("git");
        this.log = log;
        this.intake = intake;
        this.ownership = new Ownership(log, dataSource, author);
        this.clock = databaseClock;
    }

    private static List<GitPoller> pollersOf(ConfigurationFile file) {
        return file.configuration().changeSources().stream()
                .filter(GitPoller.class::isInstance)
                .map(GitPoller.class::cast)
                .toList();
    }

    @Override
    public void start() {
        running = true;
        use(configured);
    }

    /** The files of passwords and keys have to be there. */
    @Override
    public Runnable prepare(ConfigurationFile next) {
        next.check();
        List<GitPoller> wanted = pollersOf(next);
        return () -> {
            if (running) {
                use(wanted);
            }
        };
    }

    /**
     * Has these pollers run and no others. Those that are the same as before go on as if nothing
     * had happened.
     */
    synchronized void use(Collection<GitPoller> wanted) {
        List<Running> ended = new ArrayList<>();
        pollers.entrySet()
                .removeIf(poller -> {
                    boolean goesOn = wanted.contains(poller.getKey());
                    if (!goesOn) {
                        ended.add(poller.getValue());
                    }
                    return !goesOn;
                });
        end(ended);
        ended.forEach(it -> giveUp(it.polling()));
        for (GitPoller poller : wanted) {
            pollers.computeIfAbsent(poller, this::begin);
        }
    }

    /** Lets another master poll it, as soon as the database does, unless it is wanted again. */
    private void giveUp(Polling ended) {
        try {
            ended.giveUp();
        } catch (RuntimeException e) {
            LOG.warn(
                    "{} is not given up yet; trying again: {}",
                    ended.repository(),
                    DatabaseTrouble.reason(e));
            Thread.ofPlatform()
                    .name("give up " + ended.repository())
                    .daemon()
                    .start(() -> giveUpInTheEnd(ended));
        }
    }

    private void giveUpInTheEnd(Polling ended) {
        try {
            DatabaseTrouble.outlast(
                    () -> {
                        synchronized (this) {
                            if (running && !isPolled(ended.name())) {
                                ended.giveUp();
                            }
                            return true;
                        }
                    },
                    _ -> {});
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("{} stays this master's until its end", ended.repository(), e);
        }
    }

    private boolean isPolled(String name) {
        return pollers.values().stream().anyMatch(it -> it.polling().name().equals(name));
    }

    private Running begin(GitPoller poller) {
        RepositoryAddress address = new RepositoryAddress(poller.repourl());
        Git git =
                new Git(
                        directory.resolve(address.directoryName()),
                        address,
                        access(poller),
                        poller.timeout());
        Polling polling =
                new Polling(
                        address.shown(),
                        nameOf(poller),
                        new GitPollerLoop(poller, git, log, intake, clock),
                        poller.pollAtLaunch(),
                        poller.pollInterval(),
                        new PollPace(poller, new Random()),
                        ownership,
                        turns.computeIfAbsent(address.directoryName(), _ -> new ReentrantLock()),
                        slots);
        return new Running(
                polling, Thread.ofPlatform().name("poll " + address).daemon().start(polling::run));
    }

    /**
     * What of all masters one does: to follow these branches and tags of this repository. Whatever
     * else their files say of it, of two masters one polls.
     */
    public static String nameOf(GitPoller poller) {
        return Streams.gitPoller(
                new RepositoryAddress(poller.repourl()).directoryName()
                        + "/"
                        + new FollowedRefs(poller).digest());
    }

    private GitAccess access(GitPoller poller) {
        return new GitAccess(
                poller.auth() == null
                        ? null
                        : new GitAccess.Login(
                                poller.auth().user(), file.beside(poller.auth().passwordFile())),
                beside(poller.sshPrivateKeyFile()),
                beside(poller.sshKnownHostsFile()));
    }

    private @Nullable Path beside(@Nullable Path path) {
        return path == null ? null : file.beside(path);
    }

    /** What became of a poke. */
    public sealed interface Poke {

        /** Pollers of these repositories look now. */
        record Looking(Set<String> repositories) implements Poke {}

        /** No poller of this master's file is of this repository. */
        record Unknown(String repository) implements Poke {}

        /**
         * Another master polls this repository, and is not told.
         *
         * @param master null if it has not begun yet
         */
        record Elsewhere(String repository, @Nullable String master) implements Poke {}
    }

    /**
     * Has the pollers of some repositories look now.
     *
     * @param repositories their addresses; empty for all that this master polls
     */
    public synchronized Poke poke(Collection<String> repositories) {
        List<Polling> all = pollers.values().stream().map(Running::polling).toList();
        List<Polling> poked = new ArrayList<>();
        for (String repository : repositories) {
            String shown = RepositoryAddress.withoutCredentials(repository);
            List<Polling> known = all.stream().filter(it -> it.repository().equals(shown)).toList();
            if (known.isEmpty()) {
                return new Poke.Unknown(shown);
            }
            List<Polling> owned = known.stream().filter(Polling::isOwned).toList();
            if (owned.isEmpty()) {
                return new Poke.Elsewhere(shown, known.getFirst().owner());
            }
            poked.addAll(owned);
        }
        if (repositories.isEmpty()) {
            all.stream().filter(Polling::isOwned).forEach(poked::add);
        }
        Set<String> looking = new LinkedHashSet<>();
        poked.forEach(polling -> {
            polling.poke();
            looking.add(polling.repository());
        });
        return new Poke.Looking(looking);
    }

    /** What they own is free when the master's life ends, which is next. */
    @Override
    public synchronized void stop() {
        running = false;
        end(pollers.values());
        pollers.clear();
    }

    private static void end(Collection<Running> ended) {
        ended.forEach(it -> it.polling().stopping());
        ended.forEach(it -> it.thread().interrupt());
        for (Running poller : ended) {
            try {
                poller.thread().join(STOP_WITHIN);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** After the schedulers, so that a new scheduler sees what a new poller finds. */
    @Override
    public int getPhase() {
        return 1;
    }
}
