package io.buildledger.domain.scheduling;

import static io.buildledger.domain.scheduling.CommandFixtures.force;
import static io.buildledger.domain.scheduling.CommandFixtures.patch;
import static io.buildledger.domain.scheduling.CommandFixtures.trigger;
import static io.buildledger.domain.scheduling.ScenarioRow.row;
import static io.buildledger.domain.scheduling.SchedulerFixtures.APP_AND_LIB;
import static io.buildledger.domain.scheduling.SchedulerFixtures.MAIN;
import static io.buildledger.domain.scheduling.SchedulerFixtures.main;
import static io.buildledger.domain.scheduling.SchedulerScenario.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.changing.SourceStamp.Patch;
import io.buildledger.domain.requesting.BuildsetOrder;
import io.buildledger.domain.requesting.Property;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.PatchSubmitted;
import io.buildledger.domain.scheduling.SchedulerEvent.CommandRefused;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class TrySchedulerTest {

    private static final TryScheduler TRY = new TryScheduler(MAIN);

    static Stream<ScenarioRow> rows() {
        return Stream.of(
                row(
                        "each patch is a buildset of its own",
                        () -> given(TRY).commanded(1, patch()).commanded(2, patch()),
                        "B[]@1 B[]@2"),
                row(
                        "disabled, it refuses",
                        () -> given(TRY).when("off@1").commanded(2, patch()),
                        "refused try@2"),
                row(
                        "a builder that is not its own is refused, and nothing is built",
                        () -> given(TRY).commanded(1, patch("linux", "solaris")),
                        "refused try@1"),
                row("it takes no changes", TRY, "i1@0 until@99", ""),
                row(
                        "it can neither be forced nor triggered",
                        () -> given(TRY).commanded(1, force()).commanded(2, trigger()),
                        "refused force@1 refused trigger@2"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void its_table(ScenarioRow row) {
        row.holds();
    }

    @Test
    void the_patch_is_built_on_its_base() {
        BuildsetOrder order = given(TRY).commanded(1, patch()).lastOrder();

        assertThat(order.sourceStamps())
                .containsExactly(
                        new SourceStamp(
                                "",
                                "trunk",
                                "1234",
                                "",
                                "",
                                new Patch("diff", 1, "me", "because", "")));
        assertThat(order.builderNames()).containsExactly("linux", "windows");
        assertThat(order.externalId()).isEqualTo("job-1");
        assertThat(order.reason()).isEqualTo("a patch of me is tried: because");
        assertThat(order.waitedFor()).isFalse();
    }

    @Test
    void those_builders_build_it_that_were_asked_for() {
        assertThat(given(TRY).commanded(1, patch("windows")).lastOrder().builderNames())
                .containsExactly("windows");
    }

    @Test
    void without_a_base_the_default_is_patched_and_other_codebases_have_theirs() {
        Patch patch = new Patch("diff", 0, "me", "", "src");
        PatchSubmitted submitted =
                new PatchSubmitted(
                        "main",
                        "me",
                        "",
                        List.of(),
                        new SourceStamp("", null, null, "", "app", patch),
                        Map.of("a", new Property("tried", "Try")),
                        null);
        TryScheduler scheduler =
                new TryScheduler(
                        new SchedulerSettings(
                                "main",
                                List.of("linux"),
                                APP_AND_LIB,
                                Map.of("a", "configured"),
                                "",
                                PriorityRule.of(0),
                                null));
        BuildsetOrder order = given(scheduler).commanded(1, submitted).lastOrder();

        assertThat(order.sourceStamps())
                .containsExactly(
                        new SourceStamp("app.git", "stable", "12345", "apps", "app", patch),
                        new SourceStamp("lib.git", null, null, "", "lib"));
        assertThat(order.properties()).isEqualTo(Map.of("a", new Property("tried", "Try")));
        assertThat(order.reason()).isEqualTo("a patch of me is tried");
    }

    @Test
    void a_patch_of_an_unlisted_codebase_is_refused_as_no_build_would_have_it() {
        assertThat(given(new TryScheduler(main(APP_AND_LIB))).commanded(1, patch()).history())
                .contains(
                        new CommandRefused(
                                "main", "try", "codebase: '' is not one of 'app', 'lib'"));
    }

    @Test
    void a_builder_that_is_named_twice_is_refused() {
        assertThat(given(TRY).commanded(1, patch("linux", "linux")).history())
                .contains(
                        new CommandRefused("main", "try", "builder_names: 'linux' is there twice"));
    }

    @Test
    void a_refusal_names_the_builders_that_there_are() {
        assertThat(given(TRY).commanded(1, patch("solaris")).history())
                .contains(
                        new CommandRefused(
                                "main",
                                "try",
                                "builder_names: 'solaris' is not one of linux, windows"));
    }
}
