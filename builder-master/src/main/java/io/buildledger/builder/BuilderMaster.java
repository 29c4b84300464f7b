package io.buildledger.builder;

import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.secrets.Secrets;
import io.buildledger.starting.MasterConfiguration;
import io.buildledger.starting.MasterOptions;
import io.buildledger.starting.MasterProcess;
import io.buildledger.starting.Version;
import java.util.Map;
import java.util.concurrent.Callable;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Import;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

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
            versionProvider = Version.class)
    private static final class Arguments implements Callable<Integer> {

        @Mixin MasterOptions options = new MasterOptions();

        @Override
        public Integer call() {
            return MasterProcess.start(
                    BuilderMaster.class,
                    WebApplicationType.NONE,
                    "builder",
                    options,
                    Arguments::requireSecrets,
                    _ -> Map.of());
        }

        private static void requireSecrets(ConfigurationFile configuration) {
            Map<String, String> _ = configuration.workerPasswords();
            Secrets _ = Secrets.of(configuration);
        }
    }
}
