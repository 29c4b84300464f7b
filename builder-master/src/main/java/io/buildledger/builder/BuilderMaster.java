package io.buildledger.builder;

import io.buildledger.starting.MasterConfiguration;
import io.buildledger.starting.MasterProcess;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Import;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The master that runs builders. */
@SpringBootApplication(
        // The database is opened and migrated before Spring starts, where a failure can be told in
        // one line.
        excludeName = {
            "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
            "org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration"
        })
@Import(MasterConfiguration.class)
public class BuilderMaster {

    /** Runs on when the master has started; else ends the process with the status. */
    public static void main(String[] arguments) {
        int status = new CommandLine(new Arguments()).execute(arguments);
        if (status != 0) {
            System.exit(status);
        }
    }

    @Command(
            name = "buildledger builder-master",
            description = "Run the builders of a file",
            mixinStandardHelpOptions = true,
            version = "buildledger 0.1.0")
    private static final class Arguments implements Callable<Integer> {

        @Option(names = "--config", paramLabel = "FILE", required = true)
        Path config = Path.of("");

        @Option(
                names = "--name",
                paramLabel = "NAME",
                description = "Name in the cluster (default: the role and this host)")
        @Nullable String name;

        @Override
        public Integer call() {
            return MasterProcess.start(
                    BuilderMaster.class,
                    WebApplicationType.NONE,
                    "builder",
                    config,
                    name,
                    _ -> Map.of());
        }
    }
}
