package io.buildledger.scheduler.serving.buildbot;

import static com.networknt.schema.SpecificationVersion.DRAFT_2020_12;
import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.SchemaRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A client that believes what the web address says of itself, and finds out where it is not so. */
public final class DescribedAnswers {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    /** It is the same on all servers, as they run the same program. */
    private static volatile @Nullable JsonNode known;

    private final String url;
    private final JsonNode document;

    public DescribedAnswers(String url) throws Exception {
        this.url = url;
        JsonNode before = known;
        this.document = before == null ? learn() : before;
    }

    private JsonNode learn() throws Exception {
        JsonNode learned = JSON.readTree(get("/api/openapi.json").body());
        known = learned;
        return learned;
    }

    JsonNode document() {
        return document;
    }

    HttpResponse<String> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> post(String path, String body) throws Exception {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create(url + path))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** The answer to a read that is Buildbot's, which is as the document says. */
    JsonNode read(String path) throws Exception {
        JsonNode answer = readOwn("/api/v2" + path);
        if (!path.contains("field=")) {
            requireAllFields(path, answer);
        }
        return answer;
    }

    /** The answer to a read, which is as the document says. */
    public JsonNode readOwn(String path) throws Exception {
        HttpResponse<String> response = get(path);
        assertThat(response.statusCode()).as(path + ": " + response.body()).isEqualTo(200);
        return require("get", path, response);
    }

    /**
     * Compares an answer with the document.
     *
     * @param verb as the document has it, in small letters
     * @return the answer
     */
    public JsonNode require(String verb, String path, HttpResponse<String> response) {
        String status = String.valueOf(response.statusCode());
        JsonNode responses = operation(verb, path.replaceFirst("\\?.*", "")).path("responses");
        JsonNode described = responses.path(responses.has(status) ? status : "default");
        String as = "%s %s: %s %s".formatted(verb, path, status, response.body());
        String type = response.headers().firstValue("Content-Type").orElse("");
        JsonNode reference =
                described.path("content").path(type.replaceFirst(";.*", "")).path("schema");
        assertThat(reference.isMissingNode()).as("no shape of " + as).isFalse();
        ObjectNode schema = (ObjectNode) reference.deepCopy();
        schema.set("components", document.path("components"));
        JsonNode answer = JSON.readTree(response.body());
        assertThat(
                        SchemaRegistry.withDefaultDialect(DRAFT_2020_12)
                                .getSchema(schema)
                                .validate(answer))
                .as(as)
                .isEmpty();
        return answer;
    }

    private static void requireAllFields(String path, JsonNode answer) {
        for (Kind kind : Kind.values()) {
            for (JsonNode thing : answer.path(kind.plural())) {
                assertThat(thing.propertyNames())
                        .as(path)
                        .containsAll(kind.fields().stream().map(Field::name).toList());
            }
        }
    }

    /** What a path is for. */
    private JsonNode operation(String verb, String path) {
        return document.path("paths").path(template(path)).path(verb);
    }

    /** The path of the document that an address is of; of several the one with most words. */
    String template(String path) {
        String[] wanted = path.split("/");
        return document.path("paths").propertyNames().stream()
                .filter(it -> matches(it.split("/"), wanted))
                .min(Comparator.comparingLong(it -> it.chars().filter(c -> c == '{').count()))
                .orElseThrow(() -> new AssertionError("the document has no path for " + path));
    }

    private static boolean matches(String[] template, String[] wanted) {
        if (template.length != wanted.length) {
            return false;
        }
        for (int i = 0; i < template.length; i++) {
            if (!template[i].startsWith("{") && !template[i].equals(wanted[i])) {
                return false;
            }
        }
        return true;
    }

    /** What an error says. */
    String error(int status, String path) throws Exception {
        HttpResponse<String> response = get("/api/v2" + path);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        JsonNode error = JSON.readTree(response.body());
        assertThat(error.propertyNames()).containsExactly("error");
        return error.path("error").asString();
    }
}
