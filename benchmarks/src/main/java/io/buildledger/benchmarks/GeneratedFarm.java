package io.buildledger.benchmarks;

import io.buildledger.domain.attaching.WorkerEvent.WorkerAttached;
import io.buildledger.domain.building.BuildEvent.CommandStarted;
import io.buildledger.domain.building.BuildEvent.StepFinished;
import io.buildledger.domain.building.BuildEvent.StepStarted;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.mastering.MasterEvent.MasterLost;
import io.buildledger.domain.mastering.MasterEvent.MasterStarted;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCancelled;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCompleted;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestReleased;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildStarted;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetCompleted;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.scheduling.SchedulerEvent.ChangeTaken;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerConfigured;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerFired;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import io.buildledger.domain.scheduling.TimerEvent.TimerFired;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.Streams;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The events that a farm would write which builds what some dozens of people commit, made by a
 * simulation and the same for the same seed: a scheduler that waits for a minute of calm and fires
 * for all platforms, and one that fires at once for two quick builders; builds of four steps on
 * workers that have one build at a time, of which one in twelve fails; queues that grow by day and
 * are short at night. Once in some thousand builds a builder master is lost with all that it builds
 * and starts again; a request in some hundred is cancelled while it waits. A change makes about 220
 * events.
 */
final class GeneratedFarm {

    /** Takes an event. */
    interface Log {
        void append(Entry entry, Author author, @Nullable String cause, Instant at);
    }

    private static final Instant BEGIN = Instant.parse("2026-01-05T06:00:00Z");
    private static final String REPOSITORY = "https://git.example.org/engine.git";
    private static final Duration CALM = Duration.ofMinutes(1);
    private static final int MASTERS = 3;
    private static final int PLATFORMS = 12;
    private static final int WORKERS_OF_A_BUILDER = 3;
    private static final List<String> STEPS = List.of("git", "configure", "compile", "test");
    private static final List<String> PEOPLE =
            List.of("ann", "bob", "cho", "dee", "eli", "fay", "gus", "hal", "ida", "jon");

    private record Due(Instant at, long order, Runnable work) {}

    private static final class Waiting {
        private final long id;
        private final long buildset;
        private final String builder;
        private long next = 1;
        private int attempts;

        private Waiting(long id, long buildset, String builder) {
            this.id = id;
            this.buildset = buildset;
            this.builder = builder;
        }
    }

    private static final class Build {
        private final Waiting request;
        private final long number;
        private final int master;
        private final String worker;
        private long next;
        private boolean isLost;

        private Build(Waiting request, long number, int master, String worker) {
            this.request = request;
            this.number = number;
            this.master = master;
            this.worker = worker;
        }
    }

    private static final class Set {
        private int open;
        private Results worst = Results.SKIPPED;
    }

    private final SplittableRandom random;
    private final Log log;
    private final PriorityQueue<Due> due =
            new PriorityQueue<>(Comparator.comparing(Due::at).thenComparingLong(Due::order));
    private final Map<String, Queue<Waiting>> queues = new HashMap<>();
    private final Map<String, Queue<String>> freeWorkers = new HashMap<>();
    private final Map<Long, Set> buildsets = new HashMap<>();
    private final Map<String, Long> nextOf = new HashMap<>();
    private final Map<String, Long> buildNumbers = new HashMap<>();
    private final List<List<Build>> running = new ArrayList<>();
    private final long[] epochs = new long[MASTERS];
    private final List<ChangeTaken> pending = new ArrayList<>();
    private final Author scheduler = new Author("s1", 1);
    private Instant now = BEGIN;
    private long order;
    private long changes;
    private long requests;
    private long firings;
    private long quickFirings;
    private long setNumber;
    private long timers;
    private long builds;
    private long written;

    GeneratedFarm(long seed, Log log) {
        this.random = new SplittableRandom(seed);
        this.log = log;
    }

    /** Writes so many events, and then some more until what is begun at the moment is whole. */
    void write(long events) {
        begin();
        in(Duration.ofSeconds(10), this::commit);
        while (written < events) {
            Due next = due.remove();
            now = now.isAfter(next.at()) ? now : next.at();
            next.work().run();
        }
    }

    private void in(Duration time, Runnable work) {
        due.add(new Due(now.plus(time), order++, work));
    }

