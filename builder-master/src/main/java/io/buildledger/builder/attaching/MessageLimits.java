package io.buildledger.builder.attaching;

/**
 * What a worker may make the master hold in memory.
 *
 * @param messageBytes of one message; a larger one ends the connection. A stock worker's largest
 *     are one long line, the list of a large directory, or a chunk of a file.
 * @param queueBytes of messages that a slow {@link CommandListener} has not taken; the worker is
 *     not read from while there are more
 */
public record MessageLimits(int messageBytes, int queueBytes) {

    public static final MessageLimits DEFAULT = new MessageLimits(4 * 1024 * 1024, 256 * 1024);
}
