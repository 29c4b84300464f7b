package io.buildledger.builder.processes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LocalWorkplacesTest {

    @Test
    void what_is_the_masters_business_alone_is_kept_from_the_steps() {
        assertThat(
                        LocalWorkplaces.inheritedFrom(
                                Map.of(
                                        "PATH", "/bin",
                                        "PWD", "/",
                                        "BUILDLEDGER_CONFIG", "x",
                                        "DB_PASSWORD", "x",
                                        "MYSQL_PWD", "x",
                                        "spring_datasource_password", "x")))
                .containsOnlyKeys("PATH", "PWD");
    }
}
