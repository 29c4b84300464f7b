package io.buildledger.stepping;

import io.buildledger.steplog.StepLogs.Source;

/**
 * Gets what a command prints line by line, besides the log, and never two lines at once. It must
 * not wait.
 */
@FunctionalInterface
public interface LineTap {

    /**
     * @param line without its end; of one that has more than 64 KiB only the first of them. Bytes
     *     that are not UTF-8 are U+FFFD
     */
    void line(Source source, String line);
}
