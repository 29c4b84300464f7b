package io.buildledger.benchmarks;

import io.buildledger.database.Database;
import io.buildledger.verifying.Verdict;
import io.buildledger.verifying.Verification;

/**
 * That the history which a run has left keeps every promise, and what it took to prove that.
 *
 * @param run which one it was
 * @param seconds of the proof, which is no part of the run
 */
record Verified(String run, long events, double seconds, double eventsPerSecond) {

    /**
     * @throws RunFailedException if a promise was not kept
     */
    static Verified of(String run, Database database) throws InterruptedException {
        long began = System.nanoTime();
        Verdict verdict = Verification.of(database);
        double seconds = (System.nanoTime() - began) / 1e9;
        if (verdict.violationsInAll() > 0) {
            throw new RunFailedException(
                    "%s: %,d violations, the first of which is: %s"
                            .formatted(
                                    run,
                                    verdict.violationsInAll(),
                                    verdict.violations().getFirst()));
        }
        return new Verified(run, verdict.events(), seconds, verdict.events() / seconds);
    }
}
