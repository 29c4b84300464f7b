package io.buildledger.scheduler.serving;

import jakarta.servlet.http.HttpServletRequest;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.ShallowEtagHeaderFilter;

/**
 * Lets programs that ask again and again be told that nothing has changed: an answer has an ETag,
 * made of its bytes. It is a weak one, as no other is compressed. Logs as text are sent as they are
 * read, and have none.
 */
@Component
public class Revalidation extends ShallowEtagHeaderFilter {

    Revalidation() {
        setWriteWeakETag(true);
    }

    /** Whether answers from such an address have an ETag. */
    public static boolean isFor(String path) {
        boolean isText =
                path.startsWith("/api/v2/")
                        && (path.endsWith("/raw") || path.endsWith("/raw_inline"));
        return (path.startsWith("/api/") || path.startsWith("/feeds/")) && !isText;
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        // Decoded, as the path is by which a controller is found.
        return !isFor(request.getServletPath());
    }
}
