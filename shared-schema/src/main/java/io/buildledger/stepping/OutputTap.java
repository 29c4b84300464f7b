package io.buildledger.stepping;

import io.buildledger.steplog.StepLogs.Source;

/**
 * Gets what a command prints, besides the log; perhaps on several threads, but never on two at once
 * for one source. It must not wait.
 */
public interface OutputTap {

    OutputTap NONE = (_, _, _) -> {};

    /**
     * @param bytes not to be kept: they change when this returns
     * @param count how many of them count, from the first
     */
    void write(Source source, byte[] bytes, int count);
}
