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

    @Option(
            names = "--log-format",
            paramLabel = "FORMAT",
            converter = LogFormat.Converter.class,
            description = "How the log is printed: text or json (default: text)")
    LogFormat logFormat = LogFormat.TEXT;

    /** Where the master's file is. */
    public Path config() {
        return config;
    }
}
