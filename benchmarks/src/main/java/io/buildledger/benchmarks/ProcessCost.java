package io.buildledger.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What the system says of processes' use of it; zero where it has no {@code /proc}. */
final class ProcessCost {

    /** Of {@code /proc}: the same on every Linux, whatever the kernel's own clock. */
    private static final int TICKS_PER_SECOND = 100;

    private static final int USER_TICKS = 11;
    private static final int SYSTEM_TICKS = 12;

    private ProcessCost() {}

    /** Processor time that a process has used, in the kernel too. */
    static Duration cpu(long pid) {
        String stat = read(Path.of("/proc", String.valueOf(pid), "stat"));
        int afterName = stat.lastIndexOf(')') + 2;
        if (afterName < 2) {
            return Duration.ZERO;
        }
        String[] fields = stat.substring(afterName).split(" ", -1);
        return ticks(Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[SYSTEM_TICKS]));
    }

    /** Processor time that everything on this machine has used. */
    static Duration cpuOfMachine() {
        String[] fields =
                read(Path.of("/proc/stat")).lines().findFirst().orElse("").split(" +", -1);
        long busy = 0;
        // cpu user nice system idle iowait irq softirq steal
        for (int field : List.of(1, 2, 3, 6, 7)) {
            busy += fields.length > field ? Long.parseLong(fields[field]) : 0;
        }
        return ticks(busy);
    }

    /** Memory that a process holds. */
    static double residentMegabytes(long pid) {
        return read(Path.of("/proc", String.valueOf(pid), "status"))
                .lines()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
                .findFirst()
                .orElse(0);
    }

    private static Duration ticks(long ticks) {
        return Duration.ofMillis(ticks * 1000 / TICKS_PER_SECOND);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }
}
