package io.buildledger.scheduler.serving;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.tomcat.util.http.parser.AcceptEncoding;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.PathContainer;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ContentCachingResponseWrapper;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/**
 * Makes a part of a page once for all pages that ask for it after the same growth of the log: else
 * a thousand pages that are told of one build would be a thousand times the same statements. A part
 * is the same for everybody, and is shared for a second at most, as it may tell of times.
 */
@Component
class SharedParts extends OncePerRequestFilter {

    /** What scripts ask by; a page that a browser goes to is made for it alone. */
    static final String BY_SCRIPT = "HX-Request";

    /** What is small, made from the database, and the same for everybody. */
    private static final List<PathPattern> SHARED =
            Stream.of(
                            "/sections/{part}",
                            "/masters/now",
                            "/{kind}/{name}/now",
                            "/builds/{builder}/{number}/status",
                            "/builds/{builder}/{number}/inputs",
                            "/builds/{builder}/{number}/lines/{step}/{log}",
                            "/api/builds/{builder}/{number}/logs",
                            "/requests/{id}/timeline")
                    .map(PathPatternParser.defaultInstance::parse)
                    .toList();

    private static final long SHARED_FOR_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long MADE_WITHIN_SECONDS = 10;

    /** Less than this is not worth it; the container draws the line there, too. */
    private static final int LEAST_COMPRESSED_BYTES = 2048;

    private static final class Made {
        private final byte[] body;
        private final @Nullable String type;
        private byte @Nullable [] gzip;

        private Made(byte[] body, @Nullable String type) {
            this.body = body;
            this.type = type;
        }

        /** Compressed once for all, too: that costs as much as all the rest of an answer. */
        private synchronized byte[] gzip() throws IOException {
            byte[] compressed = gzip;
            if (compressed == null) {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                try (GZIPOutputStream compressing = new GZIPOutputStream(bytes)) {
                    compressing.write(body);
                }
                compressed = bytes.toByteArray();
                gzip = compressed;
            }
            return compressed;
        }

        private void send(HttpServletRequest request, HttpServletResponse response)
                throws IOException {
            byte[] sent = body;
            if (body.length >= LEAST_COMPRESSED_BYTES) {
                response.addHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING);
                if (takesGzip(request)) {
                    response.setHeader(HttpHeaders.CONTENT_ENCODING, "gzip");
                    sent = gzip();
                }
            }
            response.setContentType(type);
            response.setContentLength(sent.length);
            response.getOutputStream().write(sent);
        }

        private static boolean takesGzip(HttpServletRequest request) throws IOException {
            String accepted = request.getHeader(HttpHeaders.ACCEPT_ENCODING);
            return accepted != null
                    && AcceptEncoding.parse(new StringReader(accepted)).stream()
                            .anyMatch(it -> it.getEncoding().equals("gzip") && it.getQuality() > 0);
        }
    }

    private static final class Part {
        private final long growth;
        private final long sinceNanos;

        /** Null in it where it could not be made, so that each tries by itself. */
        private final CompletableFuture<@Nullable Made> made = new CompletableFuture<>();

        private Part(long growth, long sinceNanos) {
            this.growth = growth;
            this.sinceNanos = sinceNanos;
        }
    }

    private final LiveFeed feed;
    private final LongSupplier nanoTime;
    private final Map<String, Part> parts = new ConcurrentHashMap<>();

    @Autowired
    SharedParts(LiveFeed feed) {
        this(feed, System::nanoTime);
    }

    SharedParts(LiveFeed feed, LongSupplier nanoTime) {
        this.feed = feed;
        this.nanoTime = nanoTime;
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return !HttpMethod.GET.matches(request.getMethod())
                || request.getHeader(BY_SCRIPT) == null
                || !feed.isLooking()
                || !isShared(PathContainer.parsePath(request.getRequestURI()));
    }

    private static boolean isShared(PathContainer path) {
        return SHARED.stream().anyMatch(it -> it.matches(path));
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String address = request.getRequestURI() + "?" + request.getQueryString();
        // Before the part is made: what grows meanwhile may be missing in it.
        long growth = feed.growths();
        long now = nanoTime.getAsLong();
        Part own = new Part(growth, now);
        Part part = parts.merge(address, own, (old, it) -> isShared(old, growth, now) ? old : it);
        if (part == own) {
            make(own, request, response, chain);
            return;
        }
        Made made = await(part);
        if (made == null) {
            chain.doFilter(request, response);
        } else {
            made.send(request, response);
        }
    }

    private static boolean isShared(Part part, long growth, long now) {
        return part.growth == growth && now - part.sinceNanos < SHARED_FOR_NANOS;
    }

    private void make(
            Part part, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        ContentCachingResponseWrapper kept = new ContentCachingResponseWrapper(response);
        try {
            chain.doFilter(request, kept);
            if (kept.getStatus() == HttpStatus.OK.value()) {
                part.made.complete(new Made(kept.getContentAsByteArray(), kept.getContentType()));
            }
            kept.copyBodyToResponse();
        } finally {
            part.made.complete(null);
            long now = nanoTime.getAsLong();
            parts.values().removeIf(it -> now - it.sinceNanos >= SHARED_FOR_NANOS);
        }
    }

    private static @Nullable Made await(Part part) throws ServletException {
        try {
            return part.made.get(MADE_WITHIN_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            return null;
        } catch (ExecutionException e) {
            throw new ServletException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServletException("interrupted while another made the part", e);
        }
    }
}
