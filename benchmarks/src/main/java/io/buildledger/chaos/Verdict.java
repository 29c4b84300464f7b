package io.buildledger.chaos;

import java.nio.file.Path;

/**
 * What {@code buildledger verify} says of the log.
 *
 * @param report as it prints it
 */
record Verdict(boolean holds, String report) {

    static Verdict of(Path launcher, Path configuration) throws InterruptedException {
        Shell.Ended ended =
                Shell.end(launcher.toString(), "verify", "--config", configuration.toString());
        return new Verdict(ended.status() == 0, ended.said());
    }
}
