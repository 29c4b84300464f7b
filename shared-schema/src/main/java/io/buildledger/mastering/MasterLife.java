package io.buildledger.mastering;

import io.buildledger.claiming.Claims;
import io.buildledger.claiming.RequestCommands;
import io.buildledger.database.DatabaseTrouble;
import io.buildledger.log.Author;
import io.buildledger.mastering.MasterRegistry.Drain;
import io.buildledger.mastering.MasterRegistry.Expired;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.mastering.MasterRegistry.Standing;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One life of this master: keeps its lease, and looks after the claims of those whose life is over.
 *
 * <p>An outage of the database is nobody's death: while this master can't reach it nobody is
 * declared lost by it, nor for a whole lease of the suspect afterwards, which gives the suspect
 * time to come back as well.
 */
public final class MasterLife implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(MasterLife.class);

    private static final Duration LONGEST_STEP = Duration.ofSeconds(5);
    private static final Duration SHORTEST_STEP = Duration.ofMillis(200);

    private final MasterRegistry registry;
    private final Claims claims;
    private final RequestCommands commands;
    private final Author author;
    private final DatabaseClock clock;
    private final InstantSource monotonic;
    private final Runnable onBack;
    private final Runnable onLost;
    private final Duration lease;
    private final Duration step;
    private volatile Instant leaseAskedAt;
    private @Nullable LeaseWatch leaseWatch;
    private volatile @Nullable Instant connectedSince;
    private volatile boolean lost;
    private volatile Drain drain = Drain.NONE;
    private volatile Consumer<Drain> onDrain = _ -> {};
    private final List<Thread> threads = new ArrayList<>();

    /**
     * Registers the master; its lease runs from here.
     *
     * @param monotonic a clock that never jumps; its origin does not matter
     * @param onBack runs whenever the database answers again after it was away
     * @param onLost runs once when the others have taken this master for dead, or another has
     *     started under its name
     */
    public MasterLife(
            MasterRegistry registry,
            Claims claims,
            RequestCommands commands,
            Registration registration,
            InstantSource monotonic,
            Runnable onBack,
            Runnable onLost) {
        this.registry = registry;
        this.claims = claims;
        this.commands = commands;
        this.monotonic = monotonic;
        this.onBack = onBack;
        this.onLost = onLost;
        this.lease = registration.lease();
        this.leaseAskedAt = monotonic.instant();
        this.author = registry.register(registration);
        this.clock = new DatabaseClock(registry.now());
        LOG.info(
                "{} started, epoch {}, lease {} s",
                author.master(),
                author.epoch(),
                lease.toSeconds());
        this.connectedSince = monotonic.instant();
        Duration sixth = lease.dividedBy(6);
        this.step =
                sixth.compareTo(LONGEST_STEP) > 0
                        ? LONGEST_STEP
                        : sixth.compareTo(SHORTEST_STEP) < 0 ? SHORTEST_STEP : sixth;
    }

    /** This process's own monotonic clock. */
    public static InstantSource monotonic() {
        return () -> Instant.EPOCH.plusNanos(System.nanoTime());
    }

    public Author author() {
        return author;
    }

    public DatabaseClock clock() {
        return clock;
    }

    public MasterLife start() {
        start("lease", this::renewLease, step);
        start("look-after-the-dead", this::lookAfterTheDead, step);
        return this;
    }

    private void start(String name, Runnable once, Duration pause) {
        threads.add(Thread.ofPlatform().name(name).daemon().start(() -> repeat(once, pause)));
    }

    private void repeat(Runnable once, Duration pause) {
        try {
            while (!lost) {
                once.run();
                Thread.sleep(pause);
            }
        } catch (InterruptedException e) {
            // close() ends the life.
        }
    }

    /**
     * Renews the lease, declares lost whose lease is over, frees and releases what the lost hold.
     */
    public void runOnce() {
        renewLease();
        if (!lost && connectedSince != null) {
            lookAfterTheDead();
        }
    }

    /**
     * From now on tells when the lease is about to end, whatever keeps it from being renewed.
     *
     * @param before how long before its end
     * @param onLapse runs once for each lapse; it must return at once
     * @param onRenewed runs when the lease is renewed after that, for others may still take this
     *     master for alive; it must return at once
     */
    public synchronized void watchLease(Duration before, Runnable onLapse, Runnable onRenewed) {
        LeaseWatch watch =
                new LeaseWatch(lease, before, monotonic, leaseAskedAt, onLapse, onRenewed);
        leaseWatch = watch;
        start("lease-watch", watch::look, SHORTEST_STEP);
    }

    private synchronized void renewLease() {
        try {
            Instant askedAt = monotonic.instant();
            Optional<Standing> standing = registry.renew(author);
            if (standing.isEmpty()) {
                lost = true;
                LOG.error(
                        "{} (epoch {}) was taken for dead, or another master has started under its name;"
                                + " it stops and drops its builds",
                        author.master(),
                        author.epoch());
                onLost.run();
                return;
            }
            judgeAnewAfterSilence();
            leaseAskedAt = askedAt;
            if (leaseWatch != null) {
                leaseWatch.renewed(askedAt);
            }
            hear(standing.get().now());
            obey(standing.get().drain());
            if (connectedSince == null) {
                connectedSince = monotonic.instant();
                LOG.info("the database is back");
                onBack.run();
            }
        } catch (RuntimeException | Error e) {
            // An Error, too: without this thread the master would go on after its lease.
            if (!DatabaseTrouble.isTransient(e)) {
                LOG.error("keeping the lease failed; trying again", e);
            } else if (connectedSince != null) {
                LOG.warn(
                        "the database does not answer; builds go on: {}",
                        DatabaseTrouble.reason(e));
            }
            connectedSince = null;
        }
    }

    /**
     * A database's clock that jumps makes leases run out that could have been renewed, as an outage
     * does; so does a machine that was suspended, on which it seems to.
     */
    private void hear(Instant now) {
        if (clock.off(now).compareTo(lease.dividedBy(2)) > 0) {
            LOG.warn(
                    "the database's clock is {} s from where it was to be; nobody is declared lost for a whole lease",
                    clock.off(now).toSeconds());
            judgeAnew();
        }
        clock.set(now);
    }

    /** A database that hung, and then went on, has kept the others waiting as well. */
    private void judgeAnewAfterSilence() {
        Duration silence = Duration.between(leaseAskedAt, monotonic.instant());
        if (silence.compareTo(lease.dividedBy(2)) > 0) {
            judgeAnew();
        }
    }

    private void judgeAnew() {
        if (connectedSince != null) {
            connectedSince = monotonic.instant();
        }
    }

    private void obey(Drain told) {
        if (told != drain) {
            drain = told;
            onDrain.accept(told);
        }
    }

    /**
     * What runs when this master is told to stop, or to go on after all; at once, if it was told
     * before. It must return soon, or the lease is not renewed.
     */
    public synchronized void onDrain(Consumer<Drain> told) {
        onDrain = told;
        if (drain != Drain.NONE) {
            told.accept(drain);
        }
    }

    /** What this master was told about its end, when it last renewed its lease. */
    public Drain drain() {
        return drain;
    }

    /**
     * Says that this process is on its way out, so that people see it.
     *
     * @return false if the database was away, and it should be said again
     */
    public boolean sayStopping(String requestedBy) {
        try {
            registry.stopping(author, requestedBy);
            return true;
        } catch (RuntimeException e) {
            if (DatabaseTrouble.isTransient(e)) {
                LOG.debug("{} could not say yet that it stops", author.master(), e);
                return false;
            }
            // Nobody stops worse for it.
            LOG.error("{} could not say that it stops", author.master(), e);
            return true;
        }
    }

    /**
     * Says that this drained master's builds have ended, so that it stops.
     *
     * @return false if it is to go on after all; what it is told now has been obeyed then
     */
    public boolean endDrain() {
        if (registry.endDrain(author)) {
            return true;
        }
        look();
        return false;
    }

    /** Whether the database answered when this master last wanted to renew its lease. */
    public boolean isConnected() {
        return connectedSince != null;
    }

    /**
     * Whether this master's lease has not run out, as far as it knows: it may have been renewed
     * without an answer.
     */
    public boolean hasLease() {
        return !lost && Duration.between(leaseAskedAt, monotonic.instant()).compareTo(lease) < 0;
    }

    /** Whether the others have taken this master for dead. */
    public boolean isLost() {
        return lost;
    }

    /** Renews the lease now, and does what this master was told meanwhile. */
    public void look() {
        renewLease();
    }

    /** On a thread of its own, for it waits for locks and for connections that others work with. */
    void lookAfterTheDead() {
        try {
            declareLost();
            releaseClaims();
            int expired = commands.expire(author);
            if (expired > 0) {
                LOG.warn("{} requests have waited longer than their queue_timeout", expired);
            }
        } catch (RuntimeException | Error e) {
            if (!DatabaseTrouble.isTransient(e)) {
                LOG.error("looking after lost masters failed; trying again", e);
            }
        }
    }

    private void declareLost() {
        List<Expired> suspects = registry.expired();
        if (suspects.isEmpty()) {
            return;
        }
        // Whoever could not renew its own lease, or knows the time less well than it thought, is no
        // judge of others.
        hear(registry.now());
        judgeAnewAfterSilence();
        if (suspects.stream().anyMatch(expired -> expired.author().equals(author))) {
            judgeAnew();
        }
        for (Expired expired : suspects) {
            if (connectedFor().compareTo(expired.lease()) >= 0
                    && registry.declareLost(author, expired)) {
                LOG.warn(
                        "{} is lost: its lease ended at {}",
                        expired.author().owner(),
                        expired.leasedUntil());
            }
        }
    }

    private void releaseClaims() {
        for (Author holder : claims.holdersThatAreGone()) {
            int released =
                    claims.releaseAllOf(author, holder, "master " + holder.master() + " is gone");
            if (released > 0) {
                LOG.warn("released {} claims of {}", released, holder.owner());
            }
        }
    }

    private Duration connectedFor() {
        Instant since = connectedSince;
        return since == null ? Duration.ZERO : Duration.between(since, monotonic.instant());
    }

    /** Ends the life in order; does nothing to a life that others have ended. */
    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
        for (Thread thread : threads) {
            try {
                thread.join(Duration.ofSeconds(10));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        if (!lost) {
            registry.stop(author);
            LOG.info("{} stopped", author.master());
        }
    }
}
