package io.buildledger.log;

import java.time.Duration;

/**
 * How far a reader of this process's followers is behind the log, whichever master reads.
 *
 * @param events that are newer than what it has read, or that no transaction has filled
 * @param age of the oldest of them; zero where there is none
 */
public record ReaderLag(String reader, long events, Duration age) {}
