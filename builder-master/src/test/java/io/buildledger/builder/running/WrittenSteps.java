package io.buildledger.builder.running;

import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.configuring.ConfiguredStep;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Steps as a file has them. */
public final class WrittenSteps {

    private WrittenSteps() {}

    /**
     * @param factory in YAML, a list
     */
    public static ConfiguredStep[] of(Path directory, String factory) {
        return of(directory, factory, "");
    }

    /**
     * @param more keys of the file, with their newlines
     */
    public static ConfiguredStep[] of(Path directory, String factory, String more) {
        String file =
                """
                db_url: jdbc:mysql://db/buildledger
                db_user: buildledger
                allow_master_shell: true
                multi_master: true
                workers: [{name: w}]
                builders:
                  - name: linux
                    worker_names: [w]
                    factory:
                """
                        + factory.indent(6)
                        + more;
        try {
            return ConfigurationFile.read(
                            Files.writeString(directory.resolve("cluster.yaml"), file))
                    .configuration()
                    .builders()
                    .getFirst()
                    .factory()
                    .toArray(ConfiguredStep[]::new);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