    private Entry append(String stream, Object event, Author author, @Nullable String cause) {
        long sequence = nextOf.merge(stream, 1L, Long::sum) - 1;
        return append(stream, sequence, event, author, cause);
    }

    private Entry append(
            String stream, long sequence, Object event, Author author, @Nullable String cause) {
        Entry entry = new Entry(stream, sequence, event);
        // Two events are a moment apart, and nothing happens twice at a time.
        now = now.plusNanos(50_000);
        log.append(entry, author, cause, now);
        written++;
        return entry;
    }

    private void begin() {
        append(
                Streams.master("s1"),
                new MasterStarted("s1", 1, "scheduler", "sched.example.org", 100, Map.of()),
                scheduler,
                null);
        for (int master = 0; master < MASTERS; master++) {
            running.add(new ArrayList<>());
            startMaster(master);
        }
        for (String name : List.of("all", "quick")) {
            List<String> builders = name.equals("all") ? platforms() : quick();
            append(
                    Streams.scheduler(name),
                    new SchedulerConfigured(
                            name,
                            name.equals("all") ? "single_branch" : "any_branch",
                            "%064x".formatted(name.hashCode()),
                            builders,
                            "{}"),
                    scheduler,
                    null);
            for (String builder : builders) {
                queues.put(builder, new ArrayDeque<>());
                Queue<String> workers = new ArrayDeque<>();
                for (int worker = 1; worker <= WORKERS_OF_A_BUILDER; worker++) {
                    workers.add(builder + "-" + worker);
                    attach(builder + "-" + worker, worker % MASTERS);
                }
                freeWorkers.put(builder, workers);
            }
        }
    }

    private void startMaster(int master) {
        Map<String, String> fingerprints = new LinkedHashMap<>();
        platforms().forEach(it -> fingerprints.put(it, fingerprint(it)));
        quick().forEach(it -> fingerprints.put(it, fingerprint(it)));
        epochs[master]++;
        append(
                Streams.master(name(master)),
                new MasterStarted(
                        name(master),
                        epochs[master],
                        "builder",
                        name(master) + ".example.org",
                        100 + epochs[master],
                        fingerprints),
                author(master),
                null);
    }

    private void attach(String worker, int master) {
        append(
                Streams.worker(worker),
                new WorkerAttached(
                        worker, name(master), epochs[master], "3.7.0", "posix", List.of()),
                author(master),
                null);
    }

    private static String name(int master) {
        return "b" + (master + 1);
    }

    private Author author(int master) {
        return new Author(name(master), epochs[master]);
    }

    private static String fingerprint(String builder) {
        return "%064x".formatted(31L * builder.hashCode());
    }

    /** The builders for which it fires when all is calm. */
    static List<String> platforms() {
        List<String> names = new ArrayList<>();
        for (int i = 1; i <= PLATFORMS; i++) {
            names.add("platform-%02d".formatted(i));
        }
        return names;
    }

    /** The builders for which it fires at once. */
    static List<String> quick() {
        return List.of("style", "unit");
    }

    /** Somebody pushes; the next push comes after a time that is longer at night. */
    private void commit() {
        int hour = (int) (now.getEpochSecond() / 3_600 % 24);
        double mean = hour >= 7 && hour < 19 ? 180 : 1_800;
        in(
                Duration.ofMillis((long) (-mean * 1_000 * Math.log(1 - random.nextDouble()))),
                this::commit);
        long id = ++changes;
        String person = PEOPLE.get(random.nextInt(PEOPLE.size()));
        String revision = "%040x".formatted(0x9e3779b97f4a7c15L * id & Long.MAX_VALUE);
        String component = "component-" + random.nextInt(40);
        Entry change =
                append(
                        Streams.change(id),
                        new ChangeReceived(
                                id,
                                REPOSITORY,
                                "main",
                                revision,
                                "engine",
                                "",
                                null,
                                person + " <" + person + "@example.org>",
                                "Mend %s where it met an empty list (#%d)".formatted(component, id),
                                List.of(
                                        "src/%s/reader.c".formatted(component),
                                        "src/%s/test.c".formatted(component)),
                                "https://git.example.org/engine/commit/" + revision,
                                now,
                                Map.of(),
                                "git_poller"),
                        scheduler,
                        null);
        ChangeTaken taken = take("all", id, revision, change.id());
        pending.add(taken);
        long timer = ++timers;
        append(
                Streams.scheduler("all"),
                new TimerArmed("all", timer, now.plus(CALM), null),
                scheduler,
                change.id());
        in(CALM, () -> calm(timer));
        ChangeTaken quick = take("quick", id, revision, change.id());
        fire("quick", ++quickFirings, List.of(quick), quick(), null, change.id());
    }

