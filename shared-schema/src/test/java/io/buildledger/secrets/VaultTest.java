package io.buildledger.secrets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.buildledger.configuring.ConfiguredSecrets.SecretVault;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against a server that answers as Vault's documentation and its sources have it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class VaultTest {

    private static final String VERSION_2 =
            """
            {"request_id": "x", "data": {"data": {"password": "hunter2", "pin": 1234, "none": null},
             "metadata": {"version": 3}}, "warnings": null}
            """;

    @TempDir Path directory;

    private final List<String> asked = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch ending = new CountDownLatch(1);
    private Path tokenFile;
    private HttpServer server;
    private int status = 200;
    private String body = VERSION_2;
    private boolean hangsBefore;
    private boolean hangsWithin;

    @BeforeEach
    void start() throws IOException {
        tokenFile = Files.writeString(directory.resolve("token"), "hvs.one\n");
        Files.setPosixFilePermissions(tokenFile, PosixFilePermissions.fromString("rw-r-----"));
        server = serve(HttpServer.create(onLoopback(), 0));
    }

    private static InetSocketAddress onLoopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private <S extends HttpServer> S serve(S made) {
        made.createContext("/", this::answer);
        made.setExecutor(threads);
        made.start();
        return made;
    }

    @AfterEach
    void stop() {
        ending.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            asked.add(
                    "%s %s %s"
                            .formatted(
                                    exchange.getRequestMethod(),
                                    exchange.getRequestURI(),
                                    exchange.getRequestHeaders().getFirst("X-Vault-Token")));
            awaitEnd(hangsBefore);
            byte[] bytes = body.getBytes(UTF_8);
            exchange.getResponseHeaders().set("Location", "https://elsewhere.example.org/");
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes, 0, 1);
            exchange.getResponseBody().flush();
            awaitEnd(hangsWithin);
            exchange.getResponseBody().write(bytes, 1, bytes.length - 1);
        }
    }

    private void awaitEnd(boolean hangs) {
        if (hangs) {
            try {
                ending.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private Vault vault(int apiVersion, Duration timeout) {
        return vault(address(), apiVersion, timeout, null);
    }

    private Vault vault(String address, int apiVersion, Duration timeout, @Nullable Path caFile) {
        return new Vault(
                new SecretVault(
                        address, "kv/team", apiVersion, "|", "\\", tokenFile, caFile, timeout),
                new VaultToken(tokenFile),
                new TrustedCertificates(caFile));
    }

    private Vault vault() {
        return vault(2, Duration.ofMinutes(1));
    }

    private static String failure(Vault vault, String name) {
        SecretUnavailableException failure =
                catchThrowableOfType(SecretUnavailableException.class, () -> vault.find(name));
        assertThat(failure).hasNoCause();
        return String.valueOf(failure.getMessage());
    }

    @Test
    void a_key_of_the_newest_version_is_read() {
        assertThat(vault().find("path/to a/thing|password")).contains("hunter2");
        assertThat(asked).containsExactly("GET /v1/kv/team/data/path/to%20a/thing hvs.one");
    }

    @Test
    void version_1_of_the_engine_has_the_keys_themselves() {
        body =
                """
                {"data": {"data": "of a key of this name", "password": "hunter2"}, "lease_duration": 2764800}
                """;
        Vault vault = vault(1, Duration.ofMinutes(1));

        assertThat(vault.find("thing|password")).contains("hunter2");
        assertThat(vault.find("thing|data")).contains("of a key of this name");
        assertThat(asked).first().isEqualTo("GET /v1/kv/team/thing hvs.one");
    }

    @Test
    void an_address_may_end_with_a_slash_or_have_a_path() {
        assertThat(vault(address() + "/proxy/", 2, Duration.ofMinutes(1), null).find("a|password"))
                .contains("hunter2");
        assertThat(asked).containsExactly("GET /proxy/v1/kv/team/data/a hvs.one");
    }

    @Test
    void the_token_is_read_anew_for_each_secret() throws IOException {
        Vault vault = vault();
        assertThat(vault.find("a|password")).isPresent();
        Files.writeString(tokenFile, "hvs.two");
        assertThat(vault.find("a|password")).isPresent();

        assertThat(asked).last().asString().endsWith(" hvs.two");
    }

    @Test
    void a_token_that_can_not_be_sent_is_not_told() throws IOException {
        Files.writeString(tokenFile, "hvs.\u00e9\u0001");

        assertThat(failure(vault(), "a|password"))
                .isEqualTo(
                        "secret a|password of vault %s: %s holds no token: one word of ASCII letters, digits and signs"
                                .formatted(address(), tokenFile));
        Files.delete(tokenFile);
        assertThat(failure(vault(), "a|password"))
                .endsWith("there is no file " + tokenFile + ": write the token to it");
        assertThat(asked).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    other | 200 | {"data": {"data": {"password": "hunter2"}}}
                    none  | 200 | {"data": {"data": {"none": null}}}
                    other | 404 | {"errors": []}
                    other | 404 | {"request_id": "x", "data": {"data": null, "metadata": {"deletion_time": "2026-01-01T00:00:00Z", "destroyed": false}}, "warnings": null}
                    """)
    void what_is_not_there_or_deleted_is_no_secret(String key, int answered, String text) {
        status = answered;
        body = text;

        assertThat(vault().find("a|" + key)).isEmpty();
    }

    @Test
    void the_name_of_a_secret_elsewhere_is_not_asked_for() {
        assertThat(vault().find("deploy_key")).isEmpty();
        assertThat(asked).isEmpty();
    }

    @Test
    void a_name_that_is_wrong_is_told() {
        assertThat(failure(vault(), "a|b|c"))
                .isEqualTo(
                        "secret a|b|c of vault %s: has more than one | between path and key: put \\ before those that belong to them"
                                .formatted(address()));
        assertThat(failure(vault(), "a/../b|c"))
                .endsWith("is not a path and a key such as path/to/secret|key");
        assertThat(asked).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    403 | {"errors": ["permission denied hunter2"]} | answered 403: the token of TOKEN may not read it, or has expired
                    400 | {"errors": ["hunter2"]}          | answered 400
                    429 | {"errors": ["hunter2"]}          | answered 429
                    500 | {"errors": ["hunter2"]}          | answered 500
                    503 | {"errors": ["Vault is sealed"]}  | answered 503: is sealed, or not ready yet
                    307 | {}                               | answered 307
                    404 | {"errors": ["no handler for route \\"kv/team/data/a\\". hunter2"]} | answered 404 with a complaint: is there an engine at mount kv/team, and of api_version 2?
                    404 | {"data": null, "warnings": ["Invalid path for a versioned K/V engine"]} | answered 404 with a complaint: is there an engine at mount kv/team, and of api_version 2?
                    404 | <html>hunter2</html>             | answered 404 with something else than a JSON object: is this the address of Vault?
                    200 | hunter2                          | answered 200 with something else than a JSON object: is this the address of Vault?
                    200 | {"data": {"password": "hunter2"}} | answered 200 with something else than a secret: is kv/team an engine of api_version 2?
                    200 | {"data": {"data": {"password": 12345}}} | its value is not text: store it as text
                    200 | {"data": {"data": {"password": {"hunter2": 1}}}} | its value is not text: store it as text
                    """)
    void what_keeps_a_secret_from_being_read_is_told_without_anything_of_the_answer(
            int answered, String text, String why) {
        status = answered;
        body = text;

        assertThat(failure(vault(), "a|password"))
                .isEqualTo(
                        "secret a|password of vault %s: %s"
                                .formatted(address(), why.replace("TOKEN", tokenFile.toString())))
                .doesNotContain("hunter2", "hvs.one");
    }

    @Test
    void a_server_that_does_not_answer_is_given_up() {
        hangsBefore = true;
        assertThat(failure(vault(2, Duration.ofSeconds(1)), "a|password"))
                .endsWith(": has not answered within 1 s");
        hangsBefore = false;
        hangsWithin = true;
        assertThat(failure(vault(2, Duration.ofSeconds(1)), "a|password"))
                .endsWith(": has not answered within 1 s");
        assertThat(asked).hasSize(2);
    }

    @Test
    void a_server_that_is_not_there_is_told() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }

        assertThat(
                        failure(
                                vault("http://127.0.0.1:" + port, 2, Duration.ofMinutes(1), null),
                                "a|password"))
                .startsWith(
                        "secret a|password of vault http://127.0.0.1:%d: can't be asked: "
                                .formatted(port));
    }

    @Test
    void an_answer_without_an_end_is_cut_off() {
        body = "{\"data\": \"" + "x".repeat(5 * 1024 * 1024) + "\"}";

        assertThat(failure(vault(), "a|password")).contains(": can't be asked: ");
    }

    @Test
    void who_is_interrupted_while_waiting_stays_so() {
        hangsBefore = true;
        Thread.currentThread().interrupt();

        assertThat(failure(vault(), "a|password"))
                .endsWith(": the wait for its answer was interrupted");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void a_server_is_trusted_if_one_of_the_certificates_vouches_for_it() throws Exception {
        keytool(
                "-genkeypair",
                "-alias",
                "vault",
                "-keyalg",
                "EC",
                "-dname",
                "CN=vault",
                "-ext",
                "SAN=IP:127.0.0.1",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                directory.resolve("keys").toString(),
                "-storepass",
                "changeit");
        Path pem = directory.resolve("ca.pem");
        keytool(
                "-exportcert",
                "-rfc",
                "-alias",
                "vault",
                "-file",
                pem.toString(),
                "-keystore",
                directory.resolve("keys").toString(),
                "-storepass",
                "changeit");
        HttpsServer secure = HttpsServer.create(onLoopback(), 0);
        secure.setHttpsConfigurator(new HttpsConfigurator(identity(directory.resolve("keys"))));
        server.stop(0);
        server = serve(secure);
        String https = "https://127.0.0.1:" + secure.getAddress().getPort();

        assertThat(vault(https, 2, Duration.ofMinutes(1), pem).find("a|password"))
                .contains("hunter2");
        assertThat(failure(vault(https, 2, Duration.ofMinutes(1), null), "a|password"))
                .contains(": can't be asked: ");
        assertThat(asked).hasSize(1);
    }

    private static void keytool(String... arguments) throws Exception {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        words.addAll(List.of(arguments));
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }

    private static SSLContext identity(Path keys) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream stream = Files.newInputStream(keys)) {
            store.load(stream, "changeit".toCharArray());
        }
        KeyManagerFactory managers =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, "changeit".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }
}
