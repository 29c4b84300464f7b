package io.buildledger.scheduler.commandline;

import io.buildledger.database.Database;
import io.buildledger.database.ReadingConnection;
import io.buildledger.replaying.ClusterAt;
import io.buildledger.replaying.ClusterAt.BuilderThen;
import io.buildledger.replaying.ClusterAt.ClaimThen;
import io.buildledger.replaying.ClusterAt.MasterThen;
import io.buildledger.replaying.ClusterAt.SchedulerThen;
import io.buildledger.replaying.ClusterAt.WaitingThen;
import io.buildledger.replaying.ClusterAt.WorkerThen;
import io.buildledger.replaying.PastStates;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "state",
        description =
                "Tell from the events what was so at a moment: what schedulers waited for, what was queued, who held which claim.")
final class StateCommand extends DatabaseCommand {

    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");

    /** Requests that are shown one by one, where not all are asked for. */
    private static final int SHOWN = 20;

    static final class Moment {

        @Option(
                names = "--at",
                paramLabel = "TIME",
                required = true,
                description = GivenTime.DESCRIPTION)
        @Nullable String at;

        @Option(
                names = "--at-event",
                paramLabel = "N",
                required = true,
                description = "the number of an event in the whole log")
        @Nullable Long event;
    }

    static final class Part {

        @Option(names = "--scheduler", paramLabel = "NAME", description = "this scheduler alone")
        @Nullable String scheduler;

        @Option(names = "--queue", description = "what was queued, all of it")
        boolean queue;

        @Option(names = "--masters", description = "the masters alone")
        boolean masters;

        @Option(names = "--workers", description = "the workers alone")
        boolean workers;

        @Option(names = "--builder", paramLabel = "NAME", description = "this builder alone")
        @Nullable String builder;
    }

    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init") // picocli's
    private Moment moment;

    @ArgGroup private @Nullable Part part;

    @Override
    boolean run(Database database) throws InterruptedException {
        database.openToRead().close();
        ClusterAt cluster;
        try (ReadingConnection connection = database.connectToRead()) {
            PastStates states = new PastStates(connection);
            cluster =
                    ClusterAt.of(
                            moment.event == null
                                    ? states.at(time(String.valueOf(moment.at)))
                                    : states.atEvent(moment.event));
        }
        ClusterAt wanted = part == null ? cluster : wanted(cluster, part);
        if (json()) {
            printAsJson(wanted);
        } else {
            print(wanted, part == null);
        }
        return true;
    }

    private Instant time(String text) {
        try {
            return GivenTime.here().read("--at", text);
        } catch (IllegalArgumentException e) {
            throw misuse(String.valueOf(e.getMessage()));
        }
    }

    private ClusterAt wanted(ClusterAt cluster, Part part) {
        String scheduler = part.scheduler;
        if (scheduler != null) {
            return cluster.ofScheduler(scheduler)
                    .orElseThrow(() -> unknown("scheduler", scheduler));
        }
        String builder = part.builder;
        if (builder != null) {
            return cluster.ofBuilder(builder).orElseThrow(() -> unknown("builder", builder));
        }
        return part.queue
                ? cluster.ofQueue()
                : part.masters ? cluster.ofMasters() : cluster.ofWorkers();
    }

    private static NoAnswerException unknown(String kind, String name) {
        return new NoAnswerException("there was no %s '%s' then".formatted(kind, name));
    }

    private void print(ClusterAt cluster, boolean isAll) {
        out().println(headline(cluster));
        if (cluster.notUnderstood() > 0) {
            warn(
                    "%,d streams have events of a newer program, or that can't have happened, which don't count; 'verify' tells more"
                            .formatted(cluster.notUnderstood()));
        }
        print(cluster.schedulers(), StateCommand::schedulers);
        print(cluster.builders(), StateCommand::builders);
        List<WaitingThen> queue = cluster.queue();
        print(isAll ? queue.subList(0, Math.min(SHOWN, queue.size())) : queue, StateCommand::queue);
        if (isAll && queue.size() > SHOWN) {
            out().println("and %,d more; --queue shows all".formatted(queue.size() - SHOWN));
        }
        print(cluster.claims(), StateCommand::claims);
        print(cluster.masters(), StateCommand::masters);
        print(cluster.workers(), StateCommand::workers);
    }

