package io.buildledger.builder.claiming;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.artifacts.ArtifactStore;
import io.buildledger.artifacts.DatabaseArtifacts;
import io.buildledger.artifacts.DiskArtifacts;
import io.buildledger.attaching.OpenCommands;
import io.buildledger.attaching.WorkerRegister;
import io.buildledger.attaching.WorkerRoster;
import io.buildledger.attaching.WorkerRoster.Listed;
import io.buildledger.attaching.WorkerTable;
import io.buildledger.builder.attaching.Credentials;
import io.buildledger.builder.logging.LogLimits;
import io.buildledger.builder.logging.LogShipper;
import io.buildledger.builder.processes.LocalWorkplaces;
import io.buildledger.builder.running.BuildRunner;
import io.buildledger.builder.substantiating.Latent;
import io.buildledger.builder.substantiating.LatentWorkers;
import io.buildledger.builder.substantiating.Place;
import io.buildledger.builder.triggering.SchedulerAnswers;
import io.buildledger.builder.uploading.Uploads;
import io.buildledger.builder.workers.AttachedWorkers;
import io.buildledger.builder.workers.AttachedWorkplaces;
import io.buildledger.builder.workers.WorkerSteering;
import io.buildledger.builder.workers.WorkerWatch;
import io.buildledger.builder.workers.WorkerWatch.Watched;
import io.buildledger.claiming.Claims;
import io.buildledger.commanding.BuildTriggers;
import io.buildledger.configuring.Configuration;
import io.buildledger.configuring.Configuration.OnLeaseLapse;
import io.buildledger.configuring.Configuration.WorkerProtocol;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.database.DatabaseTrouble;
import io.buildledger.domain.attaching.WorkerEvent;
import io.buildledger.domain.attaching.WorkerEvent.WorkerContested;
import io.buildledger.domain.attaching.WorkerName;
import io.buildledger.domain.locking.LockEvent.LockGranted;
import io.buildledger.domain.locking.LockEvent.LockReleased;
import io.buildledger.domain.mastering.MasterEvent;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloadRequested;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloaded;
import io.buildledger.domain.mastering.MasterEvent.MasterDrained;
import io.buildledger.domain.mastering.MasterEvent.MasterLost;
import io.buildledger.domain.mastering.MasterEvent.MasterStarted;
import io.buildledger.domain.mastering.MasterEvent.MasterStopped;
import io.buildledger.domain.mastering.MasterEvent.MasterUndrained;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCancelled;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestReleased;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.hinting.Hints;
import io.buildledger.locking.Locks;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.GroupCommit;
import io.buildledger.log.LogTail;
import io.buildledger.log.LogTail.Subscription;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.mastering.MasterLife;
import io.buildledger.mastering.MasterRegistry.Drain;
import io.buildledger.mastering.PublishedBuilders;
import io.buildledger.metering.Loop;
import io.buildledger.metering.Meters;
import io.buildledger.reloading.Reloadable;
import io.buildledger.reloading.Reloading;
import io.buildledger.secrets.Secrets;
import io.buildledger.starting.Stopping;
import io.buildledger.steplog.StepLogs;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Keeps the claim loop running, and ends it in order: claims nothing more, lets the builds that run
 * end, stops those that take too long, hands their requests back at once, and ships what their logs
 * still hold.
 */
@Component
final class ClaimingService implements SmartLifecycle, Reloadable {

    private static final Logger LOG = LoggerFactory.getLogger(ClaimingService.class);
    private static final Duration STOP_WITHIN = Duration.ofSeconds(15);
    private static final Duration AFTER_TROUBLE = Duration.ofSeconds(1);
    private static final Duration LOOK_WHILE_DRAINING = Duration.ofMillis(200);
    private static final int DRAINED = 0;

    /** Of the log's events before this master's start, those that may yet be committed. */
    private static final long MAY_YET_COME = 10_000;

    private final Claims claims;
    private final MasterLife life;
    private final Author author;
    private final Hints hints;
    private final Stopping stopping;
    private final Reloading reloading;
    private final Meters meters;
    private final Duration interval;
    private volatile Duration drainTimeout;
    private volatile boolean masterShellAllowed;
    private final OnLeaseLapse onLeaseLapse;
    private final GroupCommit commit;
    private final LogShipper shipper;
    private final LocalWorkplaces workplaces;
    private final AttachedWorkers workers;
    private final WorkerSteering steering;
    private final WorkerTable workerTable;
    private final WorkerWatch watch;
    private final LatentWorkers latent;
    private final Uploads uploads;
    private final SchedulerAnswers answers;
    private final BuildRunner runner;
    private final WorkerListening listening;
    private final boolean listensAtStart;
    private final StepLocks stepLocks;
    private final ClaimLoop loop;
    private final LogTail tail;
    private @Nullable Thread thread;
    private volatile boolean running;
    private volatile boolean draining;

