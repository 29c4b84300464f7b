package io.buildledger.scheduler.commandline;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Collectors;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
        name = "artifacts",
        description = "Show the files that a build has left behind, or fetch one of them.")
final class ArtifactsCommand extends ClientCommand {

    @Parameters(
            index = "0",
            paramLabel = "BUILDER/NUMBER",
            description = "the build, such as linux/12")
    private String build = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "PATH",
            description = "the file to fetch, as it is listed")
    private @Nullable String path;

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description = "where to put what is fetched, in place of what is there")
    private @Nullable Path output;

    @Override
    void run(Master master) {
        if (path == null) {
            if (output != null) {
                throw misuse("--output is of use with the PATH of one artifact: add it");
            }
            list(master);
        } else if (output == null) {
            throw misuse("say where to put it: --output FILE");
        } else {
            fetch(master, path, output);
        }
    }

    private String list() {
        return BuildName.read(this, build).path() + "/artifacts";
    }

    private void list(Master master) {
        ArrayNode all = Master.JSON.createArrayNode();
        JsonNode page = master.get(list());
        page.path("artifacts").forEach(all::add);
        while (page.hasNonNull("next")) {
            page =
                    master.get(
                            "%s?after=%s"
                                    .formatted(
                                            list(), Master.segment(page.path("next").asString())));
            page.path("artifacts").forEach(all::add);
        }
        if (json()) {
            ObjectNode answer = Master.JSON.createObjectNode();
            answer.set("artifacts", all);
            print(answer);
        } else if (all.isEmpty()) {
            out().println("build %s has no artifacts".formatted(build));
        } else {
            show(all);
        }
    }

    private void show(ArrayNode artifacts) {
        Table table = new Table(0, "PATH", "BYTES", "SHA-256", "STEP", "STORED");
        ShortTime time = new ShortTime(Instant.now(), ZoneId.systemDefault());
        for (JsonNode artifact : artifacts) {
            table.row(
                    Cell.text(artifact, "path"),
                    Cell.text(artifact, "size"),
                    Cell.revision(artifact, "sha256"),
                    Cell.text(artifact, "step"),
                    time.of(artifact, "storedAt"));
        }
        // Whole, on a narrow terminal as well: a path is there to be given back.
        table.lines(Integer.MAX_VALUE).forEach(out()::println);
    }

    private void fetch(Master master, String artifact, Path file) {
        JsonNode known =
                master.get("%s?path=%s".formatted(list(), Master.segment(artifact)))
                        .path("artifacts")
                        .path(0);
        try {
            fetch(master, artifact, known.path("sha256").asString(), file);
        } catch (IOException e) {
            throw new NoAnswerException("%s can't be written: %s".formatted(file, e));
        } catch (UncheckedIOException e) {
            throw new NoAnswerException("%s can't be written: %s".formatted(file, e.getCause()));
        }
        if (json()) {
            print(known);
        } else {
            out().println("%s bytes to %s".formatted(Cell.text(known, "size"), file));
        }
    }

    /** Beside its place first, so that nothing there is half a file. */
    private void fetch(Master master, String artifact, String sha256, Path file)
            throws IOException {
        Path partial =
                Files.createTempFile(
                        file.toAbsolutePath().getParent(), "." + file.getFileName(), ".part");
        try {
            MessageDigest digest = DigestUtils.getSha256Digest();
            try (OutputStream to = new DigestOutputStream(Files.newOutputStream(partial), digest)) {
                BuildName name = BuildName.read(this, build);
                master.download(
                        "/artifacts/%s/%s/%s"
                                .formatted(
                                        Master.segment(name.builder()),
                                        name.number(),
                                        names(artifact)),
                        to);
            }
            if (!HexFormat.of().formatHex(digest.digest()).equals(sha256)) {
                throw new NoAnswerException(
                        "what came of %s has another SHA-256 than what was stored: it is not kept"
                                .formatted(artifact));
            }
            Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(partial);
        }
    }

    private static String names(String path) {
        return Arrays.stream(path.split("/", -1))
                .map(Master::segment)
                .collect(Collectors.joining("/"));
    }
}
