package io.buildledger.domain.choosing;

/**
 * A worker that could take a build now.
 *
 * @param busyWith how many builds it has
 */
public record FreeWorker(String name, int busyWith) {}
