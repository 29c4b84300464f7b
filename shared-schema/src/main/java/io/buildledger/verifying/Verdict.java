package io.buildledger.verifying;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was checked and what was found.
 *
 * @param asOf the moment for which the tables were compared with the log, on the database's clock
 * @param head index of the last event at that moment; -1 in an empty log
 * @param events how many there were
 * @param viewsBehind how many of them the views had not been told of
 * @param unsealed how many came after the last block of the chain: what becomes of them is not
 *     found
 * @param lateSteps steps that a master wrote after its claim had been taken from it, as it may
 * @param droppedBuilds builds of which a master wrote, after that, that it has thrown them away
 * @param unknownEvents what a newer program wrote, by name: counted, not judged
 * @param differences how many rows of each table are not as the log has them, by its name, also
 *     those beyond what {@code violations} names
 * @param violations the first of each check, and of each table
 */
public record Verdict(
        Instant asOf,
        long head,
        long events,
        long viewsBehind,
        long unsealed,
        long lateSteps,
        long droppedBuilds,
        Map<String, Long> unknownEvents,
        List<Checked> checks,
        Map<String, Long> differences,
        List<Violation> violations) {

    /**
     * @param lookedAt how many of what the check counts
     * @param violations how many, also those beyond what {@link Verdict#violations} names
     */
    public record Checked(
            String check, String statement, long lookedAt, String unit, long violations) {}

    /**
     * @param table the one of which a row is not as the log has it; null where it is something else
     * @param events those that are involved, as far as the log has them
     */
    public record Violation(
            String check, @Nullable String table, String what, List<Involved> events) {}

    /**
     * @param event its place, as {@code STREAM@SEQUENCE}
     * @param master who wrote it, in the life {@code epoch}; null where the log does not say
     */
    public record Involved(
            String event, @Nullable String master, @Nullable Long epoch, Instant at) {}

    public long violationsInAll() {
        return checks.stream().mapToLong(Checked::violations).sum();
    }
}
