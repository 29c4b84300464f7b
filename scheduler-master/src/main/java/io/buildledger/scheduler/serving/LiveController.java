package io.buildledger.scheduler.serving;

import io.buildledger.scheduler.admitting.Admission;
import io.buildledger.viewing.ViewProjector;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.util.MultiValueMap;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyEmitter.DataWithMediaType;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import tools.jackson.databind.json.JsonMapper;

/**
 * What pages hear of the log, as server-sent events. {@code grown} is {@link Grown} in JSON, and
 * its id is the index of the log up to which all has been told; {@code alive} says that nothing
 * has, or, as {@code troubled}, that this master can't tell.
 */
@RestController
class LiveController {

    /**
     * A page that is gone is noticed by what can't be sent to it; live.js waits for thrice that.
     */
    private static final Duration SILENCE = Duration.ofSeconds(15);

    /**
     * @param streams those that have grown; {@code build/*} for all of a kind, {@code *} for all
     * @param pause milliseconds that the page should leave between two looks of one of its parts
     */
    record Grown(Set<String> streams, long pause) {}

    /** A page comes back by itself, and whatever is never noticed to be gone goes then. */
    private static final Duration LONGEST = Duration.ofMinutes(30);

    /** Where not everybody may look, a page has to show again and again who looks. */
    private static final Duration LONGEST_IF_RESTRICTED = Duration.ofMinutes(1);

    private static final MediaType TEXT = new MediaType("text", "plain", StandardCharsets.UTF_8);
    private static final long FOR_EVER = 0;
    private static final long RECONNECT_MILLIS = 1_000;

    private final LiveFeed feed;
    private final JdbcClient jdbc;
    private final JsonMapper json;
    private final Admission admission;

    LiveController(LiveFeed feed, JdbcClient jdbc, JsonMapper json, Admission admission) {
        this.feed = feed;
        this.jdbc = jdbc;
        this.json = json;
        this.admission = admission;
    }

    /**
     * @param after index of the last event that the page knows of; else what comes from now on
     * @param parameters in {@code shows} the streams that the page shows, and kinds of them; else
     *     all
     * @param lastEventId the same as {@code after}, of a connection that was lost
     */
    @GetMapping(path = "/live", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    SseEmitter live(
            @RequestParam(name = "after", required = false) @Nullable Long after,
            @RequestParam MultiValueMap<String, String> parameters,
            @RequestHeader(name = "Last-Event-ID", required = false) @Nullable Long lastEventId,
            HttpServletRequest request,
            HttpServletResponse response)
            throws HttpRequestMethodNotSupportedException {
        if (!HttpMethod.GET.matches(request.getMethod())) {
            // Spring answers HEAD as GET, and the container would keep all to itself, for ever.
            throw new HttpRequestMethodNotSupportedException(request.getMethod(), List.of("GET"));
        }
        response.setHeader("Cache-Control", "no-store");
        // A proxy that gathers an answer before it passes it on would gather for ever.
        response.setHeader("X-Accel-Buffering", "no");
        Long known = lastEventId != null ? lastEventId : after;
        // Spring would take a comma in a name for the end of it.
        Set<String> shows = Set.copyOf(parameters.getOrDefault("shows", List.of()));
        LiveFeed.Listener listener =
                feed.listen(
                        known != null ? known : ViewProjector.position(jdbc).complete(),
                        shows,
                        admission.senderOf(request));
        SseEmitter emitter = new SseEmitter(FOR_EVER);
        // Not before the answer has been sent whole: a master that ends waits for its listeners.
        emitter.onCompletion(listener::close);
        Thread.ofVirtual().name("live").start(() -> tell(listener, emitter));
        return emitter;
    }

    private void tell(LiveFeed.Listener listener, SseEmitter emitter) {
        try {
            emitter.send(SseEmitter.event().reconnectTime(RECONNECT_MILLIS));
            long begun = System.nanoTime();
            while (!listener.isOver() && System.nanoTime() - begun < longest().toNanos()) {
                emitter.send(message(listener.next(SILENCE)));
            }
            emitter.complete();
        } catch (IOException e) {
            // The page is gone, and the container knows.
            listener.close();
        } catch (InterruptedException | RuntimeException | Error e) {
            listener.close();
            emitter.completeWithError(e);
        }
    }

    private Duration longest() {
        return admission.isSeenByAll() ? LONGEST : LONGEST_IF_RESTRICTED;
    }

    private Set<DataWithMediaType> message(LiveFeed.Told told) {
        return told.streams().isEmpty()
                ? SseEmitter.event()
                        .id(Long.toString(told.upTo()))
                        .name("alive")
                        .data(feed.isTroubled() ? "troubled" : "")
                        .build()
                : Set.of(new DataWithMediaType(told.inWords(this::grown), TEXT));
    }

    private String grown(LiveFeed.Told told) {
        return "id:%d\nevent:grown\ndata:%s\n\n"
                .formatted(
                        told.upTo(),
                        json.writeValueAsString(
                                new Grown(told.streams(), feed.pause().toMillis())));
    }
}
