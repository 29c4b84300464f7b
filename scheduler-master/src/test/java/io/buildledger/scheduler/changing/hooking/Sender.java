package io.buildledger.scheduler.changing.hooking;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.commons.codec.digest.HmacAlgorithms;
import org.apache.commons.codec.digest.HmacUtils;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Delivers what a forge would, signed as the forge does. */
final class Sender implements AutoCloseable {

    private final String url;
    private final HttpClient client = HttpClient.newHttpClient();

    Sender(String url) {
        this.url = url;
    }

    /** What was answered. */
    record Answer(int status, String body) {
        JsonNode json() {
            return new JsonMapper().readTree(body);
        }

        String detail() {
            return json().path("detail").asString("");
        }

        String ids(String field) {
            return json().path(field).toString();
        }
    }

    static String signature(byte[] body) {
        return new HmacUtils(
                        HmacAlgorithms.HMAC_SHA_256,
                        HookedMaster.SECRET.getBytes(StandardCharsets.UTF_8))
                .hmacHex(body);
    }

    /** The headers that a forge sends along. */
    static Map<String, String> headers(String forge, String event, byte[] body) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", "application/json");
        switch (forge) {
            case "github" -> {
                headers.put("X-GitHub-Event", event);
                headers.put("X-Hub-Signature-256", "sha256=" + signature(body));
            }
            case "gitlab" -> {
                headers.put("X-Gitlab-Event", event);
                headers.put("X-Gitlab-Token", HookedMaster.SECRET);
            }
            case "gitea" -> {
                headers.put("X-Gitea-Event", event);
                headers.put("X-Gitea-Signature", signature(body));
            }
            default -> {
                headers.put("X-Event-Key", event);
                headers.put("X-Hub-Signature", "sha256=" + signature(body));
            }
        }
        return headers;
    }

    Answer deliver(String forge, String event, String json) throws Exception {
        return deliver(forge, event, json.getBytes(StandardCharsets.UTF_8));
    }

    Answer deliver(String forge, String event, byte[] body) throws Exception {
        return post(forge, headers(forge, event, body), body);
    }

    Answer post(String hook, Map<String, String> headers, byte[] body) throws Exception {
        return post(hook, headers, BodyPublishers.ofByteArray(body));
    }

    Answer post(String hook, Map<String, String> headers, HttpRequest.BodyPublisher body)
            throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url + "/change_hook/" + hook)).POST(body);
        headers.forEach(request::header);
        HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
        if (response.statusCode() >= 400) {
            org.assertj.core.api.Assertions.assertThat(
                            response.headers().firstValue("Content-Type").orElse(""))
                    .as(response.body())
                    .startsWith("application/problem+json");
        }
        return new Answer(response.statusCode(), response.body());
    }

    @Override
    public void close() {
        client.close();
    }
}
