package io.buildledger.scheduler.changing.hooking;

import io.buildledger.scheduler.changing.ChangeIntake;
import io.buildledger.scheduler.changing.ChangeIntake.Taken;
import io.buildledger.scheduler.changing.InvalidChangeException;
import io.buildledger.scheduler.changing.NewChange;
import io.buildledger.showing.Printable;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code POST /change_hook/base}: one change as a form, with the field names of Buildbot's hook of
 * that name. The answer 200 means that the change is in the log, now or since before; 503 that it
 * may not be.
 */
@RestController
final class BaseHookController {

    /**
     * The answer to a change that was taken in.
     *
     * @param changeId its number
     * @param changeIds the same, if it is new
     * @param known the same, if it was taken before
     */
    record Answer(long changeId, List<Long> changeIds, List<Long> known) {
        static Answer of(Taken taken) {
            List<Long> id = List.of(taken.changeId());
            return new Answer(
                    taken.changeId(),
                    taken.isNew() ? id : List.of(),
                    taken.isNew() ? List.of() : id);
        }
    }

    private static final int LARGEST_BODY = 4 * 1024 * 1024;

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

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<List<String>> FILES = new TypeReference<>() {};
    private static final TypeReference<Map<String, String>> PROPERTIES = new TypeReference<>() {};

    private final ChangeIntake intake;
    private final HookDoor door;
    private final InstantSource clock;

    BaseHookController(ChangeIntake intake, HookDoor door, InstantSource databaseClock) {
        this.intake = intake;
        this.door = door;
        this.clock = databaseClock;
    }

    @PostMapping(path = "/change_hook/base", produces = "application/json")
    Answer base(HttpServletRequest request) throws IOException {
        door.require(request);
        if (!HookBody.isForm(request.getContentType())) {
            throw HookBody.wrongType(request.getContentType(), "application/x-www-form-urlencoded");
        }
        Map<String, String> form = HookBody.form(HookBody.read(request, LARGEST_BODY), KNOWN);
        return Answer.of(
                intake.take(
                                List.of(
                                        new NewChange(
                                                form.getOrDefault("repository", ""),
                                                form.get("branch"),
                                                form.get("revision"),
                                                form.getOrDefault("project", ""),
                                                form.getOrDefault("codebase", ""),
                                                form.get("category"),
                                                form.getOrDefault("author", ""),
                                                form.getOrDefault("comments", ""),
                                                json(
                                                        "files",
                                                        form,
                                                        FILES,
                                                        List.of(),
                                                        "a JSON array of paths"),
                                                form.get("revlink"),
                                                when(form.get("when")),
                                                json(
                                                        "properties",
                                                        form,
                                                        PROPERTIES,
                                                        Map.of(),
                                                        "a JSON object of texts, numbers and booleans"),
                                                "base")))
                        .getFirst());
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
}
