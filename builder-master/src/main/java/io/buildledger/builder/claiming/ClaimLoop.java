package io.buildledger.builder.claiming;

import io.buildledger.builder.running.BuildRunner;
import io.buildledger.claiming.BuildRequestQueue;
import io.buildledger.claiming.Claims;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.configuring.Configuration;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.domain.mastering.MasterEvent.MasterLost;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestReleased;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.log.Author;
import io.buildledger.log.Follower;
import io.buildledger.log.GroupCommit;
import io.buildledger.log.Recorded;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims what its workers can start. It looks at the queue only for builders that may have work: at
 * the start, when the log offers a request, when a master is lost, and as long as the last look
 * left something there. So an idle master costs one read of the log's head an interval, however
 * many requests wait for others. Twice a minute it looks for all of them, because a hint can be
 * missed: an offer that is committed while this master starts may be too young for its first look,
 * and too old for its follower.
 */
final class ClaimLoop implements Follower.Reader {

    private static final Logger LOG = LoggerFactory.getLogger(ClaimLoop.class);
    private static final Duration LOOK_EVERYWHERE = Duration.ofSeconds(30);

    private final Map<String, Configuration.Builder> builders = new LinkedHashMap<>();
    private final Workers workers;
    private final BuildRequestQueue queue;
    private final Claims claims;
    private final GroupCommit commit;
    private final BuildRunner runner;
    private final Author author;

    private final LongSupplier nanoTime;
    private long lookedEverywhere;
    private final Set<String> mayHaveWork = ConcurrentHashMap.newKeySet();
    private final Map<Long, ClaimedBuild> running = new ConcurrentHashMap<>();
    private final Semaphore wake = new Semaphore(0);
    private volatile boolean claiming = true;
    // Whether the database may hold claims for this master that it does not work on.
    private volatile boolean mayHaveForgotten;

    ClaimLoop(
            Configuration configuration,
            BuildRequestQueue queue,
            Claims claims,
            GroupCommit commit,
            BuildRunner runner,
            Author author,
            LongSupplier nanoTime) {
        configuration.builders().forEach(builder -> builders.put(builder.name(), builder));
        this.workers = new Workers(configuration.workers());
        this.queue = queue;
        this.claims = claims;
        this.commit = commit;
        this.runner = runner;
        this.author = author;
        this.nanoTime = nanoTime;
        lookEverywhere();
    }

    private void lookEverywhere() {
        mayHaveWork.addAll(builders.keySet());
        lookedEverywhere = nanoTime.getAsLong();
    }

    @Override
    public void read(Recorded recorded) {
        switch (recorded.event()) {
            case BuildRequested requested -> offered(requested.builder());
            case BuildRequestReleased released -> {
                ClaimedBuild build = running.get(released.requestId());
                if (build != null
                        && build.claim().attempt() == released.attempt()
                        && !released.releasedBy().equals(author.master())) {
                    build.abandon("the claim was released by " + released.releasedBy());
                }
                // The event does not name the builder; it is rare enough to look at them all.
                builders.keySet().forEach(this::offered);
            }
            case MasterLost _ -> builders.keySet().forEach(this::offered);
            default -> {}
        }
    }

    void offered(String builder) {
        if (builders.containsKey(builder) && mayHaveWork.add(builder)) {
            wake.release();
        }
    }

    /** Waits until there may be something to claim, at most so long. */
    void await(Duration atMost) throws InterruptedException {
        if (wake.tryAcquire(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
            wake.drainPermits();
        }
    }

    /**
     * Claims once for each builder that may have work and a free worker, and starts what was won.
     *
     * @return how many builds were started
     */
    int runOnce() {
        releaseForgotten();
        if (nanoTime.getAsLong() - lookedEverywhere >= LOOK_EVERYWHERE.toNanos()) {
            lookEverywhere();
        }
        int started = 0;
        for (Configuration.Builder builder : builders.values()) {
            if (claiming && mayHaveWork.contains(builder.name())) {
                started += claim(builder);
            }
        }
        return started;
    }

    private void releaseForgotten() {
        if (mayHaveForgotten) {
            mayHaveForgotten = false;
            try {
                int released =
                        claims.releaseForgotten(
                                author,
                                running::containsKey,
                                "master " + author.master() + " could not work on it");
                if (released > 0) {
                    LOG.warn("released {} claims that came to nothing", released);
                }
            } catch (RuntimeException e) {
                mayHaveForgotten = true;
                throw e;
            }
        }
    }

    private int claim(Configuration.Builder builder) {
        List<String> free = workers.freeFor(builder);
        if (free.isEmpty()) {
            return 0;
        }
        // Before the look, so that an offer that comes during it is not forgotten.
        mayHaveWork.remove(builder.name());
        List<Won> won;
        boolean more = true;
        try {
            won =
                    claims.claim(
                            author, builder.name(), free, ConfigurationFile.fingerprint(builder));
            won.forEach(claim -> start(builder, claim));
            // Fewer than free workers: the rest is gone, or locked by a master that may yet fail.
            more =
                    won.size() == free.size()
                            || !queue.buildersWithWork(List.of(builder.name())).isEmpty();
        } catch (RuntimeException e) {
            // Nobody knows whether a commit without an answer took place.
            mayHaveForgotten = true;
            throw e;
        } finally {
            if (more) {
                mayHaveWork.add(builder.name());
            }
        }
        return won.size();
    }

    private void start(Configuration.Builder builder, Won won) {
        ClaimedBuild build = new ClaimedBuild(won, builder, author, claims, commit, runner);
        workers.occupy(won.claim().worker(), builder.name());
        running.put(won.claim().requestId(), build);
        LOG.info(
                "{}: claimed, attempt {}, on {}",
                build,
                won.claim().attempt(),
                won.claim().worker());
        try {
            Thread.ofPlatform().name(build.toString()).start(() -> run(build));
        } catch (Error e) {
            // The machine has no thread to spare.
            ended(build, false);
            throw new IllegalStateException(build + ": could not be started", e);
        }
    }

    private void run(ClaimedBuild build) {
        boolean settled = false;
        try {
            build.run();
            settled = true;
        } catch (InterruptedException e) {
            LOG.warn("{}: interrupted", build);
        } catch (RuntimeException | Error e) {
            LOG.error("{}: failed; its claim is released", build, e);
        } finally {
            ended(build, settled);
        }
    }

    private void ended(ClaimedBuild build, boolean settled) {
        running.remove(build.claim().requestId(), build);
        workers.free(build.claim().worker(), build.claim().builder());
        if (!settled) {
            // Only now, or the claim would still look like that of a build that runs.
            mayHaveForgotten = true;
        }
        wake.release();
    }

    /** Claims nothing from now on, stops what runs, and waits for it. */
    void stop(String reason, Duration atMost) throws InterruptedException {
        claiming = false;
        running.values().forEach(build -> build.abandon(reason));
        long deadline = System.nanoTime() + atMost.toNanos();
        while (!running.isEmpty() && System.nanoTime() < deadline) {
            wake.tryAcquire(100, TimeUnit.MILLISECONDS);
        }
    }
}
