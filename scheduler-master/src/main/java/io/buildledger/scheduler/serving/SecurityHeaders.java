package io.buildledger.scheduler.serving;

import io.buildledger.configuring.ConfigurationFile;
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

    /**
     * A year. Other hosts of the domain are not ours to speak of, and a list in browsers is for
     * ever.
     */
    private static final String OVER_TLS_ALONE = "max-age=31536000";

    private final boolean isOverTls;

    SecurityHeaders(ConfigurationFile file) {
        String url = file.configuration().web().url();
        isOverTls = url != null && url.startsWith("https:");
    }

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

    void addTo(HttpServletResponse response) {
        response.setHeader("Content-Security-Policy", POLICY);
        response.setHeader("X-Content-Type-Options", "nosniff");
        // With none at all a browser hides where its forms come from, and OwnPages refuses them.
        response.setHeader("Referrer-Policy", "same-origin");
        if (isOverTls) {
            // Where there is a proxy that ends TLS, this can't see whether there is any; without
            // it browsers pass this over.
            response.setHeader("Strict-Transport-Security", OVER_TLS_ALONE);
        }
    }
}
