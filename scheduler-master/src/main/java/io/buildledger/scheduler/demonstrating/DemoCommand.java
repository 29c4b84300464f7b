package io.buildledger.scheduler.demonstrating;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.database.Database;
import io.buildledger.database.EmbeddedDatabase;
import io.buildledger.domain.building.Results;
import io.buildledger.log.EventLog;
import io.buildledger.log.Follower;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.support.JdbcTransactionManager;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code buildledger demo}: a cluster with an embedded database, in the foreground, until Ctrl-C.
 */
@Command(
        name = "demo",
        description = "Run a whole cluster on this machine and tell what it does, until Ctrl-C",
        subcommands = DemoKillCommand.class,
        mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {

    static final String SCHEDULER = "s";
    static final List<String> BUILDERS = List.of("b1", "b2");

    private static final Duration BUILT_WITHIN = Duration.ofMinutes(2);
    private static final Duration STARTED_WITHIN = Duration.ofMinutes(1);
    private static final Duration BACK_AFTER = Duration.ofSeconds(30);
    private static final Duration WATCH_INTERVAL = Duration.ofMillis(250);
    private static final int PREFERRED_PORT = 8010;
    private static final int OWN_CONNECTIONS = 4;
    private static final String LAUNCHER = "bin/buildledger";

    @Option(
            names = "--repo",
            paramLabel = "URL",
            description = "Watch this git repository instead of making a small one")
    @Nullable String repo;

    @Option(
            names = "--branch",
            paramLabel = "NAME",
            description = "Branch to watch (default: main)")
    String branch = DemoRepository.BRANCH;

    @Option(
            names = "--test",
            paramLabel = "COMMAND",
            description = "What tests the repository of --repo (default: git log -1 --stat)")
    String test = "git log -1 --stat";

    @Option(
            names = "--commits",
            paramLabel = "N",
            description =
                    "How many of the newest commits of --repo to build at the start (default: 1)")
    int commits = 1;

    @Option(
            names = "--exit-when-built",
            description =
                    "End with 0 after the first build that succeeds, or with 1 after two minutes")
    boolean exitWhenBuilt;

    private final PrintStream out = System.out;
    private final LinkedBlockingQueue<Results> built = new LinkedBlockingQueue<>();

    @Override
    public Integer call() {
        DemoDirectory directory = DemoDirectory.create();
        Leftovers leftovers = new Leftovers(System.err);
        leftovers.add("remove " + directory.path(), directory::delete);
        // Ctrl-C and kill end in this hook; whoever comes first, it or the end of the demo, cleans
        // up.
        Thread hook =
                new Thread(
                        () -> {
                            out.println("stopping the masters and the database ...");
                            leftovers.close();
                        },
                        "stop-demo");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return run(directory, leftovers);
        } catch (DemoFailedException e) {
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

    private int run(DemoDirectory directory, Leftovers leftovers) {
        long deadline = System.nanoTime() + BUILT_WITHIN.toNanos();
        out.println(
                "Unpacking and starting an embedded MariaDB in " + directory.database() + " ...");
        EmbeddedDatabase server = EmbeddedDatabase.start(directory.database());
        leftovers.add("stop the database", server::close);
        Database database = server.database();

        DemoRepository repository =
                repo == null ? DemoRepository.create(directory.repository()) : null;
        String url =
                repository == null
                        ? String.valueOf(repo)
                        : repository.directory().toUri().toString();
        int port = freePort();
        String web = "http://127.0.0.1:" + port;
        directory.write("db-password", database.password());
        directory.write(
                directory.configuration().getFileName().toString(),
                configuration(database, url, port, repository != null));

        HikariDataSource dataSource = database.open("demo", OWN_CONNECTIONS);
        leftovers.add("close the demo's connections", dataSource::close);
        EventLog log =
                new EventLog(
                        dataSource, new JdbcTransactionManager(dataSource), Duration.ofMillis(100));
        leftovers.add("close the demo's log", log::close);
        Follower narration =
                Follower.fromHead("demo", log, new Narrator(out, web, command(web), built::add))
                        .start();
        leftovers.add("stop telling", narration::close);

        out.println(
                "Starting a scheduler master and two builder masters, processes of their own ...");
        DemoMasters masters = new DemoMasters(directory);
        leftovers.add("stop the masters", masters::stopAll);
        masters.start("scheduler-master", SCHEDULER);
        BUILDERS.forEach(name -> masters.start("builder-master", name));
        awaitStart(masters, port);
        directory.write(
                new DemoDirectory.State(
                        ProcessHandle.current().pid(),
                        database,
                        repository == null ? null : repository.directory().toString(),
                        web));
        tellHowToUse(directory, repository, web);
        if (repository != null) {
            repository.commit("Count the ways to write a number");
        }
        return exitWhenBuilt ? awaitBuilt(masters, deadline) : watch(masters);
    }

    private String configuration(Database database, String url, int port, boolean own) {
        String template;
        try (InputStream in = DemoCommand.class.getResourceAsStream("/demo/cluster.yaml")) {
            template = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new DemoFailedException("this program lacks its demo", e);
        }
        Map<String, String> values =
                Map.of(
                        "db_url",
                        database.url(),
                        "db_user",
                        database.user(),
                        "port",
                        String.valueOf(port),
                        "repo",
                        escaped(url),
                        "branch",
                        escaped(branch),
                        "poll_interval",
                        own ? "500ms" : "10s",
                        "initial_commits",
                        own ? "0" : String.valueOf(commits),
                        // Each of a real repository's commits is to be built, not only the newest.
                        "tree_stable_timer",
                        own ? "1s" : "0",
                        "test_command",
                        own ? "[sh, test.sh]" : "\"" + escaped(test) + "\"",
                        "package_test",
                        own ? "[sh, test.sh]" : "\"ls -l\"");
        for (Map.Entry<String, String> value : values.entrySet()) {
            template = template.replace("${" + value.getKey() + "}", value.getValue());
        }
        return template;
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
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

    private void awaitStart(DemoMasters masters, int port) {
        long deadline = System.nanoTime() + STARTED_WITHIN.toNanos();
        while (!accepts(port)) {
            failIfDead(masters);
            if (System.nanoTime() > deadline) {
                throw new DemoFailedException(
                        "the scheduler master did not start within a minute:\n"
                                + masters.lastWords(SCHEDULER));
            }
            pause();
        }
    }

    private static boolean accepts(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static void failIfDead(DemoMasters masters) {
        for (String name : List.of(SCHEDULER, "b1", "b2")) {
            if (!masters.isAlive(name)) {
                throw new DemoFailedException(
                        "master " + name + " did not start:\n" + masters.lastWords(name));
            }
        }
    }

    private void tellHowToUse(
            DemoDirectory directory, @Nullable DemoRepository repository, String web) {
        out.println();
        out.println("  pages            " + web + "/");
        if (repository != null) {
            out.println(
                    "  repository       "
                            + repository.directory()
                            + " (commit to it, and it is built)");
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
    }

    private static String command(String web) {
        return web.endsWith(":" + PREFERRED_PORT)
                ? LAUNCHER
                : "BUILDLEDGER_MASTER=" + web + " " + LAUNCHER;
    }

    private int awaitBuilt(DemoMasters masters, long deadline) {
        while (true) {
            try {
                Results results = built.poll(WATCH_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
                if (results == Results.SUCCESS || results == Results.WARNINGS) {
                    out.println(
                            "a first build has succeeded: stopping the masters and the database ...");
                    return 0;
                }
                if (results != null) {
                    throw new DemoFailedException("the first build ended with " + results);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new DemoFailedException("interrupted", e);
            }
            failIfDead(masters);
            if (System.nanoTime() > deadline) {
                throw new DemoFailedException("nothing was built within two minutes");
            }
        }
    }

    /** Runs until Ctrl-C; starts a master again that has been dead for a while. */
    private int watch(DemoMasters masters) {
        Map<String, Long> deadSince = new HashMap<>();
        while (true) {
            if (!masters.isAlive(SCHEDULER)) {
                throw new DemoFailedException(
                        "the scheduler master has ended:\n" + masters.lastWords(SCHEDULER));
            }
            for (String name : BUILDERS) {
                if (masters.isAlive(name)) {
                    deadSince.remove(name);
                } else if (deadSince.putIfAbsent(name, System.nanoTime()) == null) {
                    out.printf(
                            "             process %d of %s is dead; it is started again in %d s%n",
                            masters.pid(name), name, BACK_AFTER.toSeconds());
                } else if (System.nanoTime() - deadSince.getOrDefault(name, 0L)
                        > BACK_AFTER.toNanos()) {
                    masters.start("builder-master", name);
                }
            }
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(WATCH_INTERVAL);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DemoFailedException("interrupted", e);
        }
    }
}
