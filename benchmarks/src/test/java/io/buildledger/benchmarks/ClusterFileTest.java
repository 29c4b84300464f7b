package io.buildledger.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.configuring.BoundScheduler;
import io.buildledger.configuring.Configuration;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.database.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ClusterFileTest {

    @TempDir Path directory;

    @Test
    void masters_take_the_file_and_each_builder_has_all_workers() throws IOException {
        ClusterFile cluster =
                new ClusterFile(
                        new Database("jdbc:mysql://127.0.0.1/bench", "u", "p"),
                        "60s",
                        false,
                        8010,
                        4,
                        50,
                        "[]");
        Path file = Files.writeString(directory.resolve("c.yaml"), cluster.yaml(directory));

        Configuration read = ConfigurationFile.read(file).configuration();

        assertThat(read.dbPollInterval()).isEqualTo(Duration.ofMinutes(1));
        assertThat(read.hints().enabled()).isFalse();
        assertThat(read.builders())
                .hasSize(4)
                .allSatisfy(builder -> {
                    assertThat(builder.workerNames()).hasSize(50);
                    assertThat(builder.factory()).isEmpty();
                });
        assertThat(read.workers())
                .hasSize(50)
                .allSatisfy(worker -> assertThat(worker.maxBuilds()).isEqualTo(4));
    }

    @ParameterizedTest
    @EnumSource
    void each_scheduler_of_the_ingest_has_a_builder_of_its_own(IngestBenchmark.Taking taking)
            throws IOException {
        ClusterFile cluster =
                IngestBenchmark.clusterFile(
                        new Database("jdbc:mysql://127.0.0.1/bench", "u", "p"), 8010, 3, taking);
        Path file = Files.writeString(directory.resolve("c.yaml"), cluster.yaml(directory));

        List<BoundScheduler> schedulers = ConfigurationFile.read(file).schedulers();

        assertThat(schedulers).extracting(BoundScheduler::name).containsExactly("s1", "s2", "s3");
        assertThat(schedulers)
                .extracting(it -> it.scheduler().settings().builderNames())
                .containsExactly(List.of("b1"), List.of("b2"), List.of("b3"));
    }
}
