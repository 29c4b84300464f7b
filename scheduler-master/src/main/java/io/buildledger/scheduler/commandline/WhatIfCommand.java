package io.buildledger.scheduler.commandline;

import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.database.Database;
import io.buildledger.scheduler.supposing.Answer;
import io.buildledger.scheduler.supposing.Answer.OfBuilder;
import io.buildledger.scheduler.supposing.Answer.OfScheduler;
import io.buildledger.scheduler.supposing.Answer.OfWorker;
import io.buildledger.scheduler.supposing.Answer.Sum;
import io.buildledger.scheduler.supposing.Answer.Supposed;
import io.buildledger.scheduler.supposing.Answer.Unmade;
import io.buildledger.scheduler.supposing.Answer.Waits;
import io.buildledger.scheduler.supposing.Spans;
import io.buildledger.scheduler.supposing.UnanswerableException;
import io.buildledger.scheduler.supposing.WhatIf;
import io.buildledger.scheduler.supposing.WhatIf.NothingRecordedException;
import io.buildledger.scheduler.supposing.WhatIf.Question;
import io.buildledger.scheduler.supposing.WrittenQuestion;
import io.buildledger.showing.Printable;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "what-if",
        description =
                "Tell what a configuration would have made of the changes and the time that the log has recorded.")
final class WhatIfCommand extends MasterlessCommand {

    private static final Pattern WORKERS = Pattern.compile("(.+)=([0-9]{1,6})");
    private static final String OPTION = "--";

    @Option(
            names = "--config",
            paramLabel = "FILE",
            required = true,
            description = "the configuration; it names the database as well, unless --db-url does")
    private Path config = Path.of("");

