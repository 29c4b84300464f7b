package io.buildledger.configuring;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether a request on offer is left out when a later one asks for the same; written as {@code
 * true} or {@code false}, or as what must be the same.
 *
 * @param sameProperties names of properties that must be equal, and no others; by default all but
 *     those of changes
 */
public record CollapseRequests(Boolean enabled, List<String> sameProperties) {

    /** Every request is built. */
    public static final CollapseRequests NEVER = new CollapseRequests(false, null);

    @JsonCreator
    public CollapseRequests(@Nullable Boolean enabled, @Nullable List<String> sameProperties) {
        this.enabled = enabled == null ? Boolean.TRUE : enabled;
        this.sameProperties = sameProperties == null ? List.of() : sameProperties;
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static CollapseRequests of(boolean enabled) {
        return new CollapseRequests(enabled, null);
    }
}
