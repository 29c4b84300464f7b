package io.buildledger.attaching;

import io.buildledger.domain.attaching.WorkerEvent;
import io.buildledger.domain.attaching.WorkerEvent.WorkerAttached;
import io.buildledger.domain.attaching.WorkerEvent.WorkerContested;
import io.buildledger.domain.attaching.WorkerEvent.WorkerDetached;
import io.buildledger.log.Author;
import io.buildledger.log.ConflictException;
import io.buildledger.log.Entry;
import io.buildledger.log.EventLog;
import io.buildledger.log.OwnLife;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Says which master has which worker. A worker is attached to one living master at most, whatever
 * connections there are: the place on the worker's stream is the judge.
 */
public final class WorkerRegister {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerRegister.class);
    private static final int TRIES = 5;

    /** What became of an attempt to attach a worker. */
    public sealed interface Outcome {

        /**
         * It is attached.
         *
         * @param orphans ids of the commands that are to be ended before it is used
         */
        record Attached(List<String> orphans) implements Outcome {}

        /** Another living master has it. */
        record Held(Author holder) implements Outcome {}

        /** This life of the master is over; it may have no worker. */
        record Over() implements Outcome {}
    }

    private final EventLog log;
    private final JdbcClient jdbc;
    private final OpenCommands commands;

    public WorkerRegister(EventLog log, DataSource dataSource, OpenCommands commands) {
        this.log = log;
        this.jdbc = JdbcClient.create(dataSource);
        this.commands = commands;
    }

    /**
     * Attaches a worker, unless another living master has it.
     *
     * @param version of its software, as it says
     * @param system as it says
     */
    public Outcome attach(Author author, String worker, String version, String system) {
        return retried(() ->
                log.inTransaction(() -> {
                    long next = next(worker);
                    Optional<Author> holder = holder(worker);
                    if (holder.isPresent()
                            && !holder.get().equals(author)
                            && !OwnLife.isOver(jdbc, holder.get())) {
                        return new Outcome.Held(holder.get());
                    }
                    if (OwnLife.isOver(jdbc, author)) {
                        return new Outcome.Over();
                    }
                    List<String> orphans = commands.on(worker);
                    append(
                            author,
                            next,
                            new WorkerAttached(
                                    worker,
                                    author.master(),
                                    author.epoch(),
                                    version,
                                    system,
                                    orphans));
                    return new Outcome.Attached(orphans);
                }));
    }

    /** The worker was told to end the commands that it had been left with. */
    public void ended(String worker, List<String> orphans) {
        commands.forget(worker, orphans);
    }

    /** Asks the master that has the worker to find out whether it still does. */
    public void contest(Author author, String worker, Author holder) {
        retried(() ->
                log.inTransaction(() -> {
                    long next = next(worker);
                    boolean stillHeld = holder(worker).filter(holder::equals).isPresent();
                    if (stillHeld) {
                        append(
                                author,
                                next,
                                new WorkerContested(
                                        worker, holder.master(), holder.epoch(), author.master()));
                    }
                    return stillHeld;
                }));
    }

    /** Says that a master has the worker no more; nothing if it has not. */
    public void detach(Author author, String worker, String reason) {
        retried(() ->
                log.inTransaction(() -> {
                    long next = next(worker);
                    boolean has = holder(worker).filter(author::equals).isPresent();
                    if (has) {
                        append(
                                author,
                                next,
                                new WorkerDetached(
                                        worker, author.master(), author.epoch(), reason));
                    }
                    return has;
                }));
    }

    /** The life of a master to which a worker is attached, be it over or not. */
    public Optional<Author> holder(String worker) {
        String stream = Streams.worker(worker);
        Optional<Recorded> attached = log.findLast(stream, WorkerAttached.class);
        if (attached.isEmpty()) {
            return Optional.empty();
        }
        boolean detached =
                log.findLast(
                                stream,
                                WorkerDetached.class,
                                attached.get().sequence(),
                                Long.MAX_VALUE)
                        .isPresent();
        WorkerAttached event = (WorkerAttached) attached.get().event();
        return detached ? Optional.empty() : Optional.of(new Author(event.master(), event.epoch()));
    }

    /** Asked for before anything else, so that whoever writes meanwhile is met there. */
    private long next(String worker) {
        return log.lastSequence(Streams.worker(worker)).orElse(-1) + 1;
    }

    private void append(Author author, long place, WorkerEvent event) {
        log.append(author, null, List.of(new Entry(Streams.worker(event.worker()), place, event)));
    }

    /** Two masters may write to one worker's stream at the same moment. */
    private static <T> T retried(Supplier<T> work) {
        for (int i = 1; ; i++) {
            try {
                return work.get();
            } catch (ConflictException e) {
                if (i == TRIES) {
                    throw e;
                }
                LOG.debug("another master writes to the same worker's stream; once more", e);
            }
        }
    }
}
