package io.buildledger.scheduler.serving;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.attaching.WorkerRoster;
import io.buildledger.attaching.WorkerRoster.Listed;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.mastering.Descriptions;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloadRefused;
import io.buildledger.log.Author;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.scheduler.admitting.Admission;
import io.buildledger.steplog.StepLogs.Line;
import io.buildledger.steplog.StepLogs.Source;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ValueConstants;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Sends what nobody should to all that the web address has: {@code -Dseed=N} sends something else,
 * {@code -Drounds=N} more of it.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
class FuzzedEndpointsTest {

    private static final String SCHEDULERS =
            """
            schedulers:
              - force:
                  name: by hand
                  builder_names: [linux]
                  parameters:
                    - int: {name: jobs, default: 1, max: 8}
                    - choice: {name: kind, choices: [fast, slow]}
                    - nested: {name: more, fields: [string: {name: note}, bool: {name: clean}]}
              - try: {name: patches, builder_names: [linux]}
            builders:
              - {name: linux, worker_names: [w1], factory: [shell: {command: make}]}
            workers: [name: w1]
            """;

    private static final String KNOWN_SCHEDULERS =
            """
            INSERT INTO scheduler_status
                   (name, type, last_sequence, enabled, pending, firings, fires_at, renamed_to, master)
            VALUES ('main', 'single_branch', 0, TRUE, 0, 1, NULL, NULL, 'b1'),
                   ('by hand', 'force', 0, TRUE, 0, 0, NULL, NULL, 'b1')
            """;

    /** What would tell of the inside of the program. */
    private static final Pattern INSIDE =
            Pattern.compile(
                    "\\bat [\\w.$]+\\([\\w.]+\\.java|io\\.buildledger|org\\.(?:springframework|apache|thymeleaf|axonframework|mariadb)"
                            + "|\\b(?:java|jakarta|tools\\.jackson|com\\.mysql)\\.\\w+|\\w(?:Exception|Error)\\b|Caused by|Whitelabel"
                            + "|Apache Tomcat|\\bSELECT\\b.*\\bFROM\\b|\\bSQLSTATE\\b|\\bjdbc\\b|\\[Source:");

    private static final List<String> TEXTS =
            List.of(
                    "",
                    " ",
                    "x".repeat(3_000),
                    "-1",
                    "0",
                    "2147483648",
                    "9223372036854775807",
                    "-9223372036854775808",
                    "99999999999999999999",
                    "NaN",
                    "1e999",
                    "١٢",
                    "null",
                    "*",
                    "%",
                    "_",
                    "..",
                    "../../etc/passwd",
                    "a/b",
                    "a/1",
                    "a\\b",
                    "a;b=c",
                    "'",
                    "\"",
                    "' OR '1'='1",
                    "1; DROP TABLE event --",
                    "<script>alert(1)</script>",
                    "\"><img src=x onerror=alert(1)>",
                    "javascript:alert(1)",
                    "{x}",
                    "${7*7}",
                    "__${7*7}__::.x",
                    "redirect://evil.example.org/",
                    "//evil.example.org/",
                    "a\r\nX-Injected: yes",
                    "a\u0000b",
                    "\u001b[2J",
                    "a\u202eb",
                    "日本語 🦀 ß İ",
                    "\ufffe\uffff",
                    "a,b,,",
                    "2026-01-01T00:00:00Z",
                    "0000-00-00T00:00:00Z",
                    "+999999999-12-31T23:59:59Z",
                    "-999999999-01-01T00:00:00Z",
                    "yesterday",
                    "1970-01-01",
                    "linux",
                    "linux/1",
                    "request/1",
                    "7");

    /** What is no text, or is one only after it was decoded in a way of its own. */
    private static final List<String> ENCODED =
            List.of(
                    "%00",
                    "%2F",
                    "%2F%2F",
                    "%5C",
                    "%3B",
                    "%2e%2e",
                    "%252e%252e%252f",
                    "%0D%0AX-Injected:%20yes",
                    "%ED%A0%80",
                    "%ED%B0%80",
                    "%FF",
                    "%C0%AF",
                    "%F4%90%80%80",
                    "%",
                    "%Z",
                    "%ZZ",
                    "%u0041",
                    "+");

