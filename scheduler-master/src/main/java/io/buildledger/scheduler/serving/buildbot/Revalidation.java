package io.buildledger.scheduler.serving.buildbot;

import jakarta.servlet.http.HttpServletRequest;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.ShallowEtagHeaderFilter;

/**
 * Lets programs that ask again and again be told that nothing has changed: an answer has an ETag,
 * made of its bytes. It is a weak one, as no other is compressed. Logs as text are sent as they are
 * read, and have none.
 */
@Component
class Revalidation extends ShallowEtagHeaderFilter {

    Revalidation() {
        setWriteWeakETag(true);
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        String path = request.getRequestURI();
        return !path.startsWith("/api/v2") || path.endsWith("/raw") || path.endsWith("/raw_inline");
    }
}
