package io.buildledger.scheduler.tracing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** A collector that keeps what it is sent, and answers as it is told to. */
final class ReceivingCollector implements AutoCloseable {

    final List<ExportTraceServiceRequest> requests = new CopyOnWriteArrayList<>();
    final List<@Nullable String> authorizations = new CopyOnWriteArrayList<>();

    /** Has somebody ask, and wait in vain. */
    final CountDownLatch asked = new CountDownLatch(1);

    volatile int status = 200;
    volatile boolean isSilent;

    /** What it says of what it takes. */
    volatile ExportTraceServiceResponse response = ExportTraceServiceResponse.getDefaultInstance();

    private final CountDownLatch closed = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer server;

    ReceivingCollector() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/traces", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    String endpoint() {
        return "http://127.0.0.1:%d/v1/traces".formatted(server.getAddress().getPort());
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange;
                GZIPInputStream body = new GZIPInputStream(exchange.getRequestBody())) {
            ExportTraceServiceRequest request = ExportTraceServiceRequest.parseFrom(body);
            asked.countDown();
            if (isSilent) {
                closed.await();
            }
            if (status == 200) {
                authorizations.add(exchange.getRequestHeaders().getFirst("Authorization"));
                requests.add(request);
            }
            byte[] said = response.toByteArray();
            exchange.sendResponseHeaders(status, said.length == 0 ? -1 : said.length);
            if (said.length > 0) {
                exchange.getResponseBody().write(said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    List<Span> spans() {
        return requests.stream()
                .flatMap(it -> it.getResourceSpansList().stream())
                .flatMap(it -> it.getScopeSpansList().stream())
                .flatMap(it -> it.getSpansList().stream())
                .toList();
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
