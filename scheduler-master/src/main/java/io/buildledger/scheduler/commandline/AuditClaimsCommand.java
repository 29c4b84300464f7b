package io.buildledger.scheduler.commandline;

import io.buildledger.auditing.ClaimAudit;
import io.buildledger.auditing.Claimed;
import io.buildledger.auditing.Sheet;
import io.buildledger.database.Database;
import io.buildledger.database.ReadingConnection;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamWriteFeature;

@Command(
        name = "claims",
        description =
                "Tell all claims of a master in their order, also those that were lost or handed back.")
final class AuditClaimsCommand extends DatabaseCommand {

    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);

    private static final List<String> COLUMNS =
            List.of(
                    "requestId",
                    "builder",
                    "buildNumber",
                    "master",
                    "epoch",
                    "attempt",
                    "worker",
                    "fingerprint",
                    "claimedAt",
                    "startedAt",
                    "endedAt",
                    "endedAs",
                    "results",
                    "summary",
                    "endedByMaster",
                    "endedByEpoch",
                    "endedByActor",
                    "claimEvent",
                    "endEvent");

    @Option(
            names = "--by",
            paramLabel = "MASTER",
            required = true,
            description = "the name of the master")
    private String master = "";

    @Mixin private TimeOptions times = new TimeOptions();

    @Option(names = "--csv", description = "print a row of a sheet for each, with a header")
    private boolean csv;

    @Override
    boolean run(Database database) {
        if (csv && json()) {
            throw misuse("--csv, --json: it is one of them");
        }
        Instant since = times.since();
        Instant until = times.until();
        try (ReadingConnection connection = database.openToRead()) {
            ClaimAudit claims = new ClaimAudit(connection.jdbc());
            if (csv) {
                try (Sheet sheet = new Sheet(out(), COLUMNS)) {
                    claims.read(
                            master, since, until, page -> page.forEach(it -> sheet.row(cells(it))));
                }
            } else if (json()) {
                printJson(claims, since, until);
            } else {
                printTable(claims, since, until);
            }
        }
        return true;
    }

    private void printJson(ClaimAudit claims, @Nullable Instant since, @Nullable Instant until) {
        try (JsonGenerator json =
                Master.JSON
                        .writer()
                        .without(StreamWriteFeature.AUTO_CLOSE_TARGET)
                        .createGenerator(out())) {
            json.writeStartObject();
            json.writeStringProperty("master", master);
            json.writeArrayPropertyStart("claims");
            claims.read(master, since, until, page -> page.forEach(json::writePOJO));
            json.writeEndArray();
            json.writeEndObject();
        }
        out().println();
    }

    /** A table for each thousand, so that many of them take little memory. */
    private void printTable(ClaimAudit claims, @Nullable Instant since, @Nullable Instant until) {
        boolean[] isAny = new boolean[1];
        claims.read(
                master,
                since,
                until,
                page -> {
                    isAny[0] = true;
                    table(page).lines(Integer.MAX_VALUE).forEach(out()::println);
                    out().flush();
                });
        if (!isAny[0]) {
            out().println("%s has made no claim in that time".formatted(master));
        }
    }

    private static Table table(List<Claimed> claims) {
        Table table =
                new Table(
                        10,
                        "CLAIMED (UTC)",
                        "BUILD",
                        "REQUEST",
                        "ATTEMPT",
                        "EPOCH",
                        "WORKER",
                        "FACTORY",
                        "ENDED (UTC)",
                        "AS",
                        "RESULT",
                        "BY",
                        "ACTOR");
        for (Claimed claim : claims) {
            table.row(
                    SECONDS.format(claim.claimedAt()),
                    claim.builder() + "/" + claim.buildNumber(),
                    String.valueOf(claim.requestId()),
                    String.valueOf(claim.attempt()),
                    String.valueOf(claim.epoch()),
                    claim.worker(),
                    orDash(claim.fingerprint()),
                    claim.endedAt() == null ? "-" : SECONDS.format(claim.endedAt()),
                    orDash(claim.endedAs()),
                    orDash(claim.results()),
                    claim.endedByMaster() == null
                            ? "-"
                            : "%s#%d".formatted(claim.endedByMaster(), claim.endedByEpoch()),
                    orDash(claim.endedByActor()));
        }
        return table;
    }

    private static String orDash(@Nullable String text) {
        return text == null ? "-" : text;
    }

    private static @Nullable Object[] cells(Claimed claim) {
        return new @Nullable Object[] {
            claim.requestId(),
            claim.builder(),
            claim.buildNumber(),
            claim.master(),
            claim.epoch(),
            claim.attempt(),
            claim.worker(),
            claim.fingerprint(),
            claim.claimedAt(),
            claim.startedAt(),
            claim.endedAt(),
            claim.endedAs(),
            claim.results(),
            claim.summary(),
            claim.endedByMaster(),
            claim.endedByEpoch(),
            claim.endedByActor(),
            claim.claimEvent(),
            claim.endEvent()
        };
    }
}
