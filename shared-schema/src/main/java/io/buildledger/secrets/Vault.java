package io.buildledger.secrets;

import io.buildledger.configuring.ConfiguredSecrets.SecretVault;
import io.buildledger.secrets.PrivateFile.RefusedException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.GeneralSecurityException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * HashiCorp Vault's key/value engine, of version 1 or 2, by its <a
 * href="https://developer.hashicorp.com/vault/api-docs/secret/kv">HTTP API</a>. It is one GET, for
 * which Java's own client does: Spring Vault would bring a second HTTP client and a second JSON
 * library.
 *
 * <p>Nothing that Vault says is told on, as it may hold a value; only its status is.
 */
final class Vault implements SecretProvider {

    /** More than the longest secret takes if each of its bytes is escaped, among some others. */
    private static final long LONGEST_ANSWER = 4L * 1024 * 1024;

    private static final int OK = 200;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int UNAVAILABLE = 503;

    private final SecretVault configured;
    private final VaultToken token;
    private final HttpClient http;

    /**
     * @throws IllegalStateException if the certificates can't be used, which was to be looked at
     *     beforehand
     */
    Vault(SecretVault configured, VaultToken token, TrustedCertificates trusted) {
        this.configured = configured;
        this.token = token;
        try {
            // Redirects are not followed, with which the token would go to somewhere else.
            this.http =
                    HttpClient.newBuilder()
                            .version(HttpClient.Version.HTTP_1_1)
                            .followRedirects(HttpClient.Redirect.NEVER)
                            .sslContext(trusted.context())
                            .build();
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("certificates can't be read: " + trusted.file(), e);
        }
    }

    @Override
    public String title() {
        return "vault " + configured.address();
    }

    @Override
    public Optional<String> find(String name) {
        Optional<VaultName> parsed;
        try {
            parsed =
                    VaultName.of(
                            name,
                            configured.pathDelimiter().charAt(0),
                            configured.pathEscape().charAt(0));
        } catch (IllegalArgumentException e) {
            throw failure(name, String.valueOf(e.getMessage()));
        }
        return parsed.flatMap(it -> valueIn(name, it, answer(name, request(name, it))));
    }

    private HttpRequest request(String name, VaultName parsed) {
        String address = configured.address().replaceFirst("/+$", "");
        String within = configured.apiVersion() == 1 ? "" : "data/";
        String secretToken;
        try {
            secretToken = token.read();
        } catch (RefusedException e) {
            throw failure(name, e.why());
        }
        return HttpRequest.newBuilder(
                        URI.create(
                                "%s/v1/%s/%s%s"
                                        .formatted(
                                                address,
                                                configured.mount(),
                                                within,
                                                parsed.encodedPath())))
                .header("X-Vault-Token", secretToken)
                // An agent of Vault's may be told to let nothing pass that lacks it.
                .header("X-Vault-Request", "true")
                .build();
    }

    private HttpResponse<byte[]> answer(String name, HttpRequest request) {
        // Of the whole answer: the request's own timeout ends with the first bytes.
        CompletableFuture<HttpResponse<byte[]>> answer =
                http.sendAsync(
                        request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), LONGEST_ANSWER));
        try {
            return answer.get(configured.timeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
            throw failure(
                    name,
                    "has not answered within %d s".formatted(configured.timeout().toSeconds()));
        } catch (ExecutionException e) {
            throw failure(name, "can't be asked: " + reason(e.getCause()));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw failure(name, "the wait for its answer was interrupted");
        } finally {
            answer.cancel(true);
        }
    }

    private static String reason(@Nullable Throwable failure) {
        if (failure == null) {
            return "it is not known why";
        }
        return failure.getMessage() == null
                ? failure.getClass().getSimpleName()
                : failure.getMessage();
    }

    private Optional<String> valueIn(String name, VaultName parsed, HttpResponse<byte[]> answer) {
        return switch (answer.statusCode()) {
            case OK -> value(name, parsed, json(name, answer));
            case NOT_FOUND -> {
                requireThatItIsTheSecretThatLacks(name, json(name, answer));
                yield Optional.empty();
            }
            case FORBIDDEN ->
                    throw failure(
                            name,
                            "answered 403: the token of %s may not read it, or has expired"
                                    .formatted(token.file()));
            case UNAVAILABLE -> throw failure(name, "answered 503: is sealed, or not ready yet");
            default -> throw failure(name, "answered " + answer.statusCode());
        };
    }

    private Optional<String> value(String name, VaultName parsed, JsonNode answer) {
        JsonNode data = answer.path("data");
        JsonNode keys = configured.apiVersion() == 1 ? data : data.path("data");
        if (!keys.isObject()) {
            throw failure(
                    name,
                    "answered 200 with something else than a secret: is %s an engine of api_version %d?"
                            .formatted(configured.mount(), configured.apiVersion()));
        }
        JsonNode value = keys.path(parsed.key());
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isString()) {
            throw failure(name, "its value is not text: store it as text");
        }
        return Optional.of(value.asString());
    }

    /** Vault answers 404 also where it has no such engine, but not without a word. */
    private void requireThatItIsTheSecretThatLacks(String name, JsonNode answer) {
        if (!answer.path("errors").isEmpty() || !answer.path("warnings").isEmpty()) {
            throw failure(
                    name,
                    "answered 404 with a complaint: is there an engine at mount %s, and of api_version %d?"
                            .formatted(configured.mount(), configured.apiVersion()));
        }
    }

    private JsonNode json(String name, HttpResponse<byte[]> answer) {
        try {
            JsonNode json = JsonMapper.shared().readTree(answer.body());
            if (json.isObject()) {
                return json;
            }
        } catch (JacksonException _) {
            // Its message shows a part of the answer.
        }
        throw failure(
                name,
                "answered %d with something else than a JSON object: is this the address of Vault?"
                        .formatted(answer.statusCode()));
    }

    private SecretUnavailableException failure(String name, String why) {
        return new SecretUnavailableException(name, this, why);
    }
}
