package io.buildledger.domain.requesting;

/**
 * The build that asked for others.
 *
 * @param relationship what the others are to it, such as {@code Triggered from}
 */
public record ParentBuild(String builder, long buildNumber, String relationship) {}
