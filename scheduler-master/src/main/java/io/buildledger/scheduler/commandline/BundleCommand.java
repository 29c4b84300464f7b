package io.buildledger.scheduler.commandline;

import io.buildledger.bundling.Bundles;
import io.buildledger.bundling.NoSuchSliceException;
import io.buildledger.bundling.Slice;
import io.buildledger.database.Database;
import io.buildledger.database.ReadingConnection;
import io.buildledger.starting.Version;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "bundle",
        description =
                "Write a request, or some time, with all that it refers to, to a file that 'demo --from-bundle' shows.")
final class BundleCommand extends DatabaseCommand {

    /** The answer for programs. */
    private record Written(String file, String of, long events, boolean pseudonyms) {}

    static final class Period {

        @Option(
                names = "--since",
                paramLabel = "TIME",
                required = true,
                description = "2026-10-01T03:12:00Z, or '2026-10-01 03:12' in this machine's zone")
        String since = "";

        @Option(names = "--until", paramLabel = "TIME", description = "likewise (default: now)")
        @Nullable String until;
    }

    static final class What {

        @Option(
                names = "--request",
                paramLabel = "N",
                required = true,
                description = "a build request with its buildset, builds, changes and the rest")
        @Nullable Long request;

        @ArgGroup(exclusive = false)
        @Nullable Period period;
    }

    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init") // picocli's
    private What what;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description =
                    "default: buildledger-request-N.jsonl.gz or buildledger-bundle.jsonl.gz; replaced if it is there")
    private @Nullable Path out;

    @Option(
            names = "--pseudonyms",
            description =
                    "other names in the place of people, mail addresses, masters, workers, machines and repositories; no comments and patches")
    private boolean pseudonyms;

    @Override
    boolean run(Database database) throws InterruptedException {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        Path file = file();
        try (ReadingConnection connection = database.openToRead()) {
            Slice slice = slice(connection, now);
            long events =
                    Bundles.write(
                            connection,
                            slice,
                            file,
                            new Version().getVersion()[0],
                            now,
                            pseudonyms);
            tell(new Written(file.toString(), slice.of(), events, pseudonyms));
            return true;
        } catch (NoSuchSliceException e) {
            throw new NoAnswerException(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new NoAnswerException(
                    "--out: %s can't be written: %s".formatted(file, e.getMessage()));
        }
    }

    private void tell(Written bundle) {
        if (json()) {
            print(Master.JSON.valueToTree(bundle));
        } else {
            out().println(
                            "%s: %,d events of %s; look at them with: buildledger demo --from-bundle %s"
                                    .formatted(
                                            bundle.file(),
                                            bundle.events(),
                                            bundle.of(),
                                            bundle.file()));
        }
    }

    private Path file() {
        if (out != null) {
            return out;
        }
        return Path.of(
                what.request == null
                        ? "buildledger-bundle.jsonl.gz"
                        : "buildledger-request-%d.jsonl.gz".formatted(what.request));
    }

    private Slice slice(ReadingConnection connection, Instant now) throws InterruptedException {
        Long request = what.request;
        if (request != null) {
            return Slice.ofRequest(connection, request);
        }
        Period period = what.period;
        if (period == null) {
            throw new IllegalStateException("neither a request nor a time");
        }
        Instant since = time("--since", period.since);
        Instant until = period.until == null ? now.plusSeconds(1) : time("--until", period.until);
        if (!since.isBefore(until)) {
            throw misuse("--since, --until: %s is not before %s".formatted(since, until));
        }
        return Slice.ofTime(connection, since, until);
    }

    private Instant time(String option, String text) {
        String iso = text.strip().replace(' ', 'T');
        try {
            return OffsetDateTime.parse(iso).toInstant();
        } catch (DateTimeException e) {
            try {
                return LocalDateTime.parse(iso).atZone(ZoneId.systemDefault()).toInstant();
            } catch (DateTimeException _) {
                throw misuse(
                        "%s: '%s' is no time: write it like 2026-10-01T03:12:00Z, or '2026-10-01 03:12' for this machine's zone"
                                .formatted(option, text));
            }
        }
    }
}
