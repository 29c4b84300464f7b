package io.buildledger.domain.scheduling;

import static io.buildledger.domain.scheduling.ScenarioRow.row;
import static io.buildledger.domain.scheduling.SchedulerFixtures.APP_AND_LIB;
import static io.buildledger.domain.scheduling.SchedulerFixtures.MAIN;
import static io.buildledger.domain.scheduling.SchedulerFixtures.RULES;
import static io.buildledger.domain.scheduling.SchedulerFixtures.main;
import static io.buildledger.domain.scheduling.SchedulerScenario.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.changing.SourceStamp;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class AnyBranchSchedulerTest {

    private static final AnyBranchScheduler AT_ONCE = any(MAIN, null);
    private static final AnyBranchScheduler AFTER_10 = any(MAIN, 10);
    private static final AnyBranchScheduler OF_TWO_CODEBASES =
            any(
                    main(
                            new TreeMap<>(
                                    Map.of(
                                            "a", CodebaseDefaults.NONE,
                                            "b", CodebaseDefaults.NONE))),
                    10);

    private static AnyBranchScheduler any(SchedulerSettings settings, @Nullable Integer seconds) {
        return new AnyBranchScheduler(
                settings, RULES, seconds == null ? null : Duration.ofSeconds(seconds));
    }

    static Stream<ScenarioRow> rows() {
        return Stream.of(
                row(
                        "without a timer an important change is built at once, of whatever branch",
                        AT_ONCE,
                        "i1:a@0 i2:b@0 i3:null@1",
                        "B[1]@0 B[2]@0 B[3]@1"),
                row(
                        "without a timer an unimportant change waits for the next of its branch",
                        AT_ONCE,
                        "u1:a@0 i2:b@1 i3:a@2",
                        "B[2]@1 B[1,3]@2"),
                row(
                        "each branch has a timer of its own",
                        AFTER_10,
                        "i500:master@0 u501:master@1 u502:boring@1 i503:devel@5 until@99",
                        "B[500,501]@11 B[503]@15"),
                row(
                        "what is pending of another branch is still so after a firing",
                        AFTER_10,
                        "i500:master@0 u501:master@1 u502:boring@1 i503:devel@5 until@99"
                                + " i504:boring@100 until@199",
                        "B[500,501]@11 B[503]@15 B[502,504]@110"),
                row(
                        "a firing forgets nothing older of another branch",
                        AFTER_10,
                        "i10:a@0 i11:b@1 i12:a@5 u13:b@8 until@99",
                        "B[10,12]@15 B[11,13]@18"),
                row(
                        "each repository has a timer of its own",
                        AFTER_10,
                        "i500:m,repository=A@0 u501:m,repository=A@1 u502:m,repository=B@1"
                                + " i503:m,repository=B@5 until@99",
                        "B[500,501]@11 B[502,503]@15"),
                row(
                        "each project has a timer of its own",
                        AFTER_10,
                        "i500:m,project=A@0 u501:m,project=A@1 u502:m,project=B@1"
                                + " i503:m,project=B@5 until@99",
                        "B[500,501]@11 B[502,503]@15"),
                row(
                        "each codebase has a timer of its own",
                        OF_TWO_CODEBASES,
                        "i500:m,codebase=a@0 u501:m,codebase=a@1 u502:m,codebase=b@1"
                                + " i503:m,codebase=b@5 until@99",
                        "B[500,501]@11 B[502,503]@15"),
                row(
                        "no branch is a branch, and not the one of the empty name",
                        AFTER_10,
                        "i1:null@0 i2:a@1 u3:null@5 until@99",
                        "B[2]@11 B[1,3]@15"),
                row(
                        "an unimportant change starts no timer",
                        AFTER_10,
                        "u1:a@0 i2:b@1 until@99",
                        "B[2]@11"),
                row(
                        "branches whose timers end together are built one after the other",
                        AFTER_10,
                        "i1:a@0 i2:b@0 until@99",
                        "B[1]@10 B[2]@10"),
                row(
                        "a restart leaves all timers their deadlines",
                        AFTER_10,
                        "i1:a@0 i2:b@3 restart@5 until@99",
                        "B[1]@10 B[2]@13"),
                row(
                        "timers that ended while no master was up fire when one is",
                        AFTER_10,
                        "i1:a@0 i2:b@3 down@5 up@50",
                        "B[1]@50 B[2]@50"),
                row(
                        "all branches that wait are built when the timer is taken out",
                        () ->
                                given(AFTER_10)
                                        .when("i1:a@0 i2:b@1 u3:c@2")
                                        .reconfigured(5, AT_ONCE)
                                        .when("until@50 i4:c@60"),
                        "B[1]@5 B[2]@5 B[3,4]@60"),
                row(
                        "renamed, each branch keeps what is pending and its deadline",
                        () ->
                                given(AFTER_10)
                                        .when("i1:a@0 i2:b@3 u3:c@4")
                                        .renamed(5, any(SchedulerSettings.of("other", "linux"), 10))
                                        .when("until@50 i4:c@60 until@99"),
                        "B[1]@10 B[2]@13 B[3,4]@70"),
                row(
                        "enabled, each branch with an important change has a timer of full length",
                        AFTER_10,
                        "off@0 i1:a@1 i2:b@2 u3:c@3 on@60 until@99",
                        "B[1]@70 B[2]@70"),
                row(
                        "disabled for a while, a branch whose timer runs on keeps its deadline",
                        AFTER_10,
                        "i1:a@0 off@1 i2:b@2 on@5 until@99",
                        "B[1]@10 B[2]@15"),
                row(
                        "what a single_branch scheduler left pending is built branch by branch",
                        () ->
                                given(
                                                new SingleBranchScheduler(
                                                        MAIN, RULES, Duration.ofSeconds(10)))
                                        .when("i1:a@0 i2:b@1 i3:a@2")
                                        .reconfigured(5, AFTER_10)
                                        .when("until@99"),
                        "B[1,3]@15 B[2]@15"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void its_table(ScenarioRow row) {
        row.holds();
    }

    @Test
    void other_codebases_have_their_defaults_even_if_they_have_changes() {
        SchedulerScenario scenario =
                given(any(main(APP_AND_LIB), 10))
                        .when("i1:a,codebase=app@0 i2:b,codebase=lib@1 until@99");

        assertThat(scenario.orders().getFirst().sourceStamps())
                .containsExactly(
                        new SourceStamp("repo", "a", "r1", "", "app"),
                        new SourceStamp("lib.git", null, null, "", "lib"));
        assertThat(scenario.lastOrder().sourceStamps())
                .containsExactly(
                        new SourceStamp("app.git", "stable", "12345", "apps", "app"),
                        new SourceStamp("repo", "b", "r2", "", "lib"));
    }
}
