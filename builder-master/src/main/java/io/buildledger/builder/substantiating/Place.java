package io.buildledger.builder.substantiating;

import java.nio.file.Path;
import java.util.Map;

/**
 * Where a master is that starts workers.
 *
 * @param host by which a worker reaches it
 * @param directory in which commands run
 * @param environment what they may have of the master's own
 */
public record Place(String host, int port, Path directory, Map<String, String> environment) {}
