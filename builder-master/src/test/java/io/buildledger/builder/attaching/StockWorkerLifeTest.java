package io.buildledger.builder.attaching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.buildledger.builder.attaching.ListenSettings.TlsFiles;
import io.buildledger.testing.StockWorker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How real workers come and go. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
class StockWorkerLifeTest {

    private static final Map<String, Object> SLEEP =
            Map.of("command", "sleep 600", "workdir", "/", "logEnviron", false, "usePTY", false);

    @TempDir Path directory;

    private final Desk desk = new Desk();
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private @Nullable WorkerServer server;

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open) {
            one.close();
        }
    }

    private void listen(Credentials credentials) throws IOException {
        listen(credentials, null);
    }

    private void listen(Credentials credentials, @Nullable TlsFiles tls) throws IOException {
        server =
                WorkerServer.start(
                        new ListenSettings(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), tls),
                        credentials,
                        desk);
        open.push(server);
    }

    private StockWorker create(String name, String... options) throws Exception {
        StockWorker worker =
                StockWorker.create(
                        directory.resolve(name),
                        "localhost:" + Objects.requireNonNull(server).port(),
                        name,
                        "right",
                        options);
        open.push(worker);
        return worker;
    }

    @Test
    void a_worker_that_is_shut_down_ends() throws Exception {
        listen((_, _) -> true);
        StockWorker process = create("w1").start();
        WorkerConnection worker = desk.next();

        worker.shutdown().get(30, TimeUnit.SECONDS);

        assertThat(desk.nextGone().connection()).isSameAs(worker);
        assertThat(process.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void a_worker_with_a_wrong_password_attaches_when_it_becomes_right() throws Exception {
        BlockingQueue<String> refused = new LinkedBlockingQueue<>();
        Set<String> passwords = ConcurrentHashMap.newKeySet();
        listen((_, password) -> {
            if (!passwords.contains(password)) {
                refused.add(password);
                return false;
            }
            return true;
        });
        create("w1").start();
        assertThat(refused.poll(30, TimeUnit.SECONDS)).isEqualTo("right");

        passwords.add("right");

        assertThat(desk.next().name()).isEqualTo("w1");
    }

    @Test
    void a_worker_whose_password_can_not_be_checked_attaches_when_it_can() throws Exception {
        CountDownLatch failed = new CountDownLatch(1);
        listen((_, _) -> {
            if (failed.getCount() > 0) {
                failed.countDown();
                throw new IllegalStateException("passwords are away");
            }
            return true;
        });

        create("w1").start();

        assertThat(desk.next().name()).isEqualTo("w1");
        assertThat(failed.getCount()).isZero();
    }

    @Test
    void a_worker_that_is_killed_is_gone_with_its_commands_and_can_come_back() throws Exception {
        listen((_, _) -> true);
        StockWorker process = create("w1").start();
        WorkerConnection worker = desk.next();
        CompletableFuture<Void> command =
                worker.startCommand("c1", "shell", SLEEP, new Transcript());
        CompletableFuture<Void> sent = worker.print("the command has started");
        sent.get(30, TimeUnit.SECONDS);

        process.close();

        assertThat(desk.nextGone().connection()).isSameAs(worker);
        assertThatThrownBy(() -> command.get(30, TimeUnit.SECONDS))
                .hasCauseInstanceOf(WorkerLostException.class)
                .hasMessageContaining("worker w1 is lost");
        process.start();
        assertThat(desk.next().name()).isEqualTo("w1");
    }

    @Test
    void a_refused_worker_reads_why_and_comes_back() throws Exception {
        desk.refuse("w1", "it is attached to another master");
        listen((_, _) -> true);
        StockWorker process = create("w1").start();

        await().atMost(30, TimeUnit.SECONDS)
                .until(() -> process.log().contains("it is attached to another master"));
    }

    @Test
    void two_workers_are_attached_side_by_side() throws Exception {
        listen((_, _) -> true);
        create("w1").start();
        WorkerConnection first = desk.next();
        StockWorker other = create("w2").start();
        WorkerConnection second = desk.next();
        Transcript said = new Transcript();
        CompletableFuture<Void> sleeping =
                first.startCommand("c1", "shell", SLEEP, new Transcript());

        second.startCommand(
                        "c2",
                        "shell",
                        Map.of("command", "echo two", "workdir", "/", "logEnviron", false),
                        said)
                .get(30, TimeUnit.SECONDS);

        assertThat(second.name()).isEqualTo("w2");
        assertThat(second.info().basedir()).isEqualTo(other.directory().toString());
        assertThat(said.stdout()).isEqualTo("two\n");
        assertThat(sleeping).isNotDone();
    }

    @Test
    void a_worker_attaches_over_tls_to_a_master_whose_certificate_it_trusts() throws Exception {
        TlsFiles files = selfSigned();
        listen((_, _) -> true, files);

        create("w1", "--use-tls")
                .start(Map.of("SSL_CERT_FILE", files.certificateChain().toString()));

        WorkerConnection worker = desk.next();
        worker.print("over TLS").get(30, TimeUnit.SECONDS);
    }

    @Test
    void tls_files_that_can_not_be_used_are_told() throws Exception {
        Path missing = directory.resolve("missing.pem");
        Path text = Files.writeString(directory.resolve("text.pem"), "text");

        assertThatThrownBy(() -> listen((_, _) -> true, new TlsFiles(missing, text)))
                .isInstanceOf(IOException.class)
                .hasMessage("the TLS certificate chain %s can't be read".formatted(missing));
        assertThatThrownBy(() -> listen((_, _) -> true, new TlsFiles(text, text)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("%s and %s are no certificate chain".formatted(text, text))
                .hasMessageContaining("openssl pkcs8");
    }

    private TlsFiles selfSigned() throws Exception {
        Path store = directory.resolve("tls.p12");
        Process keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-alias",
                                "master",
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=localhost",
                                "-ext",
                                "SAN=dns:localhost",
                                "-validity",
                                "2",
                                "-storetype",
                                "PKCS12",
                                "-keystore",
                                store.toString(),
                                "-storepass",
                                "changeit")
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("keytool.out").toFile())
                        .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
        Key key = keys.getKey("master", "changeit".toCharArray());
        return new TlsFiles(
                pem("CERTIFICATE", keys.getCertificate("master").getEncoded()),
                pem("PRIVATE KEY", key.getEncoded()));
    }

    private Path pem(String what, byte[] content) throws IOException {
        String base64 =
                Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                        .encodeToString(content);
        return Files.writeString(
                directory.resolve(what.replace(' ', '-') + ".pem"),
                "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(what, base64, what));
    }
}
