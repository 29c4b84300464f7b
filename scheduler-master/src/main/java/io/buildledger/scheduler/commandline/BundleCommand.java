package io.buildledger.scheduler.commandline;

import io.buildledger.bundling.Bundles;
import io.buildledger.bundling.NoSuchSliceException;
import io.buildledger.bundling.Slice;
import io.buildledger.database.Database;
import io.buildledger.database.ReadingConnection;
import io.buildledger.starting.Version;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "bundle",
        description =
                "Write a request, or some time, with all that it refers to, to a file that 'demo --from-bundle' shows.")
final class BundleCommand extends DatabaseCommand {

    /** The answer for programs. */
    private record Written(String file, String of, long events, boolean pseudonyms) {}

    @Option(
            names = "--request",
            paramLabel = "N",
            description =
                    "a build request with its buildset, builds, changes and the rest; or else --since")
    private @Nullable Long request;

    @Mixin private TimeOptions times = new TimeOptions();

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
        if ((request == null) == (times.since() == null)
                || (request != null && times.until() != null)) {
            throw misuse(
                    "say what to write: --request N, or --since TIME with or without --until TIME");
        }
        try (ReadingConnection connection = database.openToRead()) {
            Slice slice = slice(connection);
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
            printAsJson(bundle);
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
                request == null
                        ? "buildledger-bundle.jsonl.gz"
                        : "buildledger-request-%d.jsonl.gz".formatted(request));
    }

    private Slice slice(ReadingConnection connection) throws InterruptedException {
        Instant since = times.since();
        if (request != null) {
            return Slice.ofRequest(connection, request);
        }
        if (since == null) {
            throw new IllegalStateException("neither a request nor a time");
        }
        return Slice.ofTime(connection, since, times.until());
    }
}
