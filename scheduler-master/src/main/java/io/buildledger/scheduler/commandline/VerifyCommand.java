package io.buildledger.scheduler.commandline;

import io.buildledger.database.Database;
import io.buildledger.showing.Printable;
import io.buildledger.verifying.Verdict;
import io.buildledger.verifying.Verdict.Checked;
import io.buildledger.verifying.Verdict.Involved;
import io.buildledger.verifying.Verdict.Violation;
import io.buildledger.verifying.Verification;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;

@Command(
        name = "verify",
        description = "Prove from the events alone that the cluster has kept its promises.")
final class VerifyCommand extends DatabaseCommand {

    private static final DateTimeFormatter RECORDED =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS");

    @Override
    boolean run(Database database) throws InterruptedException {
        Instant begun = Instant.now();
        Verdict verdict = Verification.of(database);
        if (json()) {
            print(Master.JSON.valueToTree(verdict));
        } else {
            print(verdict, Duration.between(begun, Instant.now()));
        }
        return verdict.violationsInAll() == 0;
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
}
