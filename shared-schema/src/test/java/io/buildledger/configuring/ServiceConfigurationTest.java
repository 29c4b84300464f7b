package io.buildledger.configuring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.buildledger.domain.cancelling.FailingBuildsetCanceller;
import io.buildledger.domain.cancelling.OldBuildCanceller;
import io.buildledger.domain.changing.SourceStampFilter;
import io.buildledger.domain.changing.TextPattern;
import io.buildledger.domain.changing.TextRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ServiceConfigurationTest {

    @TempDir Path directory;

    private Configuration read(String services) throws IOException {
        return ConfigurationFile.read(
                        Files.writeString(
                                directory.resolve("c.yaml"),
                                """
                                db_url: jdbc:mysql://db/buildledger
                                db_user: buildledger
                                builders:
                                  - {name: linux, worker_names: [w], factory: []}
                                  - {name: docs, worker_names: [w], factory: []}
                                workers: [{name: w}]
                                services:
                                """
                                        + services.indent(2)))
                .configuration();
    }

    @Test
    void each_type_is_bound_to_the_canceller_that_decides() throws IOException {
        Configuration configuration =
                read(
                        """
                        - old_build_canceller:
                            name: newest
                            filters:
                              - builder_names: [linux, docs]
                                source_stamp_filter: {branch_not_eq: [main, stable], repository_re: ".*/app"}
                        - failing_buildset_canceller:
                            name: fail-fast
                            filters:
                              - {builder_names: [linux]}
                              - {builder_names: [docs], cancel_builder_names: [linux]}
                        """);

        assertThat(configuration.services())
                .extracting(ConfiguredService::canceller)
                .containsExactly(
                        new OldBuildCanceller(
                                "newest",
                                List.of(
                                        new OldBuildCanceller.Filter(
                                                Set.of("linux", "docs"),
                                                new SourceStampFilter(
                                                        TextRule.ANY,
                                                        new TextRule(
                                                                Set.of(),
                                                                Set.of(),
                                                                List.of(new TextPattern(".*/app")),
                                                                List.of()),
                                                        new TextRule(
                                                                Set.of(),
                                                                Set.of("main", "stable"),
                                                                List.of(),
                                                                List.of()),
                                                        TextRule.ANY)))),
                        new FailingBuildsetCanceller(
                                "fail-fast",
                                List.of(
                                        new FailingBuildsetCanceller.Filter(
                                                Set.of("linux"), null, SourceStampFilter.ALL),
                                        new FailingBuildsetCanceller.Filter(
                                                Set.of("docs"),
                                                Set.of("linux"),
                                                SourceStampFilter.ALL))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    old_build_canceller: {filters: [{builder_names: [linux]}]}                           | a service has no name: add name: ...
                    old_build_canceller: {name: a}                                                       | service a: filters is missing: write filters: [{builder_names: [...]}]
                    failing_buildset_canceller: {name: a, filters: []}                                   | service a: filters is missing
                    old_build_canceller: {name: a, filters: [null]}                                      | service a: a filter is empty
                    old_build_canceller: {name: a, filters: [{}]}                                        | service a: builder_names is missing
                    old_build_canceller: {name: a, filters: [{builder_names: [linus]}]}                  | service a names builder 'linus', which no master has: add it to builders, or set multi_master: true
                    old_build_canceller: {name: a, filters: [{builder_names: [docs, docs]}]}             | service a names builder 'docs' twice: name it once
                    failing_buildset_canceller: {name: a, filters: [{builder_names: [docs], cancel_builder_names: [x]}]} | service a names builder 'x', which no master has
                    failing_buildset_canceller: {name: a, filters: [{builder_names: [docs], cancel_builder_names: []}]}  | service a: cancel_builder_names is empty
                    old_build_canceller: {name: a, filters: [{builder_names: [docs], source_stamp_filter: {branch_re: "("}}]} | service a: '(' is not a regular expression
                    old_build_canceller: {name: a, filters: [{builder_names: [docs], source_stamp_filter: {category: x}}]} | there is no key 'category' here; known are branch,
                    old_build_canceler: {name: a}                                                        | there is no type 'old_build_canceler' here: did you mean 'old_build_canceller'?
                    """)
    void what_is_wrong_with_a_service_is_told_with_its_place_and_the_remedy(
            String service, String problem) {
        assertThat(problems("- " + service))
                .singleElement()
                .asString()
                .startsWith(directory.resolve("c.yaml") + ":8:")
                .contains(problem);
    }

    @Test
    void of_two_services_with_one_name_one_has_to_be_renamed() {
        assertThat(
                        problems(
                                """
                                - old_build_canceller: {name: a, filters: [{builder_names: [linux]}]}
                                - failing_buildset_canceller: {name: a, filters: [{builder_names: [linux]}]}
                                """))
                .singleElement()
                .asString()
                .contains(":9:", "there are two services named 'a': rename one");
    }

    private List<String> problems(String services) {
        return catchThrowableOfType(InvalidConfigurationException.class, () -> read(services))
                .problems();
    }
}
