package io.buildledger.scheduler.serving;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.util.HtmlUtils;
import tools.jackson.databind.json.JsonMapper;

/**
 * What there is to say of a request that no controller has answered, in the shape that those look
 * for to whom its address belongs. It tells nothing of what went wrong inside.
 */
record Unanswered(MediaType type, String body) {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String BUILDBOT = "/api/v2";
    private static final String API = "/api";
    private static final String HOOKS = "/change_hook";

    /**
     * @param path as it was sent; null if nobody can tell, as no browser sends such
     */
    static Unanswered of(@Nullable String path, HttpStatus status) {
        return of(
                path,
                status,
                status.is5xxServerError()
                        ? "this master can't answer that; its log tells why"
                        : "nothing here answers such a request: see to its method, its address and how that is encoded");
    }

    /**
     * @param detail why, as far as somebody may know it
     */
    static Unanswered of(@Nullable String path, HttpStatus status, String detail) {
        String title = status.getReasonPhrase();
        if (path != null && isBelow(BUILDBOT, path)) {
            return json(MediaType.APPLICATION_JSON, Map.of("error", detail));
        }
        if (path == null || isBelow(API, path) || isBelow(HOOKS, path)) {
            return json(
                    MediaType.APPLICATION_PROBLEM_JSON,
                    Map.of("title", title, "status", status.value(), "detail", detail));
        }
        return new Unanswered(
                MediaType.TEXT_HTML,
                """
                <!DOCTYPE html>
                <html lang="en">
                <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>%1$s</title><link rel="icon" type="image/svg+xml" href="/favicon.svg"><link rel="stylesheet" href="/buildledger.css"></head>
                <body><main><section><h1>%1$s</h1><p>%2$s</p><p><a href="/">To the overview</a></p></section></main></body>
                </html>
                """
                        .formatted(title, HtmlUtils.htmlEscape(detail)));
    }

    /** Writes it as the answer to a request. */
    void sendTo(HttpServletResponse response, HttpStatus status) throws IOException {
        response.setStatus(status.value());
        response.setContentType(type.toString());
        response.setCharacterEncoding(StandardCharsets.UTF_8);
        response.getWriter().write(body);
    }

    /** Whether it is told on a page, as a browser asks for it. */
    boolean isPage() {
        return type.equals(MediaType.TEXT_HTML);
    }

    private static boolean isBelow(String prefix, String path) {
        return path.equals(prefix) || path.startsWith(prefix + "/");
    }

    private static Unanswered json(MediaType type, Map<String, ?> object) {
        return new Unanswered(type, JSON.writeValueAsString(object));
    }

    static HttpStatus status(int code) {
        HttpStatus status = HttpStatus.resolve(code);
        return status == null ? HttpStatus.INTERNAL_SERVER_ERROR : status;
    }
}
