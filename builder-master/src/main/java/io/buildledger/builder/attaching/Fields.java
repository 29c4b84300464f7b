package io.buildledger.builder.attaching;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a map that a worker has sent, by their types.
 *
 * @param what names the map in error messages
 */
record Fields(String what, Map<String, @Nullable Object> map) {

    String text(String key) throws MalformedMessageException {
        if (map.get(key) instanceof String text) {
            return text;
        }
        throw wrong(key, "text");
    }

    @Nullable String textOrNull(String key) throws MalformedMessageException {
        return map.get(key) == null ? null : text(key);
    }

    long integer(String key) throws MalformedMessageException {
        if (map.get(key) instanceof Long number) {
            return number;
        }
        throw wrong(key, "an integer");
    }

    byte[] bytes(String key) throws MalformedMessageException {
        if (map.get(key) instanceof byte[] bytes) {
            return bytes;
        }
        throw wrong(key, "binary data");
    }

    /** Seconds since 1970, with or without a fraction. */
    Instant time(String key) throws MalformedMessageException {
        if (map.get(key) instanceof Number number) {
            double seconds = number.doubleValue();
            double whole = Math.floor(seconds);
            if (!Double.isNaN(seconds)) {
                try {
                    // A double tells times of this century to less than a microsecond.
                    return Instant.ofEpochSecond(
                            (long) whole, Math.round((seconds - whole) * 1e6) * 1000);
                } catch (DateTimeException e) {
                    throw wrong(key, "a time in seconds");
                }
            }
        }
        throw wrong(key, "a time in seconds");
    }

    List<CommandListener.Update> updates(String key) throws MalformedMessageException {
        if (!(map.get(key) instanceof List<?> pairs)) {
            throw wrong(key, "a list of pairs");
        }
        List<CommandListener.Update> updates = new ArrayList<>(pairs.size());
        for (Object pair : pairs) {
            if (!(pair instanceof List<?> two
                    && two.size() == 2
                    && two.getFirst() instanceof String name)) {
                throw wrong(key, "a list of pairs, each of a name and a value");
            }
            updates.add(new CommandListener.Update(name, two.getLast()));
        }
        return updates;
    }

    MalformedMessageException wrong(String key, String right) {
        Object value = map.get(key);
        String kind =
                switch (value) {
                    case null -> map.containsKey(key) ? "nil" : "missing";
                    case String _ -> "text";
                    case Number _ -> "a number";
                    case byte[] _ -> "binary data";
                    case List<?> _ -> "a list";
                    case Map<?, ?> _ -> "a map";
                    default -> "something else";
                };
        return new MalformedMessageException(
                "%s: %s must be %s, is %s".formatted(what, key, right, kind));
    }
}
