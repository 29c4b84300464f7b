package io.buildledger.benchmarks;

import java.util.HashMap;
import java.util.Map;

/**
 * Statements by the server's own count: {@code Questions}, and {@code Com_…} for each kind. A
 * packet of several statements counts each.
 */
record StatementCount(Map<String, Long> counters) {

    StatementCount since(StatementCount earlier) {
        Map<String, Long> difference = new HashMap<>(counters);
        earlier.counters().forEach((name, before) -> difference.merge(name, -before, Long::sum));
        return new StatementCount(difference);
    }

    long all() {
        return counters.getOrDefault("Questions", 0L);
    }

    private long kind(String name) {
        return counters.getOrDefault("Com_" + name, 0L);
    }

    /** The statements of each unit of work, when that many were done. */
    PerUnit per(long units) {
        double select = (double) kind("select") / units;
        double insert = (double) kind("insert") / units;
        double update = (double) (kind("update") + kind("update_multi")) / units;
        double delete = (double) (kind("delete") + kind("delete_multi")) / units;
        double commit = (double) (kind("commit") + kind("rollback")) / units;
        double total = (double) all() / units;
        return new PerUnit(
                total,
                select,
                insert,
                update,
                delete,
                commit,
                total - select - insert - update - delete - commit);
    }

    /**
     * @param commit commits and rollbacks
     * @param other mostly settings of the session, and protocol commands that the server counts
     */
    record PerUnit(
            double total,
            double select,
            double insert,
            double update,
            double delete,
            double commit,
            double other) {

        PerUnit dividedBy(double divisor) {
            return new PerUnit(
                    total / divisor,
                    select / divisor,
                    insert / divisor,
                    update / divisor,
                    delete / divisor,
                    commit / divisor,
                    other / divisor);
        }
    }
}
