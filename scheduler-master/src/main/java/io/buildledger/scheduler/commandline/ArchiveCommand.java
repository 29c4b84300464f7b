package io.buildledger.scheduler.commandline;

import io.buildledger.archiving.ArchiveRefusedException;
import io.buildledger.archiving.Archiving;
import io.buildledger.archiving.Archiving.Archived;
import io.buildledger.database.Database;
import io.buildledger.showing.Printable;
import java.nio.file.Path;
import java.time.Instant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "archive",
        description = {
            "Move the events of builds that ended long ago from the database to compressed files, while masters go on.",
            "All that reads the log reads them there. Files are never changed: keep them as you keep the database."
        })
final class ArchiveCommand extends DatabaseCommand {

    @Option(
            names = "--older-than",
            paramLabel = "TIME",
            required = true,
            description =
                    "builds that ended before then, a day ago at least: " + GivenTime.DESCRIPTION)
    private String olderThan = "";

    @Option(
            names = "--to",
            paramLabel = "DIR",
            required = true,
            description =
                    "the directory for the files, which masters and commands read from then on")
    private Path directory = Path.of("");

    @Override
    boolean run(Database database) {
        Archived archived;
        try {
            archived =
                    Archiving.of(
                            database,
                            endedBefore(),
                            directory,
                            Archiving.EVENTS_OF_A_SEGMENT,
                            new ShownProgress(this::warn));
        } catch (ArchiveRefusedException e) {
            throw new NoAnswerException(String.valueOf(e.getMessage()));
        }
        if (json()) {
            printAsJson(archived);
        } else {
            out().println(
                            "%,d builds archived: %,d events, files: %,d, bytes: %,d"
                                    .formatted(
                                            archived.builds(),
                                            archived.events(),
                                            archived.segments(),
                                            archived.bytes()));
            out().println(
                            Printable.of(
                                    "what was recorded after event %d stays: so far goes %s"
                                            .formatted(archived.upTo(), archived.heldBackBy())));
        }
        return true;
    }

    private Instant endedBefore() {
        try {
            return GivenTime.here().read("--older-than", olderThan);
        } catch (IllegalArgumentException e) {
            throw misuse(String.valueOf(e.getMessage()));
        }
    }
}
