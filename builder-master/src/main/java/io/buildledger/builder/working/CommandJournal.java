package io.buildledger.builder.working;

import java.io.IOException;

/** Records which commands of a build may be running on its worker. */
public interface CommandJournal {

    /** For those that nobody has to end but who started them. */
    CommandJournal NONE =
            new CommandJournal() {
                @Override
                public void commandStarted(int step, String commandId) {}

                @Override
                public void commandEnded() {}
            };

    /**
     * Records a command before the worker is told of it; returns when that is durable.
     *
     * @param step number of the step within its build
     * @throws IOException if it can't be recorded: the command must not start
     */
    void commandStarted(int step, String commandId) throws IOException;

    /** The last command has ended, as the worker itself has said. */
    void commandEnded();
}
