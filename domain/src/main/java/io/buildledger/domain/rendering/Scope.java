package io.buildledger.domain.rendering;

import io.buildledger.domain.changing.SourceStamp;
import java.util.Optional;

/**
 * Where an {@link Interpolation} finds what it names. It is asked only for what the rendered text
 * depends on: not for what a default names that is not used. Values are what {@link
 * BuildProperties} can hold.
 */
public interface Scope {

    Optional<Object> property(String name);

    Optional<SourceStamp> sourceStamp(String codebase);

    /** One of the parameters that stand beside the text. */
    Optional<Object> keyword(String name);

    /**
     * A secret. Each that is in a rendered text was asked for here, so this is the place to note
     * which must not be shown.
     *
     * @return empty if no provider has it
     */
    Optional<String> secret(String name);

    /** What the worker says of itself, such as {@code os_id}. */
    Optional<Object> worker(String key);
}
