package io.buildledger.builder.attaching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;

import io.buildledger.builder.attaching.CommandListener.Update;
import io.buildledger.testing.StockWorker;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What one real worker does that stays attached. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(180)
class StockWorkerTest {

    private static final int LARGE = 64 * 1024 * 1024;
    private static final int BLOCK = 256 * 1024;

    @TempDir static Path directory;

    private static WorkerServer server;
    private static StockWorker process;
    private static WorkerConnection worker;
    private static int lastId;

    @BeforeAll
    static void attach() throws Exception {
        Desk desk = new Desk();
        server =
                WorkerServer.start(
                        new ListenSettings(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), null),
                        Credentials.of(Map.of("stock", "geheim ü:1")),
                        desk);
        process =
                StockWorker.create(
                                directory.resolve("worker"),
                                "127.0.0.1:" + server.port(),
                                "stock",
                                "geheim ü:1")
                        .start();
        worker = desk.next();
    }

    @AfterAll
    static void close() throws IOException {
        process.close();
        server.close();
    }

    private static CompletableFuture<Void> start(
            String command, Map<String, Object> args, CommandListener listener) {
        return worker.startCommand("test-" + ++lastId, command, args, listener);
    }

    private static <T extends CommandListener> T run(
            String command, Map<String, Object> args, T listener) throws Exception {
        start(command, args, listener).get(120, TimeUnit.SECONDS);
        return listener;
    }

    private static Transcript run(String command, Map<String, Object> args) throws Exception {
        return run(command, args, new Transcript());
    }

    private static Map<String, Object> shell(Object command) {
        return Map.of(
                "command",
                command,
                "workdir",
                process.directory().toString(),
                "logEnviron",
                false,
                "usePTY",
                false);
    }

    /** With the keys that must be there though they say nothing. */
    private static Map<String, Object> transfer(Path path, String... more) {
        Map<String, Object> args = new HashMap<>();
        args.put("path", path.toString());
        args.put("blocksize", BLOCK);
        args.put("maxsize", null);
        for (String key : more) {
            args.put(key, null);
        }
        return args;
    }

    private static Path here(String name) {
        return process.directory().resolve(name);
    }

    private static byte[] noise(int size) {
        byte[] noise = new byte[size];
        new Random(5).nextBytes(noise);
        return noise;
    }

    @Test
    void it_tells_about_itself() {
        WorkerInfo info = worker.info();

        assertThat(worker.name()).isEqualTo("stock");
        assertThat(info.system()).isEqualTo("posix");
        assertThat(info.basedir()).isEqualTo(process.directory().toString());
        assertThat(info.numcpus()).isPositive();
        assertThat(info.version()).matches("[0-9].*");
        assertThat(info.environ()).containsKey("PATH");
        assertThat(info.commands()).containsKeys("shell", "upload_file", "rmfile");
        assertThat(info.rest()).containsKeys("admin", "host", "delete_leftover_dirs");
    }

    @Test
    void it_runs_a_command_and_tells_both_streams_and_the_exit_code() throws Exception {
        Transcript said =
                run("shell", shell("echo out; echo err >&2; printf 'no newline'; exit 3"));

        assertThat(said.stdout()).isEqualTo("out\nno newline\n");
        assertThat(said.stderr()).isEqualTo("err\n");
        assertThat(said.rc()).isEqualTo(3L);
        assertThat(said.value("elapsed")).isInstanceOf(Double.class);
        assertThat(said.error()).isNull();
    }

    @Test
    void it_runs_a_list_of_words_without_a_shell() throws Exception {
        Transcript said = run("shell", shell(List.of("printf", "%s\n", "a  b", "$HOME", "ä")));

        assertThat(said.stdout()).isEqualTo("a  b\n$HOME\nä\n");
    }

    @Test
    void a_long_line_arrives_whole() throws Exception {
        Transcript said =
                run(
                        "shell",
                        shell(
                                List.of(
                                        "/usr/bin/env",
                                        "printf",
                                        "%010000d\\n%0300000d\\n",
                                        "0",
                                        "0")));

        assertThat(said.stdout().lines().map(String::length)).containsExactly(10_000, 300_000);
    }

    @Test
    void a_file_of_64_MiB_is_uploaded_byte_by_byte_the_same() throws Exception {
        Path file = here("large");
        byte[] content = noise(LARGE);
        Files.write(file, content);
        Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2020-01-02T03:04:05.5Z")));
        Map<String, Object> args = transfer(file);
        args.put("keepstamp", true);

        Upload upload = run("upload_file", args, new Upload(directory.resolve("uploaded")));

        assertThat(upload.rc()).isEqualTo(0L);
        assertThat(Files.mismatch(upload.file, file)).isEqualTo(-1);
        assertThat(upload.largestChunk).isEqualTo(BLOCK);
        assertThat(upload.modified).isEqualTo(Instant.parse("2020-01-02T03:04:05.5Z"));
    }

    @Test
    void a_file_of_64_MiB_is_downloaded_byte_by_byte_the_same() throws Exception {
        Path file = directory.resolve("download");
        Files.write(file, noise(LARGE));

        try (Download download = new Download(file)) {
            run("download_file", transfer(here("downloaded"), "mode"), download);

            assertThat(download.rc()).isEqualTo(0L);
            assertThat(download.closed).isTrue();
        }
        assertThat(Files.mismatch(here("downloaded"), file)).isEqualTo(-1);
    }

    @Test
    void a_directory_is_uploaded_as_a_tar_archive() throws Exception {
        Path tree = here("tree");
        Files.createDirectories(tree.resolve("sub"));
        Files.writeString(tree.resolve("sub/ä.txt"), "text");
        Path unpacked = Files.createDirectory(directory.resolve("unpacked"));

        Upload upload =
                run(
                        "upload_directory",
                        transfer(tree, "compress"),
                        new Upload(directory.resolve("tree.tar")));

        assertThat(upload.rc()).isEqualTo(0L);
        assertThat(upload.unpacked).isTrue();
        Process tar =
                new ProcessBuilder("tar", "-xf", upload.file.toString(), "-C", unpacked.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("tar.out").toFile())
                        .start();
        assertThat(tar.waitFor()).isZero();
        assertThat(unpacked.resolve("sub/ä.txt")).hasContent("text");
    }

    @Test
    void an_upload_that_the_master_can_not_store_fails_on_both_sides() throws Exception {
        Files.write(here("unwanted"), noise(3 * BLOCK));
        CompletableFuture<Void> command =
                start(
                        "upload_file",
                        transfer(here("unwanted")),
                        new Transcript() {
                            @Override
                            public void write(byte[] chunk) throws IOException {
                                throw new IOException("the disk is full");
                            }
                        });

        assertThatThrownBy(() -> command.get(60, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasRootCauseMessage("the disk is full");
        worker.print("still attached").get(30, TimeUnit.SECONDS);
        assertThat(run("shell", shell("echo on")).stdout()).isEqualTo("on\n");
    }

    @Test
    void it_makes_copies_lists_and_removes_directories() throws Exception {
        Path made = here("made/deep");
        Path copy = here("copy");

        assertThat(run("mkdir", Map.of("paths", List.of(made.toString()))).rc()).isEqualTo(0L);
        Files.writeString(made.resolve("one"), "1");
        Files.writeString(made.resolve("two"), "22");
        assertThat(run("listdir", Map.of("path", made.toString())).value("files"))
                .asInstanceOf(LIST)
                .containsExactlyInAnyOrder("one", "two");
        assertThat(
                        run(
                                        "cpdir",
                                        Map.of(
                                                "from_path", made.toString(),
                                                "to_path", copy.toString(),
                                                "logEnviron", false))
                                .rc())
                .isEqualTo(0L);
        assertThat(copy.resolve("two")).hasContent("22");
        assertThat(run("glob", Map.of("path", copy + "/t*")).value("files"))
                .isEqualTo(List.of(copy.resolve("two").toString()));
        assertThat(run("rmfile", Map.of("path", copy.resolve("two").toString())).rc())
                .isEqualTo(0L);
        assertThat(copy.resolve("two")).doesNotExist();
        assertThat(
                        run(
                                        "rmdir",
                                        Map.of(
                                                "paths",
                                                List.of(made.toString(), copy.toString()),
                                                "logEnviron",
                                                false))
                                .rc())
                .isEqualTo(0L);
        assertThat(made).doesNotExist();
        assertThat(copy).doesNotExist();
    }

    @Test
    void it_tells_the_status_of_a_file_and_of_a_missing_one() throws Exception {
        Files.writeString(here("file"), "12345");

        Transcript found = run("stat", Map.of("path", here("file").toString()));
        Transcript missing = run("stat", Map.of("path", here("missing").toString()));

        assertThat((List<?>) found.value("stat")).hasSize(10).element(6).isEqualTo(5L);
        assertThat(missing.rc()).isEqualTo(2L);
        assertThat(missing.header()).contains("No such file");
    }

    @Test
    void a_command_that_it_does_not_know_is_refused() throws Exception {
        CompletableFuture<Void> command = start("fly", Map.of(), new Transcript());

        assertThatThrownBy(() -> command.get(30, TimeUnit.SECONDS))
                .hasCauseInstanceOf(RequestRefusedException.class)
                .hasMessageContaining("worker stock refused start_command")
                .hasMessageContaining("fly");
    }

    @Test
    void a_command_without_what_it_needs_is_refused() {
        CompletableFuture<Void> command = start("mkdir", Map.of(), new Transcript());

        assertThatThrownBy(() -> command.get(30, TimeUnit.SECONDS))
                .hasCauseInstanceOf(RequestRefusedException.class)
                .hasMessageContaining("paths");
    }

    @Test
    void a_command_is_interrupted() throws Exception {
        CompletableFuture<Void> running = new CompletableFuture<>();
        Transcript said =
                new Transcript() {
                    @Override
                    public synchronized void update(List<Update> updates) {
                        super.update(updates);
                        if (stdout().contains("running")) {
                            running.complete(null);
                        }
                    }
                };
        CompletableFuture<Void> command = start("shell", shell("echo running; sleep 600"), said);
        running.get(30, TimeUnit.SECONDS);

        worker.interrupt("test-" + lastId, "enough").get(30, TimeUnit.SECONDS);
        command.get(30, TimeUnit.SECONDS);

        assertThat(said.rc()).isEqualTo(-1L);
        assertThat(said.header()).contains("interrupted");
    }

    @Test
    void interrupting_what_it_does_not_run_says_nothing() throws Exception {
        worker.interrupt("unknown", "enough").get(30, TimeUnit.SECONDS);
    }

    @Test
    void it_answers_pings_prints_and_keepalives() throws Exception {
        worker.ping(Duration.ofSeconds(30)).get(30, TimeUnit.SECONDS);
        worker.keepalive().get(30, TimeUnit.SECONDS);
        worker.print("a message for its log").get(30, TimeUnit.SECONDS);

        assertThat(process.log()).contains("a message for its log");
    }

    /** Writes what is uploaded to a file. */
    private static final class Upload extends Transcript {

        private final Path file;
        private final OutputStream stream;
        private int largestChunk;
        private @Nullable Instant modified;
        private boolean unpacked;

        Upload(Path file) throws IOException {
            this.file = file;
            this.stream = Files.newOutputStream(file);
        }

        @Override
        public void write(byte[] chunk) throws IOException {
            largestChunk = Math.max(largestChunk, chunk.length);
            stream.write(chunk);
        }

        @Override
        public void closeWrite() throws IOException {
            stream.close();
        }

        @Override
        public void utime(Instant accessedAt, Instant modifiedAt) {
            modified = modifiedAt;
        }

        @Override
        public void writeDirectory(byte[] chunk) throws IOException {
            stream.write(chunk);
        }

        @Override
        public void unpackDirectory() throws IOException {
            stream.close();
            unpacked = true;
        }
    }

    /** Reads what is downloaded from a file. */
    private static final class Download extends Transcript implements AutoCloseable {

        private final InputStream stream;
        private boolean closed;

        Download(Path file) throws IOException {
            this.stream = Files.newInputStream(file);
        }

        @Override
        public byte[] read(int length) throws IOException {
            return stream.readNBytes(length);
        }

        @Override
        public void closeRead() {
            closed = true;
        }

        @Override
        public void close() throws IOException {
            stream.close();
        }
    }
}
