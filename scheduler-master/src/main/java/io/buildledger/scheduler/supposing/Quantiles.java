package io.buildledger.scheduler.supposing;

import java.util.Collection;

/**
 * Of some numbers the median, the one that 95 % do not exceed, and the largest: each one of them,
 * by the nearest rank.
 */
record Quantiles(long median, long most, long largest) {

    /**
     * @param numbers at least one
     */
    static Quantiles of(Collection<Long> numbers) {
        long[] sorted = numbers.stream().mapToLong(Long::longValue).sorted().toArray();
        return new Quantiles(
                sorted[rank(sorted.length, 50)],
                sorted[rank(sorted.length, 95)],
                sorted[sorted.length - 1]);
    }

    private static int rank(int count, int percent) {
        return (int) (((long) count * percent + 99) / 100) - 1;
    }
}
