package io.buildledger.builder.claiming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.claiming.FreeWorkers;
import io.buildledger.configuring.ConfigurationFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class WorkersTest {

    @TempDir Path directory;
    private Workers workers;

    @BeforeEach
    void open() throws IOException {
        Path file =
                Files.writeString(
                        directory.resolve("cluster.yaml"),
                        """
                        db_url: jdbc:mysql://unused/unused
                        db_user: unused
                        builders:
                          - {name: linux, worker_names: [big, small], factory: []}
                          - {name: docs, worker_names: [big], factory: []}
                          - {name: mac, worker_names: [big], factory: []}
                        workers: [{name: big, max_builds: 2}, {name: small}]
                        """);
        workers = new Workers(ConfigurationFile.read(file).configuration());
    }

    private FreeWorkers free(String... builders) {
        return workers.free(List.of(builders));
    }

    @Test
    void builders_that_may_have_work_are_told_with_their_free_workers_and_no_others() {
        assertThat(free("linux", "docs").ofBuilders())
                .containsOnlyKeys("linux", "docs")
                .containsEntry("linux", 2)
                .containsEntry("docs", 1);
        assertThat(free("docs", "elsewhere").ofBuilders()).containsOnlyKeys("docs");
        assertThat(free().ofBuilders()).isEmpty();
    }

    @Test
    void a_worker_takes_as_many_builds_as_it_may_but_never_two_of_a_builder() {
        FreeWorkers free = free("linux", "docs", "mac");

        assertThat(free.assign("docs")).contains("big");
        assertThat(free.assign("docs")).isEmpty();
        assertThat(free.assign("linux")).contains("big");
        assertThat(free.assign("mac")).isEmpty();
        assertThat(free.assign("linux")).contains("small");
        assertThat(free.assign("linux")).isEmpty();
        assertThat(free.ofBuilders()).isEmpty();
    }

    @Test
    void trying_on_a_copy_or_on_a_snapshot_takes_nothing() {
        FreeWorkers free = free("linux", "docs");
        FreeWorkers copy = free.copy();
        copy.assign("docs");
        copy.assign("linux");

        assertThat(free.assign("docs")).contains("big");
        assertThat(free("docs").ofBuilders()).containsEntry("docs", 1);
    }

    @Test
    void what_is_occupied_is_not_free_until_it_is_given_back() {
        workers.occupy("big", "docs");
        workers.occupy("big", "linux");

        assertThat(free("linux", "docs", "mac").ofBuilders().keySet()).isEqualTo(Set.of("linux"));
        assertThat(free("linux").assign("linux")).contains("small");

        workers.free("big", "docs");
        assertThat(free("docs", "mac").ofBuilders().keySet()).isEqualTo(Set.of("docs", "mac"));
    }

    @Test
    void to_occupy_a_directory_twice_is_a_bug() {
        workers.occupy("small", "linux");

        assertThatThrownBy(() -> workers.occupy("small", "linux"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("small can't take a build of linux");
    }
}
