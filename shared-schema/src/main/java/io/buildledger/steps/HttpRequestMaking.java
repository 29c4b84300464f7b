package io.buildledger.steps;

import io.buildledger.configuring.Confidential;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Makes requests of what steps say. */
final class HttpRequestMaking {

    private static final String CONTENT_TYPE = "Content-Type";

    private HttpRequestMaking() {}

    /**
     * @throws IllegalArgumentException if it can't be one; says why, without secrets
     */
    static HttpRequest of(HttpStep step) {
        HttpRequest.Builder request = HttpRequest.newBuilder(address(step.url(), step.params()));
        step.headers().forEach((name, value) -> addHeader(request, name, value));
        String type = contentType(step);
        if (type != null
                && step.headers().keySet().stream().noneMatch(CONTENT_TYPE::equalsIgnoreCase)) {
            request.header(CONTENT_TYPE, type);
        }
        return request.method(step.method().name(), body(step)).build();
    }

    private static void addHeader(HttpRequest.Builder request, String name, String value) {
        try {
            request.header(name, value);
        } catch (IllegalArgumentException e) {
            // The library tells the value.
            throw new IllegalArgumentException(
                    "the value of the header '%s' has characters that can't be sent"
                            .formatted(name));
        }
    }

    /**
     * @throws IllegalArgumentException if it is no address of http or https; says so
     */
    static URI address(String url, Map<String, String> params) {
        URI address;
        try {
            address = URI.create(withQuery(url, params));
        } catch (IllegalArgumentException e) {
            throw notAnAddress(url);
        }
        boolean isHttp =
                "http".equalsIgnoreCase(address.getScheme())
                        || "https".equalsIgnoreCase(address.getScheme());
        if (!isHttp || address.getHost() == null) {
            throw notAnAddress(url);
        }
        if (address.getUserInfo() != null) {
            throw new IllegalArgumentException(
                    "'%s' has credentials, which are not sent: give the header Authorization"
                            .formatted(Confidential.masked(url)));
        }
        return address;
    }

    private static IllegalArgumentException notAnAddress(String url) {
        return new IllegalArgumentException(
                "'%s' is not an address: write http://HOST/... or https://HOST/..."
                        .formatted(Confidential.masked(url)));
    }

    private static String withQuery(String url, Map<String, String> params) {
        if (params.isEmpty()) {
            return url;
        }
        int hash = url.indexOf('#');
        String fragment = hash < 0 ? "" : url.substring(hash);
        String base = hash < 0 ? url : url.substring(0, hash);
        return base + (base.contains("?") ? "&" : "?") + form(params) + fragment;
    }

    private static String form(Map<?, ?> values) {
        return values.entrySet().stream()
                .map(it -> encoded(it.getKey()) + "=" + encoded(it.getValue()))
                .collect(Collectors.joining("&"));
    }

    private static String encoded(@Nullable Object value) {
        return URLEncoder.encode(value == null ? "" : value.toString(), StandardCharsets.UTF_8);
    }

    private static @Nullable String contentType(HttpStep step) {
        if (step.json() != null) {
            return "application/json";
        }
        return step.data() instanceof Map ? "application/x-www-form-urlencoded" : null;
    }

    private static BodyPublisher body(HttpStep step) {
        if (step.json() != null) {
            return BodyPublishers.ofByteArray(JsonMapper.shared().writeValueAsBytes(step.json()));
        }
        return switch (step.data()) {
            case null -> BodyPublishers.noBody();
            case Map<?, ?> values -> BodyPublishers.ofString(form(values));
            case Object text -> BodyPublishers.ofString(text.toString());
        };
    }
}
