package io.buildledger.scheduler.demonstrating;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Demos of this user that were killed themselves: their masters and database run on, and nothing
 * else ends them. They are found by their directories, and what belongs to one is told by its
 * program and its arguments, which name that directory; no process is ended by its number alone.
 */
final class AbandonedDemos {

    private static final Duration STOP_WITHIN = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofMillis(50);

    private final DemoDirectory own;
    private final PrintStream out;

    /**
     * @param own the directory of the demo that looks for others
     */
    AbandonedDemos(DemoDirectory own, PrintStream out) {
        this.own = own;
        this.out = out;
    }

    void sweep() {
        for (DemoDirectory demo : DemoDirectory.all()) {
            if (isOfThisUser(demo) && !demo.isRunning()) {
                sweep(demo);
            }
        }
    }

    private boolean isOfThisUser(DemoDirectory demo) {
        try {
            return Files.getOwner(demo.path(), LinkOption.NOFOLLOW_LINKS)
                    .equals(Files.getOwner(own.path()));
        } catch (IOException e) {
            // It has just been deleted.
            return false;
        }
    }

    private void sweep(DemoDirectory demo) {
        try {
            // A master ends its builds, and needs the database for a good end.
            int masters = end(process -> process.isMasterOf(demo));
            int others = end(process -> process.isOf(demo));
            demo.delete();
            out.printf(
                    "Swept up after a demo that was killed: %d processes of it have ended, %s is deleted%n",
                    masters + others, demo.path());
        } catch (UncheckedIOException e) {
            out.printf("Could not sweep up after a demo that was killed: %s%n", e.getMessage());
        }
    }

    /** Ends processes and what they have started; says how many they were. */
    private static int end(Predicate<RunningProcess> which) {
        List<ProcessHandle> found =
                ProcessHandle.allProcesses()
                        .filter(process -> which.test(RunningProcess.of(process)))
                        .toList();
        List<ProcessHandle> all = new ArrayList<>(found);
        found.stream().flatMap(ProcessHandle::descendants).forEach(all::add);
        found.forEach(ProcessHandle::destroy);
        awaitEnd(found);
        all.forEach(ProcessHandle::destroyForcibly);
        awaitEnd(all);
        return found.size();
    }

    private static void awaitEnd(List<ProcessHandle> processes) {
        long deadline = System.nanoTime() + STOP_WITHIN.toNanos();
        while (processes.stream().anyMatch(AbandonedDemos::runs) && System.nanoTime() < deadline) {
            try {
                Thread.sleep(PAUSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new DemoFailedException("interrupted", e);
            }
        }
    }

    /** One whose parent has not looked at its end yet is there, but has no program any more. */
    private static boolean runs(ProcessHandle process) {
        return process.isAlive() && process.info().command().isPresent();
    }
}
