package io.buildledger.chaos;

import io.buildledger.benchmarks.FreePort;
import io.buildledger.benchmarks.RunFailedException;
import io.buildledger.database.Database;
import io.buildledger.starting.Leftovers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The masters, their configuration, and the way of each to the database. */
final class ChaosCluster {

    /** Builders, the last of which has builds that do nothing. */
    static final int BUILDERS = 4;

    private static final int WORKERS = 4;

    /** The scheduler master to which nothing is done. */
    private static final String STANDBY = "standby";

    /** Where the launcher found this program. */
    private static final String HOME_PROPERTY = "buildledger.home";

    private final Path directory;
    private final Database database;
    private final Duration build;
    private final int webPort = FreePort.find();
    private final int webPortOfStandby = FreePort.find();
    private final List<ChaosMaster> masters = new ArrayList<>();
    private final Map<Integer, List<TcpProxy>> proxies = new HashMap<>();
    private final Map<String, Database> seenBy = new HashMap<>();

    /**
     * @param count how many builder masters, besides the scheduler master and its standby
     * @param build how long a build takes on average
     */
    ChaosCluster(
            Path directory,
            Database database,
            int count,
            Duration build,
            FaultPlan plan,
            Leftovers leftovers) {
        this.directory = directory;
        this.database = database;
        this.build = build;
        leftovers.add("end the masters", () -> masters.forEach(ChaosMaster::remove));
        masters.add(
                schedulerMaster(
                        Fault.master(Fault.SCHEDULER),
                        write("cluster.yaml", yaml(database, "builds", webPort))));
        for (int number = 1; number <= count; number++) {
            Database seen = plan.cutsOff(number) ? throughProxies(number, leftovers) : database;
            if (!plan.clockOffset(number).isZero()) {
                seen = withoutTls(seen);
            }
            String name = Fault.master(number);
            seenBy.put(name, seen);
            masters.add(
                    new ChaosMaster(
                            name,
                            List.of(jar("builder-master")),
                            write(name + ".yaml", yaml(seen, "builds", webPort)),
                            directory.resolve(name + ".log"),
                            FakeTime.environment(plan.clockOffset(number))));
        }
        masters.add(
                schedulerMaster(
                        STANDBY,
                        write(STANDBY + ".yaml", yaml(database, "builds", webPortOfStandby))));
    }

    private ChaosMaster schedulerMaster(String name, Path configuration) {
        return new ChaosMaster(
                name,
                List.of(jar("scheduler-master"), "scheduler-master"),
                configuration,
                directory.resolve(name + ".log"),
                Map.of());
    }

    /** Builds that so many masters run at once that take time. */
    static int slots(int masters) {
        return masters * WORKERS * (BUILDERS - 1);
    }

    private static Path home() {
        String home = System.getProperty(HOME_PROPERTY);
        if (home == null) {
            throw new RunFailedException("start it with bin/buildledger chaos");
        }
        return Path.of(home);
    }

    private static String jar(String module) {
        return home().resolve(Path.of(module, "target", module + ".jar")).toString();
    }

    /** {@code buildledger verify} of all that the cluster has recorded. */
    Verdict verify() throws InterruptedException {
        return Verdict.of(
                home().resolve(Path.of("bin", "buildledger")), directory.resolve("cluster.yaml"));
    }

    /** A command of {@code bin/buildledger} that asks this cluster. */
    Shell.Ended ask(String... words) throws InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(home().resolve(Path.of("bin", "buildledger")).toString());
        command.addAll(List.of(words));
        command.addAll(List.of("--master", "http://127.0.0.1:" + webPort));
        return Shell.end(command);
    }

    private Database throughProxies(int number, Leftovers leftovers) {
        List<ServerAddress> addresses = new ArrayList<>();
        List<TcpProxy> ofMaster = new ArrayList<>();
        for (ServerAddress server : ServerAddress.of(database.url())) {
            TcpProxy proxy =
                    leftovers.start(
                            "close a proxy",
                            () -> new TcpProxy(new InetSocketAddress(server.host(), server.port())),
                            TcpProxy::close);
            ofMaster.add(proxy);
            addresses.add(new ServerAddress("127.0.0.1", proxy.port()));
        }
        proxies.put(number, ofMaster);
        return new Database(
                ServerAddress.withAddresses(database.url(), addresses),
                database.user(),
                database.password());
    }

    /** A server of this run has a certificate that is not valid yet where the clock is slow. */
    private static Database withoutTls(Database seen) {
        return new Database(
                seen.url()
                        + (seen.url().contains("?") ? "&" : "?")
                        + "sslMode=DISABLED&allowPublicKeyRetrieval=true",
                seen.user(),
                seen.password());
    }

    List<ChaosMaster> masters() {
        return List.copyOf(masters);
    }

    /**
     * @param number from 1, or {@link Fault#SCHEDULER}
     */
    ChaosMaster master(int number) {
        return masters.get(number);
    }

    /** What stands between a master and the database's servers. */
    List<TcpProxy> proxies(int number) {
        return proxies.getOrDefault(number, List.of());
    }

    /** The configuration of a process that is, to all appearance, on another machine. */
    Path configurationElsewhere(String name) {
        return write(
                name + "-elsewhere.yaml",
                yaml(seenBy.getOrDefault(name, database), "builds-elsewhere", webPort));
    }

    Path output(String name) {
        return directory.resolve(name);
    }

    /** A file that only this user can read. */
    private Path write(String name, String content) {
        try {
            Path file = Files.writeString(directory.resolve(name), content);
            Files.setPosixFilePermissions(
                    file,
                    EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException("can't write " + name, e);
        }
    }

    private String yaml(Database seen, String basedir, int port) {
        String workers =
                IntStream.rangeClosed(1, WORKERS)
                        .mapToObj(number -> "w" + number)
                        .collect(Collectors.joining(", ", "[", "]"));
        return """
        db_url: "%s"
        db_user: "%s"
        db_password: "%s"
        db_poll_interval: 500ms
        lease: %ds
        drain_timeout: 0s
        basedir: %s
        multi_master: true
        web: {port: %d}
        schedulers:
          - any_branch: {name: every-change, builder_names: [%s]}
        builders:%s
        workers:%s
        """
                .formatted(
                        seen.url(),
                        seen.user(),
                        seen.password(),
                        FaultPlan.LEASE.toSeconds(),
                        directory.resolve(basedir),
                        port,
                        IntStream.rangeClosed(1, BUILDERS)
                                .mapToObj(number -> "b" + number)
                                .collect(Collectors.joining(", ")),
                        IntStream.rangeClosed(1, BUILDERS)
                                .mapToObj(number ->
                                        "\n  - {name: b%d, worker_names: %s, max_attempts: %d, factory: %s}"
                                                .formatted(
                                                        number,
                                                        workers,
                                                        number == 1 ? 1 : 3,
                                                        number == BUILDERS ? "[]" : factory()))
                                .collect(Collectors.joining()),
                        IntStream.rangeClosed(1, WORKERS)
                                .mapToObj(number ->
                                        "\n  - {name: w%d, max_builds: %d}"
                                                .formatted(number, BUILDERS))
                                .collect(Collectors.joining()));
    }

    /** Builds of all lengths up to twice the average. */
    private String factory() {
        return "[{shell: {name: work, command: 'tenths=$(( $$ * 7919 %% %d )); echo $tenths; sleep $(( tenths / 10 )).$(( tenths %% 10 ))'}}]"
                .formatted(Math.max(2, build.toMillis() / 50));
    }
}
