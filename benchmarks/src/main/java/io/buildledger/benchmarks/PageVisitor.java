package io.buildledger.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Asks for pages, one after the other, over a connection that is kept. */
final class PageVisitor implements AutoCloseable {

    private static final Pattern LOADED =
            Pattern.compile(
                    "<link [^>]*rel=\"(?!alternate)[^\"]*\"[^>]*href=\"([^\"]+)\"|<script src=\"([^\"]+)\"");

    private static final int OK = 200;

    /**
     * @param compressedBytes as a browser gets it
     * @param requests for it and for all that its head names
     * @param compressedBytesOfAll of all these
     */
    record Size(long bytes, long compressedBytes, int requests, long compressedBytesOfAll) {}

    private final String root;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    PageVisitor(String root) {
        this.root = root;
    }

    /** Visits all pages in turn, so many times; returns the milliseconds of each. */
    Map<String, Percentiles> visit(List<String> addresses, int times) throws InterruptedException {
        Map<String, List<Double>> millis = new LinkedHashMap<>();
        for (int i = 0; i < times; i++) {
            for (String address : addresses) {
                long begun = System.nanoTime();
                get(address, "identity");
                millis.computeIfAbsent(address, _ -> new ArrayList<>())
                        .add((System.nanoTime() - begun) / 1e6);
            }
        }
        Map<String, Percentiles> percentiles = new LinkedHashMap<>();
        millis.forEach((address, of) -> percentiles.put(address, Percentiles.of(of)));
        return percentiles;
    }

    Size size(String address) throws InterruptedException {
        byte[] page = get(address, "identity");
        long compressed = get(address, "gzip").length;
        Set<String> loaded = new LinkedHashSet<>();
        Matcher matcher = LOADED.matcher(new String(page, StandardCharsets.UTF_8));
        while (matcher.find()) {
            loaded.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
        }
        long all = compressed;
        for (String each : loaded) {
            all += get(each, "gzip").length;
        }
        return new Size(page.length, compressed, 1 + loaded.size(), all);
    }

    private byte[] get(String address, String encoding) throws InterruptedException {
        try {
            HttpResponse<byte[]> answer =
                    http.send(
                            HttpRequest.newBuilder(URI.create(root + address))
                                    .header("Accept-Encoding", encoding)
                                    .build(),
                            HttpResponse.BodyHandlers.ofByteArray());
            if (answer.statusCode() != OK) {
                throw new RunFailedException(
                        "%s is answered by %d: %s"
                                .formatted(
                                        address,
                                        answer.statusCode(),
                                        new String(answer.body(), StandardCharsets.UTF_8)));
            }
            return answer.body();
        } catch (IOException e) {
            throw new RunFailedException(address + " is not answered: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