    ClaimingService(
            ConfigurationFile file,
            EventLog log,
            HikariDataSource dataSource,
            Claims claims,
            MasterLife life,
            Hints hints,
            Stopping stopping,
            Reloading reloading,
            Meters meters) {
        this.author = life.author();
        this.meters = meters;
        Path basedir = file.basedir(author.master());
        this.claims = claims;
        this.life = life;
        this.hints = hints;
        this.stopping = stopping;
        this.reloading = reloading;
        this.listensAtStart = hasAttachingWorkers(file);
        this.interval = file.configuration().dbPollInterval();
        this.drainTimeout = file.configuration().drainTimeout();
        this.masterShellAllowed = file.configuration().allowMasterShell();
        this.onLeaseLapse = file.configuration().onLeaseLapse();
        this.commit = new GroupCommit(log, author);
        this.shipper =
                new LogShipper(
                        new StepLogs(JdbcClient.create(dataSource)), basedir.resolve("logs"));
        shipper.use(LogLimits.of(file.configuration()));
        this.workplaces = new LocalWorkplaces(basedir.resolve("workers"));
        OpenCommands commands = new OpenCommands(dataSource);
        WorkerRegister register = new WorkerRegister(log, dataSource, commands);
        this.steering = new WorkerSteering(life.clock());
        this.workerTable = new WorkerTable(JdbcClient.create(dataSource));
        this.watch =
                new WorkerWatch(
                        new WorkerRoster(log, dataSource),
                        register,
                        author,
                        watched(file),
                        System::nanoTime);
        this.workers =
                new AttachedWorkers(
                        register,
                        author,
                        task -> Thread.ofVirtual().name("worker-contest").start(task),
                        System::nanoTime);
        Map<String, String> passwords = file.workerPasswords();
        this.listening = new WorkerListening(file, Credentials.of(passwords), workers);
        WorkerProtocol protocol = file.configuration().workerProtocol();
        Map<String, String> inherited = LocalWorkplaces.inheritedFrom(System.getenv());
        this.latent =
                new LatentWorkers(
                        Latent.of(file, passwords),
                        workers,
                        steering,
                        register,
                        author,
                        LatentWorkers.onThisMachine(() ->
                                new Place(
                                        host(protocol),
                                        listening.port(),
                                        file.directory(),
                                        inherited)),
                        task -> Thread.ofVirtual().name("latent-worker").start(task),
                        life.clock(),
                        System::nanoTime);
        this.uploads = new Uploads(store(file, dataSource), basedir.resolve("uploads"));
        this.answers = new SchedulerAnswers(log, interval);
        this.runner =
                new BuildRunner(
                        new EitherWorkplaces(
                                this::attaches, new AttachedWorkplaces(workers), workplaces),
                        workplaces.masterShell(() -> masterShellAllowed),
                        shipper,
                        Secrets.of(file),
                        uploads,
                        answers,
                        file.directory());
        this.stepLocks = new StepLocks(new Locks(log, dataSource), author);
        this.loop =
                new ClaimLoop(
                        new ConfiguredBuilders(file.configuration()),
                        claims,
                        commit,
                        commands,
                        new BuildTriggers(log, commit),
                        stepLocks,
                        runner,
                        new WorkerCare(workers, steering, register, latent, author),
                        new FingerprintWatch(new PublishedBuilders(JdbcClient.create(dataSource))),
                        author,
                        new ClaimMeters(meters, life.clock()),
                        System::nanoTime);
        measure(meters.registry());
        workers.onChange(loop::workersChanged);
        this.tail =
                new LogTail(
                        author.master(),
                        dataSource,
                        Math.max(0, log.lastIndex(Streams.master(author.master())) - MAY_YET_COME),
                        new Subscription(
                                Stream.concat(
                                                WorkerSteering.EVENTS.stream(),
                                                Stream.of(
                                                        BuildRequestReleased.class,
                                                        BuildRequestCancelled.class,
                                                        LockGranted.class,
                                                        LockReleased.class,
                                                        WorkerContested.class,
                                                        MasterStarted.class,
                                                        MasterDrained.class,
                                                        MasterUndrained.class,
                                                        MasterStopped.class,
                                                        MasterLost.class,
                                                        ConfigurationReloaded.class,
                                                        ConfigurationReloadRequested.class))
                                        .collect(Collectors.toUnmodifiableSet()),
                                this::read,
                                Set.of(BuildRequested.class),
                                loop::offered),
                        interval,
                        System::nanoTime);
    }

