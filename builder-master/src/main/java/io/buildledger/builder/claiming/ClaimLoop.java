package io.buildledger.builder.claiming;

import io.buildledger.attaching.OpenCommands;
import io.buildledger.builder.running.BuildRunner;
import io.buildledger.builder.workers.WorkerSteering;
import io.buildledger.claiming.Claims;
import io.buildledger.claiming.Claims.Attempt;
import io.buildledger.claiming.Claims.Claimed;
import io.buildledger.claiming.Claims.Recovered;
import io.buildledger.claiming.Claims.Wanted;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.claiming.FreeWorkers;
import io.buildledger.commanding.BuildTriggers;
import io.buildledger.configuring.Configuration;
import io.buildledger.domain.attaching.WorkerEvent;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCancelled;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestReleased;
import io.buildledger.log.Author;
import io.buildledger.log.GroupCommit;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims what its workers can start, in the one order of claims over all its builders. It looks at
 * the queue only for builders that may have work: at the start, when the log tells of offers, and
 * as long as the last look left something there. So an idle master costs one read of the log's head
 * an interval, however many requests wait for others. After each half a minute it looks for all of
 * them with its next look, because the word can be missed: an offer that is committed while this
 * master starts may be too young for its first look, and too old for its tail of the log.
 *
 * <p>A builder whose requests have to wait for a lock is passed over until the log tells that
 * something was done to a lock, or this master has a worker again; so it holds up no other.
 */
final class ClaimLoop {

    private static final Logger LOG = LoggerFactory.getLogger(ClaimLoop.class);
    private static final Duration LOOK_EVERYWHERE = Duration.ofSeconds(30);

    private final Availability availability;
    private final Workers workers;
    private final Claims claims;
    private final GroupCommit commit;
    private final OpenCommands commands;
    private final BuildTriggers triggers;
    private final StepLocks locks;
    private final BuildRunner runner;
    private final FingerprintWatch fingerprints;
    private final Author author;
    private final ClaimMeters meters;

    private final LongSupplier nanoTime;
    private volatile ConfiguredBuilders configured;

    /** By which claims were made that may have gone unanswered. */
    private final Set<ConfiguredBuilders> unanswered = ConcurrentHashMap.newKeySet();

    private long lookedEverywhere;
    private final Set<String> mayHaveWork = ConcurrentHashMap.newKeySet();

    /** Builders of which something is on offer that may suit a worker that is busy. */
    private final Set<String> waitingForWorkers = ConcurrentHashMap.newKeySet();

    /** Builders of which nothing was on offer when that was asked for workers that are not here. */
    private final Set<String> nothingForAbsent = ConcurrentHashMap.newKeySet();

    /** How often the log has told of offers. */
    private final AtomicLong offersTold = new AtomicLong();

    /** How often a worker has become free. */
    private final AtomicLong workersFreed = new AtomicLong();

    private final Set<String> waitingForLocks = ConcurrentHashMap.newKeySet();

    /** How often the log has told of something that was done to a lock. */
    private final AtomicLong locksMoved = new AtomicLong();

    private final Map<Attempt, ClaimedBuild> running = new ConcurrentHashMap<>();
    private final Semaphore wake = new Semaphore(0);

    // As many as there are builds; kept for a minute, for a thread costs more than a short build.
    private final ExecutorService threads =
            Executors.newCachedThreadPool(Thread.ofPlatform().name("build-", 0).factory());
    private volatile boolean claiming = true;
    // Why nothing may run, whenever it was claimed.
    private volatile @Nullable String dropping;
    private final Map<Attempt, String> cameToNothing = new ConcurrentHashMap<>();
    // Whether the database may hold claims or locks for this master that it does not work on.
    private volatile boolean mayHaveForgotten;

    ClaimLoop(
            ConfiguredBuilders configured,
            Claims claims,
            GroupCommit commit,
            OpenCommands commands,
            BuildTriggers triggers,
            StepLocks locks,
            BuildRunner runner,
            Availability availability,
            FingerprintWatch fingerprints,
            Author author,
            ClaimMeters meters,
            LongSupplier nanoTime) {
        this.configured = configured;
        this.claims = claims;
        this.commit = commit;
        this.commands = commands;
        this.triggers = triggers;
        this.locks = locks;
        this.availability = availability;
        this.workers = new Workers(availability);
        this.runner = runner;
        this.fingerprints = fingerprints;
        this.author = author;
        this.meters = meters;
        this.nanoTime = nanoTime;
        lookEverywhere();
    }

