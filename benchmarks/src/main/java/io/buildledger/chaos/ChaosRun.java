package io.buildledger.chaos;

import io.buildledger.benchmarks.RunFailedException;
import io.buildledger.chaos.Ledger.Life;
import io.buildledger.database.DatabaseTrouble;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;

/** Carries a plan out against a cluster that drains its queue. */
final class ChaosRun {

    /** Status of a master that others have taken for dead, or whose name another has taken. */
    private static final int TAKEN_FOR_DEAD = 70;

    private static final int DRAINED = 0;
    private static final int NOT_STARTED = 1;
    private static final int STOPPED_BY_SIGTERM = 143;

    private static final Duration TICK = Duration.ofMillis(100);
    private static final Duration LIVE_WITHIN = Duration.ofSeconds(90);
    private static final Duration LOST_WITHIN = Duration.ofSeconds(60);

    // One lease more than is promised: a judge that the database has kept waiting waits that long.
    private static final Duration FAILED_OVER_WITHIN =
            FaultPlan.LEASE.multipliedBy(2).plusSeconds(5);
    private static final Duration RELEASED_WITHIN = Duration.ofSeconds(90);
    private static final Duration ENDED_WITHIN = Duration.ofSeconds(60);
    private static final Duration STOPPED_WITHIN = Duration.ofSeconds(60);
    private static final Duration SHOWN_WITHIN = Duration.ofMinutes(2);
    private static final Duration STUCK_AFTER = Duration.ofMinutes(2);
    private static final Duration RESTART = Duration.ofSeconds(1);
    private static final Duration BETWEEN_DROPS = Duration.ofMillis(400);

    /** One that is built and one that waits. */
    private static final int OPEN_A_SLOT = 2;

    private final FaultPlan plan;
    private final DatabaseServer server;
    private final ChaosCluster cluster;
    private final Ledger ledger;
    private final RowLocks locks;
    private final Diary diary;
    private final IntConsumer arrivals;
    private final int slots;
    private int requests;
    private boolean databaseIsAway;
    private @Nullable Long databaseBackAt;

    // Has no database, though the others have.
    private @Nullable ChaosMaster cutOff;
    // Of masters that were starting when the database went away: their lives end with the next
    // start.
    private long failedStarts;

    /**
     * @param arrivals lets so many changes arrive, of {@value ChaosCluster#BUILDERS} requests each
     * @param slots builds that the masters run at once
     */
    ChaosRun(
            FaultPlan plan,
            DatabaseServer server,
            ChaosCluster cluster,
            Ledger ledger,
            RowLocks locks,
            Diary diary,
            IntConsumer arrivals,
            int slots) {
        this.plan = plan;
        this.server = server;
        this.cluster = cluster;
        this.ledger = ledger;
        this.locks = locks;
        this.diary = diary;
        this.arrivals = arrivals;
        this.slots = slots;
    }

    void startMasters() throws InterruptedException {
        cluster.masters().forEach(ChaosMaster::start);
        for (ChaosMaster master : cluster.masters()) {
            awaitLive(master);
        }
        // A new scheduler passes over what is older than itself.
        if (!await(ledger::schedulerHasBegun, LIVE_WITHIN)) {
            throw new RunFailedException("the scheduler has not begun to follow the log");
        }
    }

    /** Lets changes arrive, of which the masters make requests. */
    void receive(int changes) throws InterruptedException {
        long before = whenItAnswers(ledger::changes);
        // An answer may be lost after the commit.
        whenItAnswers(() -> {
            if (ledger.changes() == before) {
                arrivals.accept(changes);
            }
            return before;
        });
        requests += changes * ChaosCluster.BUILDERS;
        diary.tell("%,d changes have arrived".formatted(changes));
    }

    /** How many there are when nothing is left to be built. */
    int requests() {
        return requests;
    }

    /** Does everything that is planned, and returns when nothing is left to be built. */
    void drain() throws InterruptedException {
        for (Fault fault : plan.faults()) {
            awaitProgress(fault.at());
            keepBusy();
            carryOut(fault);
        }
        diary.tell("all that was planned is done; waiting for the last requests");
        awaitProgress(1);
        diary.tell("no request is open");
        if (!await(() -> ledger.shownAsEnded() == requests, SHOWN_WITHIN)) {
            diary.wrong(
                    "the views show %,d of %,d requests as ended"
                            .formatted(ledger.shownAsEnded(), requests));
        }
    }

