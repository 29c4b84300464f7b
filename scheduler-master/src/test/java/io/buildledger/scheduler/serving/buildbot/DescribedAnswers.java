package io.buildledger.scheduler.serving.buildbot;

import static com.networknt.schema.SpecificationVersion.DRAFT_2020_12;
import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.SchemaRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A client that believes what the web address says of itself, and finds out where it is not so. */
final class DescribedAnswers {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final String url;
    private final JsonNode document;

    DescribedAnswers(String url) throws Exception {
        this.url = url;
        this.document = JSON.readTree(get("/api/openapi.json").body());
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

    /** The answer to a read, which is as the document says. */
    JsonNode read(String path) throws Exception {
        HttpResponse<String> response = get("/api/v2" + path);
        assertThat(response.statusCode()).as(path + ": " + response.body()).isEqualTo(200);
        JsonNode answer = JSON.readTree(response.body());
        JsonNode reference =
                operation("/api/v2" + path.replaceFirst("\\?.*", ""))
                        .at("/responses/200/content/application~1json/schema");
        assertThat(reference.isMissingNode()).as("a shape of " + path).isFalse();
        ObjectNode schema = (ObjectNode) reference.deepCopy();
        schema.set("components", document.path("components"));
        assertThat(
                        SchemaRegistry.withDefaultDialect(DRAFT_2020_12)
                                .getSchema(schema)
                                .validate(answer))
                .as(path + ": " + answer)
                .isEmpty();
        if (!path.contains("field=")) {
            requireAllFields(path, answer);
        }
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

    /** The read that a path is for. */
    private JsonNode operation(String path) {
        String[] wanted = path.split("/");
        for (var entry : document.path("paths").properties()) {
            String[] template = entry.getKey().split("/");
            if (template.length == wanted.length && matches(template, wanted)) {
                return entry.getValue().path("get");
            }
        }
        throw new AssertionError("the document has no path for " + path);
    }

    private static boolean matches(String[] template, String[] wanted) {
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
