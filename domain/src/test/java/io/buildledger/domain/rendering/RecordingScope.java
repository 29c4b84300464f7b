package io.buildledger.domain.rendering;

import io.buildledger.domain.changing.SourceStamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Knows a little of everything, and notes what it is asked. */
final class RecordingScope implements Scope {

    static final BuildProperties PROPERTIES =
            BuildProperties.NONE.with(
                    Map.ofEntries(
                            Map.entry("a", "A"),
                            Map.entry("n", 42),
                            Map.entry("f", 1.5),
                            Map.entry("yes", true),
                            Map.entry("no", false),
                            Map.entry("zero", 0),
                            Map.entry("empty", ""),
                            Map.entry("list", List.of("x", "y")),
                            Map.entry("nothing_in_it", List.of()),
                            Map.entry("map", Map.of("k", 1)),
                            Map.entry("warnings-count", 3),
                            Map.entry("schlüssel", "🗝"),
                            Map.entry("text_false", "false"),
                            Map.entry("evil", "%(secret:token)s")),
                    "Test");

    private static final List<SourceStamp> STAMPS =
            List.of(
                    new SourceStamp("r.git", "main", null, "proj", ""),
                    new SourceStamp(
                            "lib.git",
                            null,
                            "abc",
                            "",
                            "lib",
                            new SourceStamp.Patch("diff", 1, "ann", "try it", "src")));

    final List<String> asked = new ArrayList<>();

    @Override
    public Optional<Object> property(String name) {
        asked.add("prop " + name);
        return PROPERTIES.value(name);
    }

    @Override
    public Optional<SourceStamp> sourceStamp(String codebase) {
        asked.add("src " + codebase);
        return STAMPS.stream().filter(it -> it.codebase().equals(codebase)).findFirst();
    }

    @Override
    public Optional<Object> keyword(String name) {
        return of(name, "kw", Map.of("k", "K", "kl", List.of(1, 2)));
    }

    @Override
    public Optional<String> secret(String name) {
        return of(name, "secret", Map.of("token", "s3cret", "blank", "", "kv/ci|key", "vaulted"))
                .map(String.class::cast);
    }

    @Override
    public Optional<Object> worker(String key) {
        return of(key, "worker", Map.of("os_id", "debian", "numcpus", 4));
    }

    private Optional<Object> of(String key, String what, Map<String, ?> values) {
        asked.add(what + " " + key);
        @Nullable Object value = values.get(key);
        return Optional.ofNullable(value);
    }
}