    /** A fault among masters that have nothing to do would show nothing. */
    private void keepBusy() throws InterruptedException {
        int enough = OPEN_A_SLOT * slots;
        await(() -> ledger.openRequests() >= enough || isRequested(), LIVE_WITHIN);
        if (whenItAnswers(ledger::openRequests) < enough) {
            receive(Math.ceilDiv(2 * enough, ChaosCluster.BUILDERS));
            await(() -> ledger.openRequests() >= enough || isRequested(), LIVE_WITHIN);
        }
    }

    /** SIGTERM for all of them; each has to end in order. */
    void stopMasters() throws InterruptedException {
        for (ChaosMaster master : cluster.masters()) {
            await(() -> !master.waitsForItsStart(), LIVE_WITHIN);
            awaitLive(master);
            master.hold(true);
            int status = master.stop(STOPPED_WITHIN);
            if (status != STOPPED_BY_SIGTERM) {
                diary.wrong(
                        "%s ends with status %d at SIGTERM: %s"
                                .formatted(master.name(), status, master.lastWords()));
            }
        }
    }

    private void carryOut(Fault fault) throws InterruptedException {
        diary.tell(fault.told());
        switch (fault) {
            case Fault.Kill kill -> kill(cluster.master(kill.victim()), kill.downFor());
            case Fault.Stop stop -> stop(cluster.master(stop.victim()), stop.stoppedFor());
            case Fault.DatabaseAway away -> killDatabase(away.awayFor());
            case Fault.CutOff cut -> cutOff(cut);
            case Fault.WrongClock wrong -> requireWrongClock(cluster.master(wrong.victim()));
            case Fault.SameName same when same.elsewhere() ->
                    startElsewhere(cluster.master(same.victim()));
            case Fault.SameName same -> startHere(cluster.master(same.victim()));
            case Fault.LockStorm storm -> lockRows(storm.lasts());
            case Fault.LostWorker lost -> killSteps(cluster.master(lost.victim()));
            case Fault.Drain drain -> drain(cluster.master(drain.victim()), drain.now());
        }
    }

    private void kill(ChaosMaster victim, Duration downFor) throws InterruptedException {
        Life life = awaitLive(victim);
        victim.hold(true);
        long held = ledger.heldBy(victim.name(), life.epoch());
        victim.kill();
        victim.startAfter(downFor);
        victim.hold(false);
        diary.tell(
                "  %s (epoch %d) died with %d claims".formatted(victim.name(), life.epoch(), held));
        long died = System.nanoTime();
        if (await(
                () -> ledger.heldBy(victim.name(), life.epoch()) == 0 && ledger.unfollowed() == 0,
                FAILED_OVER_WITHIN)) {
            diary.tell("  what it had is free, and followed, after " + since(died));
        } else {
            diary.wrong(
                    "what %s (epoch %d) had is not free, or not followed, %s after its death"
                            .formatted(victim.name(), life.epoch(), since(died)));
        }
    }

    private void requireWrongClock(ChaosMaster victim) {
        Duration off = victim.wallClockOff();
        if (off.abs().compareTo(Duration.ofMinutes(15)) < 0) {
            diary.wrong("the clock of %s is only %s off".formatted(victim.name(), off));
        }
    }

