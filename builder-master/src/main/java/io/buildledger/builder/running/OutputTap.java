package io.buildledger.builder.running;

import io.buildledger.steplog.StepLogs.Source;

/** Gets a command's output besides the log, on two threads. */
interface OutputTap {

    OutputTap NONE = (_, _, _) -> {};

    void write(Source source, byte[] bytes, int count);
}
