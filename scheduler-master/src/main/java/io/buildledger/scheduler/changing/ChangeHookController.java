package io.buildledger.scheduler.changing;

import io.buildledger.database.DatabaseTrouble;
import io.buildledger.showing.Printable;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code POST /change_hook/base}: one change as a form, with the field names of Buildbot's hook of
 * that name. The answer 200 means that the change is in the log; 503 that it may not be.
 */
@RestController
final class ChangeHookController {

    /** The answer to a change that was taken in. */
    record Taken(long changeId) {}

    private static final Logger LOG = LoggerFactory.getLogger(ChangeHookController.class);

    private static final int LARGEST_BODY = 4 * 1024 * 1024;

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<List<String>> FILES = new TypeReference<>() {};
    private static final TypeReference<Map<String, String>> PROPERTIES = new TypeReference<>() {};

    private final ChangeIntake intake;
    private final InstantSource clock;

    ChangeHookController(ChangeIntake intake, InstantSource databaseClock) {
        this.intake = intake;
        this.clock = databaseClock;
    }

    @PostMapping(path = "/change_hook/base", produces = "application/json")
    Taken base(HttpServletRequest request) throws IOException {
        Map<String, String> form = form(body(request));
        return new Taken(
                intake.take(
                        new NewChange(
                                form.getOrDefault("repository", ""),
                                form.get("branch"),
                                form.get("revision"),
                                form.getOrDefault("project", ""),
                                form.getOrDefault("codebase", ""),
                                form.get("category"),
                                form.getOrDefault("author", ""),
                                form.getOrDefault("comments", ""),
                                json("files", form, FILES, List.of(), "a JSON array of paths"),
                                form.get("revlink"),
                                when(form.get("when")),
                                json(
                                        "properties",
                                        form,
                                        PROPERTIES,
                                        Map.of(),
                                        "a JSON object of texts, numbers and booleans"),
                                "base")));
    }

    /** Read here and not by the container, which would drop what it can't decode. */
    private static byte[] body(HttpServletRequest request) throws IOException {
        String type = request.getContentType();
        if (type == null || !type.startsWith("application/x-www-form-urlencoded")) {
            throw InvalidChangeException.malformed(
                    "Content-Type", "is " + type + ": send application/x-www-form-urlencoded");
        }
        byte[] body = request.getInputStream().readNBytes(LARGEST_BODY + 1);
        if (body.length > LARGEST_BODY) {
            throw InvalidChangeException.tooLarge("body", LARGEST_BODY);
        }
        return body;
    }

    private static Map<String, String> form(byte[] body) {
        Map<String, String> form = new HashMap<>();
        // Each byte a character, until the escapes are undone.
        for (String field : new String(body, StandardCharsets.ISO_8859_1).split("&", -1)) {
            if (field.isEmpty()) {
                continue;
            }
            int equals = field.indexOf('=');
            String name = unescape(equals < 0 ? field : field.substring(0, equals), "body");
            String value = equals < 0 ? "" : unescape(field.substring(equals + 1), name);
            if (!KNOWN.contains(name)) {
                throw InvalidChangeException.malformed(
                        name, "there is no such field; known are " + String.join(", ", KNOWN));
            }
            if (form.put(name, value) != null) {
                throw InvalidChangeException.malformed(name, "is given twice: give it once");
            }
        }
        form.values().removeIf(String::isEmpty);
        return form;
    }

    private static final List<String> KNOWN =
            List.of(
                    "author",
                    "branch",
                    "category",
                    "codebase",
                    "comments",
                    "files",
                    "project",
                    "properties",
                    "repository",
                    "revision",
                    "revlink",
                    "when");

    private static String unescape(String bytes, String field) {
        try {
            byte[] unescaped =
                    URLDecoder.decode(bytes, StandardCharsets.ISO_8859_1)
                            .getBytes(StandardCharsets.ISO_8859_1);
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(unescaped))
                    .toString();
        } catch (CharacterCodingException e) {
            throw InvalidChangeException.malformed(field, "is not UTF-8");
        } catch (IllegalArgumentException e) {
            throw InvalidChangeException.malformed(field, "has a broken %-escape");
        }
    }

    private Instant when(@Nullable String seconds) {
        if (seconds == null) {
            return clock.instant();
        }
        double number;
        try {
            number = Double.parseDouble(seconds);
        } catch (NumberFormatException e) {
            throw InvalidChangeException.malformed(
                    "when", "'" + shown(seconds) + "' is not a number of seconds since 1970");
        }
        double millis = number * 1000;
        if (!(millis >= 0 && millis <= NewChange.LATEST.toEpochMilli())) {
            throw InvalidChangeException.malformed(
                    "when", "'" + shown(seconds) + "' is out of range");
        }
        return Instant.ofEpochMilli(Math.round(millis));
    }

    private static <T> T json(
            String field,
            Map<String, String> form,
            TypeReference<T> type,
            T absent,
            String expected) {
        String text = form.get(field);
        if (text == null) {
            return absent;
        }
        try {
            T value = JSON.readValue(text, type);
            if (value != null) {
                return value;
            }
        } catch (JacksonException e) {
            throw InvalidChangeException.malformed(
                    field, "'" + shown(text) + "' is not " + expected);
        }
        throw InvalidChangeException.malformed(field, "null is not " + expected);
    }

    private static String shown(String text) {
        return Printable.cut(text, 80);
    }

    @ExceptionHandler
    ProblemDetail refuse(InvalidChangeException problem) {
        return ProblemDetail.forStatusAndDetail(
                problem.isTooLarge() ? HttpStatus.CONTENT_TOO_LARGE : HttpStatus.BAD_REQUEST,
                String.valueOf(problem.getMessage()));
    }

    @ExceptionHandler
    ProblemDetail databaseAway(RuntimeException failure) {
        if (!DatabaseTrouble.isTransient(failure)) {
            throw failure;
        }
        LOG.warn(
                "the database did not answer, so a change was sent back: {}",
                DatabaseTrouble.reason(failure));
        return ProblemDetail.forStatusAndDetail(
                HttpStatus.SERVICE_UNAVAILABLE,
                "the database does not answer; send the change again when it is back");
    }
}
