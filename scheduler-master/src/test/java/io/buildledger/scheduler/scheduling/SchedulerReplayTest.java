package io.buildledger.scheduler.scheduling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.claiming.Claims.Won;
import io.buildledger.commanding.SchedulerCommands;
import io.buildledger.configuring.BoundScheduler;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.changing.SourceStamp.Patch;
import io.buildledger.domain.requesting.ParentBuild;
import io.buildledger.domain.requesting.Property;
import io.buildledger.domain.scheduling.SchedulerCommandEvent;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildForced;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildTriggered;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.PatchSubmitted;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.SchedulerSwitched;
import io.buildledger.domain.scheduling.SchedulerEvent;
import io.buildledger.domain.scheduling.SchedulerState;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.Follower;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.numbering.Numbers;
import io.buildledger.replaying.Snapshots;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestStory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two schedulers of each type at work on one log, and then nothing but the log: read again, it
 * gives what they knew and all that they decided.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SchedulerReplayTest {

    private static final int ROUNDS = 7;
    private static final int INPUTS_OF_A_ROUND = 12;
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Duration LOOK_EVERY = Duration.ofMillis(10);
    private static final Author B1 = new Author("b1", 1);
    private static final List<Results> RESULTS =
            List.of(Results.SUCCESS, Results.SUCCESS, Results.WARNINGS, Results.FAILURE);
    private static final List<String> BRANCHES = List.of("main", "stable", "other");
    private static final List<String> KINDS = List.of("force", "try", "triggerable");
    private static final List<String> BUILDERS = List.of("linux", "docs");

    private static final String[] EVERYTHING = {
        "SchedulerConfigured",
        "SchedulerRenamed",
        "SchedulerRetired",
        "SchedulerDisabled",
        "SchedulerEnabled",
        "ChangeTaken",
        "TimerArmed",
        "FiringSkipped",
        "SchedulerFired",
        "TriggerKept",
        "CommandRefused"
    };

    private final TestLog test = new TestLog();
    private final SchedulerStreams streams =
            new SchedulerStreams(test.log, new Snapshots(test.jdbc));
    private final TestStory story = new TestStory(test);
    private final SchedulerStatuses statuses = new SchedulerStatuses(test.log, test.dataSource);
    private final SchedulerCommands commands = new SchedulerCommands(test.log, System::nanoTime);
    private final List<Life> lives = new ArrayList<>();
    private int marks;

    /** Some hours before the clock of {@code Europe/Berlin} is put on. */
    private Instant now = Instant.parse("2040-03-24T23:30:00Z");

    @AfterEach
    void close() {
        lives.forEach(Life::close);
        test.close();
    }

    /** A master that has all the schedulers, whether it runs them or stands by. */
    private final class Life implements AutoCloseable {
        final Map<String, SchedulerReader> readers = new LinkedHashMap<>();
        final Follower follower;
        final Timers timers;

        Life(Author author, List<BoundScheduler> schedulers) {
            Renaming renaming =
                    new Renaming(
                            test.log, streams, new PositionCopies(test.jdbc), statuses, author);
            Set<String> names =
                    schedulers.stream().map(BoundScheduler::name).collect(Collectors.toSet());
            schedulers.forEach(it -> renaming.takeOver(it, names));
            follower = new Follower(author.master(), test.log, test.dataSource, author);
            for (BoundScheduler scheduler : schedulers) {
                SchedulerReader reader =
                        new SchedulerReader(
                                scheduler, test.log, streams, test.buildsets, statuses, author);
                readers.put(scheduler.name(), reader);
                follower.add(
                        Schedulers.position(scheduler.name()), () -> Follower.Start.HEAD, reader);
            }
            follower.start();
            timers = new Timers(readers::values, test.log, author, () -> now);
            // Whoever starts, ends or is lost: an event.
            mark();
        }

        /** What is due elapses, and what comes of that, until nothing is due. */
        void elapse() {
            long before = count("timer-fired");
            timers.runOnce();
            if (count("timer-fired") > before) {
                readAll();
                elapse();
            }
        }

        void readAll() {
            long index = mark();
            await().atMost(PATIENCE)
                    .pollInterval(LOOK_EVERY)
                    .until(() ->
                            readers.keySet().stream()
                                    .map(Schedulers::position)
                                    .allMatch(it -> follower.position(it).orElse(-1) >= index));
        }

        Map<String, SchedulerState> states() {
            Map<String, SchedulerState> states = new HashMap<>();
            readers.forEach((name, reader) -> states.put(name, reader.state()));
            return states;
        }

        @Override
        public void close() {
            follower.close();
        }
    }

    private long count(String type) {
        return test.jdbc
                .sql("SELECT COUNT(*) FROM event WHERE type = :type")
                .param("type", type)
                .query(Long.class)
                .single();
    }

    /** An event that every scheduler reads, and its place in the log. */
    private long mark() {
        String stream = "master/mark" + ++marks;
        test.insertRaw(stream);
        test.log.lookNow();
        return test.log.lastIndex(stream);
    }

    private void passUpTo(int seconds, Random random) {
        now = now.plusMillis(random.nextInt(seconds * 1_000));
        test.setClock(now);
    }

    /** What people, forges, builds and time do to schedulers. */
    private final class World {
        final Random random;
        final List<String> names = new ArrayList<>();

        World(Random random) {
            this.random = random;
        }

        void goOn() {
            for (int input = 0; input < INPUTS_OF_A_ROUND; input++) {
                switch (random.nextInt(10)) {
                    case 0, 1, 2, 3 -> change();
                    case 4, 5, 6 -> command();
                    default -> build();
                }
            }
        }

        void change() {
            long id = test.numbers.take(Numbers.CHANGE, 1);
            String codebase = random.nextInt(4) == 0 ? "lib" : "";
            ChangeReceived change =
                    new ChangeReceived(
                            id,
                            codebase.isEmpty() ? "app.git" : "lib.git",
                            random.nextInt(8) == 0 ? null : one(BRANCHES),
                            "r" + id,
                            "",
                            codebase,
                            null,
                            "me",
                            "",
                            List.of(one(List.of("docs/index.md", "src/Main.java"))),
                            null,
                            Instant.EPOCH,
                            Map.of("a", one(BRANCHES)),
                            "base");
            append(new Entry(Streams.change(id), 0, change));
        }

        void command() {
            commands.ask(
                    TestStory.SCHEDULER,
                    switch (random.nextInt(8)) {
                        case 0 -> switched(one(names), false);
                        case 1, 2 -> switched(one(names), true);
                        case 3 -> command(one(KINDS), one(names));
                        default -> {
                            String kind = one(KINDS);
                            yield command(
                                    kind,
                                    one(names.stream().filter(it -> it.contains(kind)).toList()));
                        }
                    });
        }

        SchedulerCommandEvent switched(String scheduler, boolean on) {
            return new SchedulerSwitched(scheduler, on, "me", "because");
        }

        SchedulerCommandEvent command(String kind, String scheduler) {
            SourceStamp stamp =
                    new SourceStamp("", one(BRANCHES), null, "", one(List.of("", "", "elsewhere")));
            return switch (kind) {
                case "force" ->
                        new BuildForced(
                                scheduler,
                                "me",
                                "because",
                                List.of(one(BUILDERS)),
                                List.of(stamp),
                                Map.of("x", new Property(1, "form")),
                                one(List.of(3, 4)));
                case "try" ->
                        new PatchSubmitted(
                                scheduler,
                                "me",
                                "why",
                                List.of(),
                                new SourceStamp(
                                        "",
                                        "main",
                                        "abc",
                                        "",
                                        "",
                                        new Patch("--- a", 1, "me", "why", "")),
                                Map.of(),
                                "job");
                default ->
                        new BuildTriggered(
                                scheduler,
                                List.of(stamp),
                                Map.of("reason", new Property("asked", "build")),
                                random.nextBoolean(),
                                new ParentBuild("parent", 12, "Triggered from"),
                                null,
                                null);
            };
        }

        void build() {
            String builder = one(BUILDERS);
            if (test.hasWork(builder)) {
                Won won = story.claim(B1, builder);
                story.start(B1, won);
                story.complete(B1, won, one(RESULTS), "so");
            }
        }

        <T> T one(List<T> of) {
            return of.get(random.nextInt(of.size()));
        }
    }

    private void append(Entry entry) {
        test.log.inTransaction(() -> test.log.append(TestStory.SCHEDULER, null, List.of(entry)));
    }

    /** What each scheduler knows in the end. */
    private Map<String, SchedulerState> live(long seed) {
        Random random = new Random(seed);
        RandomFile file = new RandomFile(random);
        World world = new World(random);
        passUpTo(60, random);

        Life first = life("s1", file.schedulers(false));
        world.names.addAll(first.readers.keySet());
        live(world, first);
        world.goOn();
        first.close();

        // Nobody is there, and who comes has another file.
        passUpTo(3 * 3600, random);
        world.goOn();
        passUpTo(60, random);
        List<BoundScheduler> changed = file.schedulers(true);
        Life second = life("s2", changed);
        // Of those that have another name now, one is still asked by its old one.
        world.names.removeIf(it -> it.endsWith("_1") && !it.equals("force_1"));
        world.names.addAll(second.readers.keySet());
        live(world, second);

        Life standingBy = life("s3", changed);
        world.goOn();
        second.close();
        live(world, standingBy);
        standingBy.close();

        Life last = life("s4", file.schedulers(true));
        live(world, last);
        return last.states();
    }

    private Life life(String master, List<BoundScheduler> schedulers) {
        Life life = new Life(new Author(master, 1), schedulers);
        lives.add(life);
        return life;
    }

    private void live(World world, Life life) {
        for (int round = 0; round < ROUNDS; round++) {
            world.goOn();
            life.readAll();
            passUpTo(200, world.random);
            life.elapse();
        }
    }

    private List<Recorded> log() {
        Recorded first =
                test.jdbc
                        .sql("SELECT stream FROM event ORDER BY global_index LIMIT 1")
                        .query((row, _) -> test.log.find(row.getString(1), 0).orElseThrow())
                        .single();
        return test.log.readFrom(first, Integer.MAX_VALUE);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void the_log_read_again_gives_what_was_known_and_all_that_was_decided(long seed) {
        Map<String, SchedulerState> live = live(seed);
        List<Recorded> log = log();
        Set<String> schedulers =
                log.stream()
                        .map(Recorded::event)
                        .filter(SchedulerEvent.class::isInstance)
                        .map(it -> ((SchedulerEvent) it).scheduler())
                        .collect(Collectors.toCollection(TreeSet::new));
        assertThat(schedulers).containsAll(live.keySet());

        assertThat(
                        log.stream()
                                .map(Recorded::event)
                                .map(Object::getClass)
                                .map(Class::getSimpleName))
                .as("seed %d, what has happened", seed)
                .contains(EVERYTHING);
        for (String scheduler : schedulers) {
            RecordedScheduler again = new RecordedScheduler(log, scheduler).replay();
            String as = "seed %d, scheduler %s".formatted(seed, scheduler);
            assertThat(again.decided()).as(as).isEqualTo(again.recorded());
            assertThat(again.state())
                    .as(as)
                    .isEqualTo(streams.read(scheduler).state())
                    .isEqualTo(live.getOrDefault(scheduler, again.state()));
            assertThat(again.submitted()).as(as).isEqualTo(again.recordedBuildsets());
        }
    }
}
