package io.buildledger.scheduler.changing.hooking;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.scheduler.changing.hooking.Payloads.Sent;
import io.buildledger.scheduler.changing.hooking.Sender.Answer;
import io.buildledger.scheduler.serving.ServedLog;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.annotation.Bean;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Whatever is sent, the answer is never one of 500 and more, and says what is wrong with it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadHookTest {

    private static final JsonMapper JSON = new JsonMapper();

    private ServedLog served;
    private Sender sender;
    private long before;

    @BeforeAll
    void open() {
        served = new ServedLog(0, HookedMaster.WithForges.class);
        sender = new Sender(served.url());
    }

    @AfterAll
    void close() {
        sender.close();
        served.close();
    }

    @BeforeEach
    void count() {
        before = changes();
    }

    private long changes() {
        return served.test.count("SELECT COUNT(*) FROM event WHERE type = 'change-received'");
    }

    private void refused(Answer answer, int status, String detail) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.json().path("status").asInt()).isEqualTo(status);
        assertThat(answer.detail()).startsWith(detail);
        assertThat(changes()).isEqualTo(before);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static Stream<String> forges() {
        return Dialect.NAMES.stream();
    }

    private static Sent pushOf(String forge) {
        return Payloads.made().values().stream()
                .filter(sent -> sent.forge().equals(forge))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @MethodSource("forges")
    void who_shows_no_proof_is_refused_and_who_shows_a_wrong_one_too(String forge)
            throws Exception {
        Sent sent = pushOf(forge);
        byte[] body = bytes(sent.json());
        Map<String, String> headers = Sender.headers(forge, sent.event(), body);
        String proof =
                headers.keySet().stream()
                        .filter(header -> header.contains("Signature") || header.contains("Token"))
                        .findFirst()
                        .orElseThrow();

        for (String wrong :
                List.of(
                        "x",
                        "sha256=",
                        "sha256=zz",
                        "sha1=" + Sender.signature(body),
                        "sha256=" + "0".repeat(64),
                        Sender.signature(bytes("another")),
                        "ünï")) {
            Map<String, String> forged = new LinkedHashMap<>(headers);
            forged.put(proof, wrong);
            refused(sender.post(forge, forged, body), 403, proof + ": is not of the secret");
        }
        if (!forge.equals("gitlab")) {
            refused(
                    sender.post(forge, headers, bytes(sent.json() + " ")),
                    403,
                    proof + ": is not of the secret");
        }
    }

    @ParameterizedTest
    @MethodSource("forges")
    void who_shows_no_proof_is_told_which(String forge) throws Exception {
        Sent sent = pushOf(forge);
        Map<String, String> headers = Sender.headers(forge, sent.event(), bytes(sent.json()));
        headers.keySet()
                .removeIf(header -> header.contains("Signature") || header.contains("Token"));
        if (forge.equals("github")) {
            // Of SHA-1, which GitHub sends besides.
            headers.put("X-Hub-Signature", "sha1=" + "0".repeat(40));
        }

        // Not even read: it need not be JSON.
        refused(
                sender.post(forge, headers, bytes("{")),
                401,
                Dialect.named(forge).orElseThrow().proofs().getFirst().header() + ": is missing");
    }

    @ParameterizedTest
    @CsvSource({
        "sourceforge, there is no such hook; known are base",
        "BASE,        there is no such hook",
    })
    void a_hook_that_there_is_not_is_told(String name, String detail) throws Exception {
        Answer answer = sender.post(name, Map.of("Content-Type", "application/json"), bytes("{}"));

        assertThat(answer.status()).isBetween(400, 404);
        assertThat(answer.detail()).startsWith(detail);
    }

    @Test
    void a_hook_that_is_not_configured_tells_what_to_configure() throws Exception {
        try (ServedLog plain = new ServedLog(0, HookedMaster.class);
                Sender other = new Sender(plain.url())) {
            Answer answer = other.deliver("github", "push", Payloads.GITHUB_PUSH);

            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.detail())
                    .isEqualTo(
                            "github: this hook is not configured: add change_hooks: {github: {secret_file: FILE}} to the configuration");
        }
    }

    /** The base hook asks for a password. */
    static class WithPassword extends HookedMaster {
        @Override
        @Bean
        ConfigurationFile configurationFile() throws IOException {
            return file(LEAST + "change_hooks: {base: {user: ci, password: 'pä:ss'}}\n");
        }
    }

    @Test
    void the_base_hook_asks_for_the_password_that_is_configured_and_looks_at_so_many_wrong_ones()
            throws Exception {
        try (ServedLog plain = new ServedLog(0, WithPassword.class);
                Sender other = new Sender(plain.url())) {
            String form = "application/x-www-form-urlencoded";
            Map<String, String> headers = new LinkedHashMap<>(Map.of("Content-Type", form));
            assertThat(other.post("base", headers, bytes("author=a")).status()).isEqualTo(401);
            for (String wrong :
                    List.of("ci:pä:s", "ci:", "", "other:pä:ss", "ci:pä:ss ", "\u0000")) {
                headers.put("Authorization", "Basic " + base64(wrong));
                Answer answer = other.post("base", headers, bytes("author=a"));
                assertThat(answer.status()).isEqualTo(401);
                assertThat(answer.detail()).startsWith("Authorization: is not this hook's");
            }
            headers.put("Authorization", "Basic " + base64("ci:pä:ss"));
            assertThat(other.post("base", headers, bytes("author=a")).status()).isEqualTo(200);
            for (String odd : List.of("Basic %%%", "Bearer x", "Basic", "basic ")) {
                headers.put("Authorization", odd);
                assertThat(other.post("base", headers, bytes("author=a")).status()).isEqualTo(401);
            }
            headers.put("Authorization", "Basic " + base64("ci:pä:ss"));
            assertThat(other.post("base", headers, bytes("author=a")).status()).isEqualTo(200);

            // One that was right has begun the count anew.
            for (int i = 0; i < 10; i++) {
                headers.put("Authorization", "Basic " + base64("ci:guess" + i));
                assertThat(other.post("base", headers, bytes("author=a")).status()).isEqualTo(401);
            }
            headers.put("Authorization", "Basic " + base64("ci:pä:ss"));
            Answer late = other.post("base", headers, bytes("author=a"));
            assertThat(late.status()).isEqualTo(429);
            assertThat(late.detail())
                    .isEqualTo("Authorization: too many were wrong: send it again in 15 minutes");
        }
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(bytes(text));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    "ref": "refs/heads/main"       | "rev": 1                       | ref: is missing: text belongs here
                    "ref": "refs/heads/main"       | "ref": null                    | ref: is missing: text belongs here
                    "ref": "refs/heads/main"       | "ref": ""                      | ref: is empty
                    "ref": "refs/heads/main"       | "ref": 1e9999                  | ref: is
                    "ref": "refs/heads/main"       | "ref": true                    | ref: is true: text belongs here
                    "ref": "refs/heads/main"       | "ref": ["refs/heads/main"]     | ref: is a list: text belongs here
                    "ref": "refs/heads/main"       | "ref": {"a": 1}                | ref: is an object: text belongs here
                    "ref": "refs/heads/main"       | "ref": "refs/heads/"           | ref: '' is no name that git has
                    "ref": "refs/heads/main"       | "ref": "refs/heads/--upload-pack=touch" | ref: '--upload-pack=touch' is no name that git has
                    "ref": "refs/heads/main"       | "ref": "refs/heads/$(touch x)" | ref: '$(touch x)' is no name that git has
                    "ref": "refs/heads/main"       | "ref": "refs/heads/../../x"    | ref: '../../x' is no name that git has
                    "ref": "refs/heads/main"       | "ref": "refs/heads/a\\nb"      | ref: 'a b' is no name that git has
                    "ref": "refs/heads/main"       | "ref": "refs/heads/a\\u0000b"  | ref: 'a b' is no name that git has
                    "ref": "refs/heads/main"       | "ref": "refs/heads/a\\u0085b"  | ref: 'a b' is no name that git has
                    "ref": "refs/heads/main"       | "ref": "refs/tags/a.lock"      | ref: 'a.lock' is no name that git has
                    "ref": "refs/heads/main"       | "ref": "refs/heads/\\ud83d"    | ref: has one half of a character
                    "created": false               | "created": "no"                | created: is 'no': true or false belongs here
                    "deleted": false               | "deleted": 0                   | deleted: is 0: true or false belongs here
                    "2222222222222222222222222222222222222222" | "HEAD"             | commits[0].id: is 'HEAD': the name of a commit
                    "2222222222222222222222222222222222222222" | "--exec=x"         | commits[0].id: is '--exec=x': the name of a commit
                    "2222222222222222222222222222222222222222" | 22222222           | commits[0].id: is 22222222: text belongs here
                    "2222222222222222222222222222222222222222" | null               | commits[0].id: is missing
                    "added": ["a"]                 | "added": "a"                   | commits[0].added: is 'a': a list belongs here
                    "added": ["a"]                 | "added": ["a", null]           | commits[0].added[1]: is missing
                    "added": ["a"]                 | "added": [["a"]]               | commits[0].added[0]: is a list
                    "2026-01-01T10:00:00+02:00"    | "yesterday"                    | commits[0].timestamp: is 'yesterday': a time such as
                    "2026-01-01T10:00:00+02:00"    | 1767254400                     | commits[0].timestamp: is 1767254400: text belongs here
                    {"name": "Ann", "email": "ann@example.org"} | "Ann"             | commits[0].author: is 'Ann': an object belongs here
                    {"name": "Ann", "email": "ann@example.org"} | {"name": ["Ann"]} | commits[0].author.name: is a list
                    "message": "one\\n\\nmore"     | "message": {"text": "one"}     | commits[0].message: is an object
                    "repository": {                | "repo": {                      | repository.html_url: is missing
                    "full_name": "o/r"             | "full_name": 5                 | repository.full_name: is 5
                    "https://github.com/o/r/commit/2222222" | []                    | commits[0].url: is a list
                    "pusher": {"name": "Pat"}      | "pusher": "Pat"                | pusher: is 'Pat': an object belongs here
                    "created": false               | "created": false, "created": false | body: is not JSON: Duplicate
                    "created": false               | "created": 1%s                 | body: is not JSON
                    """)
    void a_field_that_is_wrong_is_named(String good, String bad, String detail) throws Exception {
        assertThat(Payloads.GITHUB_PUSH).contains(good.replace("\\\\", "\\"));

        refused(
                sender.deliver("github", "push", Payloads.GITHUB_PUSH.replace(good, bad)),
                400,
                detail);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "null",
                "[]",
                "1",
                "\"x\"",
                "{",
                "{}x",
                "{\"a\":1}{}",
                "nul",
                "{'a':1}",
                "{\"a\":NaN}",
                "\uFEFF",
                "<xml/>",
                "{\"a\":\"\u0001\"}"
            })
    void a_body_that_is_no_object_is_told(String body) throws Exception {
        for (String forge : Dialect.NAMES) {
            refused(sender.deliver(forge, pushOf(forge).event(), body), 400, "body: is not");
        }
    }

    @Test
    void a_body_that_is_not_utf_8_is_told() throws Exception {
        byte[] latin =
                Payloads.GITHUB_PUSH.replace("one", "ü").getBytes(StandardCharsets.ISO_8859_1);
        refused(sender.deliver("github", "push", latin), 400, "body: is not UTF-8");
        byte[] wide = Payloads.GITHUB_PUSH.getBytes(StandardCharsets.UTF_16LE);
        refused(sender.deliver("github", "push", wide), 400, "body: is not JSON");
    }

    @Test
    void json_that_is_there_to_blow_up_is_refused() throws Exception {
        for (String bomb :
                List.of(
                        "{\"a\":".repeat(100_000),
                        "[".repeat(1_000_000),
                        "{\"a\":" + "[".repeat(1_000) + "]".repeat(1_000) + "}",
                        "{\"a\":" + "9".repeat(1_000_000) + "}",
                        "{\"a\":1e" + "9".repeat(1_000) + "}",
                        "{\"" + "a".repeat(1_000_000) + "\":1}",
                        "{\"a\":[" + "0,".repeat(5_500_000) + "0]}")) {
            refused(sender.deliver("github", "push", bomb), 400, "body: is");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void fifty_megabytes_are_refused_whether_their_length_is_told_or_not(boolean told)
            throws Exception {
        int size = 50 * 1024 * 1024;
        byte[] chunk = new byte[64 * 1024];
        Map<String, String> headers = Sender.headers("github", "push", chunk);
        headers.put("Content-Type", "application/json");

        Answer answer =
                sender.post(
                        "github",
                        headers,
                        told
                                ? BodyPublishers.fromPublisher(
                                        BodyPublishers.ofInputStream(() -> zeros(size)), size)
                                : BodyPublishers.ofInputStream(() -> zeros(size)));

        refused(answer, 413, "body: is larger than the limit of 26214400");
    }

    private static InputStream zeros(int size) {
        return new InputStream() {
            private int left = size;

            @Override
            public int read() {
                return left-- > 0 ? 0 : -1;
            }

            @Override
            public int read(byte[] buffer, int from, int length) {
                if (left <= 0) {
                    return -1;
                }
                int read = Math.min(left, length);
                left -= read;
                return read;
            }
        };
    }

    @Test
    void what_is_too_long_for_a_change_is_told_or_cut() throws Exception {
        String push = Payloads.GITHUB_PUSH;
        refused(
                sender.deliver(
                        "github", "push", push.replace("heads/main", "heads/" + "x".repeat(501))),
                413,
                "branch: is larger than the limit of 500");
        refused(
                sender.deliver(
                        "github", "push", push.replace("/commit/2222222", "/" + "x".repeat(501))),
                413,
                "revlink: is larger than the limit of 500");
        StringBuilder files = new StringBuilder();
        for (int i = 0; i < 60_000; i++) {
            files.append("\"%d-%s\",".formatted(i, "f".repeat(300)));
        }
        Answer answer =
                sender.deliver(
                        "github",
                        "push",
                        push.replace("\"Ann\"", "\"" + "A".repeat(2_000) + "\"")
                                .replace("\"one\\n", "\"" + "m".repeat(300_000) + "\\n")
                                .replace("[\"a\"]", "[" + files + "\"z\"]")
                                .replace("o/r", "too/long"));
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.json().path("changeIds")).hasSize(2);
    }

    @Test
    void ten_thousand_commits_in_one_push_are_taken_in_their_order() throws Exception {
        StringBuilder commits = new StringBuilder();
        for (int i = 0; i < 10_000; i++) {
            commits.append(
                    """
                    {"id": "%040x", "message": "commit %d", "timestamp": "2026-01-01T10:00:00Z",
                     "author": {"name": "Ann"}, "modified": ["m"]},\
                    """
                            .formatted(i + 1, i));
        }
        String json =
                Payloads.GITHUB_PUSH
                        .replace("\"commits\": [", "\"commits\": [" + commits)
                        .replace("o/r", "ten/thousand");

        Answer answer = sender.deliver("github", "push", json);

        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        List<Long> ids = new ArrayList<>();
        answer.json().path("changeIds").forEach(id -> ids.add(id.asLong()));
        assertThat(ids).hasSize(10_002).isSorted();
        Answer again = sender.deliver("github", "push", json);
        assertThat(again.json().path("known")).hasSize(10_002);
        assertThat(changes()).isEqualTo(before + 10_002);
    }

    @ParameterizedTest
    @CsvSource({
        "text/plain,                        Content-Type: is text/plain: send application/json",
        "application/x-www-form-urlencoded, '{\"ref\": \"refs/heads/main\", \"created\": false'",
    })
    void another_type_of_content_is_told(String type, String detail) throws Exception {
        byte[] body = bytes(Payloads.GITHUB_PUSH);
        Map<String, String> headers = Sender.headers("github", "push", body);
        headers.put("Content-Type", type);

        Answer answer = sender.post("github", headers, body);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.detail()).startsWith(detail);
    }

    @Test
    void a_form_without_its_payload_is_told() throws Exception {
        for (String form :
                List.of(
                        "",
                        "payload=",
                        "payload=%FF",
                        "payload=%7",
                        "a=b",
                        "payload={}&payload={}")) {
            byte[] body = bytes(form);
            Map<String, String> headers = Sender.headers("github", "push", body);
            headers.put("Content-Type", "application/x-www-form-urlencoded");
            Answer answer = sender.post("github", headers, body);
            assertThat(answer.status()).as(form).isEqualTo(400);
            assertThat(answer.detail()).as(form).matches("(payload|a): .*");
        }
    }

    @ParameterizedTest
    @MethodSource("forges")
    void a_delivery_without_its_kind_is_told(String forge) throws Exception {
        byte[] body = bytes("{}");
        Map<String, String> headers = Sender.headers(forge, " ", body);

        refused(
                sender.post(forge, headers, body),
                400,
                Dialect.named(forge).orElseThrow().eventHeader() + ": is missing");
    }

    @Test
    void shell_syntax_that_git_allows_in_a_name_is_only_a_name() throws Exception {
        Answer answer =
                sender.deliver(
                        "github",
                        "push",
                        Payloads.GITHUB_PUSH
                                .replace("refs/heads/main", "refs/heads/$(id);`id`|&'x'")
                                .replace("o/r", "shell/syntax"));

        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }

    /** Payloads of which something was taken out, put elsewhere or replaced by anything. */
    @Test
    void no_mutation_of_a_payload_is_answered_with_an_error_of_this_side() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        List<Sent> payloads = new ArrayList<>(Payloads.made().values());
        payloads.addAll(Payloads.real().values());
        for (int i = 0; i < 3_000; i++) {
            Sent sent = payloads.get(random.nextInt(payloads.size()));
            JsonNode json = JSON.readTree(sent.json());
            for (int mutations = 1 + random.nextInt(3); mutations > 0; mutations--) {
                mutate(json, random);
            }
            byte[] body = bytes(json.toString());
            if (random.nextInt(10) == 0) {
                body[random.nextInt(body.length)] = (byte) random.nextInt(256);
            }
            Answer answer = sender.deliver(sent.forge(), sent.event(), body);
            assertThat(answer.status())
                    .as("seed %d, step %d: %s %s", seed, i, answer.body(), json)
                    .isIn(200, 400, 413);
            if (answer.status() != 200) {
                assertThat(answer.detail()).as("seed %d, step %d", seed, i).contains(": ");
            }
        }
    }

    @Test
    void no_form_to_the_base_hook_is_answered_with_an_error_of_this_side() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        List<String> names =
                List.of(
                        "author",
                        "branch",
                        "comments",
                        "files",
                        "properties",
                        "repository",
                        "revision",
                        "revlink",
                        "when",
                        "project",
                        "%FF",
                        "");
        List<String> values =
                List.of(
                        "a",
                        "",
                        "%00",
                        "%FF",
                        "%",
                        "%ZZ",
                        "[]",
                        "{}",
                        "null",
                        "[null]",
                        "[%22%5Cud800%22]",
                        "{%22a%22:%22%5Cud800%22}",
                        "{%22a%22:1,%22a%22:2}",
                        "[[]]",
                        "1e999",
                        "NaN",
                        "-1",
                        "https%3A%2F%2Fu%3Ap%40h%2F",
                        "@:",
                        "%5B".repeat(5_000),
                        "x".repeat(600),
                        "%0A",
                        "+");
        for (int i = 0; i < 2_000; i++) {
            StringBuilder form = new StringBuilder("author=a");
            for (int fields = random.nextInt(5); fields > 0; fields--) {
                form.append('&')
                        .append(names.get(random.nextInt(names.size())))
                        .append(random.nextInt(20) == 0 ? "" : "=")
                        .append(values.get(random.nextInt(values.size())));
            }
            Answer answer =
                    sender.post(
                            "base",
                            Map.of("Content-Type", "application/x-www-form-urlencoded"),
                            bytes(form.toString()));
            assertThat(answer.status())
                    .as("seed %d, step %d: %s %s", seed, i, answer.body(), form)
                    .isIn(200, 400, 413);
        }
    }

    private static void mutate(JsonNode root, Random random) {
        List<JsonNode> containers = new ArrayList<>();
        collect(root, containers);
        JsonNode place = containers.get(random.nextInt(containers.size()));
        if (place instanceof ObjectNode object && !object.isEmpty()) {
            List<String> names = new ArrayList<>(object.propertyNames());
            String name = names.get(random.nextInt(names.size()));
            if (random.nextInt(4) == 0) {
                object.remove(name);
            } else {
                object.set(name, anything(root, random));
            }
        } else if (place instanceof ArrayNode array && !array.isEmpty()) {
            int index = random.nextInt(array.size());
            switch (random.nextInt(3)) {
                case 0 -> array.remove(index);
                case 1 -> array.add(array.get(index).deepCopy());
                default -> array.set(index, anything(root, random));
            }
        }
    }

    private static void collect(JsonNode node, List<JsonNode> containers) {
        if (node.isContainer()) {
            containers.add(node);
            node.forEach(child -> collect(child, containers));
        }
    }

    private static JsonNode anything(JsonNode root, Random random) {
        return switch (random.nextInt(16)) {
            case 0 -> JSON.readTree("null");
            case 1 -> JSON.readTree("true");
            case 2 -> JSON.readTree("0");
            case 3 -> JSON.readTree("-1");
            case 4 -> JSON.readTree("9223372036854775808");
            case 5 -> JSON.readTree("1.5e300");
            case 6 -> JSON.readTree("[]");
            case 7 -> JSON.readTree("{}");
            case 8 -> JSON.readTree("[[{}]]");
            case 9 -> JSON.readTree("\"\"");
            case 10 -> JSON.readTree("\"\\ud800\\u0000\"");
            case 11 -> JSON.readTree("\"" + "x".repeat(random.nextInt(5_000)) + "\"");
            case 12 -> JSON.readTree("\"refs/heads/--upload-pack=x\"");
            case 13 -> JSON.readTree("\"9999-12-31T23:59:59+18:00\"");
            case 14 -> JSON.readTree("\"0000000000000000000000000000000000000000\"");
            default -> root.deepCopy();
        };
    }
}
