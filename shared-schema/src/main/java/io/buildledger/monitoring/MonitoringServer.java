package io.buildledger.monitoring;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a master tells those who watch it, over HTTP, without a login: {@code GET /metrics} in the
 * text format of Prometheus, {@code GET /livez} and {@code GET /readyz}, which answer 200, or 503
 * with the reasons. The last two never wait for the database. It answers until the process is about
 * to end, also while builds are let end.
 */
final class MonitoringServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(MonitoringServer.class);

    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int FAILED = 500;
    private static final int UNAVAILABLE = 503;
    private static final long WITHOUT_BODY = -1;
    private static final String PLAIN = "text/plain; charset=utf-8";
    private static final String METRICS = "text/plain; version=0.0.4; charset=utf-8";

    private record Answer(int status, String type, String text) {}

    private final PrometheusMeterRegistry registry;
    private final Health health;
    private final @Nullable ClusterMeters cluster;
    private final HttpServer server;
    private final ExecutorService threads;

    private MonitoringServer(
            PrometheusMeterRegistry registry,
            Health health,
            @Nullable ClusterMeters cluster,
            HttpServer server) {
        this.registry = registry;
        this.health = health;
        this.cluster = cluster;
        this.server = server;
        // One for each that asks: nobody waits for who waits for the database.
        this.threads =
                Executors.newThreadPerTaskExecutor(
                        Thread.ofVirtual().name("monitoring-", 0).factory());
    }

    /**
     * Listens from now on.
     *
     * @param cluster null where it tells of this process alone
     * @throws IOException if the address can't be had
     */
    static MonitoringServer open(
            InetSocketAddress address,
            PrometheusMeterRegistry registry,
            Health health,
            @Nullable ClusterMeters cluster)
            throws IOException {
        if (address.isUnresolved()) {
            throw new IOException("there is no such address");
        }
        HttpServer server = HttpServer.create(address, 0);
        MonitoringServer monitoring = new MonitoringServer(registry, health, cluster, server);
        server.setExecutor(monitoring.threads);
        server.createContext("/", monitoring::answer);
        server.start();
        LOG.info("metrics on {}", monitoring.url("/metrics"));
        return monitoring;
    }

    /** Where something of it is found from this machine. */
    String url(String path) {
        InetSocketAddress address = server.getAddress();
        String host = address.getAddress().getHostAddress();
        return "http://%s:%d%s"
                .formatted(host.contains(":") ? "[" + host + "]" : host, address.getPort(), path);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            Answer answer = answerTo(exchange);
            exchange.getResponseHeaders().set("Content-Type", answer.type());
            byte[] body = answer.text().getBytes(StandardCharsets.UTF_8);
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.sendResponseHeaders(answer.status(), WITHOUT_BODY);
            } else {
                exchange.sendResponseHeaders(answer.status(), body.length);
                exchange.getResponseBody().write(body);
            }
        }
    }

    private Answer answerTo(HttpExchange exchange) {
        String method = exchange.getRequestMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return new Answer(METHOD_NOT_ALLOWED, PLAIN, "GET and nothing else\n");
        }
        try {
            return switch (exchange.getRequestURI().getPath()) {
                case "/metrics" -> new Answer(OK, METRICS, scrape());
                case "/livez" -> told(health::whyNotLive);
                case "/readyz" -> told(health::whyNotReady);
                default -> new Answer(NOT_FOUND, PLAIN, "/metrics, /livez and /readyz\n");
            };
        } catch (RuntimeException e) {
            LOG.error("{} can't be answered", exchange.getRequestURI().getPath(), e);
            return new Answer(FAILED, PLAIN, "failed; the master's log says why\n");
        }
    }

    private static Answer told(Supplier<List<String>> reasons) {
        List<String> found = reasons.get();
        return found.isEmpty()
                ? new Answer(OK, PLAIN, "ok\n")
                : new Answer(UNAVAILABLE, PLAIN, String.join("\n", found) + "\n");
    }

    private String scrape() {
        if (cluster != null) {
            cluster.read();
        }
        return registry.scrape();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdown();
    }
}