    private static String headline(ClusterAt cluster) {
        return cluster.at() == null
                ? "before the first event"
                : "after event %d, recorded %s".formatted(cluster.event(), told(cluster.at()));
    }

    private <T> void print(List<T> items, Function<List<T>, Table> table) {
        if (!items.isEmpty()) {
            out().println();
            table.apply(items).lines(Terminal.columns()).forEach(out()::println);
        }
    }

    private static Table schedulers(List<SchedulerThen> schedulers) {
        Table table =
                new Table(
                        3,
                        "SCHEDULER",
                        "TYPE",
                        "STATE",
                        "PENDING CHANGES",
                        "FIRES",
                        "FIRINGS",
                        "MASTER");
        for (SchedulerThen scheduler : schedulers) {
            table.row(
                    scheduler.name(),
                    orDash(scheduler.type()),
                    scheduler.renamedTo() != null
                            ? "now " + scheduler.renamedTo()
                            : scheduler.enabled() ? "enabled" : "disabled",
                    scheduler.pending().isEmpty()
                            ? "-"
                            : scheduler.pending().stream()
                                    .map(String::valueOf)
                                    .collect(Collectors.joining(", ")),
                    scheduler.timers().isEmpty() ? "-" : told(scheduler.timers().getFirst()),
                    String.valueOf(scheduler.firings()),
                    orDash(scheduler.master()));
        }
        return table;
    }

    private static Table builders(List<BuilderThen> builders) {
        Table table =
                new Table(0, "BUILDER", "WAITING", "OLDEST", "BUILDING", "LAST BUILD", "RESULT");
        for (BuilderThen builder : builders) {
            table.row(
                    builder.name(),
                    String.valueOf(builder.waiting()),
                    told(builder.oldest()),
                    String.valueOf(builder.building()),
                    builder.lastBuild() == null ? "-" : builder.lastBuild().toString(),
                    orDash(builder.lastResults()));
        }
        return table;
    }

    private static Table queue(List<WaitingThen> queue) {
        Table table =
                new Table(
                        0,
                        "QUEUED FOR",
                        "REQUEST",
                        "BUILDSET",
                        "PRIORITY",
                        "SUBMITTED",
                        "ON OFFER SINCE",
                        "ATTEMPTS");
        for (WaitingThen waiting : queue) {
            table.row(
                    waiting.builder(),
                    String.valueOf(waiting.request()),
                    String.valueOf(waiting.buildset()),
                    String.valueOf(waiting.priority()),
                    told(waiting.submittedAt()),
                    told(waiting.waitingSince()),
                    String.valueOf(waiting.attempts()));
        }
        return table;
    }

    private static Table claims(List<ClaimThen> claims) {
        Table table =
                new Table(
                        0, "BUILD", "REQUEST", "ATTEMPT", "HELD BY", "WORKER", "STATE", "SINCE",
                        "STEP");
        for (ClaimThen claim : claims) {
            table.row(
                    claim.builder() + "/" + claim.buildNumber(),
                    String.valueOf(claim.request()),
                    String.valueOf(claim.attempt()),
                    claim.master() + "#" + claim.epoch(),
                    claim.worker(),
                    claim.state(),
                    told(claim.since()),
                    orDash(claim.step()));
        }
        return table;
    }

    private static Table masters(List<MasterThen> masters) {
        Table table = new Table(4, "MASTER", "EPOCH", "ROLE", "STATE", "HOST", "SINCE");
        for (MasterThen master : masters) {
            table.row(
                    master.name(),
                    String.valueOf(master.epoch()),
                    master.role(),
                    master.state(),
                    master.host(),
                    told(master.since()));
        }
        return table;
    }

    private static Table workers(List<WorkerThen> workers) {
        Table table = new Table(0, "WORKER", "STATE", "MASTER", "SINCE", "BUILDS", "NOTE");
        for (WorkerThen worker : workers) {
            table.row(
                    worker.name(),
                    worker.state(),
                    orDash(worker.master()),
                    told(worker.since()),
                    worker.builds().isEmpty() ? "-" : String.join(", ", worker.builds()),
                    worker.note().isEmpty() ? "-" : worker.note());
        }
        return table;
    }

    private static String told(@Nullable Instant at) {
        return at == null ? "-" : SECONDS.format(at.atZone(ZoneId.systemDefault()));
    }

    private static String orDash(@Nullable String text) {
        return text == null ? "-" : text;
    }
}
