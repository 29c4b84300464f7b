package io.buildledger.scheduler.commandline;

import io.buildledger.database.Database;
import io.buildledger.database.ReadingConnection;
import io.buildledger.log.Streams;
import io.buildledger.log.WholeLog;
import io.buildledger.replaying.ReplayProgress;
import io.buildledger.replaying.Snapshots;
import io.buildledger.replaying.StateDifference;
import io.buildledger.replaying.StateMending;
import io.buildledger.replaying.StateMending.Mended;
import io.buildledger.replaying.StateTable;
import io.buildledger.replaying.ViewRebuild;
import io.buildledger.showing.Printable;
import io.buildledger.starting.MasterProcess;
import io.buildledger.verifying.Check;
import io.buildledger.verifying.Verdict;
import io.buildledger.verifying.Verdict.Involved;
import io.buildledger.verifying.Verdict.Violation;
import io.buildledger.verifying.Verification;
import io.buildledger.viewing.ViewTable;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "replay",
        description = {
            "Make what stands beside the log anew, from the log alone, while masters go on.",
            "The views are made anew beside those that people look at, and take their place all at once; the rows by which masters work are mended one by one where they are not what the log makes of them."
        })
final class ReplayCommand extends DatabaseCommand {

    private static final String SNAPSHOTS = "snapshots";

    static final String NAMES =
            "changes, buildsets, source-stamps, requests, builds, artifacts, actions, change-buildsets (the views); queue, claims, progress, workers, locks, tickets, schedulers, numbers, commands (what masters work by); snapshots";

    /**
     * The answer of a check, for programs.
     *
     * @param inAll how many there are, also those beyond what {@code differences} names
     */
    record Differences(long events, long inAll, List<Violation> differences) {}

    /** The answer of a replay, for programs. */
    record Replayed(List<String> views, List<String> mended) {}

    @Parameters(
            paramLabel = "NAME",
            arity = "0..*",
            description = "what to make anew (all): " + NAMES)
    private List<String> names = List.of();

    @Option(
            names = "--scheduler",
            paramLabel = "NAME",
            description = "only what is kept of this scheduler")
    private @Nullable String scheduler;

    @Option(
            names = "--check",
            description = "change nothing, and print each row that is not what the log makes of it")
    private boolean check;

    @Option(
            names = "--from-snapshot",
            description = {
                "begin at the newest state that is kept, which is believed, instead of at the first event: sooner.",
                "It is about what masters work by alone."
            })
    private boolean fromSnapshot;

    @Override
    boolean run(Database database) throws InterruptedException {
        requireKnown();
        if (scheduler != null) {
            requireScheduler(database, scheduler);
        }
        ShownProgress progress = new ShownProgress(this::warn);
        if (fromSnapshot) {
            return fromSnapshot(database, progress);
        }
        if (check && scheduler != null) {
            return print(StateMending.find(database, this::isWanted, progress));
        }
        return check ? check(database) : replay(database, progress);
    }

    private void requireKnown() {
        Set<String> known =
                Stream.of(
                                Arrays.stream(ViewTable.values()).map(ReplayCommand::nameOf),
                                Arrays.stream(StateTable.values()).map(StateTable::label),
                                Stream.of(SNAPSHOTS))
                        .flatMap(it -> it)
                        .collect(Collectors.toCollection(TreeSet::new));
        for (String name : names) {
            if (!known.contains(name)) {
                throw misuse(
                        "there is no '%s' to be made anew: it is one of %s".formatted(name, NAMES));
            }
        }
        if (scheduler != null && !names.isEmpty()) {
            throw misuse("--scheduler goes without NAME: it is about one scheduler alone");
        }
        if (fromSnapshot && !names.isEmpty() && (!views().isEmpty() || isWanted(SNAPSHOTS))) {
            throw misuse(
                    "--from-snapshot is about what masters work by: views and snapshots are made anew from the first event on");
        }
    }

    private static void requireScheduler(Database database, String name) {
        try (ReadingConnection connection = database.openToRead()) {
            if (new WholeLog(connection).find(Streams.scheduler(name), 0).isEmpty()) {
                throw new NoAnswerException(
                        "--scheduler: the log tells of no scheduler '%s': name one as its file does or did"
                                .formatted(name));
            }
        }
    }

