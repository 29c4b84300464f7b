package io.buildledger.benchmarks;

import io.buildledger.builder.attaching.SimulatedWorker;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Workers without processes, whose commands print, take their time, and succeed. */
final class SimulatedFarm implements AutoCloseable {

    static final String PASSWORD = "simulated";

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /** A master takes no more connections at once of those who have not said who they are. */
    private static final int CONNECTING_AT_ONCE = 50;

    /** A worker sends what has come together while it waited. */
    private static final int PRINTED_AT_ONCE = 8 * 1024;

    private static final String ATTACHED =
            "SELECT COUNT(*) FROM event WHERE type = 'worker-attached'";

    private final InetSocketAddress master;
    private final Duration commandTime;
    private final List<List<Object>> output;
    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final List<SimulatedWorker> workers = new ArrayList<>();
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger mostAtOnce = new AtomicInteger();

    /**
     * @param port of a builder master on this machine
     * @param commandTime how long a command takes
     * @param outputBytes how much it prints in that time
     */
    SimulatedFarm(int port, Duration commandTime, int outputBytes) {
        this.master = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        this.commandTime = commandTime;
        this.output = output(outputBytes);
    }

    static String worker(int number) {
        return "w" + number;
    }

    /** As a worker sends it: text, where its lines end, and when they came. */
    private static List<List<Object>> output(int bytes) {
        List<List<Object>> pieces = new ArrayList<>();
        int line = 0;
        for (int left = bytes; left > 0; left -= PRINTED_AT_ONCE) {
            StringBuilder text = new StringBuilder();
            List<Integer> ends = new ArrayList<>();
            List<Double> times = new ArrayList<>();
            while (text.length() < Math.min(left, PRINTED_AT_ONCE)) {
                text.append(
                        "%08d compiling something/of/this/length.c into an object\n"
                                .formatted(line++));
                ends.add(text.length() - 1);
                times.add(0.0);
            }
            pieces.add(List.of(text.toString(), ends, times));
        }
        return pieces;
    }

    void attach(int count) {
        for (int first = 1; first <= count; first += CONNECTING_AT_ONCE) {
            List<CompletableFuture<SimulatedWorker>> connecting = new ArrayList<>();
            for (int i = first; i < Math.min(first + CONNECTING_AT_ONCE, count + 1); i++) {
                connecting.add(
                        SimulatedWorker.connect(loops, master, worker(i), PASSWORD, this::start));
            }
            try {
                connecting.forEach(worker -> workers.add(worker.join()));
            } catch (CompletionException e) {
                throw new RunFailedException("a worker can't attach: " + e.getCause(), e);
            }
        }
    }

    void awaitAttached(JdbcClient jdbc, int count) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (jdbc.sql(ATTACHED).query(Long.class).single() < count) {
            requireThatAllAreAttached();
            if (System.nanoTime() > deadline) {
                throw new RunFailedException(
                        "%d workers are not attached after %d s"
                                .formatted(count, PATIENCE.toSeconds()));
            }
            Thread.sleep(50);
        }
    }

    int attached() {
        return (int) workers.stream().filter(worker -> !worker.closed().isDone()).count();
    }

    void requireThatAllAreAttached() {
        for (SimulatedWorker worker : workers) {
            if (worker.closed().isDone()) {
                throw new RunFailedException(
                        "%s is attached no more: %s"
                                .formatted(worker.name(), worker.closed().join()));
            }
        }
    }

    /** Counts from now on. */
    void forget() {
        begun.set(0);
        mostAtOnce.set(0);
    }

    /** The most commands that ran at the same moment. */
    int mostAtOnce() {
        return mostAtOnce.get();
    }

    void awaitBegun(int commands) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (begun.get() < commands) {
            requireThatAllAreAttached();
            if (System.nanoTime() > deadline) {
                throw new RunFailedException(
                        "%d commands have not begun after %d s"
                                .formatted(commands, PATIENCE.toSeconds()));
            }
            Thread.sleep(10);
        }
    }

    private void start(SimulatedWorker.Command command) {
        if (!command.name().equals("shell")) {
            end(command);
            return;
        }
        begun.incrementAndGet();
        int now = running.incrementAndGet();
        mostAtOnce.accumulateAndGet(now, Math::max);
        long pause = commandTime.toNanos() / (output.size() + 1);
        for (int i = 0; i < output.size(); i++) {
            List<Object> piece = output.get(i);
            ScheduledFuture<?> _ =
                    clock.schedule(
                            () -> command.update("stdout", piece),
                            pause * (i + 1),
                            TimeUnit.NANOSECONDS);
        }
        ScheduledFuture<?> _ =
                clock.schedule(
                        () -> {
                            running.decrementAndGet();
                            end(command);
                        },
                        commandTime.toNanos(),
                        TimeUnit.NANOSECONDS);
    }

    private static void end(SimulatedWorker.Command command) {
        command.update("rc", 0);
        command.complete(null);
    }

    @Override
    public void close() {
        clock.shutdownNow();
        workers.forEach(SimulatedWorker::close);
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
