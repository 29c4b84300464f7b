package io.buildledger.builder.uploading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.artifacts.DiskArtifacts;
import io.buildledger.artifacts.Incoming;
import io.buildledger.artifacts.KeptArtifact;
import io.buildledger.artifacts.UnfitArtifactException;
import io.buildledger.builder.working.Interruption;
import io.buildledger.stepping.StepAbortedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class DirectoryTarTest {

    /** An archive to which a test adds what it likes. */
    static final class Archive {

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8");

        Archive() {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        }

        Archive file(String name, String content) {
            byte[] text = content.getBytes(StandardCharsets.UTF_8);
            // Kept as it is, whatever it is.
            TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_NORMAL, true);
            entry.setSize(text.length);
            return add(entry, text);
        }

        Archive directory(String name) {
            return add(new TarArchiveEntry(name, TarConstants.LF_DIR, true), new byte[0]);
        }

        Archive symbolicLink(String name, String target) {
            return link(name, TarConstants.LF_SYMLINK, target);
        }

        Archive hardLink(String name, String target) {
            return link(name, TarConstants.LF_LINK, target);
        }

        private Archive link(String name, byte type, String target) {
            TarArchiveEntry entry = new TarArchiveEntry(name, type, true);
            entry.setLinkName(target);
            return add(entry, new byte[0]);
        }

        Archive special(String name, byte type) {
            return add(new TarArchiveEntry(name, type, true), new byte[0]);
        }

        Archive add(TarArchiveEntry entry, byte[] content) {
            try {
                tar.putArchiveEntry(entry);
                tar.write(content);
                tar.closeArchiveEntry();
                return this;
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        byte[] toBytes() throws IOException {
            tar.finish();
            return bytes.toByteArray();
        }
    }

    @TempDir Path directory;
    private final List<String> notes = new ArrayList<>();
    private final Interruption interruption = new Interruption();
    private DiskArtifacts store;

    @BeforeEach
    void open() {
        store = new DiskArtifacts(directory.resolve("artifacts"), "b1");
    }

    private List<KeptArtifact> unpack(byte[] tar, @Nullable Long maxSize, boolean compressed)
            throws IOException, UnfitArtifactException, StepAbortedException {
        Path file = Files.write(directory.resolve("a.tar"), tar);
        try (Incoming incoming = store.receive("linux", 7)) {
            new DirectoryTar("docs", maxSize, incoming, interruption, notes::add)
                    .unpack(file, compressed);
            return incoming.keep();
        }
    }

    private Map<String, String> unpack(Archive archive) throws Exception {
        Map<String, String> found = new TreeMap<>();
        for (KeptArtifact kept : unpack(archive.toBytes(), null, false)) {
            found.put(
                    kept.path().text(),
                    Files.readString(directory.resolve("artifacts").resolve(kept.location())));
        }
        return found;
    }

    private List<String> filesOfTheStore() throws IOException {
        try (Stream<Path> files = Files.walk(directory.resolve("artifacts"))) {
            return files.filter(it -> !Files.isDirectory(it)).map(Path::toString).toList();
        }
    }

    @Test
    void files_come_below_the_directory_whatever_way_their_names_are_written() throws Exception {
        String longName = "long/".repeat(40) + "name";

        assertThat(
                        unpack(
                                new Archive()
                                        .directory("./")
                                        .directory("/")
                                        .file("./index.html", "<html>")
                                        .directory("api/")
                                        .file("api/ü b.html", "")
                                        .file(".hidden", "xxx")
                                        .file(longName, "deep")))
                .containsEntry("docs/index.html", "<html>")
                .containsEntry("docs/" + longName, "deep")
                .hasSize(4);
    }

    @Test
    void links_to_files_of_the_directory_come_as_copies_and_others_are_left_out() throws Exception {
        assertThat(
                        unpack(
                                new Archive()
                                        .symbolicLink("latest", "v2/app")
                                        .symbolicLink("v2/same", "./app")
                                        .symbolicLink("v2/up", "../top")
                                        .hardLink("v2/hard", "v2/app")
                                        .symbolicLink("v", "v2")
                                        .symbolicLink("self", ".")
                                        .symbolicLink("dangling", "nowhere")
                                        .file("v2/app", "two")
                                        .file("top", "one")))
                .isEqualTo(
                        Map.of(
                                "docs/v2/app", "two",
                                "docs/latest", "two",
                                "docs/v2/same", "two",
                                "docs/v2/hard", "two",
                                "docs/v2/up", "one",
                                "docs/top", "one"));
        assertThat(notes)
                .containsExactly(
                        "v is a link to v2, which is no file of the directory: left out",
                        "self is a link to ., which is no file of the directory: left out",
                        "dangling is a link to nowhere, which is no file of the directory: left out");
    }

    static Stream<Arguments> hostile() {
        return Stream.of(
                hostile("absolute", "it is absolute", it -> it.file("/etc/cron.d/x", "x")),
                hostile("leading out", "it leads out by ..", it -> it.file("../../x", "x")),
                hostile("out and in", "it leads out by ..", it -> it.file("a/../../docs/x", "x")),
                hostile("a directory out", "it leads out by ..", it -> it.directory("../x/")),
                hostile("backslashes", "a backslash", it -> it.file("..\\..\\x", "x")),
                hostile("control", "a control character", it -> it.file("a\u001b[2J", "x")),
                hostile(
                        "a link out",
                        "the link 'l' leads out",
                        it -> it.symbolicLink("l", "../../etc")),
                hostile(
                        "a link to root",
                        "the link 'l' leads out",
                        it -> it.symbolicLink("l", "/")),
                hostile(
                        "a link that leads out and in",
                        "the link 'a/l' leads out",
                        it -> it.symbolicLink("a/l", "../../docs/x").file("x", "x")),
                hostile(
                        "a hard link out",
                        "the link 'l' leads out",
                        it -> it.hardLink("l", "/etc/shadow")),
                hostile(
                        "a link called out",
                        "it leads out by ..",
                        it -> it.symbolicLink("../l", "x").file("x", "x")),
                hostile(
                        "through a link",
                        "'docs/l' is a file, and 'docs/l/x'",
                        it -> it.file("l", "").file("l/x", "x")),
                hostile(
                        "a link with a file below",
                        "there are two files for 'docs/l'",
                        it -> it.file("x", "x").file("l/x", "x").symbolicLink("l", "x")),
                hostile(
                        "twice",
                        "there are two files for 'docs/a'",
                        it -> it.file("a", "1").file("./a", "2")),
                hostile(
                        "a character device",
                        "'d' is neither a file",
                        it -> it.special("d", TarConstants.LF_CHR)),
                hostile(
                        "a block device",
                        "'d' is neither a file",
                        it -> it.special("d", TarConstants.LF_BLK)),
                hostile(
                        "a pipe",
                        "'p' is neither a file",
                        it -> it.special("p", TarConstants.LF_FIFO)),
                hostile("no name", "it names no file", it -> it.file(".", "x")),
                hostile(
                        "too many",
                        "more than 10000 files",
                        it -> {
                            for (int i = 0; i <= DirectoryTar.MOST_ENTRIES; i++) {
                                Archive _ = it.directory("d/");
                            }
                            return it;
                        }),
                hostile(
                        "a header without end",
                        "what the worker sent is no tar: what it says of an entry is too long",
                        it -> {
                            TarArchiveEntry entry = new TarArchiveEntry("a");
                            entry.addPaxHeader("comment", "x".repeat(2_000_000));
                            return it.add(entry, new byte[0]);
                        }),
                hostile(
                        "a name without end",
                        "no tar: what it says of an entry is too long",
                        it -> {
                            TarArchiveEntry name =
                                    new TarArchiveEntry(
                                            TarConstants.GNU_LONGLINK,
                                            TarConstants.LF_GNUTYPE_LONGNAME);
                            name.setSize(2_000_000);
                            return it.add(name, new byte[2_000_000]).file("a", "x");
                        }));
    }

    private static Arguments hostile(String name, String why, UnaryOperator<Archive> content) {
        return Arguments.of(Named.of(name, content), why);
    }

    /** With a good file before it, of which nothing may be left, either. */
    @ParameterizedTest
    @MethodSource("hostile")
    void what_no_directory_of_files_has_is_refused_and_leaves_nothing(
            UnaryOperator<Archive> content, String why) throws Exception {
        byte[] tar = content.apply(new Archive().file("good", "good")).toBytes();

        assertThatThrownBy(() -> unpack(tar, null, false))
                .isInstanceOf(UnfitArtifactException.class)
                .hasMessageContaining(why);
        assertThat(filesOfTheStore()).isEmpty();
    }

    @Test
    void what_is_no_tar_or_ends_early_is_refused() throws Exception {
        byte[] noise = new byte[20_000];
        new Random(7).nextBytes(noise);
        byte[] whole = new Archive().file("a", "x".repeat(10_000)).toBytes();

        assertThatThrownBy(() -> unpack(noise, null, false))
                .isInstanceOf(UnfitArtifactException.class)
                .hasMessageContaining("is no tar");
        assertThatThrownBy(() -> unpack(noise, null, true))
                .isInstanceOf(UnfitArtifactException.class)
                .hasMessageContaining("is no tar");
        assertThatThrownBy(() -> unpack(Arrays.copyOf(whole, 5_000), null, false))
                .isInstanceOf(UnfitArtifactException.class)
                .hasMessageContaining("is no tar");
        assertThat(filesOfTheStore()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void all_files_together_are_bounded_however_small_they_arrive(boolean compressed)
            throws Exception {
        byte[] tar =
                new Archive()
                        .file("a", "0".repeat(600_000))
                        .file("b", "0".repeat(600_000))
                        .toBytes();
        ByteArrayOutputStream arrived = new ByteArrayOutputStream();
        try (OutputStream to = compressed ? new GZIPOutputStream(arrived) : arrived) {
            to.write(tar);
        }

        assertThat(unpack(arrived.toByteArray(), 1_200_000L, compressed)).hasSize(2);
        assertThatThrownBy(() -> unpack(arrived.toByteArray(), 1_199_999L, compressed))
                .isInstanceOf(UnfitArtifactException.class)
                .hasMessageContaining("more than 1199999 bytes together");
    }

    @Test
    void an_interruption_ends_it() throws Exception {
        byte[] tar = new Archive().file("a", "x").toBytes();
        interruption.interrupt("not needed any more");

        assertThatThrownBy(() -> unpack(tar, null, false))
                .isInstanceOf(StepAbortedException.class)
                .hasMessage("not needed any more");
        assertThat(filesOfTheStore()).isEmpty();
    }
}
