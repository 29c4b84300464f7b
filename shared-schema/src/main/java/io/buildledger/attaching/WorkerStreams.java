package io.buildledger.attaching;

import io.buildledger.domain.attaching.WorkerEvent;
import io.buildledger.domain.attaching.WorkerState;
import io.buildledger.log.Author;
import io.buildledger.log.ConflictException;
import io.buildledger.log.Entry;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Writes to the streams of workers, and with each event how the worker stands after it. Of two that
 * write to one stream at the same moment the second one looks again.
 */
final class WorkerStreams {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerStreams.class);
    private static final int TRIES = 20;

    /** A worker's stream in a transaction, up to an event of it. */
    final class Turn {

        private final Author author;
        private final String worker;
        private final Instant now;
        private WorkerStanding standing;

        private Turn(Author author, String worker) {
            this.author = author;
            this.worker = worker;
            this.now = table.now();
            this.standing = WorkerStreams.this.standing(worker);
        }

        /** The database's time. */
        Instant now() {
            return now;
        }

        WorkerState state() {
            return standing.state();
        }

        WorkerStanding standing() {
            return standing;
        }

        void append(WorkerEvent event) {
            long place = standing.sequence() + 1;
            log.append(author, null, List.of(new Entry(Streams.worker(worker), place, event)));
            standing = new WorkerStanding(WorkerState.evolve(state(), event, now), place);
            table.write(worker, standing);
        }
    }

    private final EventLog log;
    private final WorkerTable table;

    WorkerStreams(EventLog log, DataSource dataSource) {
        this.log = log;
        this.table = new WorkerTable(JdbcClient.create(dataSource));
    }

    /** Runs the work in a transaction; again, if somebody else has written to the stream. */
    <T> T inTurn(Author author, String worker, Function<Turn, T> work) {
        for (int i = 1; ; i++) {
            try {
                return log.inTransaction(() -> work.apply(new Turn(author, worker)));
            } catch (ConflictException e) {
                if (i == TRIES) {
                    throw e;
                }
                LOG.debug("somebody else writes to the same worker's stream; once more", e);
            }
        }
    }

    /**
     * How a worker stands by the log: what the table may lack is read from the stream.
     *
     * @throws io.buildledger.log.NewerProgramException if this program does not understand that
     */
    WorkerStanding standing(String worker) {
        Optional<WorkerStanding> known = table.find(worker);
        WorkerStanding standing = known.orElse(WorkerStanding.NEW);
        for (Recorded recorded : log.readAfter(Streams.worker(worker), standing.sequence())) {
            WorkerState state = standing.state();
            standing =
                    new WorkerStanding(
                            recorded.understood() instanceof WorkerEvent event
                                    ? WorkerState.evolve(state, event, recorded.at())
                                    : state,
                            recorded.sequence());
        }
        return standing;
    }
}
