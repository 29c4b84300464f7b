package io.buildledger.scheduler.commandline;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A scheduler master that answers over HTTP. */
final class Master {

    private static final int CONNECT_TIMEOUT_MILLIS = 5_000;
    private static final int READ_TIMEOUT_MILLIS = 30_000;
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final int OK = 200;
    private static final int BUFFER = 64 * 1024;
    private static final int MULTIPLE_CHOICES = 300;
    private static final int BAD_REQUEST = 400;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
    private static final String BEARER = "Bearer ";
    private static final String TOKEN_IS_GIVEN =
            "give one by --token-file, BUILDLEDGER_TOKEN_FILE or BUILDLEDGER_TOKEN; 'bin/buildledger token new' makes one, where the master's configuration is";

    static final JsonMapper JSON =
            new JsonMapper(JsonFactory.builder().characterEscapes(new TerminalEscapes()).build());

    private final String url;
    private final @Nullable String authorization;

    /**
     * @throws IllegalArgumentException if the URL is not one of a web server
     */
    Master(String url) {
        this(url, null);
    }

    private Master(String url, @Nullable String authorization) {
        URI parsed = URI.create(url);
        if (parsed.getHost() == null
                || !("http".equals(parsed.getScheme()) || "https".equals(parsed.getScheme()))) {
            throw new IllegalArgumentException(url + " is not like http://127.0.0.1:8010");
        }
        this.url = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
        this.authorization = authorization;
    }

    /** The same, asked by a user with a password. */
    Master as(String user, String password) {
        byte[] credentials = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
        return new Master(url, "Basic " + Base64.getEncoder().encodeToString(credentials));
    }

    /**
     * The same, asked by whoever has this token.
     *
     * @throws IllegalArgumentException if others could read it on its way
     */
    Master withToken(String token) {
        URI parsed = URI.create(url);
        if (parsed.getScheme().equals("http") && !LOOPBACK.contains(parsed.getHost())) {
            throw new IllegalArgumentException(
                    "the token would be sent to %s for everybody to read: write https://"
                            .formatted(parsed.getHost()));
        }
        return new Master(url, BEARER + token);
    }

    /** A name as one segment of a path. */
    static String segment(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    JsonNode get(String path) {
        return ask(path, null, "");
    }

    /** Sends a form; fields that are null are left out. */
    JsonNode post(String path, Map<String, ? extends @Nullable Object> form) {
        return ask(
                path,
                FORM,
                form.entrySet().stream()
                        .filter(field -> field.getValue() != null)
                        .map(field -> encode(field.getKey()) + "=" + encode(field.getValue()))
                        .collect(Collectors.joining("&")));
    }

    /** Sends an object. */
    JsonNode postJson(String path, Map<String, ?> body) {
        return ask(path, "application/json", JSON.writeValueAsString(body));
    }

    /**
     * Brings bytes.
     *
     * @param to stays open
     * @throws UncheckedIOException if they can't be written
     */
    void download(String path, OutputStream to) {
        try {
            HttpURLConnection connection = connect(path);
            if (connection.getResponseCode() != OK) {
                JsonNode _ = answer(connection);
                throw new NoAnswerException(
                        "%s answered with status %d".formatted(url, connection.getResponseCode()));
            }
            try (InputStream body = connection.getInputStream()) {
                byte[] buffer = new byte[BUFFER];
                for (int some = body.read(buffer); some >= 0; some = body.read(buffer)) {
                    write(to, buffer, some);
                }
            }
        } catch (IOException e) {
            throw new NoAnswerException("%s did not send all of it: %s".formatted(url, reason(e)));
        }
    }

    private static void write(OutputStream to, byte[] bytes, int count) {
        try {
            to.write(bytes, 0, count);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private HttpURLConnection connect(String path) throws IOException {
        // Starts quicker than java.net.http.
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(url + path).toURL().openConnection();
        connection.setConnectTimeout(CONNECT_TIMEOUT_MILLIS);
        connection.setReadTimeout(READ_TIMEOUT_MILLIS);
        // A master leads programs nowhere; what else does is not to be shown who asks.
        connection.setInstanceFollowRedirects(false);
        if (authorization != null) {
            connection.setRequestProperty("Authorization", authorization);
        }
        return connection;
    }

    private static String encode(Object text) {
        return URLEncoder.encode(text.toString(), StandardCharsets.UTF_8);
    }

    /**
     * @param type of the body; null for none
     */
    private JsonNode ask(String path, @Nullable String type, String content) {
        try {
            HttpURLConnection connection = connect(path);
            connection.setRequestProperty("Accept", "application/json, application/problem+json");
            if (type != null) {
                connection.setDoOutput(true);
                connection.setRequestProperty("Content-Type", type);
                try (var body = connection.getOutputStream()) {
                    body.write(content.getBytes(StandardCharsets.UTF_8));
                }
            }
            return answer(connection);
        } catch (IOException e) {
            throw new NoAnswerException(
                    ("no scheduler master answers at %s (%s): start one with 'bin/buildledger scheduler-master --config FILE',"
                                    + " or name another with --master URL or BUILDLEDGER_MASTER")
                            .formatted(url, reason(e)));
        }
    }

    private static String reason(IOException failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }

    private JsonNode answer(HttpURLConnection connection) throws IOException {
        int status = connection.getResponseCode();
        boolean good = status >= OK && status < MULTIPLE_CHOICES;
        InputStream body = good ? connection.getInputStream() : connection.getErrorStream();
        String text = "";
        if (body != null) {
            try (body) {
                text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
            }
        }
        JsonNode json = parse(text);
        if (json == null) {
            throw new NoAnswerException(strange(status, connection.getHeaderField("Location")));
        }
        if (!good) {
            String detail = json.path("detail").asString("");
            if (detail.isEmpty()) {
                detail = "%s answered with status %d".formatted(url, status);
            }
            throw new NoAnswerException(
                    status == UNAUTHORIZED && !asksForPassword(connection)
                            ? "%s: %s".formatted(detail, TOKEN_IS_GIVEN)
                            : detail);
        }
        return json;
    }

    private static boolean asksForPassword(HttpURLConnection connection) {
        String challenge = connection.getHeaderField("WWW-Authenticate");
        return challenge != null && challenge.startsWith("Basic ");
    }

    /** What there is to say of an answer that no master gives to a program. */
    private String strange(int status, @Nullable String location) {
        if (status == UNAUTHORIZED || status == FORBIDDEN) {
            return "%s refuses that (status %d), but not as a master does: see to the proxy in front of it, or %s"
                    .formatted(url, status, TOKEN_IS_GIVEN);
        }
        if (status >= MULTIPLE_CHOICES && status < BAD_REQUEST && location != null) {
            return "%s leads to %s: if that is a master, name it with --master or BUILDLEDGER_MASTER; if people log in there, %s"
                    .formatted(url, location, TOKEN_IS_GIVEN);
        }
        return "what answers at %s is no Buildledger master (status %d): correct --master or BUILDLEDGER_MASTER"
                .formatted(url, status);
    }

    private static @Nullable JsonNode parse(String text) {
        try {
            JsonNode json = JSON.readTree(text);
            return json.isObject() ? json : null;
        } catch (JacksonException e) {
            return null;
        }
    }
}
