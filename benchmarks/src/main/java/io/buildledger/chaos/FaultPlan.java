package io.buildledger.chaos;

import io.buildledger.chaos.Fault.Cut;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.DoubleFunction;

/**
 * What is done to whom, and when. It follows from its parameters alone: the same seed makes the
 * same plan.
 *
 * @param faults in the order in which they are done
 */
record FaultPlan(long seed, List<Fault> faults) {

    /** All masters' lease; a stop or a silence is longer or shorter than this on purpose. */
    static final Duration LEASE = Duration.ofSeconds(5);

    private static final Duration CLOCK_OFFSET = Duration.ofMinutes(20);
    private static final Duration RESTART = Duration.ofSeconds(1);

    /** One round of all faults for so many requests. */
    private static final int REQUESTS_A_ROUND = 2_500;

    private static final int MOST_ROUNDS = 4;

    /** The masters need a while to begin, and what is done at the very end hits nobody. */
    private static final double FIRST = 0.03;

    private static final double LAST = 0.85;

    /**
     * @param kinds which faults there shall be
     * @param outage how long the database is away in an outage
     */
    static FaultPlan of(
            long seed, int masters, int requests, Set<FaultKind> kinds, Duration outage) {
        Random random = new Random(seed);
        int rounds = Math.clamp(requests / REQUESTS_A_ROUND, 1, MOST_ROUNDS);
        List<DoubleFunction<Fault>> drawn = new ArrayList<>();
        List<Fault> faults = new ArrayList<>();
        if (kinds.contains(FaultKind.KILL_SCHEDULER)) {
            faults.add(new Fault.Kill(0, Fault.SCHEDULER, millis(random, 0, 9_000)));
        }
        // In the order of the constants, not of the set, for the sake of the seed.
        for (FaultKind kind : FaultKind.values()) {
            if (kinds.contains(kind)) {
                if (kind == FaultKind.CLOCK) {
                    faults.add(
                            new Fault.WrongClock(
                                    victim(random, masters),
                                    random.nextBoolean() ? CLOCK_OFFSET : CLOCK_OFFSET.negated()));
                } else {
                    drawn.addAll(draw(kind, random, masters, rounds, outage));
                }
            }
        }
        Collections.shuffle(drawn, random);
        double step = (LAST - FIRST) / Math.max(1, drawn.size());
        for (int i = 0; i < drawn.size(); i++) {
            faults.add(drawn.get(i).apply(FIRST + step * (i + random.nextDouble() / 2)));
        }
        faults.sort(Comparator.comparingDouble(Fault::at));
        return new FaultPlan(seed, List.copyOf(faults));
    }

    private static List<DoubleFunction<Fault>> draw(
            FaultKind kind, Random random, int masters, int rounds, Duration outage) {
        List<DoubleFunction<Fault>> drawn = new ArrayList<>();
        switch (kind) {
            case KILL -> {
                for (int i = 0; i < 2 * rounds; i++) {
                    int victim = victim(random, masters);
                    // Within the lease or past it: the next life fences, or the others do.
                    Duration downFor = millis(random, 0, 9_000);
                    drawn.add(at -> new Fault.Kill(at, victim, downFor));
                }
            }
            case KILL_SCHEDULER -> {
                for (int i = 0; i < (rounds + 1) / 2; i++) {
                    Duration downFor = millis(random, 0, 9_000);
                    drawn.add(at -> new Fault.Kill(at, Fault.SCHEDULER, downFor));
                }
            }
            case STOP -> {
                for (int i = 0; i < (rounds + 1) / 2; i++) {
                    int victim = victim(random, masters);
                    Duration stoppedFor = LEASE.plus(millis(random, 3_000, 9_000));
                    drawn.add(at -> new Fault.Stop(at, victim, stoppedFor));
                }
            }
            case DATABASE_RESTART ->
                    drawn.add(
                            at -> new Fault.DatabaseAway(at, FaultKind.DATABASE_RESTART, RESTART));
            case DATABASE_OUTAGE ->
                    drawn.add(at -> new Fault.DatabaseAway(at, FaultKind.DATABASE_OUTAGE, outage));
            case CUT -> {
                // One master's connections can be cut, whose they are is the seed's choice.
                int victim = victim(random, masters);
                for (Cut how : Cut.values()) {
                    Duration cutFor = millis(random, 2_000, 9_000);
                    drawn.add(at -> new Fault.CutOff(at, victim, how, cutFor));
                }
            }
            case CLOCK -> {}
            case SAME_NAME -> {
                for (boolean elsewhere : new boolean[] {false, true}) {
                    int victim = victim(random, masters);
                    drawn.add(at -> new Fault.SameName(at, victim, elsewhere));
                }
            }
            case DEADLOCK -> {
                for (int i = 0; i < rounds; i++) {
                    Duration lasts = millis(random, 3_000, 6_000);
                    drawn.add(at -> new Fault.LockStorm(at, lasts));
                }
            }
            case WORKER -> {
                for (int i = 0; i < rounds; i++) {
                    int victim = victim(random, masters);
                    drawn.add(at -> new Fault.LostWorker(at, victim));
                }
            }
            case DRAIN -> {
                for (boolean now : new boolean[] {false, true}) {
                    int victim = victim(random, masters);
                    drawn.add(at -> new Fault.Drain(at, victim, now));
                }
            }
        }
        return drawn;
    }

    private static int victim(Random random, int masters) {
        return 1 + random.nextInt(masters);
    }

    private static Duration millis(Random random, int least, int most) {
        return Duration.ofMillis(random.nextInt(least, most + 1));
    }

    /** How long the drain has to be for all of it to happen during it, about. */
    Duration takes() {
        return faults.stream().map(Fault::takes).reduce(Duration.ofSeconds(10), Duration::plus);
    }

    /** Whether the connections of a master are going to be cut. */
    boolean cutsOff(int master) {
        return faults.stream()
                .anyMatch(fault -> fault instanceof Fault.CutOff cut && cut.victim() == master);
    }

    /** How far off a master's wall clock is. */
    Duration clockOffset(int master) {
        return faults.stream()
                .filter(fault ->
                        fault instanceof Fault.WrongClock clock && clock.victim() == master)
                .map(fault -> ((Fault.WrongClock) fault).offset())
                .findFirst()
                .orElse(Duration.ZERO);
    }
}
