package io.buildledger.scheduler.serving;

import io.buildledger.attaching.WorkerCommands;
import io.buildledger.attaching.WorkerCommands.Answer;
import io.buildledger.log.Author;
import org.springframework.stereotype.Component;

/** What people ask of workers, by the names that these have in the list of all. */
@Component
class AskedWorkers {

    private final WorkerCommands commands;
    private final Author author;

    AskedWorkers(WorkerCommands commands, Author author) {
        this.commands = commands;
        this.author = author;
    }

    /**
     * @return false if it was so already
     * @throws NotThereException if no master has such a worker in its file
     */
    boolean pause(String worker, AskedBy asked) {
        return isChanged(worker, commands.pause(author, worker, asked.reason(), asked.name()));
    }

    /**
     * @return false if it was so already
     * @throws NotThereException if no master has such a worker in its file
     */
    boolean unpause(String worker, AskedBy asked) {
        return isChanged(worker, commands.unpause(author, worker, asked.reason(), asked.name()));
    }

    /**
     * @return false if it was so already
     * @throws NotThereException if no master has such a worker in its file
     * @throws TooLateException if it is not attached, or a local one
     */
    boolean stop(String worker, AskedBy asked) {
        return isChanged(worker, commands.stop(author, worker, asked.reason(), asked.name()));
    }

    private static boolean isChanged(String worker, Answer answer) {
        return switch (answer) {
            case DONE -> true;
            case NO_CHANGE -> false;
            case UNKNOWN -> throw unknown(worker);
            case NOT_ATTACHED ->
                    throw new TooLateException(
                            "worker %s is not attached to any living master, so that none could stop it: pause it, and none claims for it when it comes back"
                                    .formatted(worker));
            case LOCAL ->
                    throw new TooLateException(
                            "worker %s is a local one, which ends with its master: it can be paused, and not stopped"
                                    .formatted(worker));
        };
    }

    static NotThereException unknown(String worker) {
        return new NotThereException(
                "there is no worker %s in the file of any master; a local one is MASTER/NAME"
                        .formatted(worker));
    }
}
