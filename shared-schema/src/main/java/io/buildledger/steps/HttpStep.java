package io.buildledger.steps;

import io.buildledger.domain.rendering.Interpolation;
import io.buildledger.stepping.Step;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepProblems;
import io.buildledger.stepping.StepRun;
import io.buildledger.stepping.StepType;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sends an HTTP request from the builder master. Answers, redirects and headers are in the step's
 * log, what was answered is in its log {@code content}; what is sent is in neither.
 *
 * @param url an address of http or https, without credentials: these belong in {@code headers}
 * @param method default {@code POST}
 * @param params added to the query of {@code url}
 * @param headers of the request. Values of those that are named like secrets, such as {@code
 *     Authorization}, {@code Cookie} and {@code X-Api-Key}, are never shown
 * @param data the body: text as it is, or keys and values that are sent as a form does
 * @param json the body, sent as JSON, in place of {@code data}
 * @param timeout longest time in all; default 1 min
 * @param allowRedirects whether redirects are followed, five at most and never from https to http;
 *     another host does not get {@code Authorization}; default true
 * @param expectedStatus which status codes are a success; by default all below 400
 * @param hideRequestHeaders further headers whose values are not shown
 * @param hideResponseHeaders the same, of the answer
 */
@StepType("http")
public record HttpStep(
        String url,
        Method method,
        Map<String, String> params,
        Map<String, String> headers,
        @Nullable Object data,
        @Nullable Object json,
        Duration timeout,
        Boolean allowRedirects,
        List<Integer> expectedStatus,
        List<String> hideRequestHeaders,
        List<String> hideResponseHeaders)
        implements Step {

    private static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(1);

    /** What a request can ask for. */
    public enum Method {
        POST,
        GET,
        PUT,
        DELETE,
        HEAD,
        OPTIONS
    }

    public HttpStep {
        method = method == null ? Method.POST : method;
        params = params == null ? Map.of() : params;
        headers = headers == null ? Map.of() : headers;
        timeout = timeout == null ? DEFAULT_TIMEOUT : timeout;
        allowRedirects = allowRedirects == null ? Boolean.TRUE : allowRedirects;
        expectedStatus = expectedStatus == null ? List.of() : expectedStatus;
        hideRequestHeaders = hideRequestHeaders == null ? List.of() : hideRequestHeaders;
        hideResponseHeaders = hideResponseHeaders == null ? List.of() : hideResponseHeaders;
    }

    @Override
    public void check(StepProblems problems) {
        if (url == null) {
            problems.missing("url", "an http step lacks its url: add url: https://...");
        } else if (!Interpolation.mayBeIn(url)) {
            checkUrl(url, problems);
        }
        for (String name : headers.keySet()) {
            checkHeader(name, problems);
        }
        if (data != null && json != null) {
            problems.problem("json", "an http step has data and json: keep one of them");
        }
        if (data instanceof List) {
            problems.problem(
                    "data",
                    "an http step's data is a list: write text, or {KEY: VALUE} for a form");
        }
        if (timeout.isZero()) {
            problems.problem("timeout", "a step's timeout must be more than 0");
        }
        for (int i = 0; i < expectedStatus.size(); i++) {
            Integer status = expectedStatus.get(i);
            if (status == null || status < 100 || status > 599) {
                problems.problem(
                        "expected_status/" + i,
                        "%s is no HTTP status: 100 to 599".formatted(status));
            }
        }
    }

    private static void checkUrl(String url, StepProblems problems) {
        try {
            HttpRequestMaking.address(url, Map.of());
        } catch (IllegalArgumentException e) {
            problems.problem("url", "an http step: " + e.getMessage());
        }
    }

    private static void checkHeader(String name, StepProblems problems) {
        try {
            HttpRequest.Builder _ =
                    HttpRequest.newBuilder(URI.create("http://localhost")).header(name, "");
        } catch (IllegalArgumentException e) {
            problems.problem(
                    "headers",
                    "an http step can't set the header '%s': it is none, or the client sets it itself"
                            .formatted(name));
        }
    }

    @Override
    public StepEnd run(StepRun run) throws IOException, StepAbortedException {
        return new HttpCall(this, run).run();
    }
}
