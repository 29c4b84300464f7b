package io.buildledger.builder.running;

import static io.buildledger.builder.running.ScriptStep.script;
import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.builder.processes.LocalWorkplaces;
import io.buildledger.configuring.ConfiguredStep;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.rendering.BuildProperties;
import io.buildledger.steps.FileUploadStep;
import io.buildledger.testing.TestLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class RenderedStepsTest {

    private static final String SECRET = "hunter2-and-more";
    private static final TestLog DATABASE = new TestLog();

    @TempDir Path directory;
    private BuildBench bench;

    @BeforeEach
    void open() throws IOException {
        Path secrets = Files.createDirectory(directory.resolve("secrets"));
        Path file = Files.writeString(secrets.resolve("token"), SECRET + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        Path builds = directory.resolve("builds");
        bench =
                new BuildBench(
                        DATABASE,
                        directory,
                        new LocalWorkplaces(builds, Duration.ofMillis(300)),
                        builds.resolve("w").resolve("linux"),
                        TestSecrets.of("secrets: [file: {directory: '%s'}]\n".formatted(secrets)));
    }

    @AfterEach
    void close() {
        bench.close();
    }

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    private List<String> output() {
        return bench.text(1).stream()
                .filter(line -> line.startsWith("> "))
                .map(line -> line.substring(2))
                .toList();
    }

    @Test
    void texts_of_a_step_name_what_the_build_knows() {
        bench.given = BuildProperties.NONE.with("version", "1.2", "Scheduler");

        bench.run(
                new SourceStamp("repo", "main", "abc", "", ""),
                script(
                                "test",
                                "echo '> %(prop:version)s %(prop:none:-no)s %(src::branch)s %(kw:greet)s'"
                                        + " $V %(worker:system)s; date +%s > /dev/null;"
                                        + " echo \"> $PWD\" | sed s,%(prop:builddir)s,,")
                        .env(Map.of("V", "v%(prop:version)s"))
                        .saying(Map.of("greet", "hi %(prop:version)s"))
                        .step());

        assertThat(output()).containsExactly("1.2 no main hi 1.2 v1.2 posix", "/build");
    }

    @Test
    void the_builders_environment_names_what_the_build_knows_and_the_steps_own_wins() {
        bench.given = BuildProperties.NONE.with("version", "1.2", "Scheduler");

        bench.prepare(
                        new SourceStamp("repo", "main", "abc", "", ""),
                        Map.of(
                                "V", "v%(prop:version)s",
                                "B", "%(src::branch)s",
                                "T", "%(secret:token)s",
                                "CC", "gcc"),
                        script("test", "echo \"> $V $B $T $CC\"").env(Map.of("CC", "clang")).step())
                .run();

        assertThat(output()).containsExactly("v1.2 main <token> clang");
        assertThat(bench.text(1)).noneMatch(line -> line.contains(SECRET));
    }

    @Test
    void a_secret_reaches_the_command_and_is_seen_nowhere() {
        bench.run(
                script(
                                "test",
                                "printf '> '; printf %s \"$TOKEN\" | wc -c; echo \"> $TOKEN\";"
                                        + " printf hunter2-; sleep 0.3; echo and-more;"
                                        + " [ %(secret:token)s = \"$TOKEN\" ] && echo '> same'")
                        .env(Map.of("TOKEN", "%(secret:token)s")));

        assertThat(bench.finished.getFirst().results()).isEqualTo(Results.SUCCESS);
        assertThat(output()).contains("16", "<token>", "same");
        assertThat(bench.text(1)).noneMatch(line -> line.contains(SECRET));
        assertThat(bench.text(1).getFirst()).contains("[ <token> =");
    }

    @Test
    void a_path_of_an_artifact_with_a_secret_in_it_is_refused() {
        bench.run(
                BuildBench.HEAD,
                script("make", "echo a > a").step(),
                new ConfiguredStep(
                        new FileUploadStep("a", "of-%(secret:token)s/a", null, null),
                        ScriptStep.NOTHING_SAID));

        assertThat(bench.finished.getLast().results()).isEqualTo(Results.FAILURE);
        assertThat(bench.finished.getLast().summary())
                .contains("'of-<token>/a' can't be the path of an artifact: a secret is in it");
        assertThat(bench.artifacts).isEmpty();
    }

    @Test
    void a_secret_that_there_is_not_is_an_exception_that_names_it() {
        assertThat(bench.run(script("test", "echo %(secret:tokin)s")))
                .matches(outcome -> outcome.results() == Results.EXCEPTION)
                .matches(outcome -> outcome.summary().contains("tokin"));
    }
}
