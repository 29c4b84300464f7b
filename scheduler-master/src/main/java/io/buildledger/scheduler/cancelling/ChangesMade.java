package io.buildledger.scheduler.cancelling;

import io.buildledger.domain.cancelling.Branch;
import io.buildledger.domain.cancelling.OldBuildCanceller.Made;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds, among the changes that a buildset was made for, the newest of each branch. */
final class ChangesMade {

    private static final int READ_AT_ONCE = 100;

    private final EventLog log;

    ChangesMade(EventLog log) {
        this.log = log;
    }

    /** The newest of each branch that has one. Of a long list it mostly reads the end. */
    Map<Branch, Made> newest(List<Long> changeIds, Set<Branch> branches) {
        List<Long> newestFirst = changeIds.stream().sorted(Comparator.reverseOrder()).toList();
        Map<Branch, Made> newest = new HashMap<>();
        Set<Branch> wanted = new HashSet<>(branches);
        for (int from = 0; from < newestFirst.size() && !wanted.isEmpty(); from += READ_AT_ONCE) {
            int to = Math.min(newestFirst.size(), from + READ_AT_ONCE);
            read(newestFirst.subList(from, to), wanted, newest);
            wanted.removeAll(newest.keySet());
        }
        return newest;
    }

    private void read(List<Long> changeIds, Set<Branch> wanted, Map<Branch, Made> newest) {
        for (Recorded recorded : log.read(changeIds.stream().map(Streams::change).toList())) {
            if (recorded.understood() instanceof ChangeReceived change) {
                Branch.of(change)
                        .filter(wanted::contains)
                        .ifPresent(branch ->
                                newest.merge(
                                        branch,
                                        new Made(change.changeId(), recorded.at()),
                                        (one, other) ->
                                                one.changeId() > other.changeId() ? one : other));
            }
        }
    }
}
