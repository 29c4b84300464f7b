package io.buildledger.domain.requesting;

/**
 * What a build is told under a name.
 *
 * @param value what JSON can hold: a text, a number, a boolean, or lists and maps of these
 * @param source who set it, such as {@code Scheduler} or {@code Force Build Form}
 */
public record Property(Object value, String source) {}
