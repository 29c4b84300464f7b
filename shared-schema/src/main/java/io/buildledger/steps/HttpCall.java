package io.buildledger.steps;

import io.buildledger.configuring.Confidential;
import io.buildledger.domain.building.Results;
import io.buildledger.stepping.Ending;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepRun;
import io.buildledger.steps.BoundedBody.Beginning;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One request of a step, and what is shown of it. */
final class HttpCall {

    /** In bytes, of the answer's body. */
    static final int MOST_SHOWN = 1024 * 1024;

    private static final String CONTENT_LOG = "content";
    private static final String HIDDEN = "<HIDDEN>";
    private static final Pattern NAMED_LIKE_A_SECRET =
            Pattern.compile("(?i).*(auth|cookie|credential|key|passw|secret|signature|token).*");
    private static final Pattern CHARSET =
            Pattern.compile("(?i);\\s*charset\\s*=\\s*\"?([^\";\\s]+)");
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final int FIRST_ERROR = 400;

    private final HttpStep step;
    private final StepRun run;

    HttpCall(HttpStep step, StepRun run) {
        this.step = step;
        this.run = run;
    }

    StepEnd run() throws IOException, StepAbortedException {
        HttpRequest request;
        try {
            request = HttpRequestMaking.of(step);
        } catch (IllegalArgumentException e) {
            throw StepAbortedException.refused(String.valueOf(e.getMessage()));
        }
        run.note(step.method() + " " + shown(request));
        noteHeaders(request.headers(), step.hideRequestHeaders());
        HttpClient client =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .followRedirects(step.allowRedirects() ? Redirect.NORMAL : Redirect.NEVER)
                        .build();
        try {
            HttpResponse<Beginning> response =
                    run.await(
                            client.sendAsync(request, _ -> new BoundedBody(MOST_SHOWN)),
                            step.timeout());
            show(response);
            return endOf(response.statusCode());
        } catch (TimeoutException e) {
            return failed("no answer within " + Ending.seconds(step.timeout()));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException trouble) {
                return failed("no answer: " + reason(trouble));
            }
            throw new IOException(e.getCause());
        } finally {
            client.shutdownNow();
        }
    }

    private static String reason(IOException trouble) {
        String message = trouble.getMessage();
        return Confidential.masked(
                message == null || message.isBlank()
                        ? trouble.getClass().getSimpleName()
                        : trouble.getClass().getSimpleName() + ": " + message);
    }

    private StepEnd endOf(int status) {
        if (!step.expectedStatus().isEmpty()) {
            return step.expectedStatus().contains(status)
                    ? succeeded(status)
                    : failed("status %d, not %s".formatted(status, step.expectedStatus()));
        }
        if (step.allowRedirects() && REDIRECTS.contains(status)) {
            return failed("status %d, which is not followed further".formatted(status));
        }
        return status < FIRST_ERROR ? succeeded(status) : failed("status " + status);
    }

    private StepEnd succeeded(int status) {
        return run.end(Results.SUCCESS, null, "status " + status);
    }

    private StepEnd failed(String why) {
        return run.end(Results.FAILURE, null, why);
    }

    private void show(HttpResponse<Beginning> response) {
        response.previousResponse().ifPresent(this::showRedirect);
        run.note("status " + response.statusCode());
        noteHeaders(response.headers(), step.hideResponseHeaders());
        Beginning body = response.body();
        if (body.bytes().hasRemaining()) {
            run.addToLog(CONTENT_LOG, charset(response.headers()).decode(body.bytes()).toString());
        }
        if (!body.isAll()) {
            run.note(
                    "the answer has more than %d bytes; the rest was not read"
                            .formatted(MOST_SHOWN));
        }
    }

    private void showRedirect(HttpResponse<Beginning> response) {
        response.previousResponse().ifPresent(this::showRedirect);
        run.note("status %d from %s".formatted(response.statusCode(), shown(response.request())));
        noteHeaders(response.headers(), step.hideResponseHeaders());
    }

    private void noteHeaders(HttpHeaders headers, List<String> hidden) {
        headers.map()
                .forEach((name, values) -> {
                    boolean isHidden =
                            NAMED_LIKE_A_SECRET.matcher(name).matches()
                                    || hidden.stream().anyMatch(name::equalsIgnoreCase);
                    for (String value : values) {
                        run.note(
                                "  %s: %s"
                                        .formatted(
                                                name,
                                                isHidden ? HIDDEN : Confidential.masked(value)));
                    }
                });
    }

    private static String shown(HttpRequest request) {
        return Confidential.masked(request.uri().toString());
    }

    /** What the answer says that its text is in, or UTF-8. */
    private static Charset charset(HttpHeaders headers) {
        Matcher named = CHARSET.matcher(headers.firstValue("content-type").orElse(""));
        try {
            return named.find() ? Charset.forName(named.group(1)) : StandardCharsets.UTF_8;
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            return StandardCharsets.UTF_8;
        }
    }
}
