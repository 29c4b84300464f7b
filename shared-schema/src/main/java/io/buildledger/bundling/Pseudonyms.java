package io.buildledger.bundling;

import io.buildledger.domain.cancelling.FailingBuildsetCanceller;
import io.buildledger.domain.cancelling.OldBuildCanceller;
import io.buildledger.log.EventImport.Row;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Other names in the place of people, mail addresses, masters, workers, machines and repositories,
 * the same for the same everywhere in a bundle. They are made with a key that nobody keeps, so that
 * they can't be found out by trying names, and those of two bundles have nothing in common.
 *
 * <p>First it {@linkplain #learn learns} the names from where an event has them by themselves; then
 * it {@linkplain #replace replaces} these wherever they stand, also in texts. Comments and patches
 * are left out. Names of builders, schedulers, branches, projects, codebases, properties and files
 * stay: without them nobody could follow what happened. It does not make anonymous: what was built,
 * when, and what people wrote as a reason says a lot to who knows the farm.
 */
final class Pseudonyms {

    private enum Kind {
        PERSON("person-%s"),
        MAIL("person-%s@example.invalid"),
        MASTER("master-%s"),
        WORKER("worker-%s"),
        HOST("host-%s"),
        ADDRESS("https://example.invalid/%s");

        private final String format;

        Kind(String format) {
            this.format = format;
        }
    }

    private static final Set<String> PEOPLE =
            Set.of("author", "by", "requestedBy", "cancelledBy", "changedBy");
    private static final Set<String> MASTERS =
            Set.of("master", "releasedBy", "contestedBy", "declaredBy");
    private static final Set<String> ADDRESSES = Set.of("repository", "revlink", "url", "repourl");
    private static final Set<String> LEFT_OUT = Set.of("comments", "comment", "body");

    /** What looks like an address or a name and is none: of commands, and of programs. */
    private static final Set<String> KEPT = Set.of("commandId", "orphans", "version");

    /** Who is no person though a component of people names it. */
    private static final Pattern NO_PERSON =
            Pattern.compile(
                    "build \\S+/\\d+|signal|somebody|(?:%s|%s) .*"
                            .formatted(OldBuildCanceller.TYPE, FailingBuildsetCanceller.TYPE));

    /** What events are called by in others. */
    private static final Pattern EVENT = Pattern.compile("(?<stream>[a-z-]+/.+)@(?<sequence>\\d+)");

    /** Streams of which a number is all that tells them apart, or the last part that does. */
    private static final Set<String> NUMBERED = Set.of("change", "buildset", "build-request");

    private static final Set<String> LAST_NUMBERED = Set.of("build", "timer");

    private static final Pattern AUTHOR =
            Pattern.compile("(?<name>[^<]*?)\\s*<(?<mail>[^<>\\s]+@[^<>\\s]+)>");
    private static final Pattern FOUND_IN_TEXT =
            Pattern.compile(
                    "(?<address>\\b(?:[a-zA-Z][\\w+.-]*:)*[a-zA-Z][\\w+.-]*://[^\\s\"'<>]+|\\bgit@[\\w.-]+:[^\\s\"'<>]+)"
                            + "|(?<mail>[\\w.+-]+@[\\w-]+(?:\\.[\\w-]+)+)"
                            + "|(?<host>\\b\\d{1,3}(?:\\.\\d{1,3}){3}\\b"
                            // IPv6: eight groups, or some on one side of :: or on both.
                            + "|(?<![\\w:.])(?:(?:H:){7}H|(?:H(?::H)*)?::H(?::H)*(?:(?:\\.\\d{1,3}){3})?|H(?::H)*::)(?![\\w:]))"
                                    .replace("H", "[0-9a-fA-F]{1,4}"));
    private static final int SHORTEST_IN_TEXT = 2;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Mac mac;
    private final Map<String, String> known = new HashMap<>();

    /** Those that are looked for in texts by their first words, the longest first. */
    private final Map<String, List<String>> byFirstWord = new HashMap<>();

    /**
     * @param key random, and forgotten afterwards
     */
    Pseudonyms(byte[] key) {
        try {
            mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }

    void learn(Row row) {
        learnStream(row.stream());
        learn(json(row.payload()));
        learn(json(row.metadata()));
    }

    void learnStream(String stream) {
        String name = stream.substring(stream.indexOf('/') + 1);
        switch (stream.substring(0, Math.max(stream.indexOf('/'), 0))) {
            case "master" -> learn(Kind.MASTER, name);
            case "worker" -> learnWorker(name);
            case "git-poller" -> learn(Kind.ADDRESS, name);
            default -> {
                // Its name stays, but for what is known by others.
            }
        }
    }

    /** What is no JSON in the log is left out: nobody knows what is a name in it. */
    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JacksonException e) {
            return JSON.createObjectNode();
        }
    }

    private void learn(JsonNode node) {
        node.propertyStream()
                .forEach(component -> {
                    if (component.getValue().isString()) {
                        learn(component.getKey(), component.getValue().asString());
                    }
                });
        node.valueStream().forEach(this::learn);
    }

    private void learn(String component, String value) {
        if (value.isBlank()) {
            return;
        }
        if (PEOPLE.contains(component)) {
            learnPerson(value);
        } else if (MASTERS.contains(component)) {
            learn(Kind.MASTER, value);
        } else if (component.equals("worker")) {
            learnWorker(value);
        } else if (component.equals("host")) {
            learn(Kind.HOST, value);
        } else if (ADDRESSES.contains(component)) {
            learn(Kind.ADDRESS, value);
        }
    }

    private void learnPerson(String person) {
        Matcher author = AUTHOR.matcher(person);
        if (NO_PERSON.matcher(person).matches()) {
            return;
        }
        if (author.matches()) {
            learn(Kind.MAIL, author.group("mail"));
            if (!author.group("name").isBlank()) {
                learn(Kind.PERSON, author.group("name"));
            }
        } else {
            learn(person.contains("@") ? Kind.MAIL : Kind.PERSON, person);
        }
    }

    /** A local one is called by its master's name, too. */
    private void learnWorker(String worker) {
        int slash = worker.indexOf('/');
        if (slash > 0) {
            learn(Kind.MASTER, worker.substring(0, slash));
        }
        learn(Kind.WORKER, worker.substring(slash + 1));
    }

    private void learn(Kind kind, String name) {
        if (known.putIfAbsent(name, kind.format.formatted(digest(name))) == null
                && name.length() >= SHORTEST_IN_TEXT) {
            List<String> names = byFirstWord.computeIfAbsent(word(name, 0), _ -> new ArrayList<>());
            names.add(name);
            names.sort(Comparator.comparingInt(String::length).reversed());
        }
    }

    private String digest(String name) {
        return HexFormat.of().formatHex(mac.doFinal(name.getBytes(StandardCharsets.UTF_8)), 0, 4);
    }

    /** The same event with other names. */
    Row replace(Row row) {
        return new Row(
                row.index(),
                stream(row.stream()),
                row.sequence(),
                row.type(),
                row.revision(),
                replace("", json(row.payload())).toString(),
                replace("", json(row.metadata())).toString(),
                row.at());
    }

    private String stream(String stream) {
        int slash = stream.indexOf('/');
        String kind = stream.substring(0, Math.max(slash, 0));
        if (NUMBERED.contains(kind)) {
            return stream;
        }
        int end = LAST_NUMBERED.contains(kind) ? stream.lastIndexOf('/') : stream.length();
        return end <= slash
                ? stream
                : stream.substring(0, slash + 1)
                        + whole(stream.substring(slash + 1, end))
                        + stream.substring(end);
    }

    /**
     * @param component that it is, or is one of; empty if it is none
     */
    private JsonNode replace(String component, JsonNode node) {
        return switch (node) {
            case ObjectNode object -> {
                ObjectNode replaced = JSON.createObjectNode();
                object.propertyStream()
                        .forEach(part ->
                                replaced.set(
                                        part.getKey(), replace(part.getKey(), part.getValue())));
                yield replaced;
            }
            case ArrayNode array -> {
                ArrayNode replaced = JSON.createArrayNode();
                array.valueStream().map(it -> replace(component, it)).forEach(replaced::add);
                yield replaced;
            }
            default ->
                    node.isString()
                            ? JSON.getNodeFactory().stringNode(text(component, node.asString()))
                            : node;
        };
    }

    private String text(String component, String text) {
        if (LEFT_OUT.contains(component) && !text.isEmpty()) {
            return "(left out: %,d characters)".formatted(text.length());
        }
        if (KEPT.contains(component) || isTime(text)) {
            return text;
        }
        Matcher event = EVENT.matcher(text);
        return event.matches()
                ? stream(event.group("stream")) + "@" + event.group("sequence")
                : whole(text);
    }

    private static boolean isTime(String text) {
        try {
            Instant.parse(text);
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }

    /** A name by itself however short it is; in a text no shorter ones than people would see. */
    private String whole(String text) {
        String name = known.get(text);
        if (name != null) {
            return name;
        }
        String partly = FOUND_IN_TEXT.matcher(text).replaceAll(this::found);
        return withoutKnown(partly);
    }

    /** Where a word begins, names that begin with it are looked for. */
    private String withoutKnown(String text) {
        StringBuilder replaced = new StringBuilder(text.length());
        int at = 0;
        while (at < text.length()) {
            String word = word(text, at);
            String name = nameAt(text, at, byFirstWord.getOrDefault(word, List.of()));
            if (name == null) {
                replaced.append(word);
                at += word.length();
            } else {
                replaced.append(known.get(name));
                at += name.length();
            }
        }
        return replaced.toString();
    }

    /** The word that begins at a place; a character that is of no word, by itself. */
    private static String word(String text, int begin) {
        int end = begin;
        while (end < text.length() && isOfWord(text.charAt(end))) {
            end++;
        }
        return text.substring(begin, Math.max(end, begin + 1));
    }

    private static boolean isOfWord(char character) {
        return character == '-'
                || character == '_'
                || (character >= '0' && character <= '9')
                || (character >= 'a' && character <= 'z')
                || (character >= 'A' && character <= 'Z');
    }

    private static @Nullable String nameAt(String text, int at, List<String> names) {
        for (String name : names) {
            int end = at + name.length();
            if (text.startsWith(name, at)
                    && (end == text.length() || !isOfWord(text.charAt(end)))) {
                return name;
            }
        }
        return null;
    }

    private String found(MatchResult match) {
        String value = match.group();
        Kind kind =
                match.group("address") != null
                        ? Kind.ADDRESS
                        : match.group("mail") != null ? Kind.MAIL : Kind.HOST;
        String name = known.get(value);
        return Matcher.quoteReplacement(
                name != null
                        ? name
                        : value.endsWith("example.invalid")
                                ? value
                                : kind.format.formatted(digest(value)));
    }
}
