package io.buildledger.builder.workers;

import io.buildledger.attaching.WorkerRegister;
import io.buildledger.attaching.WorkerRegister.Outcome;
import io.buildledger.attaching.WorkerStanding;
import io.buildledger.builder.attaching.Attachments;
import io.buildledger.builder.attaching.WorkerConnection;
import io.buildledger.database.DatabaseTrouble;
import io.buildledger.domain.attaching.WorkerEvent.WorkerContested;
import io.buildledger.log.Author;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The workers that are attached to this master. Of two connections in one worker's name, here or on
 * two masters, the one that has the worker keeps it while it answers.
 */
public final class AttachedWorkers implements Attachments {

    private static final Logger LOG = LoggerFactory.getLogger(AttachedWorkers.class);

    /** As long as Buildbot gives an older connection to answer. */
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);

    /** The other master hears of the contest a poll later, asks, and says that it was let go. */
    private static final Duration SETTLED_BEYOND_ANSWER = Duration.ofSeconds(10);

    private static final Duration LOOK = Duration.ofMillis(500);

    private final WorkerRegister register;
    private final Author author;
    private final Executor threads;
    private final LongSupplier nanoTime;
    private final Duration answerWithin;
    private final Map<String, WorkerConnection> attached = new ConcurrentHashMap<>();

    /** Those that were told to shut down, or are about to be. */
    private final Set<WorkerConnection> leaving = ConcurrentHashMap.newKeySet();

    /**
     * One for each worker's name, so that who has it here changes together with what the log says
     * of it: else the end of a former connection could be recorded after the next one had come.
     */
    private final Map<String, Lock> turns = new ConcurrentHashMap<>();

    private volatile Runnable onChange = () -> {};

    /**
     * @param threads for waits that nobody waits for
     */
    public AttachedWorkers(
            WorkerRegister register, Author author, Executor threads, LongSupplier nanoTime) {
        this(register, author, threads, nanoTime, ANSWER_WITHIN);
    }

    /**
     * @param answerWithin how long a connection may take to give a sign of life
     */
    AttachedWorkers(
            WorkerRegister register,
            Author author,
            Executor threads,
            LongSupplier nanoTime,
            Duration answerWithin) {
        this.answerWithin = answerWithin;
        this.register = register;
        this.author = author;
        this.threads = threads;
        this.nanoTime = nanoTime;
    }

    /** Has somebody told when a worker comes or goes. */
    public void onChange(Runnable told) {
        onChange = told;
    }

    /** The connection of a worker that is here and ready for builds. */
    public Optional<WorkerConnection> find(String worker) {
        return Optional.ofNullable(attached.get(worker));
    }

    /** Whether a worker is here, and not on its way out. */
    public boolean isReady(String worker) {
        WorkerConnection connection = attached.get(worker);
        return connection != null
                && !leaving.contains(connection)
                // One that is gone is not among those that leave any more.
                && attached.get(worker) == connection;
    }

    /**
     * Has a worker end, if it is here, because somebody wants that. Returns at once; from then on
     * it is not {@linkplain #isReady ready}. One that does not answer is disconnected, and asked
     * again when it comes back.
     *
     * @param told how the worker stands, when it has answered and that is recorded
     */
    public void shutDown(String worker, Consumer<WorkerStanding> told) {
        WorkerConnection connection = attached.get(worker);
        if (connection == null || !leaving.add(connection)) {
            return;
        }
        threads.execute(() -> {
            Boolean _ =
                    inTurn(
                            worker,
                            () -> {
                                if (attached.get(worker) == connection) {
                                    shutDown(connection, told);
                                } else {
                                    leaving.remove(connection);
                                }
                                return true;
                            });
        });
    }

    private void shutDown(WorkerConnection connection, Consumer<WorkerStanding> told) {
        String worker = connection.name();
        LOG.info("worker {}: telling it to shut down", worker);
        if (!isDoneWithin(connection.shutdown(), answerWithin)) {
            connection.close("it does not shut down");
            return;
        }
        try {
            told.accept(
                    DatabaseTrouble.outlast(
                            () -> register.stopped(author, worker),
                            why ->
                                    LOG.warn(
                                            "worker {}: can't record that it was stopped: {}",
                                            worker,
                                            why)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            LOG.warn("worker {}: that it was stopped is not recorded", worker);
        } finally {
            connection.close("it was told to shut down");
        }
    }

    public int count() {
        return attached.size();
    }

    @Override
    public Admission admit(WorkerConnection connection) {
        return inTurn(connection.name(), () -> decide(connection));
    }

    private Admission decide(WorkerConnection connection) {
        String worker = connection.name();
        WorkerConnection other = attached.get(worker);
        if (other != null && answers(other)) {
            return new Admission.Refused(
                    "worker %s is attached to master %s by another connection, which answers"
                            .formatted(worker, author.master()));
        }
        if (other != null) {
            other.close("another connection in its name has come, and this one does not answer");
        }
        return admit(
                connection,
                nanoTime.getAsLong() + answerWithin.plus(SETTLED_BEYOND_ANSWER).toNanos());
    }

    private Admission admit(WorkerConnection connection, long deadline) {
        String worker = connection.name();
        boolean contested = false;
        while (true) {
            Outcome outcome =
                    register.attach(
                            author,
                            worker,
                            connection.info().version(),
                            connection.info().system());
            switch (outcome) {
                case Outcome.Attached(List<String> orphans) -> {
                    return begin(connection, orphans);
                }
                case Outcome.Over() -> {
                    return new Admission.Refused(
                            "master %s was declared lost".formatted(author.master()));
                }
                case Outcome.Held(Author holder) -> {
                    if (!contested) {
                        register.contest(author, worker, holder);
                        contested = true;
                    }
                    if (nanoTime.getAsLong() - deadline >= 0 || isGoneWithin(connection, LOOK)) {
                        return new Admission.Refused(
                                "worker %s is attached to master %s"
                                        .formatted(worker, holder.master()));
                    }
                }
            }
        }
    }

    private Admission begin(WorkerConnection connection, List<String> orphans) {
        String worker = connection.name();
        for (String orphan : orphans) {
            LOG.warn("worker {}: interrupting command {}, which was left running", worker, orphan);
            if (!isDoneWithin(
                    connection.interrupt(orphan, "its master has lost it"), answerWithin)) {
                String reason = "it does not interrupt what was left running";
                detach(worker, reason);
                return new Admission.Refused(reason);
            }
        }
        register.ended(worker, orphans);
        attached.put(worker, connection);
        LOG.info(
                "worker {} is attached (buildbot-worker {}, {})",
                worker,
                connection.info().version(),
                connection.info().system());
        onChange.run();
        return new Admission.Admitted();
    }

    @Override
    public void gone(WorkerConnection connection, String reason) {
        String worker = connection.name();
        Boolean _ =
                inTurn(
                        worker,
                        () -> {
                            boolean wasAttached = attached.remove(worker, connection);
                            // Last, or it would look like one that is ready.
                            leaving.remove(connection);
                            if (wasAttached) {
                                LOG.warn("worker {} is detached: {}", worker, reason);
                                detach(worker, reason);
                                onChange.run();
                            }
                            return true;
                        });
    }

    private <T> T inTurn(String worker, Supplier<T> work) {
        Lock turn = turns.computeIfAbsent(worker, _ -> new ReentrantLock());
        turn.lock();
        try {
            return work.get();
        } finally {
            turn.unlock();
        }
    }

    private void detach(String worker, String reason) {
        try {
            DatabaseTrouble.outlast(
                    () -> {
                        register.detach(author, worker, reason);
                        return true;
                    },
                    why -> LOG.warn("worker {}: can't record that it is gone: {}", worker, why));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            LOG.warn("worker {}: that it is gone is not recorded", worker);
        }
    }

    /** Another master has a connection in the name of a worker that this one has. */
    public void contested(WorkerContested contested) {
        if (!contested.master().equals(author.master()) || contested.epoch() != author.epoch()) {
            return;
        }
        threads.execute(() -> {
            Boolean _ =
                    inTurn(
                            contested.worker(),
                            () -> {
                                settle(contested);
                                return true;
                            });
        });
    }

    private void settle(WorkerContested contested) {
        WorkerConnection connection = attached.get(contested.worker());
        if (connection == null) {
            // Whoever recorded that it was attached has not come to record that it is gone.
            detach(contested.worker(), "it is not attached any more");
        } else if (!answers(connection)) {
            connection.close(
                    "it does not answer, and has come to master " + contested.contestedBy());
        }
    }

    private boolean answers(WorkerConnection connection) {
        return isDoneWithin(connection.ping(answerWithin), answerWithin.plusSeconds(1));
    }

    private static boolean isDoneWithin(CompletableFuture<?> future, Duration limit) {
        try {
            Object _ = future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("no answer", e);
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static boolean isGoneWithin(WorkerConnection connection, Duration limit) {
        return isDoneWithin(connection.closed(), limit);
    }
}