    private static final List<String> JSON_VALUES =
            List.of(
                    "1",
                    "-1",
                    "0.5",
                    "1e999",
                    "9".repeat(2_000),
                    "NaN",
                    "true",
                    "null",
                    "\"\"",
                    "[]",
                    "{}",
                    "[null]",
                    "[[\"a\"]]",
                    "[1,\"a\"]",
                    "{\"a\":null}",
                    "{\"a\":{\"b\":[1]}}",
                    "{\"a\\u0000\":1}",
                    "\"\\ud800\"",
                    "\"\\udc00\\ud800\"",
                    "\"\\u0000\"",
                    "\"\\u001b]0;x\\u0007\"",
                    "\"{\\\"a\\\":\\\"\\\\ud800\\\"}\"",
                    "[".repeat(3_000) + "]".repeat(3_000),
                    "{\"a\":".repeat(1_500) + "1" + "}".repeat(1_500));

    private static final List<String> BROKEN_JSON =
            List.of(
                    "",
                    "{",
                    "[]",
                    "null",
                    "1",
                    "\"a\"",
                    "{\"reason\":\"a\",}",
                    "{\"reason\":\"a\",\"reason\":\"b\"}",
                    "{\"reason\" \"a\"}",
                    "{'reason':'a'}",
                    "[".repeat(5_000),
                    "{\"reason\":".repeat(5_000),
                    "\u0000",
                    "{\"\":1}",
                    "{\"reason\":\"" + "x".repeat(70_000) + "\"}");

    private static final List<String> TYPES =
            List.of(
                    "application/json",
                    "application/json;charset=utf-16",
                    "application/json;charset=nonsense",
                    "application/x-www-form-urlencoded",
                    "application/x-www-form-urlencoded;charset=nonsense",
                    "multipart/form-data;boundary=x",
                    "multipart/form-data",
                    "text/plain",
                    "application/xml",
                    "nonsense",
                    "a/b/c;;",
                    "*/*");

    private static final List<String> ACCEPTED =
            List.of(
                    "*/*",
                    "application/json",
                    "text/html,*/*;q=0.1",
                    "image/png",
                    "application/problem+xml",
                    "nonsense",
                    "a/b/c;q=x");

    private static final List<String> FORCED =
            List.of(
                    "reason",
                    "builder_names",
                    "priority",
                    "jobs",
                    "kind",
                    "more_note",
                    "more_clean",
                    "requestedBy",
                    "branch",
                    "revision",
                    "a\r\nb");

    /**
     * One request.
     *
     * @param isPage whether a person is to be answered
     * @param query of its own; besides there may be others
     * @param body the shape of what is sent, where the document has one
     */
    private record Endpoint(
            String method, String path, List<Parameter> query, boolean isPage, JsonNode body) {

        private Endpoint(String method, String path, List<Parameter> query, boolean isPage) {
            this(method, path, query, isPage, MissingNode.getInstance());
        }

        private boolean isCall() {
            return path.startsWith("/api/v2");
        }
    }

    private record Parameter(String name, boolean isRequired) {}

    /** The names of things that there are, by parts of the paths to them. */
    private static final List<Map.Entry<String, String>> NAMES =
            List.of(
                    Map.entry("/logs/", "stdio"),
                    Map.entry("/workers", "b1%2Fw1"),
                    Map.entry("/masters", "b1"),
                    Map.entry("/try", "patches"),
                    Map.entry("schedulers", "by%20hand"),
                    Map.entry("/builders", "linux"));

    private static final String CALL =
            """
            {"jsonrpc": "2.0", "id": 1, "method": "%s", "params": {"priority": 1, "enabled": false}}
            """;

    private static final Pattern VARIABLE = Pattern.compile("\\{\\*?(\\w+)(?::[^}]*)?}");
    private static final JsonMapper JSON = JsonMapper.shared();

    private static ServedLog served;
    private static RawHttp http;
    private static JsonNode document;
    private static long seed;
    private static Random random;

    /** The numbers of things that there are, by parts of the paths to them. */
    private static List<Map.Entry<String, String>> numbers = List.of();

