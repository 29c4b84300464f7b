package io.buildledger.builder.running;

import io.buildledger.secrets.Scrubber;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Takes secrets out of the values of properties. */
final class Scrubbing {

    private Scrubbing() {}

    static Object of(Object value, Scrubber scrubber) {
        return switch (value) {
            case String text -> scrubber.scrub(text);
            case List<?> list -> list.stream().map(it -> of(it, scrubber)).toList();
            case Map<?, ?> map -> {
                Map<String, Object> scrubbed = new LinkedHashMap<>();
                map.forEach((key, it) ->
                        scrubbed.put(scrubber.scrub(String.valueOf(key)), of(it, scrubber)));
                yield scrubbed;
            }
            default -> value;
        };
    }
}
