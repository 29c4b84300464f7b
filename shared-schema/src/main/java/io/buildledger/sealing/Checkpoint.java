package io.buildledger.sealing;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where a chain was at some time, to be kept where nobody who can write to the database can change
 * it. Whoever changes what was sealed then, or leaves it out, can't make a chain that goes through
 * it again.
 *
 * @param log which log it is of: the hash of the chain's block 0, 64 hexadecimal digits
 * @param block number of the block, from 0
 * @param lastIndex of its events in the log
 * @param events how many there are up to there
 * @param hash of the block, 64 hexadecimal digits
 * @param sealedAt on the database's clock
 */
@JsonPropertyOrder({"log", "block", "lastIndex", "events", "hash", "sealedAt"})
public record Checkpoint(
        String log, long block, long lastIndex, long events, String hash, Instant sealedAt) {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

    static Checkpoint of(Hash log, Block block, long events) {
        return new Checkpoint(
                log.hex(),
                block.number(),
                block.lastIndex(),
                events,
                block.hash().hex(),
                block.sealedAt());
    }

    /** One line of JSON, which {@link #parse} reads. */
    public String text() {
        return JSON.writeValueAsString(this);
    }

    /**
     * @throws IllegalArgumentException that says what is wrong, if it is no checkpoint
     */
    public static Checkpoint parse(String text) {
        JsonNode json;
        try {
            json = JSON.readTree(text);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "it is no JSON (%s)".formatted(e.getOriginalMessage()), e);
        }
        if (!json.isObject()) {
            throw new IllegalArgumentException(
                    "it is no JSON object, such as 'checkpoint' prints: {\"log\": ..., \"block\": ..., ...}");
        }
        return new Checkpoint(
                hash(json, "log"),
                number(json, "block"),
                number(json, "lastIndex"),
                number(json, "events"),
                hash(json, "hash"),
                time(json, "sealedAt"));
    }

    private static String hash(JsonNode json, String name) {
        String value = json.path(name).asString("");
        if (!HASH.matcher(value).matches()) {
            throw wrong(json, name, "64 hexadecimal digits in lower case");
        }
        return value;
    }

    private static long number(JsonNode json, String name) {
        JsonNode value = json.path(name);
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.asLong() < 0) {
            throw wrong(json, name, "a number from 0");
        }
        return value.asLong();
    }

    private static Instant time(JsonNode json, String name) {
        try {
            return Instant.parse(json.path(name).asString(""));
        } catch (DateTimeException e) {
            throw wrong(json, name, "a time like 2026-10-01T03:12:00Z");
        }
    }

    private static IllegalArgumentException wrong(JsonNode json, String name, String right) {
        return new IllegalArgumentException(
                json.has(name)
                        ? "'%s' is %s, and must be %s".formatted(name, json.get(name), right)
                        : "it lacks '%s', which must be %s".formatted(name, right));
    }
}
