package io.buildledger.scheduler.clustering;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;

/** A version of the masters, as it is started. */
interface Program {

    /** What the build has packaged. Surefire and Failsafe run in the module's directory. */
    Program PACKAGED = packagedIn(Path.of(".."));

    /** The same, for tests that start many masters. */
    Program UNPACKED = new UnpackedProgram(PACKAGED, Path.of("target", "unpacked"));

    /**
     * What stands on a command line between the options of the Java virtual machine and those of a
     * master.
     *
     * @param role the name of the master's module
     */
    List<String> launch(String role);

    /** What was packaged in a checkout. */
    static Program packagedIn(Path checkout) {
        return role -> {
            Path jar =
                    checkout.resolve(Path.of(role, "target", role + ".jar"))
                            .toAbsolutePath()
                            .normalize();
            assertThat(jar).as("package the masters first").isRegularFile();
            return List.of("-jar", jar.toString());
        };
    }
}
