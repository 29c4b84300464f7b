package io.buildledger.attaching;

import io.buildledger.attaching.WorkerStreams.Turn;
import io.buildledger.domain.attaching.Backoff;
import io.buildledger.domain.attaching.WorkerCommand;
import io.buildledger.domain.attaching.WorkerCommand.End;
import io.buildledger.domain.attaching.WorkerCommand.Ended;
import io.buildledger.domain.attaching.WorkerCommand.Failed;
import io.buildledger.domain.attaching.WorkerCommand.Missed;
import io.buildledger.domain.attaching.WorkerCommand.Recovered;
import io.buildledger.domain.attaching.WorkerCommand.RequestStop;
import io.buildledger.domain.attaching.WorkerCommand.Start;
import io.buildledger.domain.attaching.WorkerCommand.StartFailed;
import io.buildledger.domain.attaching.WorkerCommand.Stopped;
import io.buildledger.domain.attaching.WorkerEvent;
import io.buildledger.domain.attaching.WorkerEvent.WorkerAttached;
import io.buildledger.domain.attaching.WorkerEvent.WorkerContested;
import io.buildledger.domain.attaching.WorkerEvent.WorkerDetached;
import io.buildledger.domain.attaching.WorkerState;
import io.buildledger.domain.attaching.WorkerState.Attached;
import io.buildledger.domain.attaching.WorkerState.Machine;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.OwnLife;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Says which master has which worker, and what masters find out about workers. A worker is attached
 * to one living master at most, whatever connections there are: the place on the worker's stream is
 * the judge.
 */
public final class WorkerRegister {

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

    private static final String LIVING = "SELECT name, epoch FROM master WHERE state = 'live'";

    private final WorkerStreams streams;
    private final JdbcClient jdbc;
    private final OpenCommands commands;

    public WorkerRegister(EventLog log, DataSource dataSource, OpenCommands commands) {
        this.streams = new WorkerStreams(log, dataSource);
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
        return streams.inTurn(
                author,
                worker,
                turn -> {
                    Optional<Author> holder = holder(turn.state());
                    if (holder.isPresent()
                            && !holder.get().equals(author)
                            && !OwnLife.isOver(jdbc, holder.get())) {
                        return new Outcome.Held(holder.get());
                    }
                    if (OwnLife.isOver(jdbc, author)) {
                        return new Outcome.Over();
                    }
                    List<String> orphans = commands.on(worker);
                    turn.append(
                            new WorkerAttached(
                                    worker,
                                    author.master(),
                                    author.epoch(),
                                    version,
                                    system,
                                    orphans));
                    return new Outcome.Attached(orphans);
                });
    }

    /** The worker was told to end the commands that it had been left with. */
    public void ended(String worker, List<String> orphans) {
        commands.forget(worker, orphans);
    }

    /** Asks the master that has the worker to find out whether it still does. */
    public void contest(Author author, String worker, Author holder) {
        ifHeld(
                author,
                worker,
                holder,
                new WorkerContested(worker, holder.master(), holder.epoch(), author.master()));
    }

    /** Says that a master has the worker no more; nothing if it has not. */
    public void detach(Author author, String worker, String reason) {
        ifHeld(
                author,
                worker,
                author,
                new WorkerDetached(worker, author.master(), author.epoch(), reason));
    }

    private void ifHeld(Author author, String worker, Author holder, WorkerEvent event) {
        boolean _ =
                streams.inTurn(
                        author,
                        worker,
                        turn -> {
                            boolean held = holder(turn.state()).filter(holder::equals).isPresent();
                            if (held) {
                                turn.append(event);
                            }
                            return held;
                        });
    }

    /** The life of a master to which a worker is attached, be it over or not. */
    public Optional<Author> holder(String worker) {
        return holder(streams.standing(worker).state());
    }

    private static Optional<Author> holder(WorkerState state) {
        return state.presence() instanceof Attached attached
                ? Optional.of(new Author(attached.master(), attached.epoch()))
                : Optional.empty();
    }

    /**
     * A worker that the author has was told to shut down, because somebody wanted that.
     *
     * @return how it stands now
     */
    public WorkerStanding stopped(Author author, String worker) {
        return told(author, new Stopped(worker, author.master(), author.epoch()));
    }

    /**
     * A build of the author's came to nothing because of the worker.
     *
     * @return how it stands now
     */
    public WorkerStanding failed(Author author, String worker, Backoff backoff, String reason) {
        return streams.inTurn(
                author,
                worker,
                turn ->
                        decide(
                                turn,
                                new Failed(
                                        worker,
                                        author.master(),
                                        author.epoch(),
                                        reason,
                                        backoff,
                                        turn.now())));
    }

