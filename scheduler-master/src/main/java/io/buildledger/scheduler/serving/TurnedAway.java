package io.buildledger.scheduler.serving;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.InsufficientAuthenticationException;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.access.AccessDeniedHandler;
import org.springframework.stereotype.Component;

/**
 * Answers those who may not see what they ask for: people are led to where they log in, programs
 * are told.
 */
@Component
class TurnedAway implements AuthenticationEntryPoint, AccessDeniedHandler {

    @Override
    public void commence(
            HttpServletRequest request, HttpServletResponse response, AuthenticationException e)
            throws IOException {
        boolean isNobody = e instanceof InsufficientAuthenticationException;
        Unanswered answer =
                Unanswered.of(
                        request.getRequestURI(),
                        HttpStatus.UNAUTHORIZED,
                        isNobody
                                ? "no role gives 'view' to everyone: log in, or send a token"
                                : String.valueOf(e.getMessage()));
        if (isNobody && answer.isPage() && isGoneTo(request)) {
            response.sendRedirect("/login?next=" + encoded(addressOf(request)));
            return;
        }
        response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
        answer.sendTo(response, HttpStatus.UNAUTHORIZED);
    }

    /** What a page's scripts ask for would be put into the page, whatever it is. */
    private static boolean isGoneTo(HttpServletRequest request) {
        String destination = request.getHeader("Sec-Fetch-Dest");
        return HttpMethod.GET.matches(request.getMethod())
                && request.getHeader(SharedParts.BY_SCRIPT) == null
                && (destination == null || destination.equals("document"));
    }

    @Override
    public void handle(
            HttpServletRequest request, HttpServletResponse response, AccessDeniedException e)
            throws IOException {
        Unanswered.of(
                        request.getRequestURI(),
                        HttpStatus.FORBIDDEN,
                        "no role gives you 'view': ask who configures this cluster")
                .sendTo(response, HttpStatus.FORBIDDEN);
    }

    /** Path and query of a request, as they were sent. */
    static String addressOf(HttpServletRequest request) {
        String query = request.getQueryString();
        return query == null ? request.getRequestURI() : request.getRequestURI() + "?" + query;
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
