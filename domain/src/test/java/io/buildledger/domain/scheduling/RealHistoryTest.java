package io.buildledger.domain.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.changing.ChangeFilter;
import io.buildledger.domain.changing.ImportantFiles;
import io.buildledger.domain.changing.PathGlob;
import io.buildledger.domain.changing.TextRule;
import io.buildledger.domain.requesting.BuildsetOrder;
import io.buildledger.domain.scheduling.SchedulerEvent.ChangeTaken;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The commits that a project's people have pushed in five years, at the times when they did; where
 * these are not at hand, some of the same shape.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
class RealHistoryTest {

    private static final Pattern LINE =
            Pattern.compile(
                    "\"revision\":\"([^\"]*)\",\"branch\":\"([^\"]*)\",\"when\":([0-9]+),\"who\":\"([^\"]*)\",\"files\":\\[([^\\]]*)\\]");

    private static final ImportantFiles NO_MANUAL =
            new ImportantFiles(List.of(), List.of(new PathGlob("master/docs/")));
    private static final ChangeRules RULES =
            new ChangeRules(ChangeFilter.ALL, NO_MANUAL, false, false);
    private static final ChangeRules MASTER_ONLY =
            new ChangeRules(
                    ChangeFilter.onBranch(TextRule.oneOf("master")), NO_MANUAL, false, false);
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    private static List<ChangeReceived> changes = List.of();

    @BeforeAll
    static void read() throws IOException {
        Path at = Path.of("").toAbsolutePath();
        String inside = "shared/data/changes/buildbot-2021-2025.jsonl";
        while (at.getParent() != null && !Files.isRegularFile(at.resolve(inside))) {
            at = at.getParent();
        }
        Path file = at.resolve(inside);
        List<String> lines = Files.isRegularFile(file) ? Files.readAllLines(file) : made();
        List<ChangeReceived> read = new ArrayList<>();
        for (String line :
                lines.stream().sorted(Comparator.comparingLong(it -> when(matched(it)))).toList()) {
            read.add(change(read.size() + 1, matched(line)));
        }
        changes = read;
        System.out.printf(
                "%d changes from %s to %s, of %d branches%n",
                changes.size(),
                changes.getFirst().when(),
                changes.getLast().when(),
                changes.stream().map(ChangeReceived::branch).distinct().count());
    }

    /** Bursts, quiet days, two branches, and some that touch the manual only. */
    private static List<String> made() {
        List<String> lines = new ArrayList<>();
        long when = 1_609_533_765;
        for (int i = 0; i < 300; i++) {
            when += i % 7 == 0 ? 90_000 : i % 3 == 0 ? 400 : 1;
            lines.add(
                    "{\"revision\":\"%d\",\"branch\":\"%s\",\"when\":%d,\"who\":\"author-1\",\"files\":[\"%s\"],\"fileCount\":1}"
                            .formatted(
                                    i,
                                    i % 11 == 0 ? "stable" : "master",
                                    when,
                                    i % 5 == 0 ? "master/docs/a.rst" : "master/buildbot/a.py"));
        }
        return lines;
    }

    private static Matcher matched(String line) {
        Matcher matcher = LINE.matcher(line);
        assertThat(matcher.find()).as(line).isTrue();
        return matcher;
    }

    private static long when(Matcher line) {
        return Long.parseLong(line.group(3));
    }

    private static ChangeReceived change(long id, Matcher line) {
        return new ChangeReceived(
                id,
                "buildbot",
                line.group(2),
                line.group(1),
                "",
                "",
                null,
                line.group(4),
                "",
                Arrays.stream(line.group(5).split(",", -1))
                        .map(it -> it.replace("\"", ""))
                        .toList(),
                null,
                Instant.ofEpochSecond(when(line)),
                Map.of(),
                "git_poller");
    }

    private static SchedulerSettings settings(String name) {
        return SchedulerSettings.of(name, "linux");
    }