    @ArgGroup(exclusive = false)
    private DatabaseOptions.@Nullable Named named;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            required = true,
            description =
                    "how long the time is that is looked at, as 30d, counted from its end; or when it begins, as 2026-10-01T03:12:00Z, or '2026-10-01 03:12' in this machine's zone")
    private String since = "";

    @Option(
            names = "--until",
            paramLabel = "TIME",
            description = "when it ends, in the same way (the log's last event)")
    private @Nullable String until;

    @Option(
            names = "--workers",
            paramLabel = "NAME=COUNT",
            description =
                    "so many workers in the place of those whose names begin so, or else of the builder of that name; may be given several times")
    private List<String> workers = List.of();

    @Option(names = "--verbose", description = "print each buildset")
    private boolean verbose;

    private @Nullable ConfigurationFile file;

    @Override
    Database database() {
        ConfigurationFile read = ConfigurationFile.read(config);
        file = read;
        return named == null ? read.database() : named.database();
    }

    @Override
    boolean run(Database database) throws InterruptedException {
        ConfigurationFile candidate = file;
        if (candidate == null) {
            throw new IllegalStateException("the file is read first");
        }
        Answer answer = ask(database, candidate);
        if (json()) {
            printAsJson(answer);
        } else {
            print(answer);
        }
        return true;
    }

    private Answer ask(Database database, ConfigurationFile candidate) throws InterruptedException {
        try {
            return WhatIf.of(database, candidate, question());
        } catch (NothingRecordedException e) {
            throw new NoAnswerException(e.told(OPTION));
        } catch (UnanswerableException e) {
            throw misuse(e.told(OPTION));
        }
    }

    private Question question() {
        try {
            return WrittenQuestion.read(
                    since,
                    until,
                    counts(),
                    (field, text) -> GivenTime.here().read(OPTION + field, text));
        } catch (IllegalArgumentException e) {
            throw misuse(String.valueOf(e.getMessage()));
        }
    }

    private Map<String, Integer> counts() {
        Map<String, Integer> counts = new TreeMap<>();
        for (String text : workers) {
            Matcher matcher = WORKERS.matcher(text);
            if (!matcher.matches()) {
                throw misuse(
                        "--workers: '%s' is not NAME=COUNT: write it like linux=12, with a count from 1 to %d"
                                .formatted(text, WrittenQuestion.MOST_WORKERS));
            }
            if (counts.put(matcher.group(1), Integer.parseInt(matcher.group(2))) != null) {
                throw misuse("--workers: '%s' is given twice".formatted(matcher.group(1)));
            }
        }
        return counts;
    }

    private void print(Answer answer) {
        out().println(
                        "from %s to %s, event %d: %s changes"
                                .formatted(
                                        answer.since(),
                                        answer.until(),
                                        answer.lastEvent(),
                                        counted(answer.changes())));
        if (answer.isSame()) {
            out().println("nothing differs: what would have been made is what was made");
        }
        print(schedulers(answer.schedulers()));
        print(builders(answer.builders()));
        print(work(answer));
        print(workers(answer.workers()));
        if (!answer.assumptions().isEmpty()) {
            out().println();
            answer.assumptions().forEach(it -> out().println(Printable.of(it)));
        }
        if (verbose) {
            out().println();
            answer.wouldMake().forEach(it -> out().println(Printable.of(line(it))));
            answer.wouldNotMake().forEach(it -> out().println(Printable.of(line(it))));
        }
    }

    private void print(Table table) {
        out().println();
        table.lines(Terminal.columns()).forEach(out()::println);
    }

    private static Table schedulers(List<OfScheduler> schedulers) {
        Table table =
                new Table(
                        0,
                        "SCHEDULER",
                        "TYPE",
                        "MADE",
                        "WOULD MAKE",
                        "SAME",
                        "OTHER BUILDERS",
                        "NEW",
                        "NOT MADE");
        for (OfScheduler it : schedulers) {
            table.row(
                    it.name(),
                    it.type() == null ? "-" : it.type(),
                    counted(it.made()),
                    counted(it.wouldMake()),
                    counted(it.same()),
                    counted(it.otherBuilders()),
                    counted(it.additional()),
                    counted(it.missing()));
        }
        return table;
    }

    private static Table builders(List<OfBuilder> builders) {
        Table table =
                new Table(
                        0,
                        "BUILDER",
                        "REQUESTS",
                        "WOULD BE",
                        "SAME",
                        "NEW",
                        "NOT MADE",
                        "LEFT OUT",
                        "WORKER HOURS",
                        "WOULD BE",
                        "A BUILD",
                        "WAIT: MEDIAN",
                        "95 %",
                        "LONGEST");
        for (OfBuilder it : builders) {
            Waits waits = it.supposed().waits();
            table.row(
                    it.name(),
                    counted(it.made()),
                    counted(it.wouldMake()),
                    counted(it.same()),
                    counted(it.additional()),
                    counted(it.missing()),
                    counted(it.collapsed() + it.cancelled()),
                    hours(it.recorded().workerMillis()),
                    hours(it.supposed().workerMillis()),
                    Spans.told(it.buildMillis()) + (it.buildsRecorded() == 0 ? " assumed" : ""),
                    told(waits, Waits::median),
                    told(waits, Waits::most),
                    told(waits, Waits::longest));
        }
        return table;
    }

    private static Table work(Answer answer) {
        Table table =
                new Table(
                        0,
                        "ALL BUILDERS",
                        "BUILDS",
                        "WORKER HOURS",
                        "WAIT: MEDIAN",
                        "95 %",
                        "LONGEST",
                        "NOT BEGUN");
        row(table, "as recorded", answer.recorded());
        row(table, "with this file", answer.supposed());
        return table;
    }

    private static void row(Table table, String what, Sum sum) {
        table.row(
                what,
                counted(sum.begun()),
                hours(sum.workerMillis()),
                told(sum.waits(), Waits::median),
                told(sum.waits(), Waits::most),
                told(sum.waits(), Waits::longest),
                counted(sum.unbegun()));
    }

    private static Table workers(List<OfWorker> workers) {
        Table table = new Table(0, "WORKER", "COUNT", "BUILDS", "BUSY HOURS");
        workers.forEach(it ->
                table.row(
                        it.name(),
                        counted(it.count()),
                        counted(it.builds()),
                        hours(it.busyMillis())));
        return table;
    }

    private static String line(Supposed buildset) {
        String recorded = buildset.buildset() == null ? "" : " buildset " + buildset.buildset();
        String mark = buildset.buildset() == null ? "+" : buildset.isSame() ? "=" : "~";
        String more =
                mark.equals("~")
                        ? Stream.of(
                                        builders("new: ", buildset.additionalBuilders()),
                                        builders("not made: ", buildset.missingBuilders()))
                                .flatMap(Optional::stream)
                                .collect(Collectors.joining("; ", " (", ")"))
                        : "";
        return "%s %s %s%s, %s, on %s%s"
                .formatted(
                        mark,
                        buildset.at(),
                        buildset.scheduler(),
                        recorded,
                        changes(buildset.changes()),
                        String.join(" ", buildset.builders()),
                        more);
    }

    private static Optional<String> builders(String what, List<String> builders) {
        return builders.isEmpty()
                ? Optional.empty()
                : Optional.of(what + String.join(" ", builders));
    }

    private static String line(Unmade buildset) {
        return "- %s %s buildset %d, %s, on %s"
                .formatted(
                        buildset.at(),
                        buildset.scheduler(),
                        buildset.buildset(),
                        changes(buildset.changes()),
                        String.join(" ", buildset.builders()));
    }

    private static String changes(List<Long> changes) {
        return changes.isEmpty()
                ? "no changes"
                : (changes.size() == 1 ? "change " : "changes ")
                        + changes.stream().map(String::valueOf).collect(Collectors.joining(" "));
    }

    private static String told(@Nullable Waits waits, Function<Waits, Long> of) {
        return waits == null ? "-" : Spans.told(of.apply(waits));
    }

    private static String hours(long millis) {
        return String.format(Locale.ROOT, "%,.1f", millis / 3_600_000.0);
    }

    private static String counted(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }
}
