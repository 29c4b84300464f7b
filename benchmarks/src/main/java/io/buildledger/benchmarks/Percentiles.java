package io.buildledger.benchmarks;

import java.util.Collection;
import java.util.List;

/** What was measured many times, in order. */
record Percentiles(List<Double> sorted) {

    static Percentiles of(Collection<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("nothing was measured");
        }
        return new Percentiles(values.stream().sorted().toList());
    }

    /** The smallest value that so many percent of all don't exceed. */
    double percentile(double percent) {
        int rank = (int) Math.ceil(percent / 100 * sorted.size());
        return sorted.get(Math.max(0, rank - 1));
    }

    double median() {
        int size = sorted.size();
        return (sorted.get((size - 1) / 2) + sorted.get(size / 2)) / 2;
    }

    double greatest() {
        return sorted.getLast();
    }
}