    static Stream<Scheduler> that_take_changes() {
        Calendar nights = new Calendar(Cron.parse("0 3 * * *"), BERLIN, CatchUp.ONCE);
        return Stream.of(
                new SingleBranchScheduler(settings("at-once"), MASTER_ONLY, null),
                new SingleBranchScheduler(
                        settings("stable-minute"), MASTER_ONLY, Duration.ofMinutes(1)),
                new SingleBranchScheduler(
                        settings("stable-quarter"), MASTER_ONLY, Duration.ofMinutes(15)),
                new AnyBranchScheduler(settings("any-at-once"), RULES, null),
                new AnyBranchScheduler(settings("any-stable"), RULES, Duration.ofMinutes(5)),
                new PeriodicScheduler(settings("periodic"), RULES, true, Duration.ofHours(6)),
                new NightlyScheduler(settings("nightly"), RULES, true, nights, null));
    }

    static Stream<Scheduler> that_take_none() {
        Calendar weeks = new Calendar(Cron.parse("0 3 * * 0"), BERLIN, CatchUp.ONCE);
        return Stream.of(
                new DependentScheduler(settings("dependent"), Set.of("up")),
                new TriggerableScheduler(settings("triggerable")),
                new NightlyTriggerableScheduler(settings("nightly-triggerable"), weeks),
                new ForceScheduler(settings("force"), "F", "F", List.of(), false),
                new TryScheduler(settings("try")));
    }

    private static SchedulerScenario told(Scheduler scheduler) {
        SchedulerScenario scenario =
                SchedulerScenario.givenAt(
                        changes.getFirst().when().minusSeconds(60).toString(), scheduler);
        changes.forEach(scenario::changed);
        return scenario.until(changes.getLast().when().plus(Duration.ofDays(2)));
    }

    @ParameterizedTest
    @MethodSource("that_take_changes")
    void every_change_is_built_once_at_most_and_none_that_matters_waits(Scheduler scheduler) {
        SchedulerScenario scenario = told(scheduler);

        List<Long> built =
                scenario.orders().stream().flatMap(it -> it.changeIds().stream()).toList();
        List<Long> taken =
                scenario.history().stream()
                        .filter(ChangeTaken.class::isInstance)
                        .map(it -> ((ChangeTaken) it).changeId())
                        .toList();
        scenario.outcome();
        assertThat(built).doesNotHaveDuplicates();
        assertThat(taken)
                .isEqualTo(
                        changes.stream()
                                .filter(it -> scheduler.refusal(it).isEmpty())
                                .map(ChangeReceived::changeId)
                                .toList());
        assertThat(scenario.lost()).isEmpty();
        assertThat(scenario.state().pending().values()).noneMatch(ChangeTaken::worthABuild);
        System.out.printf(
                "%s: %d of %d changes taken, %d built by %d firings, %d timers, %d unimportant ones wait%n",
                scheduler.name(),
                taken.size(),
                changes.size(),
                built.size(),
                scenario.orders().size(),
                scenario.history().stream().filter(TimerArmed.class::isInstance).count(),
                scenario.state().pending().size());
    }

    @ParameterizedTest
    @MethodSource("that_take_none")
    void who_builds_for_other_reasons_takes_no_change(Scheduler scheduler) {
        SchedulerScenario scenario = told(scheduler);

        scenario.outcome();
        assertThat(scenario.orders()).isEmpty();
        assertThat(scenario.history()).noneMatch(ChangeTaken.class::isInstance);
    }

    @Test
    void a_dependent_one_builds_each_good_buildset_of_the_other_with_the_same_blamelist() {
        List<BuildsetOrder> upstream =
                told(new SingleBranchScheduler(settings("up"), MASTER_ONLY, Duration.ofMinutes(1)))
                        .orders();
        SchedulerScenario scenario =
                SchedulerScenario.given(
                        new DependentScheduler(settings("dependent"), Set.of("up")));
        List<List<Long>> good = new ArrayList<>();
        for (int i = 0; i < upstream.size(); i++) {
            Results results = i % 3 == 2 ? Results.FAILURE : Results.SUCCESS;
            List<Long> changeIds = upstream.get(i).changeIds();
            scenario.ended(i, "up", results, changeIds.toArray(Long[]::new));
            if (results == Results.SUCCESS) {
                good.add(changeIds);
            }
        }

        scenario.outcome();
        assertThat(scenario.orders()).extracting(BuildsetOrder::changeIds).isEqualTo(good);
        System.out.printf("dependent: %d of %d buildsets followed%n", good.size(), upstream.size());
    }
}