    @BeforeAll
    static void begin() throws Exception {
        served = new ServedLog(ServedLog.file(SCHEDULERS).schedulers());
        Author b1 =
                served.registry.register(
                        new Registration(
                                "b1",
                                "builder",
                                "host",
                                1,
                                Duration.ofMinutes(5),
                                Map.of("linux", "aaa"),
                                Descriptions.NONE,
                                null));
        served.onReloadAsked =
                () ->
                        served.registry.reloadRefused(
                                b1,
                                served.test.log.read("master/b1").getLast().id(),
                                new ConfigurationReloadRefused("b1", 1, "ann", List.of("no")));
        new WorkerRoster(served.test.log, served.test.dataSource)
                .list(b1, List.of(new Listed("b1/w1", false, false, 1)));
        served.test.jdbc.sql(KNOWN_SCHEDULERS).update();
        long change = served.story.change("A U Thor <author@example.org>", "abc123", "a change");
        served.story.fire(List.of(change), "abc123", "linux");
        Won won = served.story.claim(b1, "linux");
        served.story.start(b1, won);
        long log = served.story.startStep(b1, won, 1, "make test");
        served.story.write(
                log,
                0,
                new Line(Source.HEADER, "make test"),
                new Line(Source.STDOUT, "long ", true),
                new Line(Source.STDOUT, "line"));
        served.story.finishStep(b1, won, 1, log, Results.FAILURE);
        served.story.complete(b1, won, Results.FAILURE, "failed make test");
        served.story.fire(List.of(change), "abc123", "linux", "mac");
        served.story.start(b1, served.story.claim(b1, "linux"));
        served.project();
        http = new RawHttp(served.url());
        document = JSON.readTree(http.send("GET", "/api/openapi.json", Map.of(), "").body());
        String build = first("/api/v2/builds", "/builds/0/buildid");
        String step = first("/api/v2/builds/" + build + "/steps", "/steps/0/stepid");
        numbers =
                List.of(
                        Map.entry("/v2/builds/", build),
                        Map.entry("/v2/steps/", step),
                        Map.entry(
                                "/v2/logs/",
                                first("/api/v2/steps/" + step + "/logs", "/logs/0/logid")),
                        Map.entry(
                                "/v2/sourcestamps/",
                                first("/api/v2/buildsets", "/buildsets/0/sourcestamps/0/ssid")),
                        Map.entry(
                                "/sourcestamps/",
                                first("/api/buildsets/1/sourcestamps", "/sourceStamps/0/id")));
        seed = Long.getLong("seed", 1);
        random = new Random(seed);
        System.out.println("FuzzedEndpointsTest: seed " + seed);
    }

    @AfterAll
    static void end() {
        served.close();
    }

    private static String first(String path, String place) throws Exception {
        return JSON.readTree(http.send("GET", path, Map.of(), "").body()).at(place).asString();
    }

    private static int rounds(int usually) {
        return Integer.getInteger("rounds", usually);
    }

