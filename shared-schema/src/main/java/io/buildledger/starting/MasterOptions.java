package io.buildledger.starting;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** With what every master is started. */
public final class MasterOptions {

    @Option(names = "--config", paramLabel = "FILE", required = true)
    Path config = Path.of("");

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "Name in the cluster (default: the role and this host)")
    @Nullable String name;

    /** Where the master's file is. */
    public Path config() {
        return config;
    }
}
