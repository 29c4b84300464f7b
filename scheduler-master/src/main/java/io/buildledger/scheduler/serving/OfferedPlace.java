package io.buildledger.scheduler.serving;

import io.buildledger.viewing.Views;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How {@code after} tells of a place among the requests on offer: all that their order is made of,
 * so that it stays where it is when its request is claimed or gets another priority.
 */
final class OfferedPlace {

    private static final String BETWEEN = ",";

    private OfferedPlace() {}

    static String write(Views.Request request) {
        return String.join(
                BETWEEN,
                String.valueOf(request.priority()),
                request.submittedAt().toString(),
                String.valueOf(request.requestId()),
                request.builder());
    }

    /**
     * @throws BadParameterException if it is no such text
     */
    static Views.@Nullable Offered read(@Nullable String after) {
        if (after == null) {
            return null;
        }
        List<String> parts = List.of(after.split(BETWEEN, 4));
        if (parts.size() == 4) {
            try {
                return new Views.Offered(
                        parts.get(3),
                        Integer.parseInt(parts.get(0)),
                        Instant.parse(parts.get(1)),
                        Long.parseLong(parts.get(2)));
            } catch (DateTimeException | NumberFormatException _) {
                // As if a part were missing.
            }
        }
        throw new BadParameterException("after: '%s' is no place in this list".formatted(after));
    }
}
