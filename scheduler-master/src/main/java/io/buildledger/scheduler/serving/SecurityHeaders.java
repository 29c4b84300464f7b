package io.buildledger.scheduler.serving;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** Lets no page run or load what isn't ours, whatever names and logs hold. */
@Component
@Order(ServedFilters.SECURITY_HEADERS)
class SecurityHeaders extends OncePerRequestFilter {

    private static final String POLICY =
            "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        addTo(response);
        chain.doFilter(request, response);
    }

    /** What the container refuses comes here only with the answer that says so. */
    @Override
    protected boolean shouldNotFilterErrorDispatch() {
        return false;
    }

    static void addTo(HttpServletResponse response) {
        response.setHeader("Content-Security-Policy", POLICY);
        response.setHeader("X-Content-Type-Options", "nosniff");
        // With none at all a browser hides where its forms come from, and OwnPages refuses them.
        response.setHeader("Referrer-Policy", "same-origin");
    }
}