    /**
     * A build of the author's ended well on the worker.
     *
     * @return how it stands now
     */
    public WorkerStanding recovered(Author author, String worker) {
        return told(author, new Recovered(worker, author.master(), author.epoch()));
    }

    private WorkerStanding told(Author author, WorkerCommand command) {
        return streams.inTurn(author, command.worker(), turn -> decide(turn, command));
    }

    private static WorkerStanding decide(Turn turn, WorkerCommand command) {
        WorkerState.decide(turn.state(), command).forEach(turn::append);
        return turn.standing();
    }

    /**
     * The author has seen no master have the worker for so long. Of the masters that see it one
     * records it, once for each time that the worker is away.
     *
     * @return whether it was this one; not either if a living master has the worker by now, or if
     *     it was shut down because somebody wanted that
     */
    public boolean missed(Author author, String worker, Duration missingTimeout) {
        return streams.inTurn(
                author,
                worker,
                turn -> {
                    Optional<Author> holder = holder(turn.state());
                    if (holder.isPresent() && !OwnLife.isOver(jdbc, holder.get())) {
                        return false;
                    }
                    long before = turn.standing().sequence();
                    return decide(
                                            turn,
                                            new Missed(
                                                    worker,
                                                    author.master(),
                                                    author.epoch(),
                                                    missingTimeout))
                                    .sequence()
                            > before;
                });
    }

    /**
     * Takes a latent worker in hand, to start it: unless a living master has it or has it in hand,
     * or it is to rest.
     *
     * @return how it stands now: {@linkplain WorkerState#isInHandOf in the author's hand}, if the
     *     author is to start it
     */
    public WorkerStanding starting(Author author, String worker) {
        return ifLiving(
                author,
                worker,
                turn ->
                        new Start(
                                worker,
                                author.master(),
                                author.epoch(),
                                isHeld(turn.state(), _ -> true),
                                turn.now()));
    }

    /**
     * A latent worker that the author has in hand could not be started.
     *
     * @return how it stands now
     */
    public WorkerStanding startFailed(
            Author author, String worker, Backoff backoff, String reason) {
        return streams.inTurn(
                author,
                worker,
                turn ->
                        decide(
                                turn,
                                new StartFailed(
                                        worker,
                                        author.master(),
                                        author.epoch(),
                                        reason,
                                        backoff,
                                        turn.now())));
    }

    /**
     * Takes a latent worker in hand, to take down what runs it: unless another living master has
     * it, or a living one has it in hand.
     *
     * @return how it stands now: {@linkplain WorkerState#isInHandOf in the author's hand}, if the
     *     author is to take it down
     */
    public WorkerStanding ending(Author author, String worker, String reason) {
        return ifLiving(
                author,
                worker,
                turn ->
                        new End(
                                worker,
                                author.master(),
                                author.epoch(),
                                reason,
                                isHeld(turn.state(), it -> !it.equals(author))));
    }

    private WorkerStanding ifLiving(
            Author author, String worker, Function<Turn, WorkerCommand> command) {
        return streams.inTurn(
                author,
                worker,
                turn ->
                        OwnLife.isOver(jdbc, author)
                                ? turn.standing()
                                : decide(turn, command.apply(turn)));
    }

    /** Whether a living master of those that count has it, or any living one has it in hand. */
    private boolean isHeld(WorkerState state, Predicate<Author> counts) {
        return holder(state).filter(counts).filter(this::isLiving).isPresent()
                || inHand(state).anyMatch(this::isLiving);
    }

    /**
     * What ran a latent worker that the author had in hand was taken down.
     *
     * @return how it stands now
     */
    public WorkerStanding off(Author author, String worker) {
        return told(author, new Ended(worker, author.master(), author.epoch()));
    }

    /**
     * The author wants a latent worker that it has to end.
     *
     * @return how it stands now
     */
    public WorkerStanding requestStop(Author author, String worker, String reason) {
        return told(author, new RequestStop(worker, reason, "master " + author.master()));
    }

    /** The lives of masters that are not over. */
    public Set<Author> livingMasters() {
        return jdbc.sql(LIVING)
                .query((row, _) -> new Author(row.getString("name"), row.getLong("epoch")))
                .set();
    }

    private boolean isLiving(Author life) {
        return !OwnLife.isOver(jdbc, life);
    }

    private static Stream<Author> inHand(WorkerState state) {
        Machine machine = state.machine();
        return machine != null && machine.isInHand()
                ? Stream.of(new Author(machine.master(), machine.epoch()))
                : Stream.empty();
    }
}