    private void stop(ChaosMaster victim, Duration stoppedFor) throws InterruptedException {
        Life life = awaitLive(victim);
        long index = ledger.lastIndex();
        victim.hold(true);
        long began = System.nanoTime();
        victim.suspend();
        long held = ledger.heldBy(victim.name(), life.epoch());
        if (await(() -> isOver(victim, life), LOST_WITHIN)) {
            diary.tell(
                    "  %s (epoch %d) was declared lost after %s, with %d claims"
                            .formatted(victim.name(), life.epoch(), since(began), held));
        } else {
            diary.wrong(
                    "%s is stopped for %s, and nobody has declared it lost"
                            .formatted(victim.name(), since(began)));
        }
        // Rows that it had locked at that moment are free when the server gives up its connections.
        if (await(() -> ledger.heldBy(victim.name(), life.epoch()) == 0, RELEASED_WITHIN)) {
            diary.tell("  its claims were released after " + since(began));
        } else {
            diary.wrong(
                    "%d claims of %s are held %s after its stop"
                            .formatted(
                                    ledger.heldBy(victim.name(), life.epoch()),
                                    victim.name(),
                                    since(began)));
        }
        long left = stoppedFor.toNanos() - (System.nanoTime() - began);
        await(() -> false, Duration.ofNanos(Math.max(0, left)));
        long resumed = System.nanoTime();
        victim.resume();
        awaitTakenForDead(victim, victim.process(), victim.output());
        diary.tell("  it ended with status 70, %s after SIGCONT".formatted(since(resumed)));
        requireNothingWrittenLate(victim, life, index);
        long dropped = ledger.dropped(victim.name(), life.epoch(), index);
        if (held > 0 && dropped == 0) {
            diary.wrong("%s threw nothing away of what it held".formatted(victim.name()));
        } else {
            diary.tell("  it recorded that it threw %d builds away".formatted(dropped));
        }
        victim.startAfter(Duration.ZERO);
        victim.hold(false);
    }

    private boolean isOver(ChaosMaster victim, Life life) {
        return ledger.life(victim.name())
                .filter(found -> found.epoch() == life.epoch() && found.isLive())
                .isEmpty();
    }

    private void requireNothingWrittenLate(ChaosMaster victim, Life life, long sinceIndex) {
        long late = ledger.writtenAfterRelease(victim.name(), life.epoch(), sinceIndex);
        if (late > 0) {
            diary.wrong(
                    "%s (epoch %d) has %d events on requests that had been taken from it"
                            .formatted(victim.name(), life.epoch(), late));
        } else {
            diary.tell("  it wrote nothing to the requests that had been taken from it");
        }
    }

    private void awaitTakenForDead(ChaosMaster victim, Process process, Path output)
            throws InterruptedException {
        if (!await(() -> !process.isAlive(), ENDED_WITHIN)) {
            diary.wrong(
                    "%s goes on, though it was taken for dead: %s"
                            .formatted(victim.name(), ChaosMaster.lastWords(output)));
            process.destroyForcibly().waitFor();
        } else if (process.exitValue() != TAKEN_FOR_DEAD) {
            diary.wrong(
                    "%s ends with status %d instead of 70: %s"
                            .formatted(
                                    victim.name(),
                                    process.exitValue(),
                                    ChaosMaster.lastWords(output)));
        }
    }

    private void killDatabase(Duration awayFor) throws InterruptedException {
        // So that what is lost or released from here on is the outage's doing.
        for (ChaosMaster master : cluster.masters()) {
            awaitLive(master);
        }
        await(() -> noClaimIsOfTheDead(), RELEASED_WITHIN);
        long index = ledger.lastIndex();
        databaseIsAway = true;
        failedStarts = 0;
        long began = System.nanoTime();
        String which = server.kill();
        diary.tell("  killed %s, %s".formatted(which, since(began)));
        await(() -> false, awayFor);
        server.start();
        diary.tell("  started again, %s after the kill".formatted(since(began)));
        shortenLockWaits();
        awaitProgressSince(index);
        for (ChaosMaster master : cluster.masters()) {
            awaitLive(master);
        }
        databaseIsAway = false;
        databaseBackAt = System.nanoTime();
        await(() -> false, FaultPlan.LEASE);
        long lost = whenItAnswers(() -> ledger.lostSince(index));
        long released = whenItAnswers(() -> ledger.releasedSince(index));
        if (lost > failedStarts || released > 0) {
            diary.wrong(
                    "for an outage of the database %d masters were declared lost and %d requests offered again"
                            .formatted(lost, released));
        } else {
            diary.tell("  no master that ran was declared lost for it, and no attempt was lost");
        }
    }

