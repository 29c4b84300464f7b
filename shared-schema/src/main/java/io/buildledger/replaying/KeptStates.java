package io.buildledger.replaying;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.LongConsumer;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Holds the states that are kept against a replay that passes them. */
public final class KeptStates {

    private final Snapshots snapshots;
    private final ClusterState state;
    private final BiConsumer<Long, ClusterState> different;
    private final LongConsumer beyond;
    private final Deque<Long> ahead;
    private final List<String> differences = new ArrayList<>();
    private int lookedAt;

    /**
     * @param jdbc another connection than the log is being read by
     * @param state that the replay moves on
     * @param different is told of each that is not what the log makes of it, while the state is
     *     what it should be
     * @param beyond is told of each that counts events which the log does not have
     */
    public KeptStates(
            JdbcClient jdbc,
            ClusterState state,
            BiConsumer<Long, ClusterState> different,
            LongConsumer beyond) {
        this.snapshots = new Snapshots(jdbc);
        this.state = state;
        this.different = different;
        this.beyond = beyond;
        this.ahead = new ArrayDeque<>(snapshots.indices());
    }

    /** To be told before the state goes on to an event. */
    public void before(long index) {
        while (!ahead.isEmpty() && ahead.getFirst() < index) {
            compare(ahead.removeFirst());
        }
    }

    /** The replay is over, after an index. */
    public void end(long index) {
        before(index + 1);
        for (long without : snapshots.beyondLog()) {
            lookedAt++;
            differences.add(
                    "cluster_snapshot of event %d is beyond the end of the log".formatted(without));
            beyond.accept(without);
        }
    }

    private void compare(long index) {
        lookedAt++;
        List<String> found = snapshots.differences(index, state);
        // A program that understands more has kept more.
        if (!found.isEmpty() && state.notUnderstood().isEmpty()) {
            differences.add(
                    "cluster_snapshot of event %d %s".formatted(index, String.join(", ", found)));
            different.accept(index, state);
        }
    }

    public List<String> differences() {
        return differences;
    }

    public int lookedAt() {
        return lookedAt;
    }
}
