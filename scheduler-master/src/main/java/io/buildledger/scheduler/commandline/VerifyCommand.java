package io.buildledger.scheduler.commandline;

import io.buildledger.database.Database;
import io.buildledger.sealing.ChainVerdict;
import io.buildledger.sealing.ChainVerification;
import io.buildledger.sealing.Checkpoint;
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
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "verify",
        description = "Prove from the events alone that the cluster has kept its promises.")
final class VerifyCommand extends DatabaseCommand {

    private static final DateTimeFormatter RECORDED =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS");

    @Option(
            names = "--chain",
            description = "only that the log is what was sealed, which is sooner known")
    private boolean chain;

    @Option(
            names = "--since",
            paramLabel = "CHECKPOINT",
            description =
                    "with --chain: that the log still goes through this, which 'checkpoint' has printed; the line itself, or a file with one or more of them")
    private @Nullable String since;

    @Option(
            names = "--newer-only",
            description =
                    "with --since: leave unread what was sealed before the newest of those checkpoints")
    private boolean newerOnly;

    @Override
    boolean run(Database database) throws InterruptedException {
        if (since != null && !chain) {
            throw misuse("--since goes with --chain");
        }
        if (newerOnly && since == null) {
            throw misuse("--newer-only goes with --since");
        }
        return chain ? checkChain(database) : checkAll(database);
    }

    private boolean checkChain(Database database) {
        List<Checkpoint> checkpoints = since == null ? List.of() : CheckpointFile.read(since);
        Instant begun = Instant.now();
        ChainVerdict verdict =
                ChainVerification.of(
                        database, checkpoints, newerOnly, new ShownProgress(this::warn));
        if (json()) {
            printAsJson(verdict);
        } else {
            print(verdict, checkpoints.size(), Duration.between(begun, Instant.now()));
        }
        return verdict.violationsInAll() == 0;
    }

    private void print(ChainVerdict verdict, int checkpoints, Duration took) {
        out().println(
                        "%,d events up to index %d held against %,d blocks, in %s s"
                                .formatted(
                                        verdict.events(),
                                        verdict.sealedUpTo(),
                                        verdict.blocks(),
                                        seconds(took)));
        if (checkpoints > 0) {
            out().println(
                            "the chain goes through %d of %d checkpoint%s"
                                    .formatted(
                                            verdict.checkpoints(),
                                            checkpoints,
                                            checkpoints == 1 ? "" : "s"));
        }
        Instant unsealedSince = verdict.unsealedSince();
        if (unsealedSince != null) {
            out().println(
                            "%,d events are not sealed yet, the first of which was recorded at %s"
                                    .formatted(
                                            verdict.unsealed(),
                                            RECORDED.format(
                                                    unsealedSince.atZone(ZoneId.systemDefault()))));
        }
        verdict.violations().forEach(it -> out().println("VIOLATED: " + Printable.of(it.what())));
        if (verdict.violationsInAll() > verdict.violations().size()) {
            out().println(
                            "and %,d more"
                                    .formatted(
                                            verdict.violationsInAll()
                                                    - verdict.violations().size()));
        }
        Checkpoint checkpoint = verdict.checkpoint();
        if (checkpoint != null) {
            out().println("checkpoint " + checkpoint.text());
        }
    }

    private static String seconds(Duration took) {
        return "%.1f".formatted(took.toMillis() / 1000.0);
    }

    private boolean checkAll(Database database) throws InterruptedException {
        Instant begun = Instant.now();
        Verdict verdict = Verification.of(database);
        if (json()) {
            printAsJson(verdict);
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
                                        seconds(took)));
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
        if (verdict.unsealed() > 0) {
            out().println(
                            "%,d events are not sealed yet; the chain was checked as far as it is"
                                    .formatted(verdict.unsealed()));
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
