package io.buildledger.scheduler.tracing;

import io.opentelemetry.api.metrics.MeterProvider;
import io.opentelemetry.common.ComponentLoader;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.export.HttpResponse;
import io.opentelemetry.sdk.common.export.HttpSender;
import io.opentelemetry.sdk.common.export.HttpSenderProvider;
import io.opentelemetry.sdk.common.export.MessageWriter;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A collector that is reached by OTLP over HTTP, as protobuf, compressed. It tries once: whoever
 * sends tries again.
 */
final class OtlpCollector implements Collector {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** More than what the exporter itself waits for the beginning of an answer. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(12);

    private static final Duration CONNECT_WITHIN = Duration.ofSeconds(5);
    // A value of other characters would be refused in words that have it in them.
    private static final Pattern HEADER =
            Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\\t ]*([\\t -~]*)");

    /** What is wrong is in the message. All else, such as a token that is wrong, can be mended. */
    private static final Set<Integer> REFUSALS = Set.of(400, 413, 422);

    private final String endpoint;
    private final @Nullable Path headersFile;
    private volatile Map<String, String> headers = Map.of();
    private volatile Sending sending;
    private volatile boolean isClosed;
    private volatile @Nullable CompletableFuture<Answer> awaited;

    /**
     * @param headersFile with headers, one a line; read whenever something is sent
     */
    OtlpCollector(String endpoint, @Nullable Path headersFile) {
        this.endpoint = endpoint;
        this.headersFile = headersFile;
        this.sending = new Sending();
    }

    /**
     * An exporter, and what is overheard of it. One that has not answered in time is given up with
     * its thread and its connection: an answer that stalls has no end of its own.
     */
    private final class Sending {
        private final ExecutorService threads =
                Executors.newThreadPerTaskExecutor(
                        Thread.ofVirtual().name("send-traces").factory());
        private final OtlpHttpSpanExporter exporter =
                OtlpHttpSpanExporter.builder()
                        .setEndpoint(endpoint)
                        .setCompression("gzip")
                        .setTimeout(PATIENCE)
                        .setConnectTimeout(CONNECT_WITHIN)
                        .setRetryPolicy(null)
                        .setExecutorService(threads)
                        .setHeaders(() -> headers)
                        // Else it would look for a provider of the whole process.
                        .setMeterProvider(MeterProvider.noop())
                        .setComponentLoader(overhearing(this))
                        .build();
        private volatile @Nullable HttpResponse response;
        private volatile @Nullable Throwable failure;

        private void close() {
            // First: else the client would wait for what it has sent.
            threads.shutdownNow();
            CompletableResultCode _ = exporter.shutdown();
        }
    }

    /**
     * The exporter itself tells whether it has succeeded, and not whether it is worth another try:
     * that is overheard from what sends for it.
     */
    private static ComponentLoader overhearing(Sending sending) {
        ComponentLoader loader =
                ComponentLoader.forClassLoader(OtlpCollector.class.getClassLoader());
        return new ComponentLoader() {
            @Override
            public <T> Iterable<T> load(Class<T> type) {
                if (!type.equals(HttpSenderProvider.class)) {
                    return loader.load(type);
                }
                HttpSenderProvider provider =
                        loader.load(HttpSenderProvider.class).iterator().next();
                HttpSenderProvider overheard =
                        config -> new Overheard(provider.createSender(config), sending);
                return List.of(type.cast(overheard));
            }
        };
    }

    private static final class Overheard implements HttpSender {
        private final HttpSender sender;
        private final Sending sending;

        private Overheard(HttpSender sender, Sending sending) {
            this.sender = sender;
            this.sending = sending;
        }

        @Override
        public void send(
                MessageWriter message,
                Consumer<HttpResponse> onResponse,
                Consumer<Throwable> onError) {
            sender.send(
                    message,
                    answer -> {
                        sending.response = answer;
                        onResponse.accept(answer);
                    },
                    error -> {
                        sending.failure = error;
                        onError.accept(error);
                    });
        }

        @Override
        public CompletableResultCode shutdown() {
            return sender.shutdown();
        }
    }

    @Override
    public Answer send(List<SpanData> spans) {
        try {
            headers = headersFile == null ? Map.of() : headersIn(headersFile);
        } catch (IOException e) {
            return new Answer.Unavailable(
                    "the headers_file %s can't be used: %s".formatted(headersFile, reason(e)));
        }
        Sending current = sending;
        current.response = null;
        current.failure = null;
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        awaited = answer;
        if (isClosed) {
            return new Answer.Abandoned();
        }
        CompletableResultCode result = current.exporter.export(spans);
        CompletableResultCode _ =
                result.whenComplete(() -> answer.complete(answer(current, result.isSuccess())));
        return await(answer);
    }

    private Answer await(CompletableFuture<Answer> answer) {
        try {
            return answer.get(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            beginAnew();
            return new Answer.Unavailable(
                    "%s does not answer within %d s".formatted(endpoint, LONGEST_WAIT.toSeconds()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Answer.Abandoned();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    private void beginAnew() {
        sending.close();
        sending = new Sending();
        if (isClosed) {
            sending.close();
        }
    }

    private Answer answer(Sending by, boolean isTaken) {
        HttpResponse answered = by.response;
        if (isTaken) {
            return PartialSuccess.in(answered == null ? null : answered.getResponseBody())
                    .<Answer>map(Answer.TakenInPart::new)
                    .orElseGet(Answer.Taken::new);
        }
        if (answered == null) {
            Throwable why = by.failure;
            return new Answer.Unavailable(
                    "%s can't be reached: %s"
                            .formatted(endpoint, why == null ? "no answer" : reason(why)));
        }
        String told = "%s answers %d".formatted(endpoint, answered.getStatusCode());
        return REFUSALS.contains(answered.getStatusCode())
                ? new Answer.Refused(told)
                : new Answer.Unavailable(told);
    }

    private static String reason(Throwable failure) {
        Throwable told = failure;
        while (told.getCause() != null
                && (told instanceof CompletionException || told instanceof UncheckedIOException)) {
            told = told.getCause();
        }
        String message = told.getMessage();
        return told.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }

    /**
     * @throws IOException also if a line is no header; what it says is not told, it may be secret
     */
    static Map<String, String> headersIn(Path file) throws IOException {
        Map<String, String> headers = new LinkedHashMap<>();
        List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                Matcher header = HEADER.matcher(line);
                if (!header.matches()) {
                    throw new IOException(
                            "line %d is no header: write NAME: VALUE".formatted(i + 1));
                }
                headers.put(header.group(1), header.group(2));
            }
        }
        return headers;
    }

    @Override
    public void close() {
        isClosed = true;
        CompletableFuture<Answer> waiting = awaited;
        if (waiting != null) {
            waiting.complete(new Answer.Abandoned());
        }
        sending.close();
    }
}
