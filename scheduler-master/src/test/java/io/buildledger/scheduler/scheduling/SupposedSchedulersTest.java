package io.buildledger.scheduler.scheduling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.requesting.ParentBuild;
import io.buildledger.domain.requesting.Property;
import io.buildledger.domain.scheduling.SchedulerCommandEvent;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildForced;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildTriggered;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.SchedulerSwitched;
import io.buildledger.scheduler.scheduling.SteeredCluster.Made;
import io.buildledger.scheduler.serving.ServedLog;
import io.buildledger.scheduler.supposing.Answer;
import io.buildledger.scheduler.supposing.WhatIf;
import io.buildledger.scheduler.supposing.WhatIf.Question;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestStory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is supposed of a file is what its schedulers really do: all types at work on one log by one
 * file, and on another by another, while the same comes in at the same times.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SupposedSchedulersTest {

    private static final int HAPPENINGS = 40;
    private static final int CHANGES = 150;
    private static final String WITH_THE_LAST =
            "SELECT COUNT(*) FROM event WHERE type = 'buildset-submitted' AND payload LIKE '%,150],%'";
    private static final List<String> BRANCHES = List.of("main", "stable", "other");
    private static final Duration LONG = Duration.ofDays(3650);

    /** Some minutes before the clock of {@code Europe/Berlin} is put on. */
    private static final Instant START = Instant.parse("2040-03-25T00:40:00Z");

    /** Nothing else happens then. */
    private static final Instant MIDDLE = START.plusSeconds(700).plusNanos(123_456_000);

    private static List<Consumer<SteeredCluster>> story(long seed) {
        return story(START, seed);
    }

    /** What comes in, and when; by the start and the seed alone. */
    static List<Consumer<SteeredCluster>> story(Instant start, long seed) {
        Random random = new Random(seed);
        List<Consumer<SteeredCluster>> story = new ArrayList<>();
        Instant at = start;
        long changes = 0;
        for (int i = 0; i < HAPPENINGS; i++) {
            at = at.plusMillis(1 + random.nextInt(90_000));
            Instant moment = at;
            if (random.nextInt(10) < 6) {
                ChangeReceived change = change(++changes, random);
                story.add(cluster -> cluster.change(moment, change));
            } else {
                SchedulerCommandEvent command = command(random);
                story.add(cluster -> cluster.ask(moment, command));
            }
        }
        Instant end = at.plusSeconds(100);
        // An event at the end, up to which time is looked at.
        ChangeReceived last = change(++changes, random);
        story.add(cluster -> cluster.change(end, last));
        return story;
    }

    private static ChangeReceived change(long id, Random random) {
        String codebase = random.nextInt(4) == 0 ? "lib" : "";
        return new ChangeReceived(
                id,
                codebase.isEmpty() ? "app.git" : "lib.git",
                random.nextInt(8) == 0 ? null : one(BRANCHES, random),
                "r" + id,
                "",
                codebase,
                null,
                "me",
                "so",
                List.of(one(List.of("docs/index.md", "src/Main.java"), random)),
                null,
                Instant.EPOCH,
                Map.of("a", one(BRANCHES, random)),
                "base");
    }

    private static SchedulerCommandEvent command(Random random) {
        SourceStamp stamp = new SourceStamp("", one(BRANCHES, random), null, "", "");
        String number = one(List.of("_1", "_2"), random);
        return switch (random.nextInt(5)) {
            case 0 ->
                    new BuildForced(
                            "force" + number,
                            "me",
                            "because",
                            List.of("docs"),
                            List.of(stamp),
                            Map.of("x", new Property(1, "form")),
                            null);
            case 1, 2 ->
                    new BuildTriggered(
                            one(List.of("triggerable", "nightly_triggerable"), random) + number,
                            List.of(stamp),
                            Map.of(),
                            random.nextBoolean(),
                            new ParentBuild("parent", 12, "Triggered from"),
                            null,
                            null);
            default ->
                    new SchedulerSwitched(
                            one(
                                            List.of(
                                                    "single_branch",
                                                    "any_branch",
                                                    "dependent",
                                                    "periodic",
                                                    "nightly"),
                                            random)
                                    + number,
                            random.nextInt(3) > 0,
                            "me",
                            "because");
        };
    }

    private static <T> T one(List<T> of, Random random) {
        return of.get(random.nextInt(of.size()));
    }

    private static SteeredCluster lived(
            ConfigurationFile file,
            long seed,
            BiFunction<String, List<SourceStamp>, Results> results) {
        SteeredCluster cluster = new SteeredCluster(START, file, results);
        story(seed).forEach(it -> it.accept(cluster));
        return cluster;
    }

    /** One build in five fails. */
    static Results byChance(String builder, List<SourceStamp> stamps) {
        return Math.floorMod((builder + stamps).hashCode(), 5) == 0
                ? Results.FAILURE
                : Results.SUCCESS;
    }

    private static Answer suppose(SteeredCluster cluster, ConfigurationFile file)
            throws InterruptedException {
        return WhatIf.of(cluster.database(), file, new Question(null, LONG, null, Map.of()));
    }

    static List<Made> made(Answer answer) {
        return answer.wouldMake().stream()
                .map(it ->
                        new Made(
                                it.scheduler(),
                                it.at(),
                                it.changes(),
                                it.builders().stream().sorted().toList()))
                .sorted(Made.ORDER)
                .toList();
    }

    private static void assertSame(List<Made> supposed, List<Made> real) {
        assertThat(real).hasSizeGreaterThan(10);
        List<Made> inVain = new ArrayList<>(supposed);
        real.forEach(inVain::remove);
        List<Made> missing = new ArrayList<>(real);
        supposed.forEach(missing::remove);
        assertThat(inVain)
                .as("supposed and not made, where these are missing: %s", missing)
                .isEmpty();
        assertThat(missing).as("made and not supposed").isEmpty();
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void of_the_file_that_was_in_force_nothing_differs(long seed) throws Exception {
        ConfigurationFile file = new RandomFile(new Random(seed)).file(false);
        try (SteeredCluster cluster = lived(file, seed, SupposedSchedulersTest::byChance)) {
            long events = cluster.events();

            Answer answer = suppose(cluster, file);

            assertSame(made(answer), cluster.made());
            assertThat(answer.isSame()).isTrue();
            assertThat(answer.supposed().workerMillis())
                    .isEqualTo(answer.recorded().workerMillis());
            assertThat(cluster.events()).as("it writes nothing").isEqualTo(events);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void of_another_file_it_is_what_a_cluster_does_by_that_file(long seed) throws Exception {
        RandomFile files = new RandomFile(new Random(seed));
        ConfigurationFile one = files.file(false);
        ConfigurationFile other = files.file(false);
        try (SteeredCluster cluster = lived(one, seed, SupposedSchedulersTest::byChance)) {
            Map<List<Object>, Results> results = cluster.results();

            Answer answer = suppose(cluster, other);

            try (SteeredCluster real =
                    lived(
                            other,
                            seed,
                            (builder, stamps) ->
                                    results.getOrDefault(
                                            List.of(builder, stamps), Results.SUCCESS))) {
                assertSame(made(answer), real.made());
                System.out.printf(
                        "seed %d: %d made, %d supposed and made by the other file, %d the same%n",
                        seed,
                        cluster.made().size(),
                        real.made().size(),
                        answer.wouldMake().stream().filter(Answer.Supposed::isSame).count());
            }
        }
    }

    @ParameterizedTest(name = "seed {0}, renamed: {1}")
    @CsvSource({"1, false", "2, true", "3, true"})
    void from_a_moment_on_it_is_what_a_cluster_does_that_reads_the_file_then(
            long seed, boolean isRenamed) throws Exception {
        RandomFile files = new RandomFile(new Random(seed));
        ConfigurationFile one = files.file(false);
        ConfigurationFile other = files.file(isRenamed);
        try (SteeredCluster cluster = lived(one, seed, SupposedSchedulersTest::byChance)) {
            Map<List<Object>, Results> results = cluster.results();

            Answer answer =
                    WhatIf.of(
                            cluster.database(), other, new Question(MIDDLE, null, null, Map.of()));

            try (SteeredCluster real =
                    new SteeredCluster(
                            START,
                            one,
                            (builder, stamps) ->
                                    results.getOrDefault(
                                            List.of(builder, stamps), Results.SUCCESS))) {
                real.reloadAt(MIDDLE, other);
                story(seed).forEach(it -> it.accept(real));
                assertSame(
                        made(answer),
                        real.made().stream().filter(it -> !it.at().isBefore(MIDDLE)).toList());
            }
        }
    }

    /** Timers are looked at ten times a second, so that all are late, and changes overtake them. */
    @Test
    void of_masters_whose_timers_are_late_nothing_differs() throws Exception {
        ConfigurationFile file =
                ServedLog.file(
                        """
                        builders: [{name: linux, worker_names: [w], factory: []}]
                        workers: [{name: w}]
                        schedulers:
                          - single_branch: {name: soon, builder_names: [linux], branch: main, tree_stable_timer: 1ms}
                          - single_branch: {name: later, builder_names: [linux], branch: main, tree_stable_timer: 90ms}
                          - any_branch: {name: any, builder_names: [linux], tree_stable_timer: 20ms}
                        """);
        try (TestLog test = new TestLog()) {
            TestStory story = new TestStory(test);
            Schedulers schedulers =
                    new Schedulers(
                            new ConfiguredSchedulers(file.schedulers()),
                            test.log,
                            test.dataSource,
                            test.buildsets,
                            new SchedulerStatuses(test.log, test.dataSource),
                            new PositionCopies(test.jdbc),
                            TestStory.SCHEDULER,
                            Instant::now);
            schedulers.start();
            try {
                for (int i = 1; i <= CHANGES; i++) {
                    story.change("me", "r" + i, "so");
                }
                await().atMost(Duration.ofMinutes(1)).until(() -> test.count(WITH_THE_LAST) == 3);
            } finally {
                schedulers.stop();
            }

            Answer answer =
                    WhatIf.of(test.database, file, new Question(null, LONG, null, Map.of()));

            assertThat(answer.changes()).isEqualTo(CHANGES);
            assertThat(answer.wouldMake()).hasSizeGreaterThan(2).allMatch(Answer.Supposed::isSame);
            assertThat(answer.wouldNotMake()).isEmpty();
        }
    }
}