    private ChangeTaken take(String of, long change, String revision, String cause) {
        ChangeTaken taken =
                new ChangeTaken(of, change, REPOSITORY, "main", revision, "engine", "", null, null);
        append(Streams.scheduler(of), taken, scheduler, cause);
        return taken;
    }

    private void calm(long timer) {
        if (timer == timers) {
            Entry fired =
                    append(
                            Streams.timer("all", timer),
                            new TimerFired("all", timer, now),
                            scheduler,
                            null);
            fire("all", ++firings, List.copyOf(pending), platforms(), null, fired.id());
            pending.clear();
        }
    }

    private void fire(
            String by,
            long firing,
            List<ChangeTaken> taken,
            List<String> builders,
            @Nullable String key,
            String cause) {
        List<Long> ids = taken.stream().map(ChangeTaken::changeId).toList();
        Entry fired =
                append(
                        Streams.scheduler(by),
                        new SchedulerFired(by, firing, ids, key),
                        scheduler,
                        cause);
        long buildset = ++setNumber;
        Map<String, Long> requestIds = new LinkedHashMap<>();
        builders.forEach(builder -> requestIds.put(builder, ++requests));
        append(
                Streams.buildset(buildset),
                new BuildsetSubmitted(
                        buildset,
                        by,
                        firing,
                        "scheduler %s fired for %d change(s)".formatted(by, ids.size()),
                        List.of(
                                new SourceStamp(
                                        REPOSITORY,
                                        "main",
                                        taken.getLast().revision(),
                                        "engine",
                                        "")),
                        ids,
                        Map.of(),
                        requestIds,
                        now,
                        false,
                        null,
                        null,
                        null),
                scheduler,
                fired.id());
        Set open = new Set();
        open.open = requestIds.size();
        buildsets.put(buildset, open);
        requestIds.forEach((builder, id) -> {
            append(
                    Streams.buildRequest(id),
                    0,
                    new BuildRequested(id, buildset, builder, 0, now, null),
                    scheduler,
                    fired.id());
            Waiting waiting = new Waiting(id, buildset, builder);
            queue(builder).add(waiting);
            if (random.nextInt(400) == 0) {
                in(Duration.ofSeconds(30), () -> cancel(waiting));
            }
        });
        builders.forEach(this::claim);
    }

    private Queue<Waiting> queue(String builder) {
        return queues.getOrDefault(builder, new ArrayDeque<>());
    }

    private void cancel(Waiting request) {
        if (queue(request.builder).remove(request)) {
            append(
                    Streams.buildRequest(request.id),
                    request.next++,
                    new BuildRequestCancelled(request.id, "ann", "it is not needed"),
                    scheduler,
                    null);
            ended(request, Results.CANCELLED, scheduler);
        }
    }

    private void claim(String builder) {
        Queue<String> workers = freeWorkers.getOrDefault(builder, new ArrayDeque<>());
        Queue<Waiting> waiting = queue(builder);
        while (!workers.isEmpty() && !waiting.isEmpty()) {
            begin(waiting.remove(), workers.remove());
        }
    }

    private void begin(Waiting request, String worker) {
        int master = (worker.charAt(worker.length() - 1) - '0') % MASTERS;
        long number = buildNumbers.merge(request.builder, 1L, Long::sum);
        Build build = new Build(request, number, master, worker);
        request.attempts++;
        append(
                Streams.buildRequest(request.id),
                request.next++,
                new BuildRequestClaimed(
                        request.id,
                        request.builder,
                        number,
                        name(master),
                        epochs[master],
                        request.attempts,
                        worker,
                        fingerprint(request.builder),
                        3,
                        null),
                author(master),
                null);
        append(
                Streams.buildRequest(request.id),
                request.next++,
                new BuildStarted(request.id, request.attempts),
                author(master),
                null);
        running.get(master).add(build);
        if (++builds % 5_000 == 0) {
            in(Duration.ofSeconds(40), () -> lose(master));
        }
        step(build, 1);
    }

