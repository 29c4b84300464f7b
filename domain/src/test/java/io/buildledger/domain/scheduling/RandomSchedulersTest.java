package io.buildledger.domain.scheduling;

import static io.buildledger.domain.scheduling.SchedulerFixtures.NO_DOCS;
import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.ChangeFilter;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.changing.TextRule;
import io.buildledger.domain.scheduling.SchedulerEvent.ChangeTaken;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What {@link SchedulerScenario} checks with every input, after inputs that nobody thought of. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class RandomSchedulersTest {

    private static final int INPUTS = 400;
    private static final int SEQUENCES = 20;
    private static final List<Results> RESULTS = List.of(Results.values());
    private static final List<Type> TYPES = List.of(Type.values());
    private static final String[] BRANCHES = {"main", "stable", "null", "main,repository=fork"};

    enum Type {
        SINGLE_BRANCH,
        ANY_BRANCH,
        DEPENDENT,
        PERIODIC,
        NIGHTLY,
        TRIGGERABLE,
        NIGHTLY_TRIGGERABLE,
        FORCE,
        TRY;

        Scheduler scheduler(String name, Random random) {
            SchedulerSettings settings = SchedulerSettings.of(name, "linux", "windows");
            return switch (this) {
                case SINGLE_BRANCH ->
                        new SingleBranchScheduler(settings, rules(random), timer(random));
                case ANY_BRANCH -> new AnyBranchScheduler(settings, rules(random), timer(random));
                case DEPENDENT -> new DependentScheduler(settings, Set.of("up"));
                case PERIODIC ->
                        new PeriodicScheduler(
                                settings,
                                rules(random),
                                random.nextBoolean(),
                                Duration.ofSeconds(1 + random.nextInt(200)));
                case NIGHTLY ->
                        new NightlyScheduler(
                                settings,
                                rules(random),
                                random.nextBoolean(),
                                calendar(random),
                                random.nextBoolean() ? Cron.parse("*/3 * * * *") : null);
                case TRIGGERABLE -> new TriggerableScheduler(settings);
                case NIGHTLY_TRIGGERABLE ->
                        new NightlyTriggerableScheduler(settings, calendar(random));
                case FORCE -> new ForceScheduler(settings, "F", "F", List.of(), false);
                case TRY -> new TryScheduler(settings);
            };
        }

        private static ChangeRules rules(Random random) {
            return new ChangeRules(
                    random.nextBoolean()
                            ? ChangeFilter.ALL
                            : ChangeFilter.onBranch(TextRule.oneOf("main", "")),
                    NO_DOCS,
                    random.nextInt(4) == 0,
                    random.nextBoolean());
        }

        private static @Nullable Duration timer(Random random) {
            return random.nextInt(3) == 0 ? null : Duration.ofSeconds(random.nextInt(60));
        }

        private static Calendar calendar(Random random) {
            return new Calendar(
                    Cron.parse(random.nextBoolean() ? "* * * * *" : "*/7 * * * *"),
                    ZoneId.of("Europe/Berlin"),
                    random.nextBoolean() ? CatchUp.ONCE : CatchUp.NONE);
        }
    }

    /** A scheduler, and what is done with it. */
    private static final class Run {

        private final Random random;
        private final SchedulerScenario scenario;
        private long second;
        private long changeId;
        private int renamed;
        private Scheduler scheduler;

        Run(Type type, Random random) {
            this.random = random;
            this.scheduler = type.scheduler("main", random);
            this.scenario = SchedulerScenario.given(scheduler);
        }

        void input(Type other) {
            second += random.nextInt(20);
            switch (random.nextInt(20)) {
                case 0 -> scenario.when("off@" + second);
                case 1, 2 -> scenario.when("on@" + second);
                case 3 -> scenario.when("down@" + second);
                case 4, 5 -> scenario.when("up@" + second);
                case 6 -> scenario.when("restart@" + second);
                case 7 -> scenario.when("until@" + (second += 300));
                case 8 -> scenario.commanded(second, CommandFixtures.force());
                case 9 -> scenario.commanded(second, CommandFixtures.patch("linux"));
                case 10 -> scenario.commanded(second, CommandFixtures.trigger());
                case 11 ->
                        scenario.commanded(
                                second,
                                CommandFixtures.trigger(
                                        new SourceStamp("r", null, null, "", "elsewhere")));
                case 12 ->
                        scenario.ended(
                                second,
                                random.nextBoolean() ? "up" : "other",
                                RESULTS.get(random.nextInt(RESULTS.size())),
                                -second);
                case 13 -> reconfigure(other);
                default -> change();
            }
        }

        private void change() {
            String what = random.nextInt(3) == 0 ? "u" : "i";
            String branch = BRANCHES[random.nextInt(BRANCHES.length)];
            scenario.when("%s%d:%s@%d".formatted(what, ++changeId, branch, second));
        }

        private void reconfigure(Type type) {
            if (random.nextInt(4) == 0) {
                renamed++;
                scheduler = type.scheduler("main" + renamed, random);
                scenario.renamed(second, scheduler);
            } else {
                scheduler = type.scheduler(scheduler.name(), random);
                scenario.reconfigured(second, scheduler);
            }
        }

        /** Enabled, with a master up and time to pass. */
        void settle() {
            scenario.when("up@%d on@%d until@%d".formatted(second, second, second + 7_200));
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource(Type.class)
    void whatever_comes_the_promises_hold_and_no_important_change_waits_for_ever(Type type) {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        for (int sequence = 0; sequence < SEQUENCES; sequence++) {
            Run run = new Run(type, new Random(seed + sequence));
            for (int input = 0; input < INPUTS; input++) {
                run.input(type);
            }
            run.settle();

            run.scenario.outcome();
            assertThat(run.scenario.lost()).as("changes that are nowhere").isEmpty();
            if (type == Type.SINGLE_BRANCH || type == Type.ANY_BRANCH) {
                assertThat(run.scenario.state().pending().values())
                        .as("important changes that wait")
                        .noneMatch(ChangeTaken::worthABuild);
                assertThat(run.scenario.state().timers()).as("timers for nothing").isEmpty();
            }
        }
    }

    @RepeatedTest(SEQUENCES)
    void the_promises_hold_when_the_type_changes_and_a_change_driven_one_at_the_end_builds_all() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        Run run = new Run(TYPES.get(random.nextInt(TYPES.size())), random);
        for (int input = 0; input < INPUTS; input++) {
            run.input(TYPES.get(random.nextInt(TYPES.size())));
        }
        run.reconfigure(random.nextBoolean() ? Type.SINGLE_BRANCH : Type.ANY_BRANCH);
        run.settle();

        run.scenario.outcome();
        assertThat(run.scenario.lost()).as("changes that are nowhere").isEmpty();
        assertThat(run.scenario.state().pending().values())
                .as("important changes that wait")
                .noneMatch(ChangeTaken::worthABuild);
    }
}
