package io.buildledger.builder.claiming;

import io.buildledger.attaching.WorkerRegister;
import io.buildledger.attaching.WorkerStanding;
import io.buildledger.builder.running.BuildOutcome;
import io.buildledger.builder.substantiating.LatentWorkers;
import io.buildledger.builder.substantiating.LatentWorkers.Absence;
import io.buildledger.builder.workers.AttachedWorkers;
import io.buildledger.builder.workers.WorkerSteering;
import io.buildledger.database.DatabaseTrouble;
import io.buildledger.domain.attaching.Backoff;
import io.buildledger.domain.attaching.WorkerName;
import io.buildledger.log.Author;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Uses workers as people want them to be used, and doesn't use those for a while on which builds
 * come to nothing. What is decided here is in the log before it counts, so that it holds for every
 * master and survives this one.
 */
final class WorkerCare implements Availability {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerCare.class);

    private final AttachedWorkers attached;
    private final WorkerSteering steering;
    private final WorkerRegister register;
    private final LatentWorkers latent;
    private final Author author;

    WorkerCare(
            AttachedWorkers attached,
            WorkerSteering steering,
            WorkerRegister register,
            LatentWorkers latent,
            Author author) {
        this.latent = latent;
        this.attached = attached;
        this.steering = steering;
        this.register = register;
        this.author = author;
    }

    @Override
    public boolean isReady(String worker, boolean attaches) {
        return (!attaches || (attached.isReady(worker) && !latent.isSpent(worker)))
                && steering.mayBuild(WorkerName.of(attaches, author.master(), worker));
    }

    @Override
    public void stopIdle(Predicate<String> isIdle) {
        steering.toStop().stream()
                .filter(isIdle)
                .forEach(worker ->
                        attached.shutDown(
                                worker,
                                standing -> {
                                    steering.know(worker, standing);
                                    latent.shutDown(worker);
                                }));
        latent.look(isIdle);
    }

    @Override
    public Absence absenceOf(String worker) {
        return latent.absenceOf(worker);
    }

    @Override
    public void want(Set<String> absent) {
        latent.want(absent);
    }

    @Override
    public void ended(String worker, ConfiguredBuilders configured, BuildOutcome outcome) {
        latent.built(worker);
        String name = WorkerName.of(configured.attaches(worker), author.master(), worker);
        String failure = outcome.workerFailure();
        if (failure != null) {
            failed(name, configured.backoffOf(worker), failure);
        } else if (isWell(outcome) && steering.failures(name) > 0) {
            record(name, () -> register.recovered(author, name));
        }
    }

    /** Also with tests that fail. */
    private static boolean isWell(BuildOutcome outcome) {
        return switch (outcome.results()) {
            case SUCCESS, WARNINGS, FAILURE, SKIPPED -> true;
            case EXCEPTION, RETRY, CANCELLED -> false;
        };
    }

    private void failed(String name, Backoff backoff, String reason) {
        if (backoff.isNone()) {
            return;
        }
        record(name, () -> register.failed(author, name, backoff, reason));
        LOG.warn(
                "worker {} isn't used for a while, after failure {} in a row: {}",
                name,
                steering.failures(name),
                reason);
    }

    private void record(String name, Supplier<WorkerStanding> recording) {
        try {
            steering.know(
                    name,
                    DatabaseTrouble.outlast(
                            recording,
                            why -> LOG.warn("worker {}: can't record how it is: {}", name, why)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            LOG.warn("worker {}: how it is is not recorded", name);
        } catch (RuntimeException e) {
            LOG.error("worker {}: how it is could not be recorded", name, e);
        }
    }
}
