package io.buildledger.scheduler.serving.buildbot;

import jakarta.servlet.http.HttpServletRequest;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.ShallowEtagHeaderFilter;

/**
 * Lets programs that ask again and again be told that nothing has changed: an answer has an ETag,
 * made of its bytes. Logs as text are sent as they are read, and have none.
 */
@Component
class Revalidation extends ShallowEtagHeaderFilter {

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        String path = request.getRequestURI();
        return !path.startsWith("/api/v2") || path.endsWith("/raw") || path.endsWith("/raw_inline");
    }
}
