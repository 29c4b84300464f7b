package io.buildledger.scheduler.serving;

import io.buildledger.showing.Printable;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import tools.jackson.databind.json.JsonMapper;

/**
 * Refuses what changes something and comes from a page of another site, whoever would answer it. A
 * browser asks nobody before it sends a form to another site, so any page that somebody looks at
 * could send changes here, cancel requests and drain masters.
 */
@Component
class OwnPages extends OncePerRequestFilter {

    private static final Set<String> CHANGE_NOTHING = Set.of("GET", "HEAD", "OPTIONS");
    private static final JsonMapper JSON = JsonMapper.shared();

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        String host = request.getHeader(HttpHeaders.HOST);
        if (CHANGE_NOTHING.contains(request.getMethod()) || isOwn(origin, host)) {
            chain.doFilter(request, response);
        } else {
            refuse(
                    response,
                    "Origin: '%s' is another site than '%s': send it from a program, or from a page of this address"
                            .formatted(Printable.cut(String.valueOf(origin), 80), host));
        }
    }

    /** Only browsers send an origin; {@code null} is that of a page that hides its own. */
    private static boolean isOwn(@Nullable String origin, @Nullable String host) {
        return origin == null || origin.replaceFirst("^[A-Za-z]+://", "").equalsIgnoreCase(host);
    }

    private static void refuse(HttpServletResponse response, String detail) throws IOException {
        HttpStatus status = HttpStatus.FORBIDDEN;
        response.setStatus(status.value());
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        response.setCharacterEncoding(StandardCharsets.UTF_8);
        JSON.writeValue(
                response.getWriter(),
                Map.of(
                        "title",
                        status.getReasonPhrase(),
                        "status",
                        status.value(),
                        "detail",
                        detail));
    }
}
