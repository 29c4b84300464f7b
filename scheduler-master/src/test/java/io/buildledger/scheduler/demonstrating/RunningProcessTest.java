package io.buildledger.scheduler.demonstrating;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RunningProcessTest {

    private static final String JAVA = "/opt/jdk/bin/java";
    private static final DemoDirectory DEMO =
            new DemoDirectory(Path.of("/tmp/buildledger-demo-7-1767323045"));

    private static RunningProcess process(String command, String... arguments) {
        return new RunningProcess(7, command, List.of(arguments));
    }

    @Test
    void a_demo_is_known_by_its_number_and_its_program() {
        RunningProcess demo = process(JAVA, "-jar", "scheduler-master.jar", "demo");

        assertThat(demo.isDemo(7)).isTrue();
        assertThat(demo.isDemo(8)).isFalse();
    }

    @Test
    void a_process_with_the_number_of_a_demo_that_runs_something_else_is_no_demo() {
        assertThat(process("/usr/bin/vim", "demo").isDemo(7)).isFalse();
        assertThat(process(JAVA, "-jar", "other.jar").isDemo(7)).isFalse();
    }

    @Test
    void a_demo_that_has_ended_and_was_not_waited_for_is_no_demo() {
        assertThat(process("").isDemo(7)).isFalse();
    }

    @Test
    void a_master_belongs_to_the_demo_whose_configuration_it_reads() {
        RunningProcess master =
                process(
                        JAVA,
                        "-jar",
                        "builder-master.jar",
                        "--config",
                        "/tmp/buildledger-demo-7-1767323045/cluster.yaml",
                        "--name",
                        "b1");

        assertThat(master.isOf(DEMO)).isTrue();
        assertThat(master.isMasterOf(DEMO)).isTrue();
        assertThat(master.isOf(new DemoDirectory(Path.of("/tmp/buildledger-demo-7-1")))).isFalse();
    }

    @Test
    void the_database_belongs_to_the_demo_in_whose_directory_its_program_is() {
        RunningProcess server =
                process("/tmp/buildledger-demo-7-1767323045/database/program/bin/mariadbd");
        RunningProcess installer =
                process(
                        "/usr/bin/dash",
                        "/tmp/buildledger-demo-7-1767323045/database/program/scripts/mariadb-install-db");

        assertThat(server.isOf(DEMO)).isTrue();
        assertThat(server.isMasterOf(DEMO)).isFalse();
        assertThat(installer.isOf(DEMO)).isTrue();
    }

    @Test
    void whoever_only_looks_at_a_demos_files_does_not_belong_to_it() {
        String log = "/tmp/buildledger-demo-7-1767323045/b1.log";

        assertThat(process("/usr/bin/tail", "-f", log).isOf(DEMO)).isFalse();
        assertThat(
                        process(
                                        JAVA,
                                        "-jar",
                                        "scheduler-master.jar",
                                        "checkconfig",
                                        DEMO.configuration().toString())
                                .isOf(DEMO))
                .isFalse();
    }
}