    private boolean noClaimIsOfTheDead() {
        return ledger.jdbc()
                        .sql(
                                """
                                SELECT COUNT(*)
                                  FROM claim LEFT JOIN master ON master.name = claim.master
                                                             AND master.epoch = claim.epoch
                                                             AND master.state = 'live'
                                 WHERE master.name IS NULL
                                """)
                        .query(Long.class)
                        .single()
                == 0;
    }

    void shortenLockWaits() {
        try {
            ledger.jdbc().sql(RowLocks.SHORT_WAITS).update();
        } catch (DataAccessException e) {
            diary.tell("  lock waits stay as long as they are: " + DatabaseTrouble.reason(e));
        }
    }

    private void awaitProgressSince(long index) throws InterruptedException {
        long began = System.nanoTime();
        if (await(() -> ledger.lastIndex() > index + 1, STUCK_AFTER)) {
            diary.tell("  events are recorded again, after " + since(began));
        } else {
            diary.wrong("nothing is recorded since the database is back");
        }
    }

    private void cutOff(Fault.CutOff cut) throws InterruptedException {
        ChaosMaster victim = cluster.master(cut.victim());
        Life life = awaitLive(victim);
        Process process = victim.process();
        long index = ledger.lastIndex();
        List<TcpProxy> proxies = cluster.proxies(cut.victim());
        cutOff = victim;
        switch (cut.how()) {
            case DROPPED -> {
                long end = System.nanoTime() + cut.cutFor().toNanos();
                while (System.nanoTime() < end) {
                    proxies.forEach(TcpProxy::drop);
                    await(() -> false, BETWEEN_DROPS);
                }
            }
            case SILENT -> {
                proxies.forEach(TcpProxy::beSilent);
                await(() -> false, cut.cutFor());
            }
            case REFUSED -> {
                proxies.forEach(TcpProxy::refuse);
                await(() -> false, cut.cutFor());
            }
        }
        proxies.forEach(TcpProxy::heal);
        long healed = System.nanoTime();
        if (!await(
                () ->
                        isOver(victim, life)
                                || ledger.life(victim.name()).filter(Life::isLeased).isPresent(),
                LOST_WITHIN)) {
            diary.wrong("%s does not come back to the database".formatted(victim.name()));
        }
        if (isOver(victim, life)) {
            diary.tell(
                    "  %s (epoch %d) was declared lost meanwhile"
                            .formatted(victim.name(), life.epoch()));
            if (!await(() -> !process.isAlive(), ENDED_WITHIN)) {
                diary.wrong("%s goes on, though it was taken for dead".formatted(victim.name()));
                process.destroyForcibly().waitFor();
            }
            requireNothingWrittenLate(victim, life, index);
        } else {
            diary.tell(
                    "  %s (epoch %d) lives on, leased again %s after the cut"
                            .formatted(victim.name(), life.epoch(), since(healed)));
        }
        awaitLive(victim);
        cutOff = null;
    }

    private void startHere(ChaosMaster victim) throws InterruptedException {
        Life life = awaitLive(victim);
        Path output = cluster.output(victim.name() + "-second.log");
        Process second =
                victim.launch(
                        List.of(),
                        // As a person would start it again.
                        cluster.configurationElsewhere(victim.name()),
                        output);
        if (!await(() -> !second.isAlive(), LIVE_WITHIN)) {
            second.destroyForcibly().waitFor();
            diary.wrong("a second start of %s on its machine goes on".formatted(victim.name()));
            return;
        }
        String said = ChaosMaster.lastWords(output);
        boolean firstLives =
                victim.isRunning()
                        && ledger.life(victim.name())
                                .filter(found -> found.epoch() == life.epoch())
                                .isPresent();
        if (second.exitValue() == NOT_STARTED && said.contains("runs already on this machine")) {
            diary.tell("  refused: " + said.lines().toList().getLast());
        } else {
            diary.wrong(
                    "a second start of %s ends with status %d: %s"
                            .formatted(victim.name(), second.exitValue(), said));
        }
        if (!firstLives) {
            diary.wrong("the first %s did not outlive a refused start".formatted(victim.name()));
        }
    }

