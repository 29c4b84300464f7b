package io.buildledger.scheduler.commandline;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.auditing.Audit;
import io.buildledger.auditing.Audit.AuditEntry;
import io.buildledger.auditing.Audits;
import io.buildledger.auditing.Period;
import io.buildledger.auditing.Subject;
import io.buildledger.database.Database;
import io.buildledger.log.EventLog;
import io.buildledger.showing.Printable;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(
        name = "audit",
        description = {
            "Tell from the events who did what, by a master or by the database itself.",
            "Of a request and a build the whole story is told, of all else the newest part."
        },
        subcommands = {AuditClaimsCommand.class, AuditExportCommand.class})
final class AuditCommand extends ClientCommand {

    private static final DateTimeFormatter RECORDED =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS").withZone(ZoneOffset.UTC);

    /** Nothing is followed here. */
    private static final Duration NEVER = Duration.ofHours(1);

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "KIND",
            description = "request, change, build, scheduler, builder, master, worker or user")
    private @Nullable String kind;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "NAME",
            description =
                    "a number, BUILDER/NUMBER of a build, or a name; of a local worker MASTER/WORKER; behind -- where it looks like an option or a command")
    private @Nullable String name;

    @Mixin private TimeOptions times = new TimeOptions();

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description = "how many facts of each kind at most (${DEFAULT-VALUE})")
    private int limit;

    @ArgGroup private @Nullable DatabaseOptions database;

    @Override
    void run(Master master) {
        Subject subject = subject();
        Period period = period();
        JsonNode answer =
                database == null
                        ? master.get(path(subject, period))
                        : Master.JSON.valueToTree(read(database, subject, period));
        if (json()) {
            print(answer);
        } else {
            print(Master.JSON.treeToValue(answer, Audit.class));
        }
    }

    private Subject subject() {
        if (kind == null || name == null) {
            throw misuse(
                    "say what to audit: audit request N, or the name of one of %s; audit claims; audit export"
                            .formatted(Subject.kinds()));
        }
        try {
            return Subject.of(kind, name);
        } catch (IllegalArgumentException e) {
            throw misuse(String.valueOf(e.getMessage()));
        }
    }

    private Period period() {
        if (limit < 1 || limit > Period.MOST) {
            throw misuse("--limit: %d is not between 1 and %d".formatted(limit, Period.MOST));
        }
        return new Period(times.since(), times.until(), limit);
    }

    private static String path(Subject subject, Period period) {
        return "/api/audit/%s/%s?limit=%d%s%s"
                .formatted(
                        subject.kind().word(),
                        Master.segment(subject.name()),
                        period.limit(),
                        parameter("since", period.since()),
                        parameter("until", period.until()));
    }

    private static String parameter(String name, @Nullable Instant at) {
        return at == null
                ? ""
                : "&%s=%s"
                        .formatted(name, URLEncoder.encode(at.toString(), StandardCharsets.UTF_8));
    }

    private static Audit read(DatabaseOptions options, Subject subject, Period period) {
        try {
            Database database = options.database();
            database.openToRead().close();
            try (HikariDataSource dataSource = database.pool("audit", 1);
                    EventLog log =
                            new EventLog(
                                    dataSource, new JdbcTransactionManager(dataSource), NEVER)) {
                return new Audits(log, JdbcClient.create(dataSource))
                        .of(subject, period)
                        .orElseThrow(() ->
                                new NoAnswerException(
                                        "there is no %s %s in the log"
                                                .formatted(subject.kind().word(), subject.name())));
            }
        } catch (RuntimeException e) {
            List<String> told = ToldTrouble.of(e);
            if (told.isEmpty()) {
                throw e;
            }
            throw new NoAnswerException(String.join("; ", told));
        }
    }

    private void print(Audit audit) {
        out().println(Printable.of(audit.summary()));
        Table table =
                new Table(
                        8,
                        "RECORDED (UTC)",
                        "WHAT",
                        "ATTEMPT",
                        "BY",
                        "ACTOR",
                        "RESULT",
                        "EVENT",
                        "CAUSE",
                        "DETAILS");
        for (AuditEntry entry : audit.entries()) {
            table.row(
                    RECORDED.format(entry.at()),
                    entry.what(),
                    entry.attempt() == null ? "" : entry.attempt().toString(),
                    author(entry),
                    orEmpty(entry.actor()),
                    orEmpty(entry.results()),
                    entry.event(),
                    orEmpty(entry.cause()),
                    entry.details());
        }
        // Whole, on a narrow terminal as well: what is cut from a story can't be judged.
        table.lines(Integer.MAX_VALUE).forEach(out()::println);
        if (audit.more() != null) {
            warn(
                    "there is more before that: --until %s tells it, --limit tells more at once"
                            .formatted(audit.more()));
        }
    }

    private static String author(AuditEntry entry) {
        if (entry.master() == null) {
            return "";
        }
        return entry.epoch() == null ? entry.master() : entry.master() + "#" + entry.epoch();
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