    private void lookEverywhere() {
        waitingForLocks.clear();
        nothingForAbsent.clear();
        mayHaveWork.addAll(configured.names());
        lookedEverywhere = nanoTime.getAsLong();
    }

    /** Whether a worker is one that attaches, as the configuration is now. */
    boolean attaches(String worker) {
        return configured.attaches(worker);
    }

    /** Something is on offer, perhaps for a builder of this master. */
    void offered() {
        Set<String> names = new HashSet<>(configured.names());
        names.removeAll(waitingForLocks);
        mayHaveWork.addAll(names);
        offersTold.incrementAndGet();
        nothingForAbsent.clear();
        wake.release();
    }

    /** Something was done to a lock, for which a builder of this master may wait. */
    void lockMoved() {
        locksMoved.incrementAndGet();
        if (lookForThoseWhoWait()) {
            wake.release();
        }
    }

    private boolean lookForThoseWhoWait() {
        Set<String> names = Set.copyOf(waitingForLocks);
        waitingForLocks.removeAll(names);
        return mayHaveWork.addAll(names);
    }

    /** The log has told of a worker. */
    void heard(WorkerEvent told) {
        if (WorkerSteering.isOfUse(told)) {
            workersChanged();
        }
    }

    /** A worker has come or gone. */
    void workersChanged() {
        boolean _ = lookForThoseWhoWait();
        offered();
    }

    /**
     * Claims for other builders and workers from the next look on. What runs goes on as it was
     * claimed, and so does what a claim that is under way would start.
     */
    void use(ConfiguredBuilders next) {
        configured = next;
        fingerprints.look();
        workersChanged();
    }

    /** A master has started, gone, or goes by another file. */
    void mastersChanged() {
        fingerprints.look();
        wake.release();
    }

    void released(BuildRequestReleased released) {
        ClaimedBuild build = running.get(new Attempt(released.requestId(), released.attempt()));
        if (build != null && released.requestedBy() != null) {
            build.abandon(released.why());
        } else if (build != null && !released.releasedBy().equals(author.master())) {
            build.abandon("the claim was released by " + released.releasedBy());
        }
        offered();
    }

    void cancelled(BuildRequestCancelled cancelled) {
        String reason =
                "cancelled by %s: %s".formatted(cancelled.cancelledBy(), cancelled.reason());
        running.forEach((attempt, build) -> {
            if (attempt.requestId() == cancelled.requestId()) {
                build.abandon(reason);
            }
        });
    }

