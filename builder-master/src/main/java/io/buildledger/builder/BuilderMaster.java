package io.buildledger.builder;

import io.buildledger.starting.MasterConfiguration;
import io.buildledger.starting.MasterProcess;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Import;

/** The master that runs builders. */
@SpringBootApplication(
        // The database is opened and migrated before Spring starts, where a failure can be told in one line.
        excludeName = {
            "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
            "org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration"
        })
@Import(MasterConfiguration.class)
public class BuilderMaster {

    /** {@code builder-master --config FILE [--name NAME]}, as {@code bin/buildledger} calls it. */
    public static void main(String[] arguments) {
        @Nullable Path file = null;
        @Nullable String name = null;
        for (int i = 0; i < arguments.length; i += 2) {
            @Nullable String value = i + 1 < arguments.length ? arguments[i + 1] : null;
            if (value != null && arguments[i].equals("--config")) {
                file = Path.of(value);
            } else if (value != null && arguments[i].equals("--name")) {
                name = value;
            } else {
                wrongUse("'" + arguments[i] + "' is not known here, or lacks its value");
            }
        }
        if (file == null) {
            wrongUse("--config FILE is missing");
        } else {
            int status =
                    MasterProcess.start(
                            BuilderMaster.class, WebApplicationType.NONE, "builder", file, name, _ -> Map.of());
            if (status != 0) {
                System.exit(status);
            }
        }
    }

    private static void wrongUse(String problem) {
        System.err.println(problem + "\nusage: buildledger builder-master --config FILE [--name NAME]");
        System.exit(2);
    }
}
