package io.buildledger.builder.logging;

import io.buildledger.configuring.Configuration;
import io.buildledger.configuring.Size;

/**
 * How much of one log is kept, in bytes of UTF-8 before they are compressed; a line counts two more
 * than it has. Of a log that is longer the first lines are kept, and the last ones.
 */
public record LogLimits(Size maxSize, Size maxTailSize) {

    /** Those of a file that says nothing of them. */
    static final LogLimits DEFAULT =
            new LogLimits(
                    Configuration.DEFAULT_LOG_MAX_SIZE, Configuration.DEFAULT_LOG_MAX_TAIL_SIZE);

    public static LogLimits of(Configuration configuration) {
        return new LogLimits(configuration.logMaxSize(), configuration.logMaxTailSize());
    }
}
