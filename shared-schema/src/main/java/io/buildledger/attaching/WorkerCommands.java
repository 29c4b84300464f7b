package io.buildledger.attaching;

import io.buildledger.domain.attaching.WorkerCommand;
import io.buildledger.domain.attaching.WorkerCommand.Pause;
import io.buildledger.domain.attaching.WorkerCommand.RequestStop;
import io.buildledger.domain.attaching.WorkerCommand.Unpause;
import io.buildledger.domain.attaching.WorkerEvent;
import io.buildledger.domain.attaching.WorkerState;
import io.buildledger.domain.attaching.WorkerState.Attached;
import io.buildledger.domain.attaching.WorkerState.Machine;
import io.buildledger.domain.attaching.WorkerState.Machine.Phase;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.OwnLife;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What people ask of workers. It is in the log when a call returns; the masters act upon it as soon
 * as they hear of it, within {@code db_poll_interval} at the latest, and whichever of them the
 * worker attaches to later. A claim that a master commits before it has heard of a pause stands.
 */
public final class WorkerCommands {

    /** What became of a wish. */
    public enum Answer {
        DONE,
        /** It is so already. */
        NO_CHANGE,
        /** No master has a worker of this name in its file. */
        UNKNOWN,
        /** No living master has the worker, or starts it, so that nobody could stop it. */
        NOT_ATTACHED,
        /** It is a local worker, which ends with its master and not before. */
        LOCAL
    }

    private final WorkerStreams streams;
    private final WorkerRoster roster;
    private final JdbcClient jdbc;

    public WorkerCommands(EventLog log, DataSource dataSource) {
        this.streams = new WorkerStreams(log, dataSource);
        this.roster = new WorkerRoster(log, dataSource);
        this.jdbc = JdbcClient.create(dataSource);
    }

    /** No build is to be claimed for the worker any more; what runs on it goes on. */
    public Answer pause(Author author, String worker, String reason, String requestedBy) {
        return ask(author, new Pause(worker, reason, requestedBy));
    }

    /** The worker may build again: ends a pause, a quarantine, and a stop that has not come yet. */
    public Answer unpause(Author author, String worker, String reason, String requestedBy) {
        return ask(author, new Unpause(worker, reason, requestedBy));
    }

    /**
     * No build is to be claimed for the worker, and it is to end when those on it have. Only a
     * worker that attaches can be stopped; a latent one also while a master starts it.
     */
    public Answer stop(Author author, String worker, String reason, String requestedBy) {
        return ask(author, new RequestStop(worker, reason, requestedBy));
    }

    private Answer ask(Author author, WorkerCommand command) {
        return streams.inTurn(
                author,
                command.worker(),
                turn -> {
                    if (!roster.has(command.worker())) {
                        return Answer.UNKNOWN;
                    }
                    if (command instanceof RequestStop
                            && !isAttached(turn.state())
                            && !isStarting(turn.state())) {
                        return roster.attaches(command.worker())
                                ? Answer.NOT_ATTACHED
                                : Answer.LOCAL;
                    }
                    List<WorkerEvent> events = WorkerState.decide(turn.state(), command);
                    events.forEach(turn::append);
                    return events.isEmpty() ? Answer.NO_CHANGE : Answer.DONE;
                });
    }

    private boolean isAttached(WorkerState state) {
        return state.presence() instanceof Attached attached
                && !attached.isShutDown()
                && !OwnLife.isOver(jdbc, new Author(attached.master(), attached.epoch()));
    }

    private boolean isStarting(WorkerState state) {
        Machine machine = state.machine();
        return machine != null
                && machine.phase() == Phase.STARTING
                && !OwnLife.isOver(jdbc, new Author(machine.master(), machine.epoch()));
    }
}
