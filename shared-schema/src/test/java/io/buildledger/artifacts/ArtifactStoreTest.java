package io.buildledger.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.log.Author;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestMasters;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Both stores, of which nobody can tell which one it is. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ArtifactStoreTest {

    private static final TestLog DATABASE = new TestLog();

    @TempDir Path directory;
    private ArtifactContents contents;

    @AfterAll
    static void close() {
        DATABASE.close();
    }

    @BeforeEach
    void open() {
        DATABASE.jdbc.sql("DELETE FROM artifact_content").update();
        DATABASE.jdbc.sql("DELETE FROM artifact_chunk").update();
        contents = new ArtifactContents(DATABASE.jdbc, directory);
    }

    private ArtifactStore store(String kind) {
        return store(kind, new Author("b1", 1));
    }

    private ArtifactStore store(String kind, Author author) {
        return kind.equals("disk")
                ? new DiskArtifacts(directory, author.master())
                : new DatabaseArtifacts(DATABASE.jdbc, author);
    }

    private static void write(Incoming incoming, String path, byte[] bytes) throws Exception {
        try (OutputStream to = incoming.write(ArtifactPath.of(path))) {
            to.write(bytes);
        }
    }

    private static List<KeptArtifact> keep(ArtifactStore store, String path, byte[] bytes)
            throws Exception {
        try (Incoming incoming = store.receive("linux", 7)) {
            write(incoming, path, bytes);
            return incoming.keep();
        }
    }

    private byte[] read(KeptArtifact kept) throws Exception {
        try (InputStream from = contents.open(kept.store(), kept.location(), kept.size())) {
            return from.readAllBytes();
        }
    }

    /** Files of the directory, and rows of the tables. */
    private List<String> all() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return Stream.concat(
                            files.filter(Files::isRegularFile)
                                    .map(it -> directory.relativize(it).toString()),
                            Stream.of("artifact_content", "artifact_chunk")
                                    .filter(it -> DATABASE.count("SELECT COUNT(*) FROM " + it) > 0))
                    .sorted()
                    .toList();
        }
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @CsvSource({
        "disk, 0",
        "disk, 1",
        "disk, 3000000",
        "database, 0",
        "database, 1",
        "database, 524288",
        "database, 524289",
        "database, 3000000"
    })
    void bytes_come_back_as_they_were(String kind, int size) throws Exception {
        byte[] bytes = random(size);

        KeptArtifact kept = keep(store(kind), "dist/app.tgz", bytes).getFirst();

        assertThat(kept.path().text()).isEqualTo("dist/app.tgz");
        assertThat(kept.size()).isEqualTo(size);
        assertThat(kept.sha256()).isEqualTo(DigestUtils.sha256Hex(bytes));
        assertThat(kept.store()).isEqualTo(kind);
        assertThat(read(kept)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"disk", "database"})
    void bytes_may_come_and_go_in_any_portions(String kind) throws Exception {
        byte[] bytes = random(1_200_000);
        KeptArtifact kept;
        try (Incoming incoming = store(kind).receive("linux", 7)) {
            try (OutputStream to = incoming.write(ArtifactPath.of("a"))) {
                to.write(bytes[0]);
                to.write(bytes, 1, 700_000);
                to.write(bytes, 700_001, bytes.length - 700_001);
            }
            kept = incoming.keep().getFirst();
        }

        try (InputStream from = contents.open(kept.store(), kept.location(), kept.size())) {
            assertThat(from.read()).isEqualTo(bytes[0] & 0xFF);
            assertThat(from.readNBytes(600_000)).isEqualTo(Arrays.copyOfRange(bytes, 1, 600_001));
            assertThat(from.readAllBytes())
                    .isEqualTo(Arrays.copyOfRange(bytes, 600_001, bytes.length));
            assertThat(from.read()).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"disk", "database"})
    void what_is_not_kept_leaves_nothing(String kind) throws Exception {
        try (Incoming incoming = store(kind).receive("linux", 7)) {
            write(incoming, "a", random(600_000));
            write(incoming, "b/c", random(10));
            assertThat(all()).isNotEmpty();
            assertThat(incoming.has(ArtifactPath.of("b/c"))).isTrue();
            try (InputStream from = incoming.read(ArtifactPath.of("b/c"))) {
                assertThat(from.readAllBytes()).isEqualTo(random(10));
            }
        }

        assertThat(all()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "disk, a, a", "disk, a, a/b", "disk, a/b, a", "disk, a/b/c, a/b",
        "database, a, a", "database, a, a/b", "database, a/b, a", "database, a/b/c, a/b"
    })
    void two_files_are_not_at_one_place(String kind, String one, String other) throws Exception {
        try (Incoming incoming = store(kind).receive("linux", 7)) {
            write(incoming, one, random(1));

            assertThatThrownBy(() -> incoming.write(ArtifactPath.of(other)))
                    .isInstanceOf(UnfitArtifactException.class)
                    .hasMessageContaining("'" + other + "'");
        }
    }

    @Test
    void on_disk_a_file_is_where_people_look_for_it_and_a_later_one_takes_its_place()
            throws Exception {
        KeptArtifact kept =
                keep(store("disk"), "dist/a.txt", "one".getBytes(StandardCharsets.UTF_8))
                        .getFirst();

        assertThat(kept.location()).isEqualTo("linux/7/dist/a.txt");
        assertThat(all()).containsExactly("linux/7/dist/a.txt");

        keep(store("disk"), "dist/a.txt", "three".getBytes(StandardCharsets.UTF_8));
        assertThat(directory.resolve("linux/7/dist/a.txt")).hasContent("three");
        assertThat(all()).containsExactly("linux/7/dist/a.txt");
    }

    @Test
    void on_disk_a_builder_of_any_name_has_its_own_directory() throws Exception {
        try (Incoming incoming = store("disk").receive("../../etc", 7)) {
            write(incoming, "a", random(1));
            assertThat(incoming.keep().getFirst().location()).isEqualTo("..%2F..%2Fetc/7/a");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "a, a/b, 'left a file at ''a'' already'",
        "a/b, a, 'left files under ''a'' already'"
    })
    void on_disk_what_an_earlier_step_has_left_may_be_in_the_way(
            String before, String after, String why) throws Exception {
        keep(store("disk"), before, random(1));

        try (Incoming incoming = store("disk").receive("linux", 7)) {
            write(incoming, "other", random(1));
            write(incoming, after, random(1));
            assertThatThrownBy(incoming::keep)
                    .isInstanceOf(UnfitArtifactException.class)
                    .hasMessageContaining(why);
        }
        assertThat(all()).containsExactly("linux/7/" + before);
    }

    @Test
    void on_disk_a_master_removes_what_its_former_life_has_begun_and_nothing_of_others()
            throws Exception {
        keep(store("disk"), "kept", random(1));
        write(store("disk").receive("linux", 8), "a", random(1));
        write(store("disk", new Author("b2", 1)).receive("linux", 9), "a", random(1));
        assertThat(all()).hasSize(3);

        store("disk", new Author("b1", 2)).removeLeftovers();

        assertThat(all()).hasSize(2).contains("linux/7/kept");
    }

    @Test
    void in_the_database_what_masters_have_begun_that_are_gone_is_removed() throws Exception {
        MasterRegistry registry =
                new MasterRegistry(DATABASE.log, DATABASE.dataSource, DATABASE.dataSource);
        Author lives = register(registry, "b7");
        Author former = register(registry, "b8");
        KeptArtifact kept = keep(store("database", former), "kept", random(10)).getFirst();
        Incoming begun = store("database", lives).receive("linux", 8);
        write(begun, "a", random(10));
        write(store("database", former).receive("linux", 8), "a", random(600_000));
        Author again = register(registry, "b8");

        store("database", again).removeLeftovers();

        assertThat(DATABASE.count("SELECT COUNT(*) FROM artifact_content")).isEqualTo(2);
        assertThat(DATABASE.count("SELECT COUNT(*) FROM artifact_chunk")).isEqualTo(2);
        assertThat(read(kept)).isEqualTo(random(10));
        assertThat(read(begun.keep().getFirst())).isEqualTo(random(10));
    }

    private static Author register(MasterRegistry registry, String name) {
        return registry.register(TestMasters.builder(name));
    }

    @Test
    void an_artifact_on_a_disk_that_this_master_does_not_see_is_told_with_the_remedy()
            throws Exception {
        KeptArtifact kept = keep(store("disk"), "a", random(3)).getFirst();
        Path elsewhere = directory.resolve("elsewhere");

        assertThatThrownBy(() ->
                        new ArtifactContents(DATABASE.jdbc, elsewhere)
                                .open(kept.store(), kept.location(), kept.size()))
                .isInstanceOf(AbsentArtifactException.class)
                .hasMessageContaining("there is no file " + elsewhere.resolve("linux/7/a"))
                .hasMessageContaining("artifacts: {store: database}");
    }

    @Test
    void an_artifact_that_was_tampered_with_is_not_given_out() throws Exception {
        KeptArtifact onDisk = keep(store("disk"), "a", random(3)).getFirst();
        Files.write(directory.resolve(onDisk.location()), random(4));
        KeptArtifact inDatabase = keep(store("database"), "a", random(600_000)).getFirst();
        DATABASE.jdbc.sql("DELETE FROM artifact_chunk WHERE chunk_number = 1").update();

        assertThatThrownBy(() -> read(onDisk)).hasMessageContaining("has 4 bytes, and 3 were");
        assertThatThrownBy(() -> read(inDatabase)).hasMessageContaining("1 of its 2 chunks");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../secret", "/etc/passwd", "linux/../../secret", "link"})
    void no_location_leads_out_of_the_directory(String location) throws Exception {
        Path root = Files.createDirectory(directory.resolve("root"));
        Files.writeString(directory.resolve("secret"), "abc");
        Files.createSymbolicLink(root.resolve("link"), directory.resolve("secret"));

        assertThatThrownBy(
                        () -> new ArtifactContents(DATABASE.jdbc, root).open("disk", location, 3))
                .isInstanceOf(AbsentArtifactException.class);
    }

    @Test
    void a_store_of_a_later_version_is_told_of() {
        assertThatThrownBy(() -> contents.open("cloud", "x", 1))
                .isInstanceOf(AbsentArtifactException.class)
                .hasMessageContaining("'cloud', which this version does not know");
    }
}
