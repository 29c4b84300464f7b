package io.buildledger.bundling;

import io.buildledger.log.EventImport.Row;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A slice of a log in one file: gzip, and in it lines of JSON. The first says what it is, the last
 * how many events stand between and the SHA-256 of all lines before it, with their ends; each other
 * is an event as its row of the log has it. A later version of the format has another number.
 */
public final class BundleFile {

    /**
     * What a bundle says of itself.
     *
     * @param program that made it
     * @param of which slice it is, for people
     * @param made when, by the clock of the machine that made it
     * @param pseudonyms whether names are others than in the log
     */
    public record Manifest(String program, String of, Instant made, boolean pseudonyms) {}

    /** Takes the events of a bundle. */
    public interface Events {

        /** Hands each over, in the order of the log. */
        void forEach(Consumer<Row> taker);
    }

    private static final String FORMAT = "buildledger-bundle";
    private static final int VERSION = 1;
    private static final JsonMapper JSON = JsonMapper.shared();

    private BundleFile() {}

    /**
     * Writes a bundle, whole or not at all.
     *
     * @return how many events it has
     */
    public static long write(Path file, Manifest manifest, Events events) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null) {
            throw new IOException(file + " is no file");
        }
        Path unfinished = Files.createTempFile(directory, "bundle", ".new");
        try {
            long count;
            try (Lines lines =
                    new Lines(
                            new BufferedWriter(
                                    new OutputStreamWriter(
                                            new GZIPOutputStream(Files.newOutputStream(unfinished)),
                                            StandardCharsets.UTF_8)))) {
                lines.add(head(manifest));
                long[] written = new long[1];
                events.forEach(row -> {
                    lines.add(line(row));
                    written[0]++;
                });
                count = written[0];
                ObjectNode end = JSON.createObjectNode();
                end.put("events", count);
                end.put("sha256", lines.sha256());
                lines.add(end);
            }
            Files.move(unfinished, file, StandardCopyOption.REPLACE_EXISTING);
            return count;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }

    private static ObjectNode head(Manifest manifest) {
        ObjectNode head = JSON.createObjectNode();
        head.put("format", FORMAT);
        head.put("version", VERSION);
        head.put("program", manifest.program());
        head.put("of", manifest.of());
        head.put("made", manifest.made().toString());
        head.put("pseudonyms", manifest.pseudonyms());
        return head;
    }

    private static ObjectNode line(Row row) {
        ObjectNode line = JSON.createObjectNode();
        line.put("index", row.index());
        line.put("stream", row.stream());
        line.put("sequence", row.sequence());
        line.put("type", row.type());
        line.put("revision", row.revision());
        line.put("at", row.at().toString());
        line.set("payload", json(row.payload()));
        line.set("metadata", json(row.metadata()));
        return line;
    }

    /** What is no JSON in the log goes as the text that it is, and comes back as that. */
    private static JsonNode json(String text) {
        try {
            JsonNode node = JSON.readTree(text);
            return node.isObject() ? node : JSON.getNodeFactory().stringNode(text);
        } catch (JacksonException e) {
            return JSON.getNodeFactory().stringNode(text);
        }
    }

    private static String text(JsonNode json) {
        return json.isString() ? json.asString() : json.toString();
    }

    /**
     * Reads a bundle. What it hands over is only then known to be whole when this has returned.
     *
     * @throws BadBundleException if it is none, is damaged, or of a newer program
     */
    public static Manifest read(Path file, Consumer<Row> taker) throws BadBundleException {
        try (BufferedReader reader =
                new BufferedReader(
                        new InputStreamReader(
                                new GZIPInputStream(Files.newInputStream(file)),
                                StandardCharsets.UTF_8.newDecoder()))) {
            return read(file, reader, taker);
        } catch (NoSuchFileException e) {
            throw new BadBundleException("there is no file " + file, e);
        } catch (EOFException e) {
            throw new BadBundleException(file + " ends too early: copy it again", e);
        } catch (ZipException | CharacterCodingException e) {
            throw new BadBundleException(
                    file + " is no bundle, or damaged: 'buildledger bundle' makes one", e);
        } catch (IOException e) {
            throw new BadBundleException("%s can't be read: %s".formatted(file, e.getMessage()), e);
        }
    }

    private static Manifest read(Path file, BufferedReader reader, Consumer<Row> taker)
            throws IOException, BadBundleException {
        MessageDigest digest = sha256();
        String first = reader.readLine();
        Manifest manifest = manifest(file, first);
        String line = first;
        long events = 0;
        while (true) {
            update(digest, line);
            line = reader.readLine();
            if (line == null) {
                throw new BadBundleException(file + " ends too early: copy it again");
            }
            JsonNode node = node(file, line);
            if (node.has("sha256")) {
                requireWhole(file, node, events, digest);
                return manifest;
            }
            taker.accept(row(file, node));
            events++;
        }
    }

    private static void requireWhole(Path file, JsonNode end, long events, MessageDigest digest)
            throws BadBundleException {
        if (end.path("events").asLong(-1) != events
                || !HexFormat.of()
                        .formatHex(digest.digest())
                        .equals(end.path("sha256").asString(""))) {
            throw new BadBundleException(
                    file + " is damaged: its checksum is another than it says: copy it again");
        }
    }

    private static JsonNode node(Path file, String line) throws BadBundleException {
        try {
            return JSON.readTree(line);
        } catch (JacksonException e) {
            throw new BadBundleException(file + " is damaged: copy it again", e);
        }
    }

    private static Manifest manifest(Path file, @Nullable String line) throws BadBundleException {
        JsonNode head = line == null ? JSON.createObjectNode() : node(file, line);
        if (!head.path("format").asString("").equals(FORMAT)) {
            throw new BadBundleException(file + " is no bundle: 'buildledger bundle' makes one");
        }
        if (head.path("version").asInt(0) != VERSION) {
            throw new BadBundleException(
                    "%s is of version %s of the format, made by %s; this program reads version %d: take that program, or a later one"
                            .formatted(
                                    file,
                                    head.path("version").asString("?"),
                                    head.path("program").asString("?"),
                                    VERSION));
        }
        try {
            return new Manifest(
                    head.path("program").asString(""),
                    head.path("of").asString(""),
                    Instant.parse(head.path("made").asString("")),
                    head.path("pseudonyms").asBoolean(false));
        } catch (DateTimeException e) {
            throw new BadBundleException(file + " is damaged: copy it again", e);
        }
    }

    private static Row row(Path file, JsonNode line) throws BadBundleException {
        try {
            return new Row(
                    line.required("index").asLong(),
                    line.required("stream").asString(),
                    line.required("sequence").asLong(),
                    line.required("type").asString(),
                    line.required("revision").asString(),
                    text(line.required("payload")),
                    text(line.required("metadata")),
                    Instant.parse(line.required("at").asString()));
        } catch (JacksonException | DateTimeException e) {
            throw new BadBundleException(file + " is damaged: copy it again", e);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static void update(MessageDigest digest, String line) {
        digest.update((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static final class Lines implements AutoCloseable {

        private final Writer writer;
        private final MessageDigest digest = BundleFile.sha256();

        Lines(Writer writer) {
            this.writer = writer;
        }

        void add(ObjectNode line) {
            String text = line.toString();
            update(digest, text);
            try {
                writer.write(text);
                writer.write('\n');
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Of all lines so far. */
        String sha256() {
            return HexFormat.of().formatHex(digest.digest());
        }

        @Override
        public void close() throws IOException {
            writer.close();
        }
    }
}
