package io.buildledger.scheduler.scheduling;

import static org.awaitility.Awaitility.await;

import io.buildledger.claiming.Claims.Won;
import io.buildledger.commanding.SchedulerCommands;
import io.buildledger.configuring.BoundScheduler;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.database.Database;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.mastering.MasterEvent;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCompleted;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.scheduling.SchedulerCommandEvent;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.Follower;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.replaying.Snapshots;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestStory;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The schedulers of a file at work on a log of their own, whose time passes when it is told to.
 * Their timers elapse at the moment, each before anything later happens; what they ask for is built
 * as soon as it is there, and takes no time.
 */
final class SteeredCluster implements AutoCloseable {

    /** A buildset that was made. */
    record Made(String scheduler, Instant at, List<Long> changes, List<String> builders) {
        static final Comparator<Made> ORDER =
                Comparator.comparing(Made::at)
                        .thenComparing(Made::scheduler)
                        .thenComparing(it -> it.changes().toString());
    }

    private static final Author MASTER = new Author("s1", 1);
    private static final Author BUILDER_MASTER = new Author("b1", 1);

    /** Far more than any story has timers between two moments. */
    private static final int MOST_TURNS = 10_000;

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Duration LOOK_EVERY = Duration.ofMillis(3);

    private final TestLog test = new TestLog();
    private final SchedulerStreams streams =
            new SchedulerStreams(test.log, new Snapshots(test.jdbc));
    private final TestStory story = new TestStory(test);
    private final SchedulerCommands commands = new SchedulerCommands(test.log, System::nanoTime);
    private final Set<String> builders = new HashSet<>();
    private final BiFunction<String, List<SourceStamp>, Results> results;
    private final Map<String, String> renamed = new HashMap<>();
    private final Map<String, SchedulerReader> readers = new LinkedHashMap<>();
    private final Timers timers = new Timers(readers::values, test.log, MASTER, () -> this.now);
    private Follower follower;
    private @Nullable Instant reloadsAt;
    private @Nullable ConfigurationFile reloaded;
    private Instant now;
    private int marks;

    /**
     * @param results how builds end, by their builders and their sources
     */
    SteeredCluster(
            Instant start,
            ConfigurationFile file,
            BiFunction<String, List<SourceStamp>, Results> results) {
        this.results = results;
        this.now = start;
        setClock(start);
        this.follower = run(file);
    }

    private Follower run(ConfigurationFile file) {
        SchedulerStatuses statuses = new SchedulerStatuses(test.log, test.dataSource);
        Renaming renaming =
                new Renaming(test.log, streams, new PositionCopies(test.jdbc), statuses, MASTER);
        Set<String> names =
                file.schedulers().stream().map(BoundScheduler::name).collect(Collectors.toSet());
        file.schedulers().forEach(it -> renaming.takeOver(it, names));
        Follower begun = new Follower("s1", test.log, test.dataSource, MASTER);
        readers.clear();
        for (BoundScheduler scheduler : file.schedulers()) {
            if (scheduler.renamedFrom() != null) {
                renamed.put(scheduler.renamedFrom(), scheduler.name());
            }
            builders.addAll(scheduler.scheduler().settings().builderNames());
            SchedulerReader reader =
                    new SchedulerReader(
                            scheduler, test.log, streams, test.buildsets, statuses, MASTER);
            readers.put(scheduler.name(), reader);
            begun.add(Schedulers.position(scheduler.name()), () -> Follower.Start.HEAD, reader);
        }
        begun.start();
        follower = begun;
        readAll();
        return begun;
    }

    /** Another file is to be in force from a time on. */
    void reloadAt(Instant moment, ConfigurationFile file) {
        reloadsAt = moment;
        reloaded = file;
    }

    void change(Instant at, ChangeReceived change) {
        passTo(at);
        test.log.inTransaction(() ->
                test.log.append(
                        TestStory.SCHEDULER,
                        null,
                        List.of(new Entry(Streams.change(change.changeId()), 0, change))));
        settle();
    }

    /** The life of the schedulers' master begins or ends, now. */
    void master(MasterEvent event) {
        String stream = Streams.master(event.master());
        long sequence = test.log.lastSequence(stream).orElse(-1) + 1;
        test.log.inTransaction(
                () -> test.log.append(MASTER, null, List.of(new Entry(stream, sequence, event))));
        settle();
    }

