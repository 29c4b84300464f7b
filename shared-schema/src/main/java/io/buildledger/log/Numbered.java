package io.buildledger.log;

/**
 * An event with its place in the whole log.
 *
 * @param type its name on disk
 */
public record Numbered(long index, String type, Recorded recorded) {}