    private static String nameOf(ViewTable view) {
        return view.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private boolean isWanted(String name) {
        return scheduler == null && (names.isEmpty() || names.contains(name));
    }

    private Set<ViewTable> views() {
        return Arrays.stream(ViewTable.values())
                .filter(view -> isWanted(nameOf(view)))
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(ViewTable.class)));
    }

    private boolean isWanted(StateDifference difference) {
        return scheduler == null
                ? isWanted(difference.table().label())
                : difference.table() == StateTable.SCHEDULERS
                        && difference.key().equals(List.of(scheduler));
    }

    private boolean check(Database database) throws InterruptedException {
        Verdict verdict = Verification.of(database);
        Set<String> tables = tables();
        List<Violation> differences =
                verdict.violations().stream()
                        .filter(it -> it.table() != null && tables.contains(it.table()))
                        .toList();
        long inAll =
                verdict.differences().entrySet().stream()
                        .filter(it -> tables.contains(it.getKey()))
                        .mapToLong(Map.Entry::getValue)
                        .sum();
        return print(verdict.events(), inAll, differences);
    }

    private boolean print(Mended found) {
        List<Violation> differences = found.rows().stream().map(ReplayCommand::violation).toList();
        return print(found.events(), differences.size(), differences);
    }

    /**
     * @param inAll how many there are, of which the first are told
     */
    private boolean print(long events, long inAll, List<Violation> differences) {
        if (json()) {
            printAsJson(new Differences(events, inAll, differences));
        } else {
            differences.forEach(this::print);
            if (inAll > differences.size()) {
                out().println("and %,d more".formatted(inAll - differences.size()));
            }
            out().println("%,d differences, after %,d events".formatted(inAll, events));
        }
        return inAll == 0;
    }

    private Set<String> tables() {
        Set<String> tables = new TreeSet<>();
        views().forEach(view -> tables.add(view.tableName()));
        for (StateTable table : StateTable.values()) {
            if (isWanted(table.label())) {
                tables.add(table.tableName());
            }
        }
        if (isWanted(SNAPSHOTS)) {
            tables.add(Snapshots.TABLE);
        }
        return tables;
    }

    private void print(Violation difference) {
        out().println(
                        Printable.of(
                                difference.what()
                                        + difference.events().stream()
                                                .map(Involved::event)
                                                .collect(
                                                        Collectors.joining(
                                                                ", ",
                                                                difference.events().isEmpty()
                                                                        ? ""
                                                                        : " (",
                                                                difference.events().isEmpty()
                                                                        ? ""
                                                                        : ")"))));
    }

    private boolean fromSnapshot(Database database, ReplayProgress progress)
            throws InterruptedException {
        Mended found = StateMending.fromSnapshot(database, this::isWanted, !check, progress);
        return check ? print(found) : print(List.of(), found);
    }

    private static Violation violation(StateDifference row) {
        return new Violation(
                Check.of(row.table()).label(), row.table().tableName(), row.what(), List.of());
    }

    private boolean replay(Database database, ReplayProgress progress) throws InterruptedException {
        Set<ViewTable> views = views();
        if (!views.isEmpty()) {
            ViewRebuild.of(database, views, MasterProcess.localHost(), progress);
        }
        List<String> anew = views.stream().map(ReplayCommand::nameOf).toList();
        return print(
                anew,
                views.isEmpty() || names.isEmpty() || names.size() > views.size()
                        ? StateMending.of(database, this::isWanted, isWanted(SNAPSHOTS), progress)
                        : new Mended(List.of(), List.of(), 0));
    }

    private boolean print(List<String> anew, Mended found) {
        List<String> mended =
                Stream.concat(
                                found.rows().stream().map(StateDifference::what),
                                found.snapshots().stream())
                        .toList();
        if (json()) {
            printAsJson(new Replayed(anew, mended));
        } else {
            if (!anew.isEmpty()) {
                out().println("made anew: " + String.join(", ", anew));
            }
            mended.forEach(what -> out().println(Printable.of("mended: " + what)));
            if (anew.isEmpty() && mended.isEmpty()) {
                out().println("nothing to mend: all of it is what the log makes of it");
            }
        }
        return true;
    }
}
