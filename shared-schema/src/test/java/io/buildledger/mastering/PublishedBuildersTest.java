package io.buildledger.mastering;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.mastering.BuilderDescription;
import io.buildledger.domain.mastering.Descriptions;
import io.buildledger.domain.mastering.Fingerprints;
import io.buildledger.domain.mastering.MasterEvent.BuildersDescribed;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloaded;
import io.buildledger.domain.mastering.ProjectDescription;
import io.buildledger.domain.mastering.PublishedFingerprint;
import io.buildledger.log.Author;
import io.buildledger.log.Recorded;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.testing.TestLog;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PublishedBuildersTest {

    private static final Author PEOPLE = new Author("s", 1);
    private static final Descriptions DOCS =
            new Descriptions(
                    Map.of(
                            "docs",
                            new BuilderDescription(
                                    List.of("slow", "gp\"u"),
                                    "makes the manual",
                                    "app",
                                    "can_start_build")),
                    Map.of(
                            "app",
                            new ProjectDescription("the application", "https://example.org")));

    private final TestLog test = new TestLog();
    private final MasterRegistry registry =
            new MasterRegistry(test.log, test.dataSource, test.dataSource);
    private final PublishedBuilders builders = new PublishedBuilders(test.jdbc);

    @AfterEach
    void close() {
        test.close();
    }

    private Author start(String master, Map<String, String> fingerprints) {
        return start(master, fingerprints, Descriptions.NONE);
    }

    private Author start(
            String master, Map<String, String> fingerprints, Descriptions descriptions) {
        return registry.register(
                new Registration(
                        master,
                        "builder",
                        "host",
                        1,
                        Duration.ofSeconds(30),
                        fingerprints,
                        descriptions,
                        null));
    }

    private void reload(
            Author master, Map<String, String> fingerprints, Descriptions descriptions) {
        registry.reloaded(
                master,
                null,
                new ConfigurationReloaded(
                        master.master(), master.epoch(), "ann", List.of(), fingerprints),
                descriptions);
    }

    private String told() {
        return builders.diverging().entrySet().stream()
                .map(it -> it.getKey() + ": " + it.getValue().told())
                .collect(Collectors.joining("; "));
    }

    private Instant since(String builder, String master) {
        return builders.fingerprints(builder).published().stream()
                .filter(it -> it.master().equals(master))
                .map(PublishedFingerprint::since)
                .findFirst()
                .orElseThrow();
    }

    private static List<String> names(List<PublishedBuilder> builders) {
        return builders.stream().map(PublishedBuilder::name).toList();
    }

    private List<Object> described(String master) {
        return test.log.read("master/" + master).stream()
                .map(Recorded::event)
                .filter(BuildersDescribed.class::isInstance)
                .toList();
    }

    @Test
    void what_masters_differ_in_is_told_until_all_have_the_same() {
        Author b1 = start("b1", Map.of("linux", "aaa", "docs", "ddd"));
        Author b2 = start("b2", Map.of("linux", "aaa"));
        assertThat(told()).isEmpty();

        reload(b1, Map.of("linux", "bbb", "docs", "ddd"), Descriptions.NONE);

        assertThat(told()).isEqualTo("linux: b1 bbb, b2 aaa");
        assertThat(builders.fingerprints("linux").newest()).contains("bbb");
        reload(b2, Map.of("linux", "bbb"), Descriptions.NONE);
        assertThat(told()).isEmpty();
    }

    @Test
    void masters_that_don_t_live_differ_from_nobody() {
        start("b1", Map.of("linux", "aaa"));
        Author b2 = start("b2", Map.of("linux", "bbb"));
        assertThat(told()).isEqualTo("linux: b1 aaa, b2 bbb");

        registry.stop(b2);

        assertThat(told()).isEmpty();
        assertThat(builders.fingerprints("linux").newest()).contains("aaa");
    }

    @Test
    void a_drained_master_is_told_of_and_does_not_decide() {
        start("b1", Map.of("linux", "aaa"));
        start("b2", Map.of("linux", "bbb"));

        registry.drain(PEOPLE, "b2", false, "ann");

        assertThat(told()).isEqualTo("linux: b1 aaa, b2 bbb");
        assertThat(builders.diverging().values())
                .extracting(Fingerprints::newest)
                .containsExactly(Optional.of("aaa"));
    }

    @Test
    void a_restart_with_the_same_file_does_not_make_a_fingerprint_newer() {
        start("b1", Map.of("linux", "aaa"));
        Instant before = since("linux", "b1");
        start("b2", Map.of("linux", "bbb"));

        start("b1", Map.of("linux", "aaa", "docs", "ddd"));

        assertThat(since("linux", "b1")).isEqualTo(before);
        assertThat(builders.fingerprints("linux").newest()).contains("bbb");
        start("b1", Map.of("linux", "ccc"));
        assertThat(since("linux", "b1")).isAfter(before);
        assertThat(builders.fingerprints("linux").newest()).contains("ccc");
    }

    @Test
    void a_master_of_the_former_program_differs_from_nobody() {
        start("b1", Map.of("linux", "aaa"));
        start("b2", Map.of());
        test.jdbc
                .sql("INSERT INTO master_builder (builder, master) VALUES ('linux', 'b2')")
                .update();

        assertThat(told()).isEmpty();
        assertThat(builders.builders(null, null, 10))
                .singleElement()
                .satisfies(it -> assertThat(it.masters()).hasSize(1));
        // Which starts with the new one.
        start("b2", Map.of("linux", "bbb"));
        assertThat(told()).isEqualTo("linux: b1 aaa, b2 bbb");
    }

    @Test
    void a_builder_is_described_by_the_master_that_published_last() {
        start("b1", Map.of("docs", "aaa"));
        Author b2 = start("b2", Map.of("docs", "aaa"), DOCS);

        PublishedBuilder docs = builders.builders(null, null, 10).getFirst();
        assertThat(docs.tags()).containsExactly("slow", "gp\"u");
        assertThat(docs.description()).isEqualTo("makes the manual");
        assertThat(docs.project())
                .isEqualTo(
                        new PublishedBuilder.Project(
                                "app", "the application", "https://example.org"));
        assertThat(docs.fingerprint()).isEqualTo("aaa");
        assertThat(docs.diverges()).isFalse();
        assertThat(docs.masters())
                .extracting(PublishedFingerprint::master)
                .containsExactly("b1", "b2");

        reload(b2, Map.of("docs", "aaa"), Descriptions.NONE);
        docs = builders.builders(null, null, 10).getFirst();
        assertThat(docs.tags()).isEmpty();
        assertThat(docs.project()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                          |     | docs linux
                    slow  |     | docs
                    gp"u  |     | docs
                    Slow  |     |
                    slo   |     |
                          | app | docs
                    slow  | app | docs
                    fast  | app |
                          | lib |
                    """)
    void builders_are_found_by_tag_and_project(
            @Nullable String tag, @Nullable String project, @Nullable String found) {
        start("b1", Map.of("docs", "aaa", "linux", "bbb"), DOCS);

        assertThat(String.join(" ", names(builders.builders(tag, project, 10))))
                .isEqualTo(Objects.requireNonNullElse(found, ""));
    }

    @Test
    void what_people_are_told_is_an_event_when_it_changes() {
        Author b1 = start("b1", Map.of("docs", "aaa"), DOCS);
        assertThat(described("b1"))
                .containsExactly(new BuildersDescribed("b1", 1, DOCS.builders(), DOCS.projects()));

        reload(b1, Map.of("docs", "bbb"), DOCS);
        b1 = start("b1", Map.of("docs", "bbb"), DOCS);
        assertThat(described("b1")).hasSize(1);

        reload(b1, Map.of("docs", "bbb"), Descriptions.NONE);
        assertThat(described("b1"))
                .endsWith(new BuildersDescribed("b1", 2, Map.of(), Map.of()))
                .hasSize(2);
        start("b2", Map.of("linux", "aaa"));
        assertThat(described("b2")).isEmpty();
    }

    @Test
    void a_thousand_builders_of_many_masters_are_published_and_told_apart() {
        Map<String, String> all =
                IntStream.range(0, 1000)
                        .boxed()
                        .collect(Collectors.toMap(it -> "builder-" + it, it -> "0123456789ab"));
        for (int master = 0; master < 10; master++) {
            start("b" + master, all);
        }
        all.put("builder-7", "cafe00112233");
        start("b5", all);

        assertThat(builders.diverging().keySet()).containsExactly("builder-7");
        assertThat(names(builders.builders(null, null, 3)))
                .containsExactly("builder-0", "builder-1", "builder-10");
    }
}
