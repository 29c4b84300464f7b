package io.buildledger.scheduler.commandline;

import io.buildledger.auditing.EventExport;
import io.buildledger.auditing.EventExport.Format;
import io.buildledger.database.Database;
import io.buildledger.database.DatabaseTrouble;
import io.buildledger.database.ReadingConnection;
import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.core.exc.JacksonIOException;

@Command(
        name = "export",
        description = "Write events as they are in the log, for programs and spreadsheets.")
final class AuditExportCommand extends DatabaseCommand {

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "jsonl",
            description =
                    "jsonl: an object a line; csv: a row each, with a header (${DEFAULT-VALUE})")
    private String format = "";

    @Mixin private TimeOptions times = new TimeOptions();

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "the file to write, which must not be there yet (standard output)")
    private @Nullable Path file;

    @Override
    boolean run(Database database) {
        Format wanted = format();
        if (json() && file == null) {
            throw misuse("--json: tells what --out wrote, and needs it");
        }
        times.until();
        try (ReadingConnection connection = database.openToRead()) {
            EventExport export = new EventExport(connection);
            if (file == null) {
                write(export, wanted, new WatchedOutput(out()));
            } else {
                toFile(export, wanted, file);
            }
        } catch (UncheckedIOException | JacksonIOException e) {
            throw unwritten(e);
        }
        return true;
    }

    private Format format() {
        Map<String, Format> known = new TreeMap<>();
        for (Format each : Format.values()) {
            known.put(each.name().toLowerCase(Locale.ROOT), each);
        }
        Format wanted = known.get(format);
        if (wanted == null) {
            throw misuse(
                    "--format: '%s' is none: it is one of %s"
                            .formatted(format, String.join(", ", known.keySet())));
        }
        return wanted;
    }

    /** Whole or not at all, and at first for the eyes of its owner alone. */
    private void toFile(EventExport export, Format wanted, Path path) {
        try {
            if (Files.exists(path)) {
                throw new FileAlreadyExistsException(path.toString());
            }
            Path directory = path.toAbsolutePath().getParent();
            if (directory == null) {
                throw new IOException(path + " is no file");
            }
            Path unfinished = Files.createTempFile(directory, "export", ".new");
            long events;
            try {
                try (Writer writer = Files.newBufferedWriter(unfinished)) {
                    events = write(export, wanted, writer);
                }
                Files.move(unfinished, path);
            } finally {
                Files.deleteIfExists(unfinished);
            }
            tell(path, events);
        } catch (FileAlreadyExistsException e) {
            throw new NoAnswerException(
                    "--out: there is a file %s already: name another, or remove it"
                            .formatted(path));
        } catch (IOException e) {
            throw unwritten(new UncheckedIOException(e));
        }
    }

    private void tell(Path path, long events) {
        if (json()) {
            printAsJson(
                    Master.JSON
                            .createObjectNode()
                            .put("file", path.toString())
                            .put("events", events));
        } else {
            out().println("%,d events in %s".formatted(events, path));
        }
    }

    private long write(EventExport export, Format wanted, Writer to) {
        return export.write(times.since(), times.until(), wanted, to);
    }

    private static NoAnswerException unwritten(RuntimeException e) {
        return new NoAnswerException(
                "the events can't be written to the end: %s".formatted(DatabaseTrouble.reason(e)));
    }

    /**
     * Ends the export when nobody reads its output any more, which a PrintWriter keeps to itself.
     */
    private static final class WatchedOutput extends FilterWriter {

        /** To look costs a flush. */
        private static final int LOOKS_AFTER = 100;

        private final PrintWriter output;
        private int writes;

        WatchedOutput(PrintWriter output) {
            super(output);
            this.output = output;
        }

        @Override
        public void write(char[] text, int from, int length) throws IOException {
            super.write(text, from, length);
            look();
        }

        @Override
        public void write(String text, int from, int length) throws IOException {
            super.write(text, from, length);
            look();
        }

        private void look() throws IOException {
            if (++writes % LOOKS_AFTER == 0 && output.checkError()) {
                throw new IOException("nobody reads the output any more");
            }
        }
    }
}
