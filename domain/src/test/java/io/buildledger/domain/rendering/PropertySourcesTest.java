package io.buildledger.domain.rendering;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.rendering.PropertySources.Configured;
import io.buildledger.domain.rendering.PropertySources.Ordered;
import io.buildledger.domain.requesting.Property;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PropertySourcesTest {

    private static final SourceStamp MAIN =
            new SourceStamp("app.git", "main", "abc", "shop", "app");
    private static final SourceStamp LIB = new SourceStamp("lib.git", null, null, "", "lib");

    private static Map<String, String> given(@Nullable String present, String value) {
        return present == null ? Map.of() : Map.of("p", value);
    }

    /** Buildbot 4.3.0's order; an x is who sets the property. */
    @ParameterizedTest(name = "{0} {1} {2} {3} {4} {5}: {6}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    # global | buildset | builder | its default | worker | its default | whose counts   | source
                    x        |          |         |             |        |             | global         | Configuration
                    x        | x        |         |             |        |             | buildset       | Force Build Form
                    x        | x        | x       |             |        |             | builder        | Builder
                    x        | x        | x       | x           | x      | x           | worker         | Worker
                    x        | x        | x       | x           |        | x           | builder        | Builder
                             |          | x       |             | x      |             | worker         | Worker
                    x        |          |         | x           |        |             | global         | Configuration
                             | x        |         | x           |        | x           | buildset       | Force Build Form
                             |          |         | x           |        |             | builderDefault | Builder
                             |          |         | x           | x      |             | worker         | Worker
                             |          |         | x           |        | x           | builderDefault | Builder
                             |          |         |             |        | x           | workerDefault  | Worker
                             |          | x       |             |        | x           | builder        | Builder
                    """)
    void later_sources_count_and_defaults_only_fill(
            @Nullable String global,
            @Nullable String buildset,
            @Nullable String builder,
            @Nullable String builderDefault,
            @Nullable String worker,
            @Nullable String workerDefault,
            String counts,
            String source) {
        Map<String, Property> ordered =
                buildset == null
                        ? Map.of()
                        : Map.of("p", new Property("buildset", "Force Build Form"));
        BuildProperties merged =
                new PropertySources(
                                given(global, "global"),
                                new Ordered("main", ordered, List.of(), Set.of()),
                                new Configured(
                                        "linux",
                                        given(builder, "builder"),
                                        given(builderDefault, "builderDefault")),
                                new Configured(
                                        "w1",
                                        given(worker, "worker"),
                                        given(workerDefault, "workerDefault")),
                                7)
                        .merged();

        assertThat(merged.get("p")).contains(new Property(counts, source));
    }

    private static BuildProperties merged(Ordered ordered) {
        return new PropertySources(
                        Map.of(), ordered, Configured.named("linux"), Configured.named("w1"), 7)
                .merged();
    }

    @Test
    void a_build_of_one_codebase_has_these() {
        assertThat(merged(new Ordered("nightly", Map.of(), List.of(MAIN), Set.of("ann"))).asMap())
                .isEqualTo(
                        Map.of(
                                "scheduler", new Property("nightly", "Scheduler"),
                                "buildername", new Property("linux", "Builder"),
                                "workername", new Property("w1", "Worker"),
                                "buildnumber", new Property(7L, "Build"),
                                "branch", new Property("main", "Build"),
                                "revision", new Property("abc", "Build"),
                                "repository", new Property("app.git", "Build"),
                                "codebase", new Property("app", "Build"),
                                "project", new Property("shop", "Build"),
                                "owners", new Property(List.of("ann"), "Build")));
    }

    @Test
    void one_stamp_without_a_branch_leaves_none_whoever_set_one() {
        Map<String, Property> ordered = Map.of("branch", new Property("main", "Scheduler"));

        BuildProperties merged = merged(new Ordered("s", ordered, List.of(LIB), Set.of()));

        assertThat(merged.get("branch")).isEmpty();
        assertThat(merged.get("revision")).isEmpty();
        assertThat(merged.get("project")).contains(new Property("", "Build"));
    }

    @Test
    void of_several_codebases_or_none_none_is_the_builds() {
        Map<String, Property> ordered = Map.of("branch", new Property("mine", "Scheduler"));

        for (List<SourceStamp> stamps : List.of(List.<SourceStamp>of(), List.of(MAIN, LIB))) {
            BuildProperties merged = merged(new Ordered(null, ordered, stamps, Set.of()));

            assertThat(merged.get("branch")).contains(new Property("mine", "Scheduler"));
            assertThat(merged.asMap().keySet())
                    .containsExactly("branch", "buildername", "buildnumber", "workername");
        }
    }

    @Test
    void a_build_says_of_itself_what_nobody_else_can_say() {
        Map<String, Property> ordered =
                Map.of(
                        "buildnumber", new Property(1, "Force Build Form"),
                        "buildername", new Property("x", "Force Build Form"),
                        "workername", new Property("x", "Change"),
                        "scheduler", new Property("x", "Change"));

        BuildProperties merged = merged(new Ordered("s", ordered, List.of(), Set.of()));

        assertThat(merged.value("buildnumber")).contains(7L);
        assertThat(merged.value("buildername")).contains("linux");
        assertThat(merged.value("workername")).contains("w1");
        assertThat(merged.value("scheduler")).contains("s");
    }

    @Test
    void owners_are_who_wrote_it_who_made_the_patch_and_who_asked() {
        SourceStamp patched =
                new SourceStamp(
                        "", null, null, "", "", new SourceStamp.Patch("d", 1, "pat", "", ""));
        Map<String, Property> ordered = Map.of("owner", new Property("bob", "Force Build Form"));

        BuildProperties merged =
                merged(
                        new Ordered(
                                "s", ordered, List.of(patched), Set.of("eve", "ann", "bob", "")));

        assertThat(merged.value("owners")).contains(List.of("ann", "bob", "eve", "pat"));
    }
}
