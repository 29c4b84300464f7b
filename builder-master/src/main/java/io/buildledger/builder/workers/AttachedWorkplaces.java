package io.buildledger.builder.workers;

import io.buildledger.builder.attaching.WorkerConnection;
import io.buildledger.builder.logging.LogsOfStep;
import io.buildledger.builder.working.CommandJournal;
import io.buildledger.builder.working.Interruption;
import io.buildledger.builder.working.Workplace;
import io.buildledger.builder.working.Workplaces;
import io.buildledger.naming.DirectoryName;
import io.buildledger.stepping.CurrentBuild;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.Worker;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** Runs builds on the workers that are attached, each in its builder's directory there. */
public final class AttachedWorkplaces implements Workplaces {

    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);

    private final AttachedWorkers workers;

    public AttachedWorkplaces(AttachedWorkers workers) {
        this.workers = workers;
    }

    @Override
    public Workplace take(CurrentBuild build, CommandJournal journal, Interruption interruption)
            throws IOException, StepAbortedException {
        WorkerConnection connection =
                workers.find(build.worker())
                        .orElseThrow(() ->
                                StepAbortedException.workerLost(
                                        "worker %s is not attached any more"
                                                .formatted(build.worker())));
        requireAnswer(connection, interruption);
        boolean isWindows = connection.info().system().equals("nt");
        return new AttachedWorkplace(
                build,
                connection,
                new WorkerPaths(
                        WorkerPaths.join(
                                connection.info().basedir(),
                                DirectoryName.of(build.builder()),
                                isWindows),
                        isWindows),
                journal,
                interruption);
    }

    /** A worker that was lost is better noticed before the build than in it. */
    private static void requireAnswer(WorkerConnection connection, Interruption interruption)
            throws StepAbortedException {
        CompletableFuture<?> answer = connection.ping(ANSWER_WITHIN);
        boolean _ = interruption.await(interruption.or(answer), ANSWER_WITHIN.plusSeconds(1));
        String reason = interruption.reason();
        if (reason != null) {
            throw StepAbortedException.interrupted(reason);
        }
        if (!answer.isDone() || answer.isCompletedExceptionally()) {
            connection.close("it does not answer");
            throw StepAbortedException.workerLost(
                    "worker %s does not answer".formatted(connection.name()));
        }
    }

    private record AttachedWorkplace(
            CurrentBuild build,
            WorkerConnection connection,
            WorkerPaths paths,
            CommandJournal journal,
            Interruption interruption)
            implements Workplace {

        @Override
        public Worker during(int step, LogsOfStep logs) {
            AtomicInteger commands = new AtomicInteger();
            return new AttachedWorker(
                    connection,
                    paths,
                    () ->
                            "%d.%d.%d.%d"
                                    .formatted(
                                            build.requestId(),
                                            build.number(),
                                            step,
                                            commands.incrementAndGet()),
                    new StepJournal(step, journal),
                    logs,
                    interruption);
        }

        @Override
        public void close() {
            // What runs on the worker has ended, or is ended when the worker comes back.
        }
    }

    /** The journal of one step. */
    record StepJournal(int step, CommandJournal journal) {

        void started(String commandId) throws IOException {
            journal.commandStarted(step, commandId);
        }

        void ended() {
            journal.commandEnded();
        }
    }
}
