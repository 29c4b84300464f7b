package io.buildledger.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Pages that many people have open: each hears of what has grown over a connection of its own, and
 * asks for the parts that show it as the script of the real pages does, with the pause between two
 * looks that the master asks for. What they get is not shown.
 */
final class OpenPages implements AutoCloseable {

    /** A part of the page, and the streams, or kinds of them, that it shows. */
    private record Part(String address, Set<String> shows) {}

    /** What a page is told, and the parts that have to look then. */
    private record Grown(String data, Duration pause, Set<String> streams, List<Part> shownBy) {}

    /** A page that was told of a stream, by {@link System#nanoTime}. */
    record Told(int page, String stream, long atNanos) {}

    private static final Pattern PART =
            Pattern.compile("hx-get=\"([^\"]+)\" hx-trigger=\"live\" data-live=\"([^\"]+)\"");
    private static final Pattern POSITION =
            Pattern.compile("<meta name=\"live-after\" content=\"(\\d+)\"");
    private static final String DATA = "data:";

    /** As in {@code live.js}: a share of the pause over which pages that are told at once look. */
    private static final double SPREAD = 0.05;

    private static final Duration CONNECTED_WITHIN = Duration.ofSeconds(60);
    private static final int OK = 200;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String root;
    private final List<Part> parts;
    private final CountDownLatch connected;
    private final ConcurrentLinkedQueue<Told> told = new ConcurrentLinkedQueue<>();
    private final LongAdder looks = new LongAdder();
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private volatile @Nullable Grown last;
    private volatile boolean isClosed;

    /**
     * Opens the first page so many times, and waits until each of them is connected.
     *
     * @throws RunFailedException if they can't be within a minute
     */
    OpenPages(String root, int pages) throws InterruptedException {
        this.root = root;
        String page = new String(get("/", "identity"), StandardCharsets.UTF_8);
        this.parts =
                PART.matcher(page)
                        .results()
                        .map(it -> new Part(it.group(1), Set.of(it.group(2).split(" ", -1))))
                        .toList();
        Matcher position = POSITION.matcher(page);
        if (parts.isEmpty() || !position.find()) {
            throw new RunFailedException("the first page has no parts that are live");
        }
        URI live =
                URI.create(
                        Stream.concat(
                                        Stream.of("after=" + position.group(1)),
                                        parts.stream()
                                                .flatMap(it -> it.shows().stream())
                                                .distinct()
                                                .map(it -> "shows=" + encoded(it)))
                                .collect(Collectors.joining("&", root + "/live?", "")));
        this.connected = new CountDownLatch(pages);
        for (int i = 0; i < pages; i++) {
            int number = i;
            Thread.ofVirtual().name("page-" + i).start(() -> hear(number, live));
        }
        if (!connected.await(CONNECTED_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
            throw new RunFailedException(
                    "%d of %d pages are not connected after %s"
                            .formatted(connected.getCount(), pages, CONNECTED_WITHIN));
        }
    }

    private static String encoded(String stream) {
        return URLEncoder.encode(stream, StandardCharsets.UTF_8);
    }

    private void hear(int number, URI live) {
        try {
            HttpResponse<Stream<String>> answer =
                    http.send(
                            HttpRequest.newBuilder(live).build(),
                            HttpResponse.BodyHandlers.ofLines());
            if (answer.statusCode() != OK) {
                throw new IOException("/live is answered by " + answer.statusCode());
            }
            connected.countDown();
            OpenPage page = new OpenPage(number);
            try (Stream<String> lines = answer.body()) {
                lines.filter(it -> it.startsWith(DATA))
                        .map(it -> it.substring(DATA.length()).strip())
                        .filter(it -> it.startsWith("{"))
                        .forEach(page::hear);
            }
            throw new IOException("/live has ended");
        } catch (IOException | RuntimeException e) {
            fail(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail(e);
        }
    }

    private void fail(Exception e) {
        if (!isClosed) {
            failure.compareAndSet(null, e);
        }
    }

    /** All are told the same, and reading it anew for each would cost as much as telling it. */
    private Grown grown(String data) {
        Grown known = last;
        if (known == null || !known.data().equals(data)) {
            known = read(data);
            last = known;
        }
        return known;
    }

    private Grown read(String data) {
        JsonNode grown = JSON.readTree(data);
        Set<String> streams = new HashSet<>();
        grown.path("streams").forEach(it -> streams.add(it.asString()));
        return new Grown(
                data,
                Duration.ofMillis(grown.path("pause").asLong()),
                streams,
                parts.stream()
                        .filter(part -> streams.stream().anyMatch(it -> isShownBy(part, it)))
                        .toList());
    }

    private static boolean isShownBy(Part part, String stream) {
        return part.shows().contains(stream) || part.shows().contains(stream.replaceAll("/.*", ""));
    }

    /** What one page remembers of its parts. */
    private final class OpenPage {

        private final int number;

        /** By the part's address while it looks or rests: whether it has to look again. */
        private final Map<String, Boolean> looking = new HashMap<>();

        private OpenPage(int number) {
            this.number = number;
        }

        private void hear(String data) {
            long now = System.nanoTime();
            Grown grown = grown(data);
            grown.streams().forEach(it -> told.add(new Told(number, it, now)));
            grown.shownBy().forEach(it -> look(it.address(), grown.pause()));
        }

        private synchronized void look(String address, Duration pause) {
            if (looking.putIfAbsent(address, false) != null) {
                looking.put(address, true);
                return;
            }
            Thread.ofVirtual().start(() -> lookWhileItGrows(address, pause));
        }

        private void lookWhileItGrows(String address, Duration pause) {
            try {
                ThreadLocalRandom random = ThreadLocalRandom.current();
                TimeUnit.NANOSECONDS.sleep(random.nextLong((long) (SPREAD * pause.toNanos())));
                do {
                    long begun = System.nanoTime();
                    begin(address);
                    get(address, "gzip");
                    looks.increment();
                    TimeUnit.NANOSECONDS.sleep(
                            begun
                                    + (long) (pause.toNanos() * (0.5 + random.nextDouble()))
                                    - System.nanoTime());
                } while (hasToLookAgain(address));
            } catch (RunFailedException e) {
                fail(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private synchronized void begin(String address) {
            looking.put(address, false);
        }

        private synchronized boolean hasToLookAgain(String address) {
            if (isClosed || !Boolean.TRUE.equals(looking.remove(address))) {
                return false;
            }
            looking.put(address, false);
            return true;
        }
    }

    private byte[] get(String address, String encoding) throws InterruptedException {
        try {
            HttpResponse<byte[]> answer =
                    http.send(
                            HttpRequest.newBuilder(URI.create(root + address))
                                    .header("HX-Request", "true")
                                    .header("Accept-Encoding", encoding)
                                    .build(),
                            HttpResponse.BodyHandlers.ofByteArray());
            if (answer.statusCode() != OK) {
                throw new RunFailedException(
                        "%s is answered by %d".formatted(address, answer.statusCode()));
            }
            return answer.body();
        } catch (IOException e) {
            throw new RunFailedException(address + " is not answered: " + e.getMessage(), e);
        }
    }

    /**
     * What they were told so far.
     *
     * @throws RunFailedException if one of them lost its connection or was refused
     */
    List<Told> told() {
        Exception first = failure.get();
        if (first != null) {
            throw new RunFailedException("a page failed: " + first.getMessage(), first);
        }
        return new ArrayList<>(told);
    }

    /** How many parts they have asked for. */
    long looks() {
        return looks.sum();
    }

    @Override
    public void close() {
        isClosed = true;
        http.shutdownNow();
    }
}
