package io.buildledger.scheduler.demonstrating;

import io.buildledger.domain.building.Results;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** Looks after the masters of a demo that has started them. */
final class DemoWatch {

    static final Duration BACK_AFTER = Duration.ofSeconds(30);

    private static final Duration STARTED_WITHIN = Duration.ofMinutes(1);
    private static final Duration INTERVAL = Duration.ofMillis(250);

    private final DemoMasters masters;
    private final String scheduler;
    private final List<String> builders;
    private final PrintStream out;

    /**
     * @param scheduler name of the scheduler master
     * @param builders names of the builder masters
     */
    DemoWatch(DemoMasters masters, String scheduler, List<String> builders, PrintStream out) {
        this.masters = masters;
        this.scheduler = scheduler;
        this.builders = builders;
        this.out = out;
    }

    /** Waits for the pages. */
    void awaitStart(int port) {
        long deadline = System.nanoTime() + STARTED_WITHIN.toNanos();
        while (!accepts(port)) {
            failIfDead();
            if (System.nanoTime() > deadline) {
                throw new DemoFailedException(
                        "the scheduler master did not start within a minute:\n"
                                + masters.lastWords(scheduler));
            }
            pause();
        }
    }

    /** Waits until the repository has been looked at for the first time. */
    void awaitFirstPoll(Progress progress) {
        long deadline = System.nanoTime() + STARTED_WITHIN.toNanos();
        while (!progress.hasPolled()) {
            failIfDead();
            if (System.nanoTime() > deadline) {
                throw new DemoFailedException(
                        "the scheduler master did not look at the repository within a minute:\n"
                                + masters.lastWords(scheduler));
            }
            pause();
        }
    }

    private static boolean accepts(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Waits for a first build that succeeds.
     *
     * @param built the results of builds
     * @param deadline of {@link System#nanoTime}
     */
    void awaitBuilt(BlockingQueue<Results> built, Progress progress, long deadline) {
        while (true) {
            try {
                Results results = built.poll(INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
                if (results == Results.SUCCESS || results == Results.WARNINGS) {
                    return;
                }
                if (results != null) {
                    throw new DemoFailedException("the first build ended with " + results);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new DemoFailedException("interrupted", e);
            }
            failIfDead();
            if (System.nanoTime() > deadline) {
                throw new DemoFailedException(
                        "nothing was built within two minutes: %s\nthe scheduler master's last lines:\n%s"
                                .formatted(progress.describe(), masters.lastWords(scheduler)));
            }
        }
    }

    private void failIfDead() {
        failIfDead(scheduler);
        builders.forEach(this::failIfDead);
    }

    private void failIfDead(String name) {
        if (!masters.isAlive(name)) {
            throw new DemoFailedException(
                    "master " + name + " has ended:\n" + masters.lastWords(name));
        }
    }

    /** Runs until Ctrl-C; starts a builder master again that has been dead for a while. */
    int untilStopped() {
        Map<String, Long> deadSince = new HashMap<>();
        while (true) {
            failIfDead(scheduler);
            for (String name : builders) {
                if (masters.isAlive(name)) {
                    deadSince.remove(name);
                } else if (deadSince.putIfAbsent(name, System.nanoTime()) == null) {
                    out.printf(
                            "             process %d of %s is dead; it is started again in %d s%n",
                            masters.pid(name), name, BACK_AFTER.toSeconds());
                } else if (System.nanoTime() - deadSince.getOrDefault(name, 0L)
                        > BACK_AFTER.toNanos()) {
                    masters.start("builder-master", name);
                }
            }
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(INTERVAL);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DemoFailedException("interrupted", e);
        }
    }
}
