package io.buildledger.scheduler.serving;

import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.showing.Printable;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Refuses what changes something and comes from a page of another site, whoever would answer it. A
 * browser asks nobody before it sends a form to another site, so any page that somebody looks at
 * could send changes here, cancel requests and drain masters.
 */
@Component
@Order(ServedFilters.OWN_PAGES)
class OwnPages extends OncePerRequestFilter {

    private static final Set<String> CHANGE_NOTHING = Set.of("GET", "HEAD", "OPTIONS");

    /** What browsers say of where a request comes from, and other pages can't have them say. */
    private static final String FETCH_SITE = "Sec-Fetch-Site";

    private static final Set<String> OWN = Set.of("same-origin", "none");

    /** Of {@code web.url}, which a proxy may ask for by another name; empty if nothing is said. */
    private final String ownOrigin;

    OwnPages(ConfigurationFile file) {
        String url = file.configuration().web().url();
        ownOrigin = url == null ? "" : originOf(url);
    }

    /** As browsers write it, without a slash and the port that goes without saying. */
    private static String originOf(String url) {
        return url.replaceFirst("/$", "")
                .replaceFirst("^(https://.*):443$", "$1")
                .replaceFirst("^(http://.*):80$", "$1");
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (CHANGE_NOTHING.contains(request.getMethod()) || isOwn(request)) {
            chain.doFilter(request, response);
        } else {
            Unanswered.of(request.getRequestURI(), HttpStatus.FORBIDDEN, refusal(request))
                    .sendTo(response, HttpStatus.FORBIDDEN);
        }
    }

    private static String refusal(HttpServletRequest request) {
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        String host = String.valueOf(request.getHeader(HttpHeaders.HOST));
        return origin == null
                ? "Origin: it is missing, and so it can't be seen that this comes from a page of '%s': send it, or send a token in place of a cookie"
                        .formatted(Printable.cut(host, 80))
                : "Origin: '%s' is another site than '%s': send it from a program, or from a page of this address"
                        .formatted(Printable.cut(origin, 80), Printable.cut(host, 80));
    }

    /**
     * Only browsers send an origin; {@code null} is that of a page that hides its own. A browser
     * that sends neither could still have a session, so one that has shows where it comes from.
     */
    private boolean isOwn(HttpServletRequest request) {
        String site = request.getHeader(FETCH_SITE);
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        if (origin == null) {
            return site == null ? request.getCookies() == null : OWN.contains(site);
        }
        return (site == null || OWN.contains(site))
                && (origin.equalsIgnoreCase(ownOrigin)
                        || origin.replaceFirst("^[A-Za-z]+://", "")
                                .equalsIgnoreCase(request.getHeader(HttpHeaders.HOST)));
    }
}
