package io.buildledger.benchmarks;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * When a headless Chromium first shows something of a page, with an empty cache, by its own account
 * ({@code first-contentful-paint}).
 */
final class PaintedPages implements AutoCloseable {

    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
    private static final int TIMES = 5;
    private static final int OK = 200;
    private static final Duration READY_WITHIN = Duration.ofSeconds(30);
    private static final Duration ENDS_WITHIN = Duration.ofSeconds(10);
    private static final JsonMapper JSON = JsonMapper.shared();

    private static final String FIRST_PAINT =
            """
            const done = arguments[arguments.length - 1];
            new PerformanceObserver((list, observer) => list.getEntries()
                .filter(it => it.name === "first-contentful-paint")
                .forEach(it => { observer.disconnect(); done(it.startTime); }))
              .observe({ type: "paint", buffered: true });
            """;

    private final HttpClient http = HttpClient.newHttpClient();
    private final Process driver;
    private final String address;
    private final JsonNode session;

    /** Why there can't be one here; empty if there can. */
    static Optional<String> obstacle() {
        return Files.isExecutable(CHROMIUM) && Files.isExecutable(DRIVER)
                ? Optional.empty()
                : Optional.of(
                        "there is no %s or no %s: install chromium and chromium-driver"
                                .formatted(CHROMIUM, DRIVER));
    }

    PaintedPages(Bench bench) throws InterruptedException {
        int port = FreePort.find();
        address = "http://127.0.0.1:" + port;
        try {
            driver =
                    new ProcessBuilder(DRIVER.toString(), "--port=" + port)
                            .redirectErrorStream(true)
                            .redirectOutput(bench.newPath("chromedriver.log").toFile())
                            .start();
        } catch (IOException e) {
            throw new RunFailedException("can't start " + DRIVER + ": " + e.getMessage(), e);
        }
        bench.leftovers().add("stop the browser", this::close);
        awaitReady();
        session =
                send(
                        "/session",
                        Map.of(
                                "capabilities",
                                Map.of(
                                        "alwaysMatch",
                                        Map.of(
                                                "goog:chromeOptions",
                                                Map.of(
                                                        "binary",
                                                        CHROMIUM.toString(),
                                                        "args",
                                                        List.of(
                                                                "--headless=new",
                                                                "--no-sandbox",
                                                                "--disable-gpu",
                                                                "--disable-dev-shm-usage",
                                                                "--no-first-run",
                                                                "--disable-background-networking",
                                                                "--window-size=1280,1000"))))));
        command("goog/cdp/execute", Map.of("cmd", "Network.enable", "params", Map.of()));
        command(
                "goog/cdp/execute",
                Map.of("cmd", "Network.setCacheDisabled", "params", Map.of("cacheDisabled", true)));
    }

    private void awaitReady() throws InterruptedException {
        long deadline = System.nanoTime() + READY_WITHIN.toNanos();
        while (true) {
            try {
                http.send(
                        HttpRequest.newBuilder(URI.create(address + "/status")).build(),
                        HttpResponse.BodyHandlers.discarding());
                return;
            } catch (ConnectException e) {
                if (System.nanoTime() > deadline || !driver.isAlive()) {
                    throw new RunFailedException(DRIVER + " does not answer", e);
                }
                Thread.sleep(50);
            } catch (IOException e) {
                throw new RunFailedException(DRIVER + " does not answer", e);
            }
        }
    }

    String version() {
        return "Chromium "
                + session.path("capabilities").path("browserVersion").asString("unknown");
    }

    /** Loads all pages in turn; returns the milliseconds of each, without those of a first turn. */
    Map<String, Percentiles> paints(String root, List<String> addresses)
            throws InterruptedException {
        Map<String, List<Double>> millis = new LinkedHashMap<>();
        for (int i = 0; i <= TIMES; i++) {
            for (String page : addresses) {
                command("url", Map.of("url", root + page));
                double paint =
                        command("execute/async", Map.of("script", FIRST_PAINT, "args", List.of()))
                                .asDouble();
                if (i > 0) {
                    millis.computeIfAbsent(page, _ -> new ArrayList<>()).add(paint);
                }
            }
        }
        Map<String, Percentiles> percentiles = new LinkedHashMap<>();
        millis.forEach((page, of) -> percentiles.put(page, Percentiles.of(of)));
        return percentiles;
    }

    private JsonNode command(String command, Map<String, ?> body) throws InterruptedException {
        return send(
                "/session/%s/%s".formatted(session.path("sessionId").asString(), command), body);
    }

    private JsonNode send(String path, Map<String, ?> body) throws InterruptedException {
        try {
            HttpResponse<String> answer =
                    http.send(
                            HttpRequest.newBuilder(URI.create(address + path))
                                    .header("Content-Type", "application/json")
                                    .POST(
                                            HttpRequest.BodyPublishers.ofString(
                                                    JSON.writeValueAsString(body)))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != OK) {
                throw new RunFailedException(
                        "the browser refuses %s: %s".formatted(path, answer.body()));
            }
            return JSON.readTree(answer.body()).path("value");
        } catch (IOException e) {
            throw new RunFailedException("the browser does not answer: " + e.getMessage(), e);
        }
    }

    /** Ends the browser by the driver, and the driver. */
    @Override
    public void close() {
        if (driver.isAlive()) {
            endSession();
        }
        driver.destroy();
        try {
            if (!driver.waitFor(ENDS_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
                driver.destroyForcibly();
            }
        } catch (InterruptedException e) {
            driver.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        http.close();
    }

    private void endSession() {
        try {
            http.send(
                    HttpRequest.newBuilder(
                                    URI.create(
                                            "%s/session/%s"
                                                    .formatted(
                                                            address,
                                                            session.path("sessionId").asString())))
                            .timeout(ENDS_WITHIN)
                            .DELETE()
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
        } catch (IOException e) {
            // It has ended already.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
