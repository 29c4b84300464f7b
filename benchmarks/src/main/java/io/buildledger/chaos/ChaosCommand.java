package io.buildledger.chaos;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.benchmarks.FreshDatabase;
import io.buildledger.benchmarks.RunFailedException;
import io.buildledger.benchmarks.TidyRun;
import io.buildledger.chaos.FinalChecks.Check;
import io.buildledger.database.Database;
import io.buildledger.starting.Leftovers;
import io.buildledger.starting.Version;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.logging.LogLevel;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code buildledger chaos}: drains a queue with builder masters while things are done to them and
 * to their database, and judges what the log has of it.
 */
@Command(
        name = "buildledger chaos",
        description =
                "Kill, stop and cut off masters and their database during a drain, and verify",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
public final class ChaosCommand implements Callable<Integer> {

    private static final int CONNECTIONS = 3;
    private static final Duration SHORTEST_BUILD = Duration.ofMillis(200);
    private static final Duration LONGEST_BUILD = Duration.ofSeconds(6);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--requests",
            paramLabel = "N",
            defaultValue = "10000",
            description =
                    "How many are built at least, rounded up to whole changes of 4; more come where the"
                            + " masters would have nothing to do at a fault (${DEFAULT-VALUE})")
    private int requests;

    @Option(
            names = "--masters",
            paramLabel = "M",
            defaultValue = "4",
            description = "Builder masters, besides one scheduler master (${DEFAULT-VALUE})")
    private int masters;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "The same seed makes the same plan (default: another each time)")
    private @Nullable Long seed;

    @Option(
            names = "--faults",
            paramLabel = "LIST",
            split = ",",
            description =
                    "Of kill, kill-scheduler, stop, database-restart, database-outage, cut, clock, same-name,"
                            + " deadlock, worker, drain (default: all that are possible here)")
    private List<String> faults = List.of();

    @Option(
            names = "--outage",
            paramLabel = "SECONDS",
            defaultValue = "120",
            description = "How long the database is away in a database-outage (${DEFAULT-VALUE})")
    private int outageSeconds;

    @Option(
            names = "--db-url",
            paramLabel = "URL",
            description =
                    "Run on this server, jdbc:mysql://HOST[:PORT][,HOST[:PORT]...], in a database"
                            + " made for it and dropped (default: mysql:9.7 in a container, or an"
                            + " embedded MariaDB where there is no engine)")
    private @Nullable String url;

    @Option(names = "--user", paramLabel = "U")
    private @Nullable String user;

    @Option(names = "--password-file", paramLabel = "F")
    private @Nullable Path passwordFile;

    @Option(
            names = "--database-kill",
            paramLabel = "COMMAND",
            description =
                    "Kills the server of --db-url; {primary} in it becomes the place of the primary"
                            + " in the URL, from 1")
    private @Nullable String databaseKill;

    @Option(
            names = "--database-start",
            paramLabel = "COMMAND",
            description = "Starts again what --database-kill has killed; {primary} as there")
    private @Nullable String databaseStart;

    @Option(names = "--json", description = "Print one JSON object at the end, for programs")
    private boolean json;

    private ChaosCommand() {}

    /** Ends the process with 0 if everything holds, 1 if something does not, 2 on misuse. */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new ChaosCommand());
    }

    private void requireSense() {
        if (requests < 1 || masters < 1) {
            throw misuse("--requests and --masters are at least 1");
        }
        if (masters < 2) {
            throw misuse("--masters: what is taken from one needs another to go on with it");
        }
        if (outageSeconds < 1) {
            throw misuse("--outage is at least 1");
        }
        if (url == null
                && (user != null
                        || passwordFile != null
                        || databaseKill != null
                        || databaseStart != null)) {
            throw misuse(
                    "--user, --password-file, --database-kill and --database-start are of a server"
                            + " that --db-url names");
        }
        if (url != null && (user == null || passwordFile == null)) {
            throw misuse("--db-url needs --user and --password-file");
        }
        if ((databaseKill == null) != (databaseStart == null)) {
            throw misuse("--database-kill and --database-start come together");
        }
    }

    private ParameterException misuse(String message) {
        CommandSpec of = spec;
        if (of == null) {
            throw new IllegalStateException("not started by picocli");
        }
        return new ParameterException(of.commandLine(), message);
    }

    private Set<FaultKind> wanted() {
        Set<FaultKind> kinds = EnumSet.noneOf(FaultKind.class);
        for (String name : faults) {
            kinds.add(
                    FaultKind.of(name)
                            .orElseThrow(() ->
                                    misuse(
                                            "--faults: there is no %s; there are %s"
                                                    .formatted(name, labels()))));
        }
        return faults.isEmpty() ? EnumSet.allOf(FaultKind.class) : kinds;
    }

    private static String labels() {
        List<String> labels = new ArrayList<>();
        for (FaultKind kind : FaultKind.values()) {
            labels.add(kind.label());
        }
        return String.join(", ", labels);
    }

    @Override
    public Integer call() throws InterruptedException {
        requireSense();
        Set<FaultKind> kinds = wanted();
        return TidyRun.of(
                "chaos", (directory, leftovers) -> run(kinds, directory, leftovers) ? 0 : 1);
    }

    private boolean run(Set<FaultKind> kinds, Path directory, Leftovers leftovers)
            throws InterruptedException {
        // Nothing that the database's driver says of its lost connections is news here.
        TidyRun.logFrom(LogLevel.ERROR);
        PrintStream out = json ? System.err : System.out;
        DatabaseServer server = server(directory, leftovers, out);
        Set<FaultKind> possible = possible(kinds, server, out);
        long chosen = seed == null ? ThreadLocalRandom.current().nextInt(1, 1_000_000) : seed;
        FaultPlan plan =
                FaultPlan.of(
                        chosen, masters, requests, possible, Duration.ofSeconds(outageSeconds));
        Duration build = build(plan);
        Database database = FreshDatabase.make(server.administration(), "chaos", leftovers);
        out.printf(
                "seed %d: %,d requests, %d masters, lease %d s, builds of %.1f s on average, on"
                        + " %s%n",
                chosen,
                requests,
                masters,
                FaultPlan.LEASE.toSeconds(),
                build.toMillis() / 1000.0,
                ServerAddress.of(database.url()));
        plan.faults()
                .forEach(
                        fault -> out.printf("  at %3.0f %%  %s%n", 100 * fault.at(), fault.told()));
        Diary diary = new Diary(out);
        try (HikariDataSource watching = database.open("chaos", CONNECTIONS);
                HikariDataSource locking = database.pool("chaos-locks", CONNECTIONS)) {
            Ledger ledger = new Ledger(watching);
            ChaosCluster cluster =
                    new ChaosCluster(directory, database, masters, build, plan, leftovers);
            ChaosRun run =
                    new ChaosRun(
                            plan,
                            server,
                            cluster,
                            ledger,
                            new RowLocks(locking, chosen),
                            diary,
                            changes -> PendingChanges.receive(database, changes),
                            ChaosCluster.slots(masters));
            if (possible.contains(FaultKind.DEADLOCK)) {
                run.shortenLockWaits();
            }
            run.startMasters();
            diary.begin();
            run.receive(Math.ceilDiv(requests, ChaosCluster.BUILDERS));
            run.drain();
            run.stopMasters();
            return report(
                    chosen,
                    run.requests(),
                    plan,
                    diary,
                    FinalChecks.of(ledger.jdbc(), run.requests()),
                    cluster.verify(),
                    out);
        }
    }

    /** So long, within the bounds, that all that is planned happens before the queue is empty. */
    private Duration build(FaultPlan plan) {
        Duration average =
                plan.takes().multipliedBy(ChaosCluster.slots(masters)).dividedBy(requests);
        return average.compareTo(SHORTEST_BUILD) < 0
                ? SHORTEST_BUILD
                : average.compareTo(LONGEST_BUILD) > 0 ? LONGEST_BUILD : average;
    }

    private boolean report(
            long chosen,
            int built,
            FaultPlan plan,
            Diary diary,
            List<Check> checks,
            Verdict verdict,
            PrintStream out) {
        boolean holds =
                verdict.holds()
                        && checks.stream().allMatch(Check::holds)
                        && diary.wrongs().isEmpty();
        out.println();
        out.println("buildledger verify");
        out.println(verdict.report().indent(2).stripTrailing());
        out.println();
        for (Check check : checks) {
            out.printf(
                    "  %-6s %s: %s%n",
                    check.holds() ? "holds" : "WRONG", check.statement(), check.found());
        }
        diary.wrongs().forEach(wrong -> out.println("  WRONG  " + wrong));
        out.printf(
                "%n%s (seed %d)%n", holds ? "everything holds" : "something does not hold", chosen);
        if (json) {
            Map<String, Object> report = new LinkedHashMap<>();
            report.put("seed", chosen);
            report.put("requests", built);
            report.put("masters", masters);
            report.put("plan", plan.faults().stream().map(Fault::told).toList());
            report.put("diary", diary.lines());
            report.put("checks", checks);
            report.put("verdict", verdict);
            report.put("holds", holds);
            System.out.println(JSON.writeValueAsString(report));
        }
        return holds;
    }

    private DatabaseServer server(Path directory, Leftovers leftovers, PrintStream out)
            throws InterruptedException {
        String given = url;
        String givenUser = user;
        Path givenPassword = passwordFile;
        if (given != null && givenUser != null && givenPassword != null) {
            return new OwnServer(
                    new Database(administrationUrl(given), givenUser, password(givenPassword)),
                    databaseKill,
                    databaseStart);
        }
        if (ContainerServer.isPossible()) {
            out.println("starting mysql:9.7 in a container ...");
            return ContainerServer.start(leftovers);
        }
        out.println("there is no Docker engine with mysql:9.7: starting an embedded MariaDB ...");
        return EmbeddedServer.start(directory.resolve("database"), leftovers);
    }

    private static String administrationUrl(String given) {
        String options = given.contains("?") ? given.substring(given.indexOf('?')) : "";
        String servers = given.replaceFirst("\\?.*$", "").replaceFirst("(//[^/]+)/.*$", "$1");
        return servers + "/mysql" + options;
    }

    private static String password(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new RunFailedException("--password-file: %s can't be read".formatted(file), e);
        }
    }

    private Set<FaultKind> possible(Set<FaultKind> kinds, DatabaseServer server, PrintStream out)
            throws InterruptedException {
        Set<FaultKind> possible = EnumSet.copyOf(kinds);
        if (!server.canBeKilled()
                && possible.removeAll(
                        Set.of(FaultKind.DATABASE_RESTART, FaultKind.DATABASE_OUTAGE))) {
            out.println(
                    "the database is not killed: --database-kill and --database-start don't say"
                            + " how");
        }
        if (possible.contains(FaultKind.CLOCK) && !FakeTime.isPossible()) {
            possible.remove(FaultKind.CLOCK);
            out.println("no clock is set wrong: Debian's package libfaketime is not installed");
        }
        if (possible.contains(FaultKind.SAME_NAME) && !UtsNamespace.isPossible()) {
            possible.remove(FaultKind.SAME_NAME);
            out.println(
                    "no name is used twice: another host name for a process takes root and"
                            + " unshare");
        }
        return possible;
    }
}