    private void startElsewhere(ChaosMaster victim) throws InterruptedException {
        Life life = awaitLive(victim);
        long index = ledger.lastIndex();
        Process first = victim.process();
        victim.hold(true);
        long began = System.nanoTime();
        Path output = cluster.output(victim.name() + "-elsewhere.log");
        Process second =
                victim.launch(
                        UtsNamespace.ELSEWHERE,
                        cluster.configurationElsewhere(victim.name()),
                        output);
        boolean fenced =
                await(
                        () ->
                                !second.isAlive()
                                        || ledger.life(victim.name())
                                                .filter(found -> found.epoch() > life.epoch())
                                                .isPresent(),
                        LIVE_WITHIN);
        if (!fenced || !second.isAlive()) {
            diary.wrong(
                    "a start of %s on another machine does not take over: %s"
                            .formatted(victim.name(), ChaosMaster.lastWords(output)));
            second.destroyForcibly().waitFor();
            victim.hold(false);
            return;
        }
        diary.tell("  it began epoch %d after %s".formatted(life.epoch() + 1, since(began)));
        awaitTakenForDead(victim, first, victim.output());
        diary.tell("  the first one ended with status 70 after " + since(began));
        requireNothingWrittenLate(victim, life, index);
        // It goes on as this master until it is killed; then the first machine starts one again.
        victim.replaceBy(second);
        victim.hold(false);
    }

    private void lockRows(Duration lasts) throws InterruptedException {
        RowLocks.Broken broken = locks.storm(lasts);
        diary.tell(
                "  %d deadlocks were broken, %d waits ran out"
                        .formatted(broken.deadlocks(), broken.timeouts()));
        if (broken.deadlocks() + broken.timeouts() == 0) {
            diary.wrong("the locks have hit nobody");
        }
    }

    private void killSteps(ChaosMaster victim) throws InterruptedException {
        awaitLive(victim);
        if (!await(() -> steps(victim).findAny().isPresent(), LIVE_WITHIN)) {
            if (ledger.offers() > 0) {
                diary.wrong("%s runs nothing that could be killed".formatted(victim.name()));
            }
            return;
        }
        long killed = steps(victim).filter(ProcessHandle::destroyForcibly).count();
        diary.tell("  %d processes killed".formatted(killed));
    }

    private void drain(ChaosMaster victim, boolean now) throws InterruptedException {
        awaitLive(cluster.master(Fault.SCHEDULER));
        Life life = awaitLive(victim);
        // So that what it puts back from here on is its own.
        await(() -> noClaimIsOfTheDead(), RELEASED_WITHIN);
        long index = ledger.lastIndex();
        long began = System.nanoTime();
        victim.hold(true);
        Shell.Ended told =
                now
                        ? cluster.ask("drain", victim.name(), "--now")
                        : cluster.ask("drain", victim.name());
        if (told.status() != 0) {
            diary.wrong(
                    "drain %s ends with status %d: %s"
                            .formatted(victim.name(), told.status(), told.said()));
        }
        if (!await(() -> !victim.isRunning(), ENDED_WITHIN)) {
            diary.wrong("%s goes on though it was drained".formatted(victim.name()));
            victim.kill();
        } else if (victim.process().exitValue() != DRAINED) {
            diary.wrong(
                    "%s ends with status %d instead of 0: %s"
                            .formatted(
                                    victim.name(),
                                    victim.process().exitValue(),
                                    victim.lastWords()));
        }
        long handedBack = ledger.releasedBy(victim.name(), life.epoch(), index);
        if (!now && handedBack > 0) {
            diary.wrong(
                    "%s handed %d requests back instead of building them"
                            .formatted(victim.name(), handedBack));
        } else {
            diary.tell(
                    "  it ended after %s, and handed %d requests back"
                            .formatted(since(began), handedBack));
        }
        victim.startAfter(Duration.ZERO);
        victim.hold(false);
    }

    private static Stream<ProcessHandle> steps(ChaosMaster victim) {
        return victim.isRunning() ? victim.process().descendants() : Stream.empty();
    }