    private void step(Build build, int step) {
        if (build.isLost) {
            return;
        }
        String stream = Streams.build(build.request.builder, build.number);
        Author author = author(build.master);
        append(
                stream,
                build.next++,
                new StepStarted(build.request.builder, build.number, step, STEPS.get(step - 1)),
                author,
                null);
        append(
                stream,
                build.next++,
                new CommandStarted(
                        build.request.builder,
                        build.number,
                        step,
                        build.worker,
                        "%s-%d-%d".formatted(name(build.master), builds, step)),
                author,
                null);
        boolean isGood = step < 3 || random.nextInt(24) > 0;
        long seconds =
                switch (step) {
                    case 1 -> 4;
                    case 2 -> 11;
                    case 3 -> 60 + random.nextInt(120);
                    default -> 45 + random.nextInt(200);
                };
        in(
                Duration.ofMillis(seconds * 1_000 + random.nextInt(1_000)),
                () -> stepEnded(build, step, isGood));
    }

    private void stepEnded(Build build, int step, boolean isGood) {
        if (build.isLost) {
            return;
        }
        append(
                Streams.build(build.request.builder, build.number),
                build.next++,
                new StepFinished(
                        build.request.builder,
                        build.number,
                        step,
                        isGood ? Results.SUCCESS : Results.FAILURE,
                        isGood ? 0 : 2,
                        STEPS.get(step - 1) + (isGood ? "" : " failed"),
                        null),
                author(build.master),
                null);
        if (isGood && step < STEPS.size()) {
            step(build, step + 1);
        } else {
            complete(build, isGood ? Results.SUCCESS : Results.FAILURE, STEPS.get(step - 1));
        }
    }

    private void complete(Build build, Results results, String step) {
        Waiting request = build.request;
        append(
                Streams.buildRequest(request.id),
                request.next++,
                new BuildRequestCompleted(
                        request.id,
                        request.attempts,
                        results,
                        results == Results.SUCCESS ? "build successful" : step + " failed"),
                author(build.master),
                null);
        ended(request, results, author(build.master));
        running.get(build.master).remove(build);
        free(build);
    }

    private void free(Build build) {
        freeWorkers.getOrDefault(build.request.builder, new ArrayDeque<>()).add(build.worker);
        claim(build.request.builder);
    }

    private void ended(Waiting request, Results results, Author by) {
        Set buildset = buildsets.get(request.buildset);
        if (buildset == null) {
            throw new IllegalStateException("buildset %d has ended".formatted(request.buildset));
        }
        buildset.worst = buildset.worst.worse(results);
        if (--buildset.open == 0) {
            append(
                    Streams.buildset(request.buildset),
                    1,
                    new BuildsetCompleted(request.buildset, buildset.worst),
                    by,
                    null);
            buildsets.remove(request.buildset);
            nextOf.remove(Streams.buildset(request.buildset));
        }
    }

    /** A master dies; what it built is offered again, and it starts anew. */
    private void lose(int master) {
        long epoch = epochs[master];
        append(
                Streams.master(name(master)),
                new MasterLost(name(master), epoch, "s1", "its lease ran out"),
                scheduler,
                null);
        List<Build> lost = List.copyOf(running.get(master));
        running.get(master).clear();
        for (Build build : lost) {
            build.isLost = true;
            Waiting request = build.request;
            append(
                    Streams.buildRequest(request.id),
                    request.next++,
                    new BuildRequestReleased(
                            request.id,
                            request.attempts,
                            "s1",
                            "master %s was lost".formatted(name(master)),
                            null),
                    scheduler,
                    null);
            offerAgain(request);
        }
        startMaster(master);
        lost.forEach(this::free);
    }

    /** Where it was in the line. */
    private void offerAgain(Waiting request) {
        Queue<Waiting> queue = queue(request.builder);
        List<Waiting> all = new ArrayList<>(queue);
        all.add(request);
        all.sort(Comparator.comparingLong(waiting -> waiting.id));
        queue.clear();
        queue.addAll(all);
    }
}