    private static <T> T anyOf(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, UTF_8).replace("+", "%20");
    }

    private static String nasty() {
        return random.nextInt(3) == 0 ? anyOf(ENCODED) : encoded(anyOf(TEXTS));
    }

    /** With nothing in it, it would be the path of something else. */
    private static String segment(String value) {
        return value.isEmpty() || value.equals("..") ? "%20" : value;
    }

    /** What is there. */
    private static String good(String path, Parameter parameter) {
        return switch (parameter.name()) {
            case "builder" -> "linux";
            case "kind" -> "request";
            case "revision" -> "abc123";
            case "at" -> "2026-01-01T00:00:00Z";
            case "by" -> "b1";
            case "log" -> "stdio";
            case "worker" -> "b1%2Fw1";
            case "master" -> "b1";
            case "scheduler" -> "by%20hand";
            case "id" -> ofPath(path, numbers);
            case "name" -> ofPath(path, NAMES);
            default -> "1";
        };
    }

    /** By a part of the path. */
    private static String ofPath(String path, List<Map.Entry<String, String>> known) {
        return known.stream()
                .filter(it -> path.contains(it.getKey()))
                .findFirst()
                .map(Map.Entry::getValue)
                .orElse("1");
    }

    /** An address of which something is nasty, or all of it, or nothing. */
    private static String address(Endpoint endpoint, boolean isGood) {
        List<Parameter> variables = new ArrayList<>();
        VARIABLE.matcher(endpoint.path())
                .results()
                .forEach(it -> variables.add(new Parameter(it.group(1), true)));
        int all = variables.size() + endpoint.query().size();
        int chosen = isGood || all == 0 ? -1 : random.nextInt(all + 1);
        StringBuilder address = new StringBuilder();
        Matcher matcher = VARIABLE.matcher(endpoint.path());
        for (int i = 0; matcher.find(); i++) {
            String value =
                    i == chosen || chosen == all
                            ? segment(nasty())
                            : good(endpoint.path(), variables.get(i));
            matcher.appendReplacement(address, Matcher.quoteReplacement(value));
        }
        matcher.appendTail(address);
        String separator = "?";
        for (int i = 0; i < endpoint.query().size(); i++) {
            Parameter parameter = endpoint.query().get(i);
            boolean isNasty = variables.size() + i == chosen || chosen == all;
            String value = isNasty ? nasty() : good(endpoint.path(), parameter);
            boolean isNeeded =
                    parameter.isRequired()
                            || (endpoint.path().equals("/api/state")
                                    && parameter.name().equals("event"));
            if (isNasty || isNeeded) {
                address.append(separator).append(parameter.name()).append('=').append(value);
                separator = "&";
            }
        }
        if (chosen == all && random.nextInt(3) == 0) {
            address.append(separator).append(nasty()).append('=').append(nasty());
        }
        return address.toString();
    }

    private static Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>();
        if (random.nextInt(4) == 0) {
            headers.put("Accept", anyOf(ACCEPTED));
        }
        if (random.nextInt(8) == 0) {
            headers.put("If-None-Match", anyOf(List.of("*", "\"", "W/\"x\"", "x".repeat(2_000))));
        }
        if (random.nextInt(8) == 0) {
            headers.put("HX-Request", "true");
        }
        return headers;
    }

    private record Body(String type, String text) {}

    private static Body body(JsonNode shape) {
        int kind = random.nextInt(6);
        if (kind == 0) {
            return new Body("application/json", anyOf(BROKEN_JSON));
        }
        if (kind <= 3) {
            return new Body(kind == 1 ? anyOf(TYPES) : "application/json", object(shape));
        }
        List<String> fields = new ArrayList<>(shape.path("properties").propertyNames());
        if (fields.isEmpty()) {
            fields.addAll(FORCED);
        }
        return new Body(
                kind == 4 ? anyOf(TYPES) : "application/x-www-form-urlencoded",
                Stream.concat(fields.stream(), Stream.of(anyOf(fields)))
                        .filter(_ -> random.nextBoolean())
                        .map(it -> encoded(it) + (random.nextInt(9) == 0 ? "" : "=" + nasty()))
                        .collect(Collectors.joining("&")));
    }

    /** What must be there, and some of what may be: rightly, wrongly, or as something else. */
    private static String object(JsonNode shape) {
        Map<String, String> values = new TreeMap<>();
        List<JsonNode> required = shape.path("required").valueStream().toList();
        shape.path("properties")
                .propertyStream()
                .forEach(property -> {
                    boolean isRequired =
                            required.stream()
                                    .anyMatch(it -> it.asString().equals(property.getKey()));
                    if (random.nextInt(isRequired ? 10 : 2) > 0) {
                        values.put(property.getKey(), value(property.getValue()));
                    }
                });
        if (shape.path("additionalProperties").asBoolean(true)) {
            for (String field : FORCED) {
                if (random.nextInt(4) == 0) {
                    values.put(field, anything());
                }
            }
        }
        return values.entrySet().stream()
                .map(it -> json(it.getKey()) + ":" + it.getValue())
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String anything() {
        return random.nextBoolean() ? anyOf(JSON_VALUES) : json(anyOf(TEXTS));
    }

    private static String value(JsonNode shape) {
        if (shape.has("const")) {
            return random.nextInt(20) == 0 ? anything() : shape.path("const").toString();
        }
        return switch (random.nextInt(4)) {
            case 0 -> anything();
            case 1 -> atBounds(shape);
            default -> right(shape);
        };
    }

    private static String type(JsonNode shape) {
        JsonNode type = shape.path("type");
        return type.isArray()
                ? type.path(random.nextInt(type.size())).asString()
                : type.asString("null");
    }

    private static String right(JsonNode shape) {
        return switch (type(shape)) {
            case "string" -> json(anyOf(List.of("linux", "main", "a", "1")));
            case "integer" -> "1";
            case "boolean" -> String.valueOf(random.nextBoolean());
            case "array" -> "[" + right(shape.path("items")) + "]";
            case "object" -> object(shape);
            default -> "null";
        };
    }

    /** The last that is right, or the first that is wrong. */
    private static String atBounds(JsonNode shape) {
        boolean isOver = random.nextBoolean();
        return switch (type(shape)) {
            case "string" ->
                    // More than a body may have would be refused before it is read.
                    json(
                            "x"
                                    .repeat(
                                            Math.min(shape.path("maxLength").asInt(10), 60_000)
                                                    + (isOver ? 1 : 0)));
            case "integer" ->
                    String.valueOf(
                            random.nextBoolean()
                                    ? shape.path("minimum").asLong(0) - (isOver ? 1 : 0)
                                    : shape.path("maximum").asLong(0) + (isOver ? 1 : 0));
            case "array" -> isOver ? "[1,\"linux\"]" : "[]";
            case "object" -> isOver ? "[]" : "{}";
            default -> isOver ? "\"yes\"" : "\"true\"";
        };
    }

    private static String json(String text) {
        return JSON.writeValueAsString(text);
    }

    /** What a command is sent, by the document, or, of a page, as it says itself. */
    private static List<JsonNode> shapes(Endpoint endpoint) throws Exception {
        if (endpoint.body().has("oneOf")) {
            return endpoint.body()
                    .path("oneOf")
                    .valueStream()
                    .map(it -> document.at(it.path("$ref").asString().substring(1)))
                    .toList();
        }
        if (endpoint.body().isObject()) {
            return List.of(endpoint.body());
        }
        ObjectNode properties = JSON.createObjectNode();
        fields(endpoint).forEach(properties::putObject);
        return List.of(JSON.createObjectNode().set("properties", properties));
    }

    private static List<String> fields(Endpoint endpoint) throws Exception {
        return known(sent(endpoint, "{\"no-such-field\":1}")).orElse(FORCED);
    }

    /** What there is, as an answer says itself that tells that something else is not there. */
    private static Optional<List<String>> known(RawHttp.Answer answer) {
        Matcher known = Pattern.compile("known are ([\\w, ]+)").matcher(answer.body());
        return known.find()
                ? Optional.of(List.of(known.group(1).split(", ", -1)))
                : Optional.empty();
    }

    private static RawHttp.Answer sent(Endpoint endpoint, String body) throws Exception {
        return http.send(
                endpoint.method(),
                address(endpoint, true),
                Map.of("Content-Type", "application/json"),
                body);
    }

    private static List<Endpoint> described() {
        List<Endpoint> endpoints = new ArrayList<>();
        document.path("paths")
                .properties()
                .forEach(path ->
                        path.getValue()
                                .properties()
                                .forEach(verb ->
                                        endpoints.add(
                                                new Endpoint(
                                                        verb.getKey().toUpperCase(Locale.ROOT),
                                                        path.getKey(),
                                                        query(verb.getValue()),
                                                        false,
                                                        verb.getValue()
                                                                .at(
                                                                        "/requestBody/content/application~1json/schema")))));
        return endpoints;
    }

    private static List<Parameter> query(JsonNode operation) {
        return StreamSupport.stream(operation.path("parameters").spliterator(), false)
                .filter(it -> it.path("in").asString().equals("query"))
                .map(it ->
                        new Parameter(it.path("name").asString(), it.path("required").asBoolean()))
                .toList();
    }

    /**
     * What is not in the document: pages, pictures, feeds and files; not the stream that never
     * ends.
     */
    private static List<Endpoint> others() {
        List<Endpoint> endpoints = new ArrayList<>();
        served.bean(RequestMappingHandlerMapping.class)
                .getHandlerMethods()
                .forEach((info, method) -> {
                    for (String path : info.getPatternValues()) {
                        if (!path.startsWith("/api/")
                                && !path.equals("/live")
                                && !path.equals("/error")) {
                            info.getMethodsCondition()
                                    .getMethods()
                                    .forEach(it -> endpoints.add(other(it.name(), path, method)));
                        }
                    }
                });
        endpoints.sort(Comparator.comparing(Endpoint::path).thenComparing(Endpoint::method));
        return endpoints;
    }

    private static Endpoint other(String verb, String path, HandlerMethod method) {
        return new Endpoint(
                verb,
                path,
                Stream.of(method.getMethod().getParameters())
                        .map(it ->
                                AnnotatedElementUtils.findMergedAnnotation(it, RequestParam.class))
                        .filter(it -> it != null && !it.name().isEmpty())
                        .map(it ->
                                new Parameter(
                                        it.name(),
                                        it.required()
                                                && it.defaultValue()
                                                        .equals(ValueConstants.DEFAULT_NONE)))
                        .toList(),
                method.getBeanType().isAnnotationPresent(Pages.class));
    }

    private static List<String> faults(Endpoint endpoint, RawHttp.Answer answer) {
        List<String> faults = new ArrayList<>();
        // That there is no such method is told as Buildbot does.
        if (answer.status() >= 500 && !(answer.status() == 501 && isRefusedCall(answer.body()))) {
            faults.add("is an error of this side");
        }
        // What a configuration has to have.
        String told = answer.body().replace("db_url: jdbc:mysql://HOST/DATABASE", "");
        Matcher inside = INSIDE.matcher(told);
        if (inside.find()) {
            faults.add("tells of the inside: " + inside.group());
        }
        for (String header :
                List.of("content-security-policy", "x-content-type-options", "referrer-policy")) {
            if (!answer.headers().containsKey(header)) {
                faults.add("has no " + header);
            }
        }
        if (answer.headers().containsKey("x-injected")) {
            faults.add("has a header that was sent");
        }
        String location = answer.headers().getOrDefault("location", "/");
        if (!location.replaceFirst("^" + served.url(), "").matches("/([^/].*)?")) {
            faults.add("leads away to " + location);
        }
        if (answer.body().isEmpty()) {
            return faults;
        }
        if (answer.status() >= 400) {
            shapeFault(endpoint, answer).ifPresent(faults::add);
        } else if (endpoint.isPage() && answer.status() == 200 && !isHtml(answer)) {
            String type = answer.headers().getOrDefault("content-type", "");
            if (!endpoint.path().contains("/text/") || !type.startsWith("text/plain")) {
                faults.add("is no page, but " + type);
            }
        }
        return faults;
    }

    private static boolean isHtml(RawHttp.Answer answer) {
        return answer.headers().getOrDefault("content-type", "").startsWith("text/html");
    }

    private static Optional<String> shapeFault(Endpoint endpoint, RawHttp.Answer answer) {
        String type = answer.headers().getOrDefault("content-type", "");
        String body = answer.body();
        boolean isRight =
                endpoint.isPage()
                        ? isHtml(answer) && body.contains("<main")
                        : endpoint.path().startsWith("/api/v2")
                                ? type.startsWith("application/json")
                                        && (body.startsWith("{\"error\":") || isRefusedCall(body))
                                : (type.startsWith("application/problem+json") && hasDetail(body))
                                        // Of what is no interface, and could not be read at all.
                                        || (isHtml(answer) && !endpoint.path().startsWith("/api/"));
        return isRight ? Optional.empty() : Optional.of("is told in another shape, as " + type);
    }

    /** By JSON-RPC 2.0, as Buildbot's calls are told that they were none. */
    private static boolean isRefusedCall(String body) {
        return body.startsWith("{\"jsonrpc\":\"2.0\"") && body.contains("\"error\":{");
    }

    private static boolean hasDetail(String body) {
        JsonNode problem = JSON.readTree(body);
        return problem.path("status").isInt() && problem.path("title").isString();
    }

    private static void send(
            Endpoint endpoint,
            String method,
            String address,
            Map<String, String> headers,
            String body,
            Map<String, String> faults)
            throws Exception {
        RawHttp.Answer answer = http.send(method, address, headers, body);
        for (String fault : faults(endpoint, answer)) {
            String shown = shortened(address);
            faults.putIfAbsent(
                    "%s %s %d %s".formatted(method, endpoint.path(), answer.status(), fault),
                    "%s %s%n    %s %s%n    %s"
                            .formatted(
                                    method,
                                    shown,
                                    headers,
                                    shortened(body),
                                    shortened(answer.body())));
        }
    }

    private static String shortened(String text) {
        return text.length() <= 400 ? text : text.substring(0, 400) + "…";
    }

    private static void requireNone(Map<String, String> faults) {
        StringBuilder told = new StringBuilder();
        faults.forEach((what, how) -> told.append("%n%s%n    %s".formatted(what, how)));
        assertThat(faults.size()).as("seed %d: %s", seed, told).isZero();
    }

    private static void fuzz(List<Endpoint> endpoints, int rounds) throws Exception {
        Map<String, String> faults = new TreeMap<>();
        for (Endpoint endpoint : endpoints) {
            boolean isRead = endpoint.method().equals("GET");
            List<JsonNode> shapes = isRead ? List.of() : shapes(endpoint);
            for (int i = 0; i < rounds * Math.max(1, shapes.size()); i++) {
                Map<String, String> headers = headers();
                String text = "";
                if (!isRead) {
                    Body body = body(shapes.get(i % shapes.size()));
                    headers.put("Content-Type", body.type());
                    text = body.text();
                }
                boolean isBodyAlone = !isRead && random.nextInt(3) > 0;
                send(
                        endpoint,
                        endpoint.method(),
                        address(endpoint, isBodyAlone),
                        headers,
                        text,
                        faults);
            }
        }
        requireNone(faults);
    }

    private static List<Endpoint> commands() {
        return described().stream().filter(it -> it.method().equals("POST")).toList();
    }

    /** A body of what must be there, and of one more field. */
    private static ObjectNode with(JsonNode shape, String field, JsonNode value) {
        ObjectNode object = JSON.createObjectNode();
        Stream<String> others =
                shape.path("required")
                        .valueStream()
                        .map(JsonNode::asString)
                        .filter(it -> !it.equals(field));
        others.forEach(it -> {
            JsonNode described = shape.path("properties").path(it);
            object.set(
                    it,
                    described.has("const")
                            ? described.path("const")
                            : JSON.readTree(right(described)));
        });
        object.set(field, value);
        return object;
    }

    private static JsonNode wrong(JsonNode described) {
        return described.path("type").asString("").equals("object")
                ? IntNode.valueOf(1)
                : JSON.createObjectNode().put("a", 1);
    }

    @Test
    void a_command_reads_the_fields_that_the_document_says_and_no_others() throws Exception {
        List<Endpoint> commands = commands().stream().filter(it -> !it.isCall()).toList();
        assertThat(commands).hasSizeGreaterThan(15);
        for (Endpoint command : commands) {
            JsonNode shape = command.body();
            List<String> fields = List.copyOf(shape.path("properties").propertyNames());
            assertThat(fields).as(command.path()).isNotEmpty();
            if (shape.path("additionalProperties").asBoolean()) {
                assertThat(command.path()).endsWith("/force");
                assertThat(fields)
                        .containsExactly("builder_names", "priority", "reason", "requestedBy");
                assertThat(fields(command)).containsAll(fields.subList(0, 3));
            } else {
                assertThat(fields(command)).as(command.path()).isEqualTo(fields);
            }
            for (String field : fields) {
                JsonNode described = shape.path("properties").path(field);
                String body = with(shape, field, wrong(described)).toString();
                RawHttp.Answer answer = sent(command, body);
                assertThat(answer.status()).as(command.path() + body + answer).isEqualTo(400);
                assertThat(JSON.readTree(answer.body()).path("detail").asString())
                        .as(command.path() + body)
                        .startsWith(field + ": ");
            }
        }
    }

    @Test
    void a_call_reads_the_parameters_that_the_document_says() throws Exception {
        List<Endpoint> calls = commands().stream().filter(Endpoint::isCall).toList();
        assertThat(calls).hasSizeGreaterThan(5);
        for (Endpoint call : calls) {
            List<String> methods = new ArrayList<>();
            for (JsonNode shape : shapes(call)) {
                methods.add(shape.at("/properties/method/const").asString());
                JsonNode parameters = shape.at("/properties/params");
                assertThat(parameters.path("properties").propertyNames()).isNotEmpty();
                for (String name : parameters.path("properties").propertyNames()) {
                    JsonNode described = parameters.path("properties").path(name);
                    String body =
                            with(shape, "params", with(parameters, name, wrong(described)))
                                    .toString();
                    RawHttp.Answer answer = sent(call, body);
                    assertThat(answer.status()).as(call.path() + body + answer).isEqualTo(400);
                    assertThat(JSON.readTree(answer.body()).at("/error/message").asString())
                            .as(call.path() + body)
                            .startsWith(name + ": ");
                }
            }
            assertThat(known(sent(call, CALL.formatted("?"))).orElseThrow())
                    .as(call.path())
                    .containsExactlyInAnyOrderElementsOf(methods);
        }
    }

    @Test
    void no_request_to_the_interfaces_of_programs_is_answered_with_an_error_of_this_side()
            throws Exception {
        List<Endpoint> endpoints = described();
        assertThat(endpoints).hasSizeGreaterThan(50);
        fuzz(endpoints, rounds(4));
    }

    @Test
    void no_request_to_the_pages_is_answered_with_an_error_of_this_side() throws Exception {
        List<Endpoint> endpoints = others();
        assertThat(endpoints).hasSizeGreaterThan(40);
        fuzz(endpoints, rounds(4));
    }

    @Test
    void a_method_that_there_is_not_is_told_as_every_other_problem() throws Exception {
        Map<String, String> faults = new TreeMap<>();
        for (Endpoint endpoint : Stream.concat(described().stream(), others().stream()).toList()) {
            String method =
                    anyOf(List.of("PUT", "DELETE", "PATCH", "TRACE", "HEAD", "OPTIONS", "NONE"));
            // Of pages no method but theirs is for people.
            Endpoint other = new Endpoint(method, endpoint.path(), endpoint.query(), false);
            send(other, method, address(endpoint, true), headers(), "", faults);
        }
        requireNone(faults);
    }

    @Test
    void what_can_be_read_by_nobody_is_told_as_a_problem() throws Exception {
        for (String target : List.of("/api/changes?limit=[0]", "/{x}", "/a|b", "/a\u00fc", "*")) {
            RawHttp.Answer answer = http.send("GET", target, Map.of(), "");

            assertThat(answer.status()).as(target).isIn(400, 404);
            assertThat(faults(new Endpoint("GET", target, List.of(), false), answer))
                    .as(target + ": " + answer)
                    .isEmpty();
        }
    }

    @Test
    void what_is_asked_for_as_it_should_be_is_there() throws Exception {
        List<String> missed = new ArrayList<>();
        for (Endpoint endpoint : Stream.concat(described().stream(), others().stream()).toList()) {
            String address = address(endpoint, true);
            if (endpoint.method().equals("GET")
                    && !endpoint.path().contains("artifacts/{")
                    && !endpoint.path().equals("/login/provider")
                    && http.send("GET", address, Map.of(), "").status() >= 400) {
                missed.add(address);
            }
        }
        // Else what follows a name that is not there would never be reached.
        assertThat(missed).isEmpty();
    }

    /** What the log has, and what nobody sees in an answer who may not see the log. */
    private static final List<String> SECRETS =
            List.of("A U Thor", "author@example.org", "abc123", "failed make test", "linux", "b1");

    private static void restrict(Path directory) throws Exception {
        Path tokens =
                Files.writeString(
                        directory.resolve("tokens"),
                        "reading:%s:reader:everything:2999-01-01T00:00:00Z%n"
                                .formatted(DigestUtils.sha256Hex("read")));
        Files.setPosixFilePermissions(tokens, PosixFilePermissions.fromString("rw-------"));
        served.bean(Admission.class)
                .prepare(
                        ServedLog.file(
                                SCHEDULERS
                                        + """
                                        access:
                                          tokens_file: %s
                                          roles:
                                            - {name: readers, users: [reader], may: [view]}
                                            - {name: owners, users: [owner], may: [everything]}
                                        """
                                                .formatted(tokens)))
                .run();
    }

    private static void open() {
        served.bean(Admission.class).prepare(ServedLog.file(SCHEDULERS)).run();
    }

    private static List<Endpoint> all() throws Exception {
        return Stream.concat(
                        Stream.concat(described().stream(), others().stream()),
                        Stream.of(new Endpoint("GET", "/live", List.of(), false)))
                .filter(it -> !it.path().startsWith("/login"))
                .toList();
    }

    @Test
    void nobody_sees_anything_who_may_not_see_it(@TempDir Path directory) throws Exception {
        List<Endpoint> endpoints = all();
        List<String> faults = new ArrayList<>();
        restrict(directory);
        try {
            for (Endpoint endpoint : endpoints) {
                for (String method : List.of("GET", "HEAD", "OPTIONS", "PUT")) {
                    RawHttp.Answer answer =
                            http.send(method, address(endpoint, true), headers(), "");
                    if (!isTurnedAway(answer)
                            || SECRETS.stream().anyMatch(answer.body()::contains)) {
                        faults.add(method + " " + endpoint.path() + ": " + answer);
                    }
                }
            }
        } finally {
            open();
        }
        assertThat(faults).isEmpty();
    }

    private static boolean isTurnedAway(RawHttp.Answer answer) {
        return answer.status() == 401
                || (answer.status() == 302
                        && answer.headers().getOrDefault("location", "").contains("/login?next="));
    }

    @Test
    void nobody_does_anything_who_may_not_do_it(@TempDir Path directory) throws Exception {
        Map<Endpoint, List<String>> commands = new LinkedHashMap<>();
        for (Endpoint endpoint : all()) {
            if (endpoint.method().equals("POST")) {
                commands.put(endpoint, bodies(endpoint));
            }
        }
        assertThat(commands).hasSizeGreaterThan(30);
        long head = events();
        List<String> faults = new ArrayList<>();
        restrict(directory);
        try {
            for (Map.Entry<Endpoint, List<String>> command : commands.entrySet()) {
                for (String body : command.getValue()) {
                    refusal(command.getKey(), body, "", 401).ifPresent(faults::add);
                    refusal(command.getKey(), body, "Bearer read", 403).ifPresent(faults::add);
                    refusal(command.getKey(), body, "Bearer other", 401).ifPresent(faults::add);
                }
            }
        } finally {
            open();
        }
        assertThat(faults).isEmpty();
        assertThat(events()).isEqualTo(head);
    }

    /** One for each thing that it can be told. */
    private static List<String> bodies(Endpoint endpoint) throws Exception {
        if (!endpoint.isCall()) {
            return List.of("{}");
        }
        return shapes(endpoint).stream()
                .map(it -> CALL.formatted(it.at("/properties/method/const").asString()))
                .toList();
    }

    private static Optional<String> refusal(
            Endpoint endpoint, String body, String authorization, int status) throws Exception {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", "application/json");
        if (!authorization.isEmpty()) {
            headers.put("Authorization", authorization);
        }
        RawHttp.Answer answer = http.send("POST", address(endpoint, true), headers, body);
        return answer.status() == status
                        // Who may not look is not told of anything by what is refused.
                        && (status == 403
                                || SECRETS.stream().noneMatch(detail(answer.body())::contains))
                ? Optional.empty()
                : Optional.of(
                        "%s %s by '%s': %s"
                                .formatted(endpoint.path(), body, authorization, answer));
    }

    /** Without the address, which is as it was sent. */
    private static String detail(String body) {
        return body.replaceFirst("\"instance\":\"[^\"]*\"", "");
    }

    private static long events() {
        return served.test.jdbc.sql("SELECT COUNT(*) FROM event").query(Long.class).single();
    }
}
