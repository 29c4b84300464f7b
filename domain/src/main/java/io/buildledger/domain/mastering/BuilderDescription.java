package io.buildledger.domain.mastering;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What people are told of a builder. It changes nothing of what the builder does.
 *
 * @param tags in the order of the file, each once
 * @param project its name, or null
 * @param policy how its requests and workers are chosen, or null where that is as usual; such as
 *     {@code next_build: newest_first, can_start_build}
 */
public record BuilderDescription(
        List<String> tags,
        @Nullable String description,
        @Nullable String project,
        @Nullable String policy) {

    public static final BuilderDescription NONE =
            new BuilderDescription(List.of(), null, null, null);

    public BuilderDescription {
        tags = List.copyOf(tags);
    }
}