    private void measure(MeterRegistry registry) {
        Gauge.builder("buildledger.builds.running", loop, ClaimLoop::running)
                .description("Builds that run on this master")
                .register(registry);
        Gauge.builder("buildledger.append.queue", commit, GroupCommit::waiting)
                .description("What builds have to say that waits for its transaction")
                .baseUnit("submissions")
                .register(registry);
        FunctionCounter.builder("buildledger.step.log.bytes", shipper, LogShipper::shipped)
                .description("What this master has stored of the logs of steps, before compression")
                .register(registry);
    }

    private ArtifactStore store(ConfigurationFile file, HikariDataSource dataSource) {
        return switch (file.configuration().artifacts().store()) {
            case DISK -> new DiskArtifacts(file.artifactDirectory(), author.master());
            case DATABASE -> new DatabaseArtifacts(JdbcClient.create(dataSource), author);
        };
    }

    private static boolean isComingOrGoing(MasterEvent event) {
        return event instanceof MasterStarted
                || event instanceof MasterStopped
                || event instanceof MasterLost;
    }

    /** By which a worker on another machine reaches this one. */
    private static String host(WorkerProtocol protocol) {
        if (protocol.advertisedAddress() != null) {
            return protocol.advertisedAddress();
        }
        InetSocketAddress address = new InetSocketAddress(protocol.address(), 0);
        if (address.isUnresolved() || !address.getAddress().isAnyLocalAddress()) {
            return protocol.address();
        }
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            LOG.warn("this machine does not know its name: set advertised_address", e);
            return protocol.address();
        }
    }

    private boolean attaches(String worker) {
        return loop.attaches(worker);
    }

    private void read(Recorded recorded) {
        switch (recorded.event()) {
            case BuildRequestReleased released -> loop.released(released);
            case BuildRequestCancelled cancelled -> loop.cancelled(cancelled);
            case ConfigurationReloadRequested asked when asked.master().equals(author.master()) ->
                    reloading.look();
            case LockGranted granted -> {
                stepLocks.granted(granted);
                loop.lockMoved();
            }
            case LockReleased _ -> loop.lockMoved();
            case WorkerContested contested -> workers.contested(contested);
            case WorkerEvent told -> {
                steering.heard(told, recorded);
                loop.heard(told);
            }
            case MasterEvent happened -> {
                if (isComingOrGoing(happened)) {
                    latent.mastersChanged();
                }
                loop.mastersChanged();
                if (happened.master().equals(author.master())) {
                    life.look();
                }
            }
            default -> {}
        }
    }

    /** Builds that run go on as they were claimed; a log keeps the limits that it began with. */
    @Override
    public Runnable prepare(ConfigurationFile next) {
        ConfiguredBuilders builders = new ConfiguredBuilders(next.configuration());
        Map<String, String> passwords = next.workerPasswords();
        Credentials credentials = Credentials.of(passwords);
        Secrets secrets = Secrets.of(next);
        LogLimits limits = LogLimits.of(next.configuration());
        List<Watched> watched = watched(next);
        List<Latent> ofLatent = Latent.of(next, passwords);
        return () -> {
            runner.use(secrets);
            listening.use(credentials, hasAttachingWorkers(next));
            drainTimeout = next.configuration().drainTimeout();
            masterShellAllowed = next.configuration().allowMasterShell();
            shipper.use(limits);
            loop.use(builders);
            latent.use(ofLatent);
            watch.use(watched);
        };
    }

    private List<Watched> watched(ConfigurationFile file) {
        return file.configuration().workers().stream()
                .map(worker ->
                        new Watched(
                                new Listed(
                                        WorkerName.of(
                                                worker.attaches(), author.master(), worker.name()),
                                        worker.attaches(),
                                        worker.latent() != null,
                                        worker.maxBuilds()),
                                worker.missingTimeout()))
                .toList();
    }

    @Override
    public void start() {
        workplaces.reapOrphans();
        uploads.removeLeftovers();
        shipper.start();
        watch.start();
        tail.start(meters);
        answers.start();
        hints.onHint(() -> {
            tail.wake();
            answers.wake();
        });
        running = true;
        life.onDrain(this::drain);
        if (onLeaseLapse == OnLeaseLapse.STOP) {
            life.watchLease(LocalWorkplaces.STOPPED_WITHIN, this::lapse, this::renewed);
        }
        if (listensAtStart) {
            listening.start();
        }
        thread = Thread.ofPlatform().name("claim").start(this::run);
    }

    private static boolean hasAttachingWorkers(ConfigurationFile file) {
        return file.configuration().workers().stream().anyMatch(Configuration.Worker::attaches);
    }

    private void lapse() {
        LOG.warn(
                "the lease can't be renewed and is about to end; {} builds are stopped before it does",
                loop.running());
        loop.drop("the lease of master " + author.master() + " was about to end");
    }

    private void renewed() {
        LOG.info("the lease is renewed");
        if (!draining) {
            resume();
        }
    }

    /** Unless this process is on its way out. */
    private void resume() {
        if (running) {
            loop.resume();
        }
    }

    /** What others ask of this master. */
    private void drain(Drain drain) {
        switch (drain) {
            case NONE -> {
                LOG.info("claiming again");
                draining = false;
                resume();
            }
            case WHEN_DONE -> {
                LOG.info("claiming nothing more; {} builds are to end", loop.running());
                loop.pause();
                draining = true;
            }
            case NOW -> {
                LOG.info("stopping now; {} builds are interrupted", loop.running());
                stopping.stop(DRAINED);
            }
        }
    }

    private void run() {
        Loop turns = meters.loop("claim", interval);
        claimOn(turns);
        turns.ended();
    }

    private void claimOn(Loop turns) {
        boolean knowsWorkers = false;
        while (running) {
            try {
                if (!knowsWorkers) {
                    // Before the first claim. What comes later, or came meanwhile, the tail tells.
                    turns.turn(() -> workerTable.all().forEach(steering::know));
                    knowsWorkers = true;
                }
                int _ = turns.turn(loop::runOnce);
                if (draining && loop.running() == 0 && life.endDrain()) {
                    LOG.info("the last build has ended");
                    stopping.stop(DRAINED);
                    return;
                }
                loop.await(interval);
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException | Error e) {
                // An Error, too: a master without this thread would live on and do nothing.
                tell(e);
                pause();
            }
        }
    }

    private static void tell(Throwable failure) {
        if (DatabaseTrouble.isTransient(failure)) {
            LOG.warn("can't claim; trying again: {}", DatabaseTrouble.reason(failure));
        } else {
            LOG.error("claiming failed; trying again", failure);
        }
    }

    private void pause() {
        try {
            Thread.sleep(interval.compareTo(AFTER_TROUBLE) < 0 ? interval : AFTER_TROUBLE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void stop() {
        running = false;
        loop.pause();
        try {
            if (thread != null) {
                thread.interrupt();
                thread.join(STOP_WITHIN);
            }
            letBuildsEnd();
            loop.stop("master " + author.master() + " stops", STOP_WITHIN);
            latent.stop(STOP_WITHIN);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        watch.close();
        listening.close();
        tail.close();
        answers.close();
        commit.close();
        shipper.close();
        handBack();
    }

    private void letBuildsEnd() throws InterruptedException {
        if (loop.running() == 0 || isToStopNow()) {
            return;
        }
        boolean isSaid = life.sayStopping("signal");
        LOG.info(
                "{} builds are to end, within {} s (drain {} --now interrupts them)",
                loop.running(),
                drainTimeout.toSeconds(),
                author.master());
        long deadline = System.nanoTime() + drainTimeout.toNanos();
        while (loop.running() > 0 && !isToStopNow() && System.nanoTime() < deadline) {
            loop.await(LOOK_WHILE_DRAINING);
            isSaid = isSaid || life.sayStopping("signal");
            handBackForgotten();
        }
    }

    /** What nobody works on must not wait for the builds that go on. */
    private void handBackForgotten() {
        try {
            loop.runOnce();
        } catch (RuntimeException e) {
            tell(e);
        }
    }

    private boolean isToStopNow() {
        return drainTimeout.isZero() || life.isLost() || life.drain() == Drain.NOW;
    }

    private void handBack() {
        try {
            int released =
                    claims.releaseAllOf(author, author, "master " + author.master() + " stopped");
            if (released > 0) {
                LOG.info("handed back {} requests", released);
            }
        } catch (RuntimeException e) {
            LOG.warn(
                    "the others will release this master's claims when its lease ends: {}",
                    DatabaseTrouble.reason(e));
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
