package io.buildledger.auditing;

import io.buildledger.database.ReadingConnection;
import io.buildledger.domain.acting.Actor;
import io.buildledger.log.EventNames;
import io.buildledger.log.Recorded;
import io.buildledger.log.WholeLog;
import io.buildledger.log.WholeLog.Stored;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/**
 * Events as they are in the log, for programs and spreadsheets, in the log's order and in little
 * memory. Everything in a wanted time is there that was committed when the export began; where an
 * event may yet come at a place that was passed, the export ends before it, which is a minute back
 * at most.
 */
public final class EventExport {

    /** How it is written. */
    public enum Format {
        /** One JSON object a line, each with the payload and the metadata as they are. */
        JSONL,
        /** A {@link Sheet}, with payload and metadata as JSON text. */
        CSV
    }

    private static final List<String> COLUMNS =
            List.of(
                    "index",
                    "stream",
                    "sequence",
                    "type",
                    "revision",
                    "recordedAt",
                    "master",
                    "epoch",
                    "cause",
                    "actor",
                    "payload",
                    "metadata");

    private static final JsonMapper JSON = JsonMapper.shared();

    private final WholeLog log;

    /**
     * @param connection nobody else may use it meanwhile
     */
    public EventExport(ReadingConnection connection) {
        this.log = new WholeLog(connection);
    }

    /**
     * @param since null for from the beginning
     * @param until the last moment, or null for up to now
     * @param to stays open, and is not flushed
     * @return how many events there were
     * @throws UncheckedIOException if they can't be written
     */
    public long write(@Nullable Instant since, @Nullable Instant until, Format format, Writer to) {
        return switch (format) {
            case JSONL -> read(since, until, event -> writeLine(event, to));
            case CSV -> {
                try (Sheet sheet = new Sheet(to, COLUMNS)) {
                    yield read(since, until, event -> sheet.row(cells(event)));
                }
            }
        };
    }

    private long read(@Nullable Instant since, @Nullable Instant until, Consumer<Stored> writer) {
        long head = log.head();
        long settled = log.settled(head);
        long first = since == null ? 0 : log.firstSince(since);
        long last = until == null ? head : Math.min(head, log.lastUntil(until));
        Passage passage = new Passage(first - 1, settled, since, until, writer);
        log.readStored(first - 1, last, passage::take);
        return passage.written;
    }

    private static final class Passage {
        private final long settled;
        private final @Nullable Instant since;
        private final @Nullable Instant until;
        private final Consumer<Stored> writer;
        private long index;
        private long written;

        Passage(
                long index,
                long settled,
                @Nullable Instant since,
                @Nullable Instant until,
                Consumer<Stored> writer) {
            this.index = index;
            this.settled = settled;
            this.since = since;
            this.until = until;
            this.writer = writer;
        }

        boolean take(Stored event) {
            boolean isAfterHole = event.event().index() > index + 1;
            if (isAfterHole && index >= settled) {
                return false;
            }
            index = event.event().index();
            Instant at = event.event().recorded().at();
            if ((since == null || !at.isBefore(since)) && (until == null || !at.isAfter(until))) {
                writer.accept(event);
                written++;
            }
            return true;
        }
    }

    private static @Nullable Object[] cells(Stored event) {
        Recorded recorded = event.event().recorded();
        return new @Nullable Object[] {
            event.event().index(),
            recorded.stream(),
            recorded.sequence(),
            event.event().type(),
            event.revision(),
            recorded.at(),
            recorded.metadata().get("master"),
            recorded.metadata().get("epoch"),
            recorded.metadata().get("cause"),
            Actor.of(recorded.event()).orElse(null),
            event.payload(),
            event.metadata()
        };
    }

    private static void writeLine(Stored event, Writer to) {
        @Nullable Object[] cells = cells(event);
        ObjectNode line = JSON.createObjectNode();
        int text = COLUMNS.indexOf("payload");
        for (int i = 0; i < text; i++) {
            line.putPOJO(COLUMNS.get(i), cells[i] instanceof Instant at ? at.toString() : cells[i]);
        }
        boolean isUnderstood =
                EventNames.nameOf(event.event().recorded().event().getClass()).isPresent();
        put(line, "payload", event.payload(), isUnderstood);
        put(line, "metadata", event.metadata(), isUnderstood);
        try {
            to.write(JSON.writeValueAsString(line));
            to.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As it is, if it is JSON, and else as a text. */
    private static void put(ObjectNode line, String name, String text, boolean isUnderstood) {
        if (isUnderstood || isJson(text)) {
            // A return in JSON is nothing but space.
            line.putRawValue(name, new RawValue(text.replace('\n', ' ').replace('\r', ' ')));
        } else {
            line.put(name, text);
        }
    }

    private static boolean isJson(String text) {
        try {
            return !JSON.readTree(text).isMissingNode();
        } catch (JacksonException e) {
            return false;
        }
    }
}
