package io.buildledger.metering;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Where the parts of a master count what they do, and tell that their loops turn. One for a
 * process, which is handed to each part; there is no other way to it.
 */
public final class Meters {

    /**
     * How long a turn may take, and its loop is not taken for stuck: long enough for the slowest
     * that is no fault, such as views that change places.
     */
    public static final Duration LONGEST_TURN = Duration.ofMinutes(5);

    private static final Duration[] POLL_TIMES = {
        Duration.ofMillis(1),
        Duration.ofMillis(5),
        Duration.ofMillis(25),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofMillis(2500),
        Duration.ofSeconds(10)
    };

    private final MeterRegistry registry;
    private final LongSupplier nanoTime;
    private final Set<Loop> loops = ConcurrentHashMap.newKeySet();

    /**
     * @param nanoTime a clock that never jumps
     */
    public Meters(MeterRegistry registry, LongSupplier nanoTime) {
        this.registry = registry;
        this.nanoTime = nanoTime;
    }

    /** Meters that keep nothing. */
    public static Meters none() {
        return new Meters(new CompositeMeterRegistry(), System::nanoTime);
    }

    public MeterRegistry registry() {
        return registry;
    }

    /**
     * A loop that begins now.
     *
     * @param name of the loop, of which a process has few
     * @param interval the longest that it rests between two turns
     */
    public Loop loop(String name, Duration interval) {
        Timer timer =
                Timer.builder("buildledger.poll")
                        .description(
                                "Turns of a loop that looks for what is new, and how long each took")
                        .tag("loop", name)
                        .serviceLevelObjectives(POLL_TIMES)
                        .register(registry);
        Loop loop = new Loop(name, interval.plus(LONGEST_TURN), timer, nanoTime, loops::remove);
        loops.add(loop);
        return loop;
    }

    /** The names of loops that have not ended a turn for far longer than one may take. */
    public List<String> stuck() {
        return loops.stream().filter(Loop::isStuck).map(Loop::name).sorted().toList();
    }
}