    /** Somebody asks, who knows the names in the file. */
    void ask(Instant at, SchedulerCommandEvent command) {
        passTo(at);
        String name = renamed.getOrDefault(command.scheduler(), command.scheduler());
        commands.ask(TestStory.SCHEDULER, command.askedOf(name));
        settle();
    }

    /** Time passes, and timers elapse that are due before its end. */
    void passTo(Instant moment) {
        Instant reload = reloadsAt;
        ConfigurationFile file = reloaded;
        if (reload != null && file != null && moment.isAfter(reload)) {
            reloadsAt = null;
            passTo(reload);
            follower.close();
            run(file);
            settle();
        }
        int turns = 0;
        for (Optional<Instant> due = nextDue(moment); due.isPresent(); due = nextDue(moment)) {
            if (++turns > MOST_TURNS) {
                throw new IllegalStateException("timers are due and don't fire: " + due.get());
            }
            if (due.get().isAfter(now)) {
                setClock(due.get());
            }
            timers.runOnce();
            settle();
        }
        setClock(moment);
    }

    private Optional<Instant> nextDue(Instant before) {
        return readers.values().stream()
                .flatMap(it -> it.armedTimers().stream())
                .map(TimerArmed::fireAt)
                .filter(it -> it.isBefore(before))
                .min(Comparator.naturalOrder());
    }

    private void setClock(Instant moment) {
        now = moment;
        test.setClock(moment);
    }

    /** All is read, and what that asks for is built, until there is nothing more. */
    private void settle() {
        do {
            readAll();
        } while (build());
    }

    private void readAll() {
        String stream = "master/mark" + ++marks;
        test.insertRaw(stream);
        test.log.lookNow();
        long index = test.log.lastIndex(stream);
        await().atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(LOOK_EVERY)
                .until(() ->
                        readers.keySet().stream()
                                .map(Schedulers::position)
                                .allMatch(it -> follower.position(it).orElse(-1) >= index));
    }

    private boolean build() {
        boolean hasBuilt = false;
        for (String builder : builders.stream().sorted().toList()) {
            while (test.hasWork(builder)) {
                Won won = story.claim(BUILDER_MASTER, builder);
                story.start(BUILDER_MASTER, won);
                story.complete(
                        BUILDER_MASTER, won, results.apply(builder, stampsOf(won)), "as it is");
                hasBuilt = true;
            }
        }
        return hasBuilt;
    }

    private List<SourceStamp> stampsOf(Won won) {
        long buildset =
                ((BuildRequested)
                                test.log
                                        .find(Streams.buildRequest(won.claim().requestId()), 0)
                                        .orElseThrow()
                                        .event())
                        .buildsetId();
        return ((BuildsetSubmitted)
                        test.log.find(Streams.buildset(buildset), 0).orElseThrow().event())
                .sourceStamps();
    }

    TestLog test() {
        return test;
    }

    Database database() {
        return test.database;
    }

    private List<Recorded> log() {
        Recorded first =
                test.jdbc
                        .sql("SELECT stream FROM event ORDER BY global_index LIMIT 1")
                        .query((row, _) -> test.log.find(row.getString(1), 0).orElseThrow())
                        .single();
        return test.log.readFrom(first, Integer.MAX_VALUE);
    }

    /** All buildsets of its log. */
    List<Made> made() {
        return log().stream()
                .map(Recorded::event)
                .filter(BuildsetSubmitted.class::isInstance)
                .map(BuildsetSubmitted.class::cast)
                .map(it ->
                        new Made(
                                it.scheduler(),
                                it.submittedAt(),
                                it.changeIds(),
                                it.requestIds().keySet().stream().sorted().toList()))
                .sorted(Made.ORDER)
                .toList();
    }

    /** How builds ended, by their builders and their sources. */
    Map<List<Object>, Results> results() {
        Map<Long, List<Object>> requests = new HashMap<>();
        Map<List<Object>, Results> ended = new HashMap<>();
        for (Recorded recorded : log()) {
            switch (recorded.event()) {
                case BuildsetSubmitted it ->
                        it.requestIds()
                                .forEach((builder, request) ->
                                        requests.put(request, List.of(builder, it.sourceStamps())));
                case BuildRequestCompleted it ->
                        ended.putIfAbsent(requests.get(it.requestId()), it.results());
                default -> {}
            }
        }
        return ended;
    }

    long events() {
        return test.count("SELECT COUNT(*) FROM event");
    }

    @Override
    public void close() {
        follower.close();
        test.close();
    }
}
