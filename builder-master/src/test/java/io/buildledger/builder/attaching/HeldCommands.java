package io.buildledger.builder.attaching;

import static org.awaitility.Awaitility.await;

import io.buildledger.builder.attaching.SimulatedWorker.Command;
import io.buildledger.builder.attaching.SimulatedWorker.Script;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Commands of a simulated worker, which wait until the test ends them. */
public final class HeldCommands implements Script {

    private final Queue<Command> commands = new ConcurrentLinkedQueue<>();

    @Override
    public void start(Command command) {
        commands.add(command);
    }

    public boolean isEmpty() {
        return commands.isEmpty();
    }

    /** The first that has not been taken, when there is one. */
    public Command next() {
        await().until(() -> !commands.isEmpty());
        return commands.remove();
    }

    /** Ends the first. */
    public void end(int exitCode) {
        Command command = next();
        command.update("rc", exitCode);
        command.complete(null);
    }
}
