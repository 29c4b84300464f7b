package io.buildledger.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Git's own server over HTTP on the loopback, for the repositories in a directory. */
public final class GitOverHttp implements AutoCloseable {

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Path root;
    private final ConcurrentLinkedQueue<String> authorizations = new ConcurrentLinkedQueue<>();
    private final AtomicInteger busy = new AtomicInteger();
    private volatile @Nullable String credentials;

    private GitOverHttp(HttpServer server, Path root) {
        this.server = server;
        this.root = root;
    }

    public static GitOverHttp start(Path root) throws IOException {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        GitOverHttp git = new GitOverHttp(server, root);
        server.createContext("/", git::answer);
        server.setExecutor(git.threads);
        server.start();
        return git;
    }

    /** From now on lets nobody in but with this. */
    public void require(String user, String password) {
        credentials = "Basic " + base64(user + ":" + password);
    }

    /** Answers the next requests as a server does that has too much to do. */
    public void beBusyFor(int requests) {
        busy.set(requests);
    }

    public static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    public String url(String path) {
        return "http://127.0.0.1:%d/%s".formatted(server.getAddress().getPort(), path);
    }

    /** What it was shown to be let in, of each request; empty for nothing. */
    public List<String> authorizations() {
        return List.copyOf(authorizations);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String shown = exchange.getRequestHeaders().getFirst("Authorization");
            authorizations.add(shown == null ? "" : shown);
            if (busy.getAndUpdate(it -> Math.max(0, it - 1)) > 0) {
                exchange.sendResponseHeaders(503, -1);
                return;
            }
            if (credentials != null && !credentials.equals(shown)) {
                exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"git\"");
                exchange.getResponseHeaders().add("Content-Type", "text/plain");
                // As a server might that says too much.
                byte[] echo = ("You said " + shown + "\n").getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(401, echo.length);
                exchange.getResponseBody().write(echo);
                return;
            }
            serve(exchange);
        }
    }

    private void serve(HttpExchange exchange) throws IOException {
        Path request = Files.createTempFile("request", null);
        Process process;
        try {
            try (InputStream body = exchange.getRequestBody();
                    OutputStream file = Files.newOutputStream(request)) {
                body.transferTo(file);
            }
            ProcessBuilder builder =
                    new ProcessBuilder("git", "http-backend")
                            .redirectInput(request.toFile())
                            .redirectError(ProcessBuilder.Redirect.DISCARD);
            Map<String, String> environment = builder.environment();
            environment.put("GIT_PROJECT_ROOT", root.toString());
            environment.put("GIT_HTTP_EXPORT_ALL", "1");
            environment.put("PATH_INFO", exchange.getRequestURI().getPath());
            environment.put("REQUEST_METHOD", exchange.getRequestMethod());
            put(environment, "QUERY_STRING", exchange.getRequestURI().getRawQuery());
            put(environment, "CONTENT_TYPE", header(exchange, "Content-Type"));
            put(environment, "CONTENT_LENGTH", String.valueOf(Files.size(request)));
            put(environment, "HTTP_CONTENT_ENCODING", header(exchange, "Content-Encoding"));
            put(environment, "HTTP_GIT_PROTOCOL", header(exchange, "Git-Protocol"));
            process = builder.start();
            try (InputStream answer = process.getInputStream()) {
                pass(answer, exchange);
            }
        } finally {
            Files.delete(request);
        }
    }

    private static void put(Map<String, String> environment, String name, @Nullable String value) {
        environment.put(name, value == null ? "" : value);
    }

    private static @Nullable String header(HttpExchange exchange, String name) {
        return exchange.getRequestHeaders().getFirst(name);
    }

    private static void pass(InputStream answer, HttpExchange exchange) throws IOException {
        int status = 200;
        String line = line(answer);
        while (!line.isEmpty()) {
            String[] header = line.split(": *", 2);
            if (header[0].equals("Status")) {
                status = Integer.parseInt(header[1].substring(0, 3));
            } else {
                exchange.getResponseHeaders().add(header[0], header[1]);
            }
            line = line(answer);
        }
        exchange.sendResponseHeaders(status, 0);
        answer.transferTo(exchange.getResponseBody());
    }

    private static String line(InputStream stream) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = stream.read(); next >= 0 && next != '\n'; next = stream.read()) {
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
