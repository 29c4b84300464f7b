package io.buildledger.scheduler.serving;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers what the container refuses before the program hears of it, such as an address that is no
 * UTF-8, as the program would.
 */
final class Refusals extends ErrorReportValve {

    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

    private final SecurityHeaders headers;

    Refusals(SecurityHeaders headers) {
        this.headers = headers;
    }

    @Override
    protected void report(Request request, Response response, @Nullable Throwable throwable) {
        int status = response.getStatus();
        if (status < HttpServletResponse.SC_BAD_REQUEST
                || response.getContentWritten() > 0
                || !response.setErrorReported()) {
            return;
        }
        Unanswered answer = Unanswered.of(request.getRequestURI(), Unanswered.status(status));
        try {
            headers.addTo(response);
            response.setContentType(answer.type().toString());
            response.setCharacterEncoding(StandardCharsets.UTF_8);
            Writer writer = response.getReporter();
            if (writer != null) {
                writer.write(answer.body());
                response.finishResponse();
            }
        } catch (IOException | IllegalStateException e) {
            LOG.debug("who sent it has gone, or is being answered already", e);
        }
    }
}
