package io.buildledger.scheduler.serving;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/** Times that come with a question. */
final class SentTime {

    private SentTime() {}

    /**
     * @param name of the parameter
     * @throws BadParameterException if it is no time
     */
    static Instant read(String name, String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new BadParameterException(
                    "%s: '%s' is no time like 2026-10-01T03:12:00Z".formatted(name, text));
        }
    }

    /** Null where none came; an empty one is none, as a page's form sends it. */
    static @Nullable Instant readIfAny(String name, @Nullable String text) {
        return text == null || text.isBlank() ? null : read(name, text.strip());
    }
}
