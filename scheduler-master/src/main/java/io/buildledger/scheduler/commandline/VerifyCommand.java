package io.buildledger.scheduler.commandline;

import io.buildledger.configuring.InvalidConfigurationException;
import io.buildledger.database.DatabaseTrouble;
import io.buildledger.database.UnusableDatabaseException;
import io.buildledger.showing.Printable;
import io.buildledger.verifying.Verdict;
import io.buildledger.verifying.Verdict.Checked;
import io.buildledger.verifying.Verdict.Involved;
import io.buildledger.verifying.Verdict.Violation;
import io.buildledger.verifying.Verification;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.springframework.dao.DataAccessException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = "Prove from the events alone that the cluster has kept its promises.")
final class VerifyCommand implements Callable<Integer> {

    private static final DateTimeFormatter RECORDED =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS");

    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init") // picocli's
    private DatabaseOptions options;

    @Option(names = "--json", description = "print the verdict as one JSON object")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli's
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        try {
            Instant begun = Instant.now();
            Verdict verdict = Verification.of(options.database());
            if (json) {
                out().println(Master.JSON.writeValueAsString(verdict));
            } else {
                print(verdict, Duration.between(begun, Instant.now()));
            }
            out().flush();
            return verdict.violationsInAll() == 0 ? 0 : 1;
        } catch (InvalidConfigurationException e) {
            e.problems().forEach(this::warn);
        } catch (UnusableDatabaseException | NoAnswerException e) {
            warn(String.valueOf(e.getMessage()));
        } catch (DataAccessException e) {
            warn(
                    "the database could not be read to the end: %s: see to it, then run this again"
                            .formatted(DatabaseTrouble.reason(e)));
        } catch (OutOfMemoryError e) {
            warn(
                    "there is not enough memory for what is open in the log: give it more, as with JAVA_TOOL_OPTIONS=-Xmx4g");
        }
        return 1;
    }

    private void print(Verdict verdict, Duration took) {
        out().println(
                        "%,d events up to index %d, as of %s, in %s s"
                                .formatted(
                                        verdict.events(),
                                        verdict.head(),
                                        RECORDED.format(
                                                verdict.asOf().atZone(ZoneId.systemDefault())),
                                        "%.1f".formatted(took.toMillis() / 1000.0)));
        Table table = new Table(4, "CHECK", "LOOKED AT", "", "VIOLATIONS", "WHAT MUST HOLD");
        for (Checked check : verdict.checks()) {
            table.row(
                    check.check(),
                    String.format(Locale.ROOT, "%,d", check.lookedAt()),
                    check.unit(),
                    String.format(Locale.ROOT, "%,d", check.violations()),
                    check.statement());
        }
        table.lines(Terminal.columns()).forEach(out()::println);
        printRemarks(verdict);
        verdict.checks().forEach(check -> printViolations(check, verdict.violations()));
    }

    private void printRemarks(Verdict verdict) {
        if (verdict.viewsBehind() > 0) {
            out().println(
                            "the views are %,d events behind; they were checked as far as they are"
                                    .formatted(verdict.viewsBehind()));
        }
        if (verdict.lateSteps() > 0) {
            out().println(
                            "%,d events of steps came after the claim had been taken from their master, as they may"
                                    .formatted(verdict.lateSteps()));
        }
        if (verdict.droppedBuilds() > 0) {
            out().println(
                            "%,d builds were stopped and thrown away by masters whose claim was over"
                                    .formatted(verdict.droppedBuilds()));
        }
        verdict.unknownEvents()
                .forEach((type, count) ->
                        out().println(
                                        Printable.of(
                                                "%,d events '%s' are of a newer program, and were not judged"
                                                        .formatted(count, type))));
    }

    private void printViolations(Checked check, List<Violation> all) {
        List<Violation> violations =
                all.stream().filter(violation -> violation.check().equals(check.check())).toList();
        if (violations.isEmpty()) {
            return;
        }
        out().println();
        out().println("VIOLATED: " + check.statement());
        for (Violation violation : violations) {
            out().println("  " + Printable.of(violation.what()));
            violation.events().forEach(this::print);
        }
        if (check.violations() > violations.size()) {
            out().println("  and %,d more".formatted(check.violations() - violations.size()));
        }
    }

    private void print(Involved event) {
        String by = event.master() == null ? "" : " by " + event.master() + "#" + event.epoch();
        out().println(
                        Printable.of(
                                "      %s  %s%s"
                                        .formatted(
                                                RECORDED.format(
                                                        event.at().atZone(ZoneId.systemDefault())),
                                                event.event(),
                                                by)));
    }

    private void warn(String message) {
        spec.commandLine().getErr().println(Printable.of(message));
        spec.commandLine().getErr().flush();
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