    /** Waits until there may be something to claim, at most so long. */
    void await(Duration atMost) throws InterruptedException {
        if (wake.tryAcquire(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
            wake.drainPermits();
        }
    }

    /**
     * Claims once what free workers can start, and starts what was won.
     *
     * @return how many builds were started
     */
    int runOnce() {
        int recovered = recover();
        if (nanoTime.getAsLong() - lookedEverywhere >= LOOK_EVERYWHERE.toNanos()) {
            lookEverywhere();
        }
        ConfiguredBuilders now = configured;
        int claimed = claiming ? claim(now, workers.free(now, wanted(now))) : 0;
        if (claiming) {
            lookForAbsent(now);
        }
        if (!mayHaveForgotten) {
            availability.stopIdle(workers::isIdle);
        }
        return recovered + claimed;
    }

    /** Of the builders that may have work, those that are not left to other masters. */
    private Set<String> wanted(ConfiguredBuilders now) {
        Set<String> wanted = new HashSet<>(mayHaveWork);
        wanted.removeAll(fingerprints.refused(now));
        return wanted;
    }

    /** Starts what was won without this master hearing of it, and releases what came to nothing. */
    private int recover() {
        if (!mayHaveForgotten) {
            return 0;
        }
        mayHaveForgotten = false;
        try {
            Map<Attempt, String> ended = Map.copyOf(cameToNothing);
            List<ConfiguredBuilders> claimedBy = List.copyOf(unanswered);
            Recovered recovered =
                    claims.recover(author, running::containsKey, ended, couldNotWork());
            ended.forEach(cameToNothing::remove);
            if (recovered.released() > 0) {
                LOG.warn("released {} claims that came to nothing", recovered.released());
            }
            recovered.unheard().forEach(won -> start(won, claimedBy));
            claimedBy.forEach(unanswered::remove);
            return recovered.unheard().size();
        } catch (RuntimeException | Error e) {
            mayHaveForgotten = true;
            throw e;
        }
    }

    private String couldNotWork() {
        return "master " + author.master() + " could not work on it";
    }

    private int claim(ConfiguredBuilders now, FreeWorkers free) {
        Set<String> left = new HashSet<>(free.ofBuilders().keySet());
        if (left.isEmpty()) {
            return 0;
        }
        // Before the look, so that an offer that comes during it is not forgotten.
        mayHaveWork.removeAll(left);
        long freedBefore = workersFreed.get();
        long movedBefore = locksMoved.get();
        try {
            Claimed claimed = claims.claim(author, now.terms(), free);
            meters.answered(claimed);
            claimed.won().forEach(won -> start(won, List.of(now)));
            left.removeAll(claimed.exhausted());
            left.removeAll(claimed.unsuitable());
            waitingForWorkers.addAll(claimed.unsuitable());
            if (workersFreed.get() != freedBefore) {
                lookForThoseWithoutWorkers();
            }
            left.removeAll(claimed.waiting());
            passOver(claimed.waiting(), movedBefore, freedBefore);
            if (!claimed.waiting().isEmpty() && !left.isEmpty()) {
                // They may have a worker that was meant for those that wait.
                wake.release();
            }
            return claimed.won().size();
        } catch (RuntimeException | Error e) {
            // Nobody knows whether a commit without an answer took place.
            unanswered.add(now);
            mayHaveForgotten = true;
            throw e;
        } finally {
            mayHaveWork.addAll(left);
        }
    }

    /**
     * Has workers started that could take what nobody takes who is here. It asks only while there
     * are such workers, and never claims for them: whoever has a worker first takes the offer.
     */
    private void lookForAbsent(ConfiguredBuilders now) {
        Set<String> builders = new HashSet<>(mayHaveWork);
        builders.addAll(waitingForWorkers);
        builders.removeAll(nothingForAbsent);
        builders.removeAll(fingerprints.refused(now));
        if (builders.isEmpty()) {
            availability.want(Set.of());
            return;
        }
        FreeWorkers absent = workers.absent(now, builders);
        if (absent.ofBuilders().isEmpty()) {
            availability.want(Set.of());
            return;
        }
        long toldBefore = offersTold.get();
        Wanted wanted = claims.wanted(author, now.terms(), absent);
        nothingForAbsent.addAll(wanted.exhausted());
        if (offersTold.get() != toldBefore) {
            // What was told of while it asked.
            nothingForAbsent.removeAll(wanted.exhausted());
        }
        availability.want(wanted.workers());
    }

    private void lookForThoseWithoutWorkers() {
        Set<String> builders = Set.copyOf(waitingForWorkers);
        waitingForWorkers.removeAll(builders);
        mayHaveWork.addAll(builders);
    }

    private void passOver(Set<String> builders, long movedBefore, long freedBefore) {
        waitingForLocks.addAll(builders);
        boolean mayHaveWhatTheyWaitFor =
                locksMoved.get() != movedBefore || workersFreed.get() != freedBefore;
        if (mayHaveWhatTheyWaitFor && lookForThoseWhoWait()) {
            // It came while they asked.
            wake.release();
        }
    }

    /**
     * @param claimedBy the configurations of which one has the builder for which it was claimed
     */
    private void start(Won won, List<ConfiguredBuilders> claimedBy) {
        BuildRequestClaimed claim = won.claim();
        ConfiguredBuilders by =
                claimedBy.stream()
                        .filter(it -> it.find(claim.builder(), claim.fingerprint()).isPresent())
                        .findFirst()
                        .orElseThrow(() ->
                                new IllegalStateException(
                                        claim.builder() + " is no builder of this master"));
        Configuration.Builder builder = by.find(claim.builder(), claim.fingerprint()).orElseThrow();
        ClaimedBuild build =
                new ClaimedBuild(
                        won,
                        builder,
                        by.propertiesOf(won),
                        author,
                        claims,
                        commit,
                        commands,
                        triggers,
                        locks,
                        by,
                        runner);
        workers.occupy(won.claim().worker(), builder.name());
        running.put(Attempt.of(won.claim()), build);
        String reason = dropping;
        if (reason != null) {
            // The claim was under way when all were dropped.
            build.abandon(reason);
        }
        meters.won();
        try (BuildInLog _ = BuildInLog.of(won.claim())) {
            LOG.info(
                    "{}: claimed, attempt {}, on {}",
                    build,
                    won.claim().attempt(),
                    won.claim().worker());
        }
        try {
            threads.execute(() -> run(build, by));
        } catch (Error e) {
            // The machine has no thread to spare.
            ended(build, Optional.of(couldNotWork()));
            throw new IllegalStateException(build + ": could not be started", e);
        }
    }

    private void run(ClaimedBuild build, ConfiguredBuilders by) {
        try (BuildInLog _ = BuildInLog.of(build.claim())) {
            runLogged(build, by);
        }
    }

    private void runLogged(ClaimedBuild build, ConfiguredBuilders by) {
        Optional<String> why = Optional.of(couldNotWork());
        Thread.currentThread().setName(build.toString());
        try {
            why = build.run();
        } catch (InterruptedException e) {
            LOG.warn("{}: interrupted", build);
        } catch (RuntimeException | Error e) {
            LOG.error("{}: failed; its claim is released", build, e);
        } finally {
            count(build, why);
            tell(build, by);
            ended(build, why);
        }
    }

    private void count(ClaimedBuild build, Optional<String> why) {
        if (why.isPresent()) {
            meters.dropped();
        } else {
            build.outcome().ifPresent(outcome -> meters.ended(outcome.results()));
        }
    }

    private void tell(ClaimedBuild build, ConfiguredBuilders by) {
        try {
            build.outcome()
                    .ifPresent(outcome -> availability.ended(build.claim().worker(), by, outcome));
        } catch (RuntimeException | Error e) {
            LOG.error("{}: what its worker is to be told of it came to nothing", build, e);
        }
    }

    /**
     * @param why its claim came to nothing; empty if it has ended with a result
     */
    private void ended(ClaimedBuild build, Optional<String> why) {
        Attempt attempt = Attempt.of(build.claim());
        // Before it looks like one whose claim went unanswered.
        why.ifPresent(reason -> cameToNothing.put(attempt, reason));
        running.remove(attempt);
        workers.free(build.claim().worker(), build.claim().builder());
        workersFreed.incrementAndGet();
        lookForThoseWithoutWorkers();
        if (why.isPresent() || build.hasLeftLocks()) {
            // Only now, or the claim would still look like that of a build that runs.
            mayHaveForgotten = true;
        }
        // A lock of the worker that is free again may be free, too.
        boolean _ = lookForThoseWhoWait();
        wake.release();
    }

    /** Claims nothing from now on; what runs goes on. */
    void pause() {
        claiming = false;
    }

    /**
     * Claims nothing from now on, and stops what runs and what a claim that is under way would
     * start; returns at once.
     */
    void drop(String reason) {
        pause();
        dropping = reason;
        running.values().forEach(build -> build.abandon(reason));
    }

    /** Claims again. */
    void resume() {
        dropping = null;
        claiming = true;
        workersChanged();
    }

    /** How many builds run. */
    int running() {
        return running.size();
    }

    /** Claims nothing from now on, stops what runs, and waits for it. */
    void stop(String reason, Duration atMost) throws InterruptedException {
        drop(reason);
        long deadline = System.nanoTime() + atMost.toNanos();
        while (!running.isEmpty() && System.nanoTime() < deadline) {
            wake.tryAcquire(100, TimeUnit.MILLISECONDS);
        }
        threads.shutdown();
    }
}
