package io.buildledger.chaos;

import io.buildledger.benchmarks.RunFailedException;
import io.buildledger.database.Database;
import io.buildledger.database.EmbeddedDatabase;
import io.buildledger.starting.Leftovers;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The embedded MariaDB, where there is no Docker engine. */
final class EmbeddedServer implements DatabaseServer {

    private static final int DEAD_WITHIN_SECONDS = 30;

    private final Path directory;
    private final EmbeddedDatabase embedded;

    private EmbeddedServer(Path directory, EmbeddedDatabase embedded) {
        this.directory = directory;
        this.embedded = embedded;
    }

    static EmbeddedServer start(Path directory, Leftovers leftovers) {
        return new EmbeddedServer(
                directory,
                leftovers.start(
                        "stop the database",
                        () -> EmbeddedDatabase.start(directory),
                        EmbeddedDatabase::close));
    }

    @Override
    public Database administration() {
        return embedded.database();
    }

    @Override
    public boolean canBeKilled() {
        return true;
    }

    @Override
    public String kill() throws InterruptedException {
        List<ProcessHandle> servers =
                ProcessHandle.current()
                        .children()
                        .filter(child ->
                                child.info()
                                        .command()
                                        .filter(it -> it.startsWith(directory.toString()))
                                        .isPresent())
                        .toList();
        if (servers.isEmpty()) {
            throw new RunFailedException("the embedded MariaDB is not there to be killed");
        }
        for (ProcessHandle server : servers) {
            server.destroyForcibly();
            try {
                server.onExit().get(DEAD_WITHIN_SECONDS, TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException e) {
                throw new RunFailedException("the embedded MariaDB does not die", e);
            }
        }
        return "the embedded MariaDB";
    }

    @Override
    public void start() throws InterruptedException {
        embedded.restart();
        Answering.await(embedded.database());
    }
}
