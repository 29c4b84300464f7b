package io.buildledger.builder.claiming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.claiming.FreeWorkers;
import io.buildledger.configuring.ConfigurationFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class WorkersTest {

    @TempDir Path directory;
    private final Set<String> attached = new HashSet<>();
    private final Workers workers = new Workers(new PlainAvailability(attached));
    private ConfiguredBuilders configured;

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
        configured = configured(file);
    }

    private static ConfiguredBuilders configured(Path file) {
        return new ConfiguredBuilders(ConfigurationFile.read(file).configuration());
    }

    private FreeWorkers free(String... builders) {
        return workers.free(configured, List.of(builders));
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
    void a_build_may_take_the_place_of_several() throws IOException {
        configured =
                other(
                        """
                        {name: huge, worker_names: [big], factory: []},
                        {name: docs, worker_names: [big], factory: []},
                        {name: mac, worker_names: [big], factory: []}\
                        """,
                        "{name: big, max_builds: 3, counts_as: {huge: 2}}");
        FreeWorkers free = free("huge", "docs", "mac");
        assertThat(free.assign("huge")).contains("big");
        assertThat(free.assign("docs")).contains("big");
        assertThat(free.assign("mac")).isEmpty();

        workers.occupy("big", "docs");
        workers.occupy("big", "mac");
        assertThat(free("huge").ofBuilders()).isEmpty();
        workers.free("big", "mac");
        assertThat(free("huge").ofBuilders()).containsEntry("huge", 1);
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

    private ConfiguredBuilders other(String builders, String workers) throws IOException {
        return configured(
                Files.writeString(
                        directory.resolve("other.yaml"),
                        """
                        db_url: jdbc:mysql://unused/unused
                        db_user: unused
                        builders: [%s]
                        workers: [%s]
                        """
                                .formatted(builders, workers)));
    }

    @Test
    void a_worker_with_fewer_builds_than_before_takes_one_when_enough_have_ended()
            throws IOException {
        workers.occupy("big", "docs");
        workers.occupy("big", "linux");
        configured =
                other(
                        "{name: mac, worker_names: [big], factory: []}",
                        "{name: big, max_builds: 1}");

        assertThat(free("mac").ofBuilders()).isEmpty();
        workers.free("big", "docs");
        assertThat(free("mac").ofBuilders()).isEmpty();
        workers.free("big", "linux");
        assertThat(free("mac").ofBuilders()).containsEntry("mac", 1);
    }

    @Test
    void a_worker_that_is_gone_takes_nothing_and_keeps_its_directories_for_what_it_has()
            throws IOException {
        workers.occupy("small", "linux");
        ConfiguredBuilders before = configured;
        configured = other("{name: linux, worker_names: [big], factory: []}", "{name: big}");

        assertThat(free("linux").assign("linux")).contains("big");
        assertThat(free("docs", "mac").ofBuilders()).isEmpty();

        configured = before;
        assertThat(free("linux").ofBuilders()).containsEntry("linux", 1);
        workers.free("small", "linux");
        assertThat(free("linux").ofBuilders()).containsEntry("linux", 2);
    }

    @Test
    void a_claim_that_was_under_way_occupies_a_worker_that_is_gone() throws IOException {
        configured = other("", "");

        workers.occupy("small", "linux");
        workers.free("small", "linux");

        assertThat(free("linux").ofBuilders()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    first_free | a b
                    least_busy | b a
                    last_used  | c a
                    """)
    void a_builder_says_which_of_its_free_workers_comes_next(String nextWorker, String order)
            throws IOException {
        configured =
                other(
                        "{name: linux, worker_names: [a, b, c], next_worker: %s, factory: []}, {name: docs, worker_names: [a], factory: []}"
                                .formatted(nextWorker),
                        "{name: a, max_builds: 3}, {name: b}, {name: c, max_builds: 2}");
        workers.occupy("a", "docs");
        workers.occupy("c", "linux");
        workers.free("c", "linux");
        // Of c there is a build of another file still.
        workers.occupy("c", "gone");

        FreeWorkers free = free("linux");
        assertThat(free.copy().assign("linux")).contains(order.substring(0, 1));
        assertThat(free.assign("linux")).contains(order.substring(0, 1));
        assertThat(free.assign("linux")).contains(order.substring(2));
    }
}
