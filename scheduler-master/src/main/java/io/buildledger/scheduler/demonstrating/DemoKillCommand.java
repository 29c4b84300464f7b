package io.buildledger.scheduler.demonstrating;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code buildledger demo kill b2}: kills a builder master of the running demo while it builds. */
@Command(
        name = "kill",
        description =
                "Kill a builder master of the running demo (kill -9, with its builds) while it builds",
        mixinStandardHelpOptions = true)
final class DemoKillCommand implements Callable<Integer> {

    private static final Duration BUILDS_WITHIN = Duration.ofSeconds(30);
    private static final Duration BETWEEN_COMMITS = Duration.ofSeconds(8);

    private static final String HELD =
            """
            SELECT COUNT(*) FROM claim JOIN master ON master.name = claim.master AND master.epoch = claim.epoch
             WHERE master.name = ?
            """;

    @Parameters(paramLabel = "MASTER", description = "b1 or b2")
    String master = "";

    @Option(
            names = "--master",
            paramLabel = "URL",
            defaultValue = "${env:BUILDLEDGER_MASTER}",
            description = "which of several demos, by its pages (BUILDLEDGER_MASTER)")
    @Nullable String web;

    @Override
    public Integer call() {
        try {
            kill();
            return 0;
        } catch (DemoFailedException e) {
            System.err.println(e.getMessage());
            return 1;
        }
    }

    private void kill() {
        if (!DemoCommand.BUILDERS.contains(master)) {
            throw new DemoFailedException(
                    "the demo has no builder master '%s'; it has %s"
                            .formatted(master, String.join(" and ", DemoCommand.BUILDERS)));
        }
        DemoDirectory demo = demo();
        ProcessHandle process =
                demo.process(master)
                        .filter(ProcessHandle::isAlive)
                        .orElseThrow(() ->
                                new DemoFailedException(
                                        master
                                                + " is dead already; the demo starts it again in a while"));
        awaitBuild(demo);
        // A machine that dies takes its builds along: the master first, so that it can't report how
        // they ended.
        List<ProcessHandle> builds = process.descendants().toList();
        process.destroyForcibly();
        builds.forEach(ProcessHandle::destroyForcibly);
        System.out.printf("killed %s (process %d)%n", master, process.pid());
        if (DemoCommand.BUILDERS.stream()
                .filter(name -> !name.equals(master))
                .noneMatch(name -> demo.process(name).filter(ProcessHandle::isAlive).isPresent())) {
            System.out.printf(
                    "no builder master is left; the demo starts it again in %d s%n",
                    DemoWatch.BACK_AFTER.toSeconds());
        }
    }

    private DemoDirectory demo() {
        Map<String, DemoDirectory> running = new LinkedHashMap<>();
        DemoDirectory.running().forEach(demo -> running.put(demo.state().web(), demo));
        return Objects.requireNonNull(running.get(choose(running.keySet(), web)));
    }

    /**
     * Which demo is meant.
     *
     * @param running the addresses of the pages of those that run
     * @param wanted an address that was asked for, or null for the one that all other commands ask,
     *     or else the only one
     */
    static String choose(Collection<String> running, @Nullable String wanted) {
        if (running.isEmpty()) {
            throw new DemoFailedException(
                    "no demo of yours is running: start one with bin/buildledger demo");
        }
        String addresses = String.join(", ", running);
        if (wanted != null) {
            return running.stream()
                    .filter(wanted.replaceFirst("/$", "")::equals)
                    .findFirst()
                    .orElseThrow(() ->
                            new DemoFailedException(
                                    "no demo of yours has its pages at %s; running are %s"
                                            .formatted(wanted, addresses)));
        }
        if (running.contains(DemoCommand.DEFAULT_WEB)) {
            return DemoCommand.DEFAULT_WEB;
        }
        if (running.size() > 1) {
            throw new DemoFailedException(
                    "several demos of yours are running: name one with --master or BUILDLEDGER_MASTER, of "
                            + addresses);
        }
        return running.iterator().next();
    }

    /** Gives the masters work until the one to be killed has some. */
    private void awaitBuild(DemoDirectory demo) {
        DemoDirectory.State state = demo.state();
        long deadline = System.nanoTime() + BUILDS_WITHIN.toNanos();
        long nextCommit = System.nanoTime();
        try (Connection connection =
                        DriverManager.getConnection(
                                state.database().url(),
                                state.database().user(),
                                state.database().password());
                PreparedStatement held = connection.prepareStatement(HELD)) {
            held.setString(1, master);
            while (!holdsClaim(held)) {
                if (state.repository() != null && System.nanoTime() >= nextCommit) {
                    System.out.println(
                            "committing something, so that "
                                    + master
                                    + " has something to build ...");
                    new DemoRepository(Path.of(state.repository()))
                            .commit("Give " + master + " something to build");
                    nextCommit = System.nanoTime() + BETWEEN_COMMITS.toNanos();
                }
                if (System.nanoTime() > deadline) {
                    System.out.println(
                            master + " builds nothing at the moment; it is killed all the same");
                    return;
                }
                Thread.sleep(50);
            }
            // A moment into the build, not at its first instant.
            Thread.sleep(500);
        } catch (SQLException e) {
            throw new DemoFailedException(
                    "the demo's database does not answer: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DemoFailedException("interrupted", e);
        }
    }

    private static boolean holdsClaim(PreparedStatement held) throws SQLException {
        try (ResultSet row = held.executeQuery()) {
            return row.next() && row.getLong(1) > 0;
        }
    }
}
