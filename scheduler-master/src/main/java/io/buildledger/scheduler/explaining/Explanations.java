package io.buildledger.scheduler.explaining;

import io.buildledger.log.EventLog;
import io.buildledger.scheduler.scheduling.ConfiguredSchedulers;
import io.buildledger.scheduler.scheduling.SchedulerStatuses;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Says in words why something has come of a change or a request, or has not. */
public final class Explanations {

    /**
     * @param taken null where it is not known, or not yet
     */
    public record OfScheduler(String scheduler, @Nullable Boolean taken, String reason) {}

    public record OfChange(long changeId, List<OfScheduler> schedulers) {}

    /**
     * @param state unclaimed, claimed, running or completed
     * @param reasons why it is so, and what would change it
     */
    public record OfRequest(long requestId, String builder, String state, List<String> reasons) {}

    private final ChangeExplanation changes;
    private final RequestExplanation requests;
    private final QueueExplanation queues;

    public Explanations(
            EventLog log,
            JdbcClient jdbc,
            ConfiguredSchedulers configured,
            SchedulerStatuses statuses,
            WorkersOfBuilders workers) {
        WorkerStates states = new WorkerStates(jdbc, workers);
        this.changes = new ChangeExplanation(log, configured, statuses);
        this.requests = new RequestExplanation(log, jdbc, states);
        this.queues = new QueueExplanation(jdbc, states);
    }

    /** What each scheduler has made of a change; empty if there is no such change. */
    public Optional<OfChange> ofChange(long changeId) {
        return changes.of(changeId);
    }

    /** Why a request is not running now; empty if there is no such request. */
    public Optional<OfRequest> ofRequest(long requestId) {
        return requests.of(requestId);
    }

    /**
     * Why the requests of builders wait, in a sentence for each of them, whether it has any or not:
     * what would have them claimed if no master may claim them now, else what it is that they wait
     * for. Four statements at most, however many builders they are.
     */
    public Map<String, String> ofQueues(Collection<String> builders) {
        return queues.of(builders);
    }
}
