package io.buildledger.scheduler.demonstrating;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.bundling.BadBundleException;
import io.buildledger.bundling.BundleFile;
import io.buildledger.database.Database;
import io.buildledger.database.EmbeddedDatabase;
import io.buildledger.database.UnusableDatabaseException;
import io.buildledger.domain.building.Results;
import io.buildledger.log.LogTail;
import io.buildledger.log.LogTail.Subscription;
import io.buildledger.starting.Leftovers;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.LinkedBlockingQueue;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code buildledger demo}: a cluster with an embedded database, in the foreground, until Ctrl-C.
 */
@Command(
        name = DemoCommand.NAME,
        description = "Run a whole cluster here, and tell what it does",
        subcommands = DemoKillCommand.class,
        mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {

    static final String NAME = "demo";
    static final String SCHEDULER = "s";
    static final List<String> BUILDERS = List.of("b1", "b2");

    private static final int PREFERRED_PORT = 8010;

    /** The pages that all commands ask that are not told of others. */
    static final String DEFAULT_WEB = web(PREFERRED_PORT);

    private static final Duration BUILT_WITHIN = Duration.ofMinutes(2);
    private static final int OWN_CONNECTIONS = 4;
    private static final int MOST_COMMITS = 1000;
    private static final String LAUNCHER = "bin/buildledger";

    /** Somebody's repository; what is said of it means nothing for the demo's own. */
    static final class Somebodys {

        @Option(
                names = "--repo",
                paramLabel = "URL",
                required = true,
                description = "Watch this git repository instead of making a small one")
        String repo = "";

        @Option(
                names = "--branch",
                paramLabel = "NAME",
                description = "Branch of it to watch (default: its default branch)")
        @Nullable String branch;

        @Option(
                names = "--test",
                paramLabel = "COMMAND",
                description = "What tests it (default: git log -1 --stat)")
        String test = "git log -1 --stat";

        @Option(
                names = "--commits",
                paramLabel = "N",
                description =
                        "How many of its newest commits to build at the start, from 1 to 1000 (default: 1)")
        int commits = 1;
    }

    @ArgGroup(exclusive = false)
    @Nullable Somebodys somebodys;

    /** Somebody's history. */
    static final class FromBundle {

        @Option(
                names = "--from-bundle",
                paramLabel = "FILE",
                required = true,
                description =
                        "Show what a bundle has instead, and go through it event by event; nothing is built")
        Path file = Path.of("");

        @Option(
                names = "--to",
                paramLabel = "N",
                description = "Go up to event N before asking for the next")
        long to;

        @Option(
                names = "--exit-when-told",
                description =
                        "End with 0 after the last event, instead of showing pages until Ctrl-C")
        boolean exitWhenTold;
    }

    @ArgGroup(exclusive = false)
    @Nullable FromBundle fromBundle;

    @Option(
            names = "--exit-when-built",
            description =
                    "End with 0 after the first build that succeeds, or with 1 after two minutes")
    boolean exitWhenBuilt;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli's
    private CommandSpec spec;

    private final PrintStream out = System.out;
    private final LinkedBlockingQueue<Results> built = new LinkedBlockingQueue<>();
    private final Progress progress = new Progress();

    @Override
    public Integer call() {
        if (somebodys != null && (somebodys.commits < 1 || somebodys.commits > MOST_COMMITS)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--commits: %d is not between 1 and %d"
                            .formatted(somebodys.commits, MOST_COMMITS));
        }
        if (fromBundle != null && (somebodys != null || exitWhenBuilt)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--from-bundle: nothing is built, so there is no repository and no build to wait for");
        }
        WatchedRepository watched = null;
        if (somebodys != null) {
            try {
                watched = WatchedRepository.find(somebodys.repo, somebodys.branch);
            } catch (DemoFailedException e) {
                System.err.println(e.getMessage());
                return 1;
            }
        }
        return run(watched);
    }

    private int run(@Nullable WatchedRepository watched) {
        Leftovers leftovers = new Leftovers(System.err);
        // Ctrl-C and kill end in this hook; whoever comes first, it or the end of the demo, cleans
        // up.
        Thread hook =
                new Thread(
                        () -> {
                            out.println("stopping the masters and the database ...");
                            // It logs with stack traces that its installation was interrupted.
                            LoggingSystem.get(DemoCommand.class.getClassLoader())
                                    .setLogLevel("ch.vorburger", LogLevel.OFF);
                            leftovers.close();
                        },
                        "stop-demo");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            DemoDirectory directory =
                    leftovers.start(
                            "remove the demo's directory",
                            DemoDirectory::create,
                            DemoDirectory::delete);
            new AbandonedDemos(directory, out).sweep();
            return run(directory, watched, leftovers);
        } catch (DemoFailedException
                | CancellationException
                | UnusableDatabaseException
                | UncheckedIOException e) {
            // Once everything is being stopped, that a master has ended is no news.
            if (!leftovers.isClosed()) {
                System.err.println("the demo failed: " + e.getMessage());
            }
            return 1;
        } finally {
            leftovers.close();
            removeHook(hook);
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The hook is running, because of Ctrl-C; it finds everything stopped.
        }
    }

    private int run(
            DemoDirectory directory, @Nullable WatchedRepository watched, Leftovers leftovers) {
        if (fromBundle != null) {
            return show(directory, fromBundle, leftovers);
        }
        long deadline = System.nanoTime() + BUILT_WITHIN.toNanos();
        Database database = database(directory, leftovers);
        DemoRepository own = watched == null ? DemoRepository.create(directory.repository()) : null;
        int port = freePort();
        String web = web(port);
        directory.write("db-password", database.password());
        directory.write(
                directory.configuration().getFileName().toString(),
                configuration(own, watched, database, port));

        // Last is ended first: nothing is told of the end of the masters, which would look like
        // failures.
        DemoMasters masters = new DemoMasters(directory);
        HikariDataSource dataSource = database.open("demo", OWN_CONNECTIONS);
        leftovers.add("close the demo's connections", dataSource::close);
        leftovers.add("stop the masters", masters::stopAll);
        leftovers.add("stop telling", follow(dataSource, web)::close);

        out.println(
                "Starting a scheduler master and two builder masters, processes of their own ...");
        masters.start("scheduler-master", SCHEDULER);
        BUILDERS.forEach(name -> masters.start("builder-master", name));
        DemoWatch watch = new DemoWatch(masters, SCHEDULER, BUILDERS, out);
        watch.awaitStart(port);
        directory.write(
                new DemoDirectory.State(
                        database, own == null ? null : own.directory().toString(), web));
        tellHowToUse(directory, own, watched, web);
        if (own != null) {
            watch.awaitFirstPoll(progress);
            own.commit("Count the ways to write a number");
        }
        if (!exitWhenBuilt) {
            return watch.untilStopped();
        }
        watch.awaitBuilt(built, progress, deadline);
        out.println("a first build has succeeded: stopping the masters and the database ...");
        return 0;
    }

    private Database database(DemoDirectory directory, Leftovers leftovers) {
        out.println(
                "Unpacking and starting an embedded MariaDB in " + directory.database() + " ...");
        return leftovers
                .start(
                        "stop the database",
                        () -> EmbeddedDatabase.start(directory.database()),
                        EmbeddedDatabase::close)
                .database();
    }

    private int show(DemoDirectory directory, FromBundle from, Leftovers leftovers) {
        try {
            // Before there is a database that would be for nothing.
            BundleFile.read(from.file, _ -> {});
            Database database = database(directory, leftovers);
            BundleDemo demo = new BundleDemo(directory, database, freePort(), out);
            demo.show(from.file, from.to, leftovers);
            return from.exitWhenTold ? 0 : demo.untilStopped();
        } catch (BadBundleException e) {
            throw new DemoFailedException(String.valueOf(e.getMessage()), e);
        }
    }

    private String configuration(
            @Nullable DemoRepository own,
            @Nullable WatchedRepository watched,
            Database database,
            int port) {
        if (own != null) {
            return DemoConfiguration.ofOwn(own, database, port);
        }
        if (watched == null || somebodys == null) {
            throw new IllegalStateException("there is no repository");
        }
        return DemoConfiguration.ofWatched(
                watched, somebodys.test, somebodys.commits, database, port);
    }

    private LogTail follow(DataSource dataSource, String web) {
        Narrator narrator = new Narrator(out, web, command(web), built::add);
        return LogTail.fromNow(
                        "demo",
                        dataSource,
                        Subscription.toAll(recorded -> {
                            progress.read(recorded);
                            narrator.read(recorded);
                        }),
                        Duration.ofMillis(100),
                        System::nanoTime)
                .start();
    }

    private static int freePort() {
        for (int port : new int[] {PREFERRED_PORT, 0}) {
            try (ServerSocket socket =
                    new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException e) {
                // Taken; the next is any that is free.
            }
        }
        throw new DemoFailedException("there is no free port on 127.0.0.1");
    }

    private void tellHowToUse(
            DemoDirectory directory,
            @Nullable DemoRepository own,
            @Nullable WatchedRepository watched,
            String web) {
        out.println();
        out.println("  pages            " + web + "/");
        if (own != null) {
            out.println(
                    "  repository       " + own.directory() + " (commit to it, and it is built)");
        }
        if (watched != null) {
            out.println("  repository       " + watched.address() + ", branch " + watched.branch());
        }
        out.println("  configuration    " + directory.configuration());
        out.println("  in a second terminal:");
        out.println(
                "    "
                        + command(web)
                        + " demo kill b2         kill a builder master, and watch here");
        out.println("    " + command(web) + " requests");
        out.println("  Ctrl-C stops everything and leaves nothing behind.");
        out.println();
        if (watched != null && !progress.hasChange()) {
            out.printf(
                    "waiting for the first change of %s (its first fetch may take a while) ...%n",
                    watched.address());
        }
    }

    static String web(int port) {
        return "http://127.0.0.1:" + port;
    }

    static String command(String web) {
        return web.equals(DEFAULT_WEB) ? LAUNCHER : "BUILDLEDGER_MASTER=" + web + " " + LAUNCHER;
    }
}