    /** Waits until the name is alive in the process that has it, starting it again if need be. */
    private Life awaitLive(ChaosMaster master) throws InterruptedException {
        if (!await(
                () ->
                        master.isRunning()
                                && ledger.life(master.name())
                                        .filter(life -> isOf(life, master))
                                        .isPresent(),
                LIVE_WITHIN)) {
            throw new RunFailedException(
                    "%s is not live after %d s: %s"
                            .formatted(master.name(), LIVE_WITHIN.toSeconds(), master.lastWords()));
        }
        return whenItAnswers(() -> ledger.life(master.name())).orElseThrow();
    }

    private static boolean isOf(Life life, ChaosMaster master) {
        return life.isLive() && life.isLeased() && life.pid() == master.process().pid();
    }

    /** Waits until this share of the requests of each builder has ended. */
    private void awaitProgress(double share) throws InterruptedException {
        long lastIndex = -1;
        long lastProgress = System.nanoTime();
        while (!whenItAnswers(() -> hasEnded(share))) {
            tick();
            Thread.sleep(TICK);
            long index = whenItAnswers(ledger::lastIndex);
            if (index != lastIndex) {
                lastIndex = index;
                lastProgress = System.nanoTime();
            }
            if (System.nanoTime() - lastProgress > STUCK_AFTER.toNanos()) {
                diary.wrong(
                        "nothing was recorded for %d s, and requests are open: %s"
                                .formatted(STUCK_AFTER.toSeconds(), whenItAnswers(ledger::open)));
                throw new RunFailedException("the drain is stuck");
            }
        }
    }

    private boolean hasEnded(double share) {
        double ofBuilder = (double) requests / ChaosCluster.BUILDERS;
        double toCome = ofBuilder - (double) ledger.requestNumbers() / ChaosCluster.BUILDERS;
        return Math.max(0, toCome) + ledger.mostOpen() <= (1 - share) * ofBuilder
                && (share < 1 || isRequested());
    }

    private boolean isRequested() {
        return ledger.requested() == requests;
    }

    private <T> T whenItAnswers(Supplier<T> question) throws InterruptedException {
        return DatabaseTrouble.outlast(
                question, reason -> diary.tell("  the database does not answer: " + reason));
    }

    /**
     * Waits for something, and looks after the masters meanwhile. A database that does not answer
     * leaves it open.
     */
    private boolean await(BooleanSupplier condition, Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (true) {
            tick();
            if (isTrue(condition)) {
                return true;
            }
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.sleep(Math.min(left, TICK.toNanos()));
        }
    }

    private static boolean isTrue(BooleanSupplier condition) {
        try {
            return condition.getAsBoolean();
        } catch (RuntimeException e) {
            if (!DatabaseTrouble.isTransient(e)) {
                throw e;
            }
            return false;
        }
    }

    /** What a supervisor of processes does: what has ended is started again. */
    private void tick() {
        for (ChaosMaster master : cluster.masters()) {
            if (master.isHeld() || master.isRunning()) {
                continue;
            }
            if (master.waitsForItsStart()) {
                if (master.startIfDue()) {
                    diary.tell("  %s is started again".formatted(master.name()));
                }
                continue;
            }
            explain(master, master.process().exitValue());
            master.startAfter(RESTART);
        }
    }

    private void explain(ChaosMaster master, int status) {
        if (status == TAKEN_FOR_DEAD) {
            diary.tell("  %s was taken for dead and has ended (70)".formatted(master.name()));
        } else if (status == NOT_STARTED
                && (databaseIsAway || master.equals(cutOff) || startedWhileItWasAway(master))) {
            failedStarts++;
            diary.tell("  %s could not start: the database was away".formatted(master.name()));
        } else {
            diary.wrong(
                    "%s has ended by itself with status %d: %s"
                            .formatted(master.name(), status, master.lastWords()));
        }
    }

    /** A start that the outage has met may end a while after it, with its row live until then. */
    private boolean startedWhileItWasAway(ChaosMaster master) {
        Long back = databaseBackAt;
        return back != null
                && master.startedAt() - back < 0
                && master.lastWords().contains("the database went away during the start");
    }

    private static String since(long nanos) {
        return "%.1f s".formatted((System.nanoTime() - nanos) / 1e9);
    }
}
