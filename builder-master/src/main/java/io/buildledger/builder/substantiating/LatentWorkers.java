package io.buildledger.builder.substantiating;

import io.buildledger.attaching.WorkerRegister;
import io.buildledger.attaching.WorkerStanding;
import io.buildledger.builder.workers.AttachedWorkers;
import io.buildledger.builder.workers.WorkerSteering;
import io.buildledger.database.DatabaseTrouble;
import io.buildledger.domain.attaching.Backoff;
import io.buildledger.domain.attaching.Substantiation;
import io.buildledger.domain.attaching.Substantiation.Holder;
import io.buildledger.domain.attaching.Substantiation.Limits;
import io.buildledger.domain.attaching.WorkerState;
import io.buildledger.domain.attaching.WorkerState.Attached;
import io.buildledger.domain.attaching.WorkerState.Machine;
import io.buildledger.domain.attaching.WorkerState.Machine.Phase;
import io.buildledger.domain.attaching.WorkerState.Wish;
import io.buildledger.log.Author;
import io.buildledger.substantiating.LatentRun;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the latent workers of this master's file when there is something for them to build, and
 * stops those that it has when there is not. Of all masters one has a worker in hand, which is in
 * the log before anything is done to it.
 *
 * <p>Nothing here waits: what takes time is done by threads. Each of {@link #want} and {@link
 * #look} is to be called by one thread at a time.
 */
public final class LatentWorkers {

    /** Where a worker is that is not here. */
    public enum Absence {
        /** It is none that could come soon. */
        STAYS,
        /** Somebody starts it. */
        STARTING,
        /** It could be started. */
        MAY_START
    }

    /** What a worker is worked on with. */
    public interface Runs {

        /**
         * @param limit of each command
         */
        LatentRun of(Latent latent, Duration limit);
    }

    /** What a thread does about a worker; equal to nothing but itself. */
    private static final class Hand {

        private final boolean starts;

        Hand(boolean starts) {
            this.starts = starts;
        }
    }

    private record Idle(long since, boolean hasBuilt) {}

    private static final Logger LOG = LoggerFactory.getLogger(LatentWorkers.class);

    /** Long enough for another master that has a worker to take an offer. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private static final String FORMER = "it is not in the file any more as it was started";
    private static final Duration STOP_WITHIN = Duration.ofMinutes(5);
    private static final Backoff NO_BACKOFF = new Backoff(Duration.ZERO, Duration.ZERO);
    private static final long LOOK_WHILE_CLOSING_MILLIS = 50;

    private final AttachedWorkers attached;
    private final WorkerSteering steering;
    private final WorkerRegister register;
    private final Author author;
    private final Runs runs;
    private final Executor threads;
    private final InstantSource databaseClock;
    private final LongSupplier nanoTime;

    private volatile Map<String, Latent> configured;

    /** How this master has started what it has, which is stopped in the same way. */
    private final Map<String, Latent> started = new ConcurrentHashMap<>();

    private final Map<String, Long> wantedSince = new ConcurrentHashMap<>();
    private final Map<String, Hand> hands = new ConcurrentHashMap<>();

    /** Of those that are here, and of those that may come back. */
    private final Map<String, Idle> idle = new ConcurrentHashMap<>();

    private volatile Set<Author> living = Set.of();
    private volatile boolean isLivingStale = true;
    private volatile long mastersChanged;

    /**
     * @param threads for what takes time, each of it on its own
     * @param databaseClock the time that the log goes by
     */
    public LatentWorkers(
            List<Latent> configured,
            AttachedWorkers attached,
            WorkerSteering steering,
            WorkerRegister register,
            Author author,
            Runs runs,
            Executor threads,
            InstantSource databaseClock,
            LongSupplier nanoTime) {
        this.configured = byName(configured);
        this.attached = attached;
        this.steering = steering;
        this.register = register;
        this.author = author;
        this.runs = runs;
        this.threads = threads;
        this.databaseClock = databaseClock;
        this.nanoTime = nanoTime;
        this.mastersChanged = nanoTime.getAsLong();
    }

    private static Map<String, Latent> byName(List<Latent> latent) {
        return latent.stream().collect(Collectors.toUnmodifiableMap(Latent::worker, it -> it));
    }

    /**
     * Goes by other workers from now on. What this master has that is started in another way now,
     * or not at all, ends when it has nothing to build, in the way in which it was started.
     */
    public void use(List<Latent> next) {
        configured.forEach((worker, latent) -> {
            if (attached.find(worker).isPresent()) {
                started.putIfAbsent(worker, latent);
            }
        });
        configured = byName(next);
    }

    /** A master has come or gone, perhaps one that had workers. */
    public void mastersChanged() {
        mastersChanged = nanoTime.getAsLong();
        isLivingStale = true;
    }

    private boolean isLiving(Author life) {
        if (isLivingStale) {
            isLivingStale = false;
            try {
                living = register.livingMasters();
            } catch (RuntimeException | Error e) {
                isLivingStale = true;
                throw e;
            }
        }
        return living.contains(life);
    }

    private Set<String> known() {
        Set<String> known = new HashSet<>(configured.keySet());
        known.addAll(started.keySet());
        return known;
    }

    /** How to stop what runs; null of a worker that is not latent. */
    private @Nullable Latent running(String worker) {
        Latent asStarted = started.get(worker);
        return asStarted == null ? configured.get(worker) : asStarted;
    }

    /**
     * Where a worker is; {@link Absence#STAYS} also of one that is here, or is not latent.
     *
     * @throws RuntimeException of the database, which is asked after something has happened to a
     *     master; it is asked again next time
     */
    public Absence absenceOf(String worker) {
        if (!configured.containsKey(worker) || attached.find(worker).isPresent()) {
            return Absence.STAYS;
        }
        Hand hand = hands.get(worker);
        if (hand != null) {
            return hand.starts ? Absence.STARTING : Absence.STAYS;
        }
        WorkerState state = steering.standing(worker).state();
        if (holder(state) == Holder.NOBODY) {
            return state.mayStart(databaseClock.instant()) ? Absence.MAY_START : Absence.STAYS;
        }
        Machine machine = state.machine();
        return machine != null && machine.phase() == Phase.STARTING
                ? Absence.STARTING
                : Absence.STAYS;
    }

    private Holder holder(WorkerState state) {
        Machine machine = state.machine();
        if (machine != null && machine.isInHand()) {
            Author hand = new Author(machine.master(), machine.epoch());
            if (hand.equals(author)) {
                return Holder.THIS;
            }
            if (isLiving(hand)) {
                return Holder.LIVING;
            }
        }
        return state.presence() instanceof Attached it
                        && isLiving(new Author(it.master(), it.epoch()))
                ? Holder.LIVING
                : Holder.NOBODY;
    }

    /**
     * Starts those that were wanted a moment ago, too, so that an offer that another master takes
     * at once starts none.
     *
     * @param workers for which something is on offer now, and no others
     */
    public void want(Set<String> workers) {
        wantedSince.keySet().retainAll(workers);
        long now = nanoTime.getAsLong();
        for (String worker : workers) {
            Latent latent = configured.get(worker);
            if (latent != null && absenceOf(worker) == Absence.MAY_START) {
                long since = wantedSince.computeIfAbsent(worker, _ -> now);
                if (now - since >= PATIENCE.toNanos()) {
                    wantedSince.remove(worker);
                    begin(worker, new Hand(true), () -> start(latent));
                }
            }
        }
    }

    private void begin(String worker, Hand hand, Runnable work) {
        if (hands.putIfAbsent(worker, hand) == null) {
            inThread(worker, hand, work);
        }
    }

    private void inThread(String worker, Hand hand, Runnable work) {
        threads.execute(() -> {
            try {
                work.run();
            } catch (RuntimeException | Error e) {
                LOG.error("worker {}: starting or stopping it failed", worker, e);
            } finally {
                hands.remove(worker, hand);
            }
        });
    }

    private void start(Latent latent) {
        String worker = latent.worker();
        if (!isIn(Phase.STARTING, record(worker, () -> register.starting(author, worker)))) {
            return;
        }
        LOG.info("worker {}: starting it", worker);
        idle.remove(worker);
        started.put(worker, latent);
        // What a master has left that is gone.
        stopWhatRuns(latent);
        try {
            latent.how().start(runs.of(latent, latent.limits().start()));
        } catch (IOException e) {
            fail(latent, "it could not be started: " + e.getMessage(), latent.backoff());
        } catch (RuntimeException | LinkageError e) {
            // Of a jar that was made for another version of this, too.
            LOG.error("worker {}: what starts it has failed", worker, e);
            fail(latent, "it could not be started: " + e, latent.backoff());
        }
    }

    private boolean isIn(Phase hand, WorkerState state) {
        return state.isInHandOf(hand, author.master(), author.epoch());
    }

    private void fail(Latent latent, String reason, Backoff backoff) {
        String worker = latent.worker();
        LOG.warn("worker {}: {}", worker, reason);
        if (isIn(Phase.STARTING, steering.standing(worker).state())) {
            stopWhatRuns(latent);
            record(worker, () -> register.startFailed(author, worker, backoff, reason));
        }
    }

    private void end(Latent latent, String reason) {
        String worker = latent.worker();
        if (isIn(Phase.ENDING, record(worker, () -> register.ending(author, worker, reason)))) {
            takeDown(latent);
        }
    }

    private void takeDown(Latent latent) {
        String worker = latent.worker();
        stopWhatRuns(latent);
        record(worker, () -> register.off(author, worker));
        LOG.info("worker {} is off", worker);
    }

    private void stopWhatRuns(Latent latent) {
        try {
            latent.how().stop(runs.of(latent, STOP_WITHIN));
        } catch (IOException e) {
            LOG.warn(
                    "worker {}: something of it may still run: {}",
                    latent.worker(),
                    e.getMessage());
        } catch (RuntimeException | LinkageError e) {
            // Of a jar that was made for another version of this, too.
            LOG.error("worker {}: something of it may still run", latent.worker(), e);
        }
    }

    /**
     * @param recording may be tried again, for it says how the worker stands where it is so already
     */
    private WorkerState record(String worker, Supplier<WorkerStanding> recording) {
        try {
            WorkerStanding standing =
                    DatabaseTrouble.outlast(
                            recording,
                            why -> LOG.warn("worker {}: can't record how it is: {}", worker, why));
            steering.know(worker, standing);
            return standing.state();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the database was away", e);
        }
    }

    /**
     * Whether a worker is to get no further build, because it ends after each.
     *
     * @param worker by its name; false of one that is not latent
     */
    public boolean isSpent(String worker) {
        Latent latent = configured.get(worker);
        return latent != null
                && latent.limits().buildWait().isZero()
                && hasBuilt(steering.standing(worker).state(), idle.get(worker));
    }

    /** Whether it has built since it was started, or may have: for another life, if that had it. */
    private boolean hasBuilt(WorkerState state, @Nullable Idle known) {
        Machine machine = state.machine();
        return (known != null && known.hasBuilt())
                || (machine != null
                        && machine.phase() == Phase.UP
                        && !author.equals(new Author(machine.master(), machine.epoch())));
    }

    /** A build has ended on a worker. */
    public void built(String worker) {
        if (running(worker) != null) {
            idle.put(worker, new Idle(nanoTime.getAsLong(), true));
        }
    }

    /**
     * Has those end that are idle for long enough, gives up those that don't come, and takes down
     * what was left. Returns at once.
     */
    public void look(Predicate<String> isIdle) {
        for (String worker : known()) {
            Latent latent = running(worker);
            if (latent == null || hands.containsKey(worker)) {
                continue;
            }
            WorkerStanding standing = steering.standing(worker);
            if (attached.isReady(worker)) {
                lookAtOneThatIsHere(latent, standing, !isIdle.test(worker));
            } else if (attached.find(worker).isEmpty()) {
                lookAtOneThatIsAway(latent, standing);
            }
        }
    }

    private void lookAtOneThatIsHere(Latent latent, WorkerStanding standing, boolean isBusy) {
        String worker = latent.worker();
        long now = nanoTime.getAsLong();
        Idle known = idle.computeIfAbsent(worker, _ -> new Idle(now, false));
        if (isBusy) {
            idle.put(worker, new Idle(now, true));
        }
        Duration sinceBuild = Duration.ofNanos(now - known.since());
        WorkerState state = standing.state();
        if (isFormer(worker, state) && !isBusy && state.stop() == null) {
            requestStop(worker, standing, FORMER);
        } else if (Substantiation.here(
                        state, isBusy, hasBuilt(state, known), sinceBuild, limits(latent))
                == Substantiation.STOP) {
            requestStop(
                    worker,
                    standing,
                    "nothing to build for %d s".formatted(sinceBuild.toSeconds()));
        }
    }

    private void requestStop(String worker, WorkerStanding seen, String reason) {
        begin(
                worker,
                new Hand(false),
                seen,
                () -> record(worker, () -> register.requestStop(author, worker, reason)));
    }

    /** Whether what runs was started as the file does not say any more. */
    private boolean isFormer(String worker, WorkerState state) {
        Latent asStarted = started.get(worker);
        Latent now = configured.get(worker);
        return state.machine() != null
                && asStarted != null
                && (now == null || !now.how().equals(asStarted.how()));
    }

    private Limits limits(Latent latent) {
        return configured.getOrDefault(latent.worker(), latent).limits();
    }

    private void lookAtOneThatIsAway(Latent latent, WorkerStanding standing) {
        String worker = latent.worker();
        long now = nanoTime.getAsLong();
        WorkerState state = standing.state();
        Machine machine = state.machine();
        if (machine == null || !new Author(machine.master(), machine.epoch()).equals(author)) {
            started.remove(worker);
            idle.remove(worker);
        }
        // It may come back, as used as it was.
        idle.computeIfPresent(worker, (_, known) -> new Idle(now, known.hasBuilt()));
        Limits limits = limits(latent);
        Substantiation what =
                Substantiation.away(
                        state,
                        holder(state),
                        Duration.ofNanos(now - mastersChanged),
                        limits,
                        databaseClock.instant());
        if (what == Substantiation.TAKE_DOWN) {
            String reason = "it has gone, and has not come back " + within(limits);
            begin(worker, new Hand(false), standing, () -> end(latent, reason));
        } else if (what == Substantiation.GIVE_UP) {
            Wish stop = state.stop();
            if (stop == null) {
                giveUp(latent, standing, "it has not come " + within(limits), latent.backoff());
            } else {
                String reason = "%s stops it: %s".formatted(stop.requestedBy(), stop.reason());
                giveUp(latent, standing, reason, NO_BACKOFF);
            }
        } else if (isIn(Phase.STARTING, state) && isFormer(worker, state)) {
            giveUp(latent, standing, FORMER, NO_BACKOFF);
        }
    }

    private static String within(Limits limits) {
        return "within %d s".formatted(limits.start().toSeconds());
    }

    private void giveUp(Latent latent, WorkerStanding seen, String reason, Backoff backoff) {
        begin(latent.worker(), new Hand(true), seen, () -> fail(latent, reason, backoff));
    }

    /**
     * @param seen how the worker stood when this was decided; if it does not any more, nothing is
     *     done
     */
    private void begin(String worker, Hand hand, WorkerStanding seen, Runnable work) {
        begin(
                worker,
                hand,
                () -> {
                    if (steering.standing(worker).sequence() == seen.sequence()) {
                        work.run();
                    }
                });
    }

    /**
     * A worker has answered that it shuts down, and is about to be detached. What runs it is taken
     * down, if it is latent; nobody else starts it before that.
     */
    public void shutDown(String worker) {
        Latent latent = running(worker);
        if (latent == null) {
            return;
        }
        idle.remove(worker);
        try {
            WorkerStanding standing = register.ending(author, worker, "it was shut down");
            steering.know(worker, standing);
            if (isIn(Phase.ENDING, standing.state())) {
                Hand hand = new Hand(false);
                hands.put(worker, hand);
                inThread(worker, hand, () -> takeDown(latent));
            }
        } catch (RuntimeException e) {
            LOG.warn("worker {}: it is taken down later, as one that is lost", worker, e);
        }
    }

    /**
     * Takes down what this master has started or has, because it stops. Waits for it.
     *
     * @throws InterruptedException in the middle of it
     */
    public void stop(Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        Set<String> known = known();
        while (known.stream().anyMatch(this::isHeld) && System.nanoTime() < deadline) {
            known.forEach(this::letGo);
            Thread.sleep(LOOK_WHILE_CLOSING_MILLIS);
        }
    }

    private boolean isHeld(String worker) {
        WorkerState state = steering.standing(worker).state();
        return hands.containsKey(worker)
                || isIn(Phase.STARTING, state)
                || attached.find(worker).isPresent();
    }

    private void letGo(String worker) {
        attached.shutDown(
                worker,
                standing -> {
                    steering.know(worker, standing);
                    shutDown(worker);
                });
        Latent latent = running(worker);
        WorkerStanding standing = steering.standing(worker);
        // As soon as a start that is under way has returned.
        if (latent != null && isIn(Phase.STARTING, standing.state())) {
            giveUp(latent, standing, "master %s stops".formatted(author.master()), NO_BACKOFF);
        }
    }

    /**
     * Runs commands on this machine.
     *
     * @param place where this master is, when asked
     */
    public static Runs onThisMachine(Supplier<Place> place) {
        return (latent, limit) -> new MasterRun(latent, place.get(), limit);
    }
}
