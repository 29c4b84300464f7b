package io.buildledger.chaos;

import io.buildledger.database.Database;
import io.buildledger.starting.Leftovers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** {@code mysql:9.7} in a container of its own, with the durability that it comes with. */
final class ContainerServer implements DatabaseServer {

    private static final String IMAGE = "mysql:9.7";
    private static final String PASSWORD = "buildledger";

    private final String name;
    private final Database administration;

    private ContainerServer(String name, int port) {
        this.name = name;
        this.administration =
                new Database("jdbc:mysql://127.0.0.1:%d/mysql".formatted(port), "root", PASSWORD);
    }

    /** Whether there is a Docker engine that has the image or can get it. */
    static boolean isPossible() throws InterruptedException {
        return Shell.succeeds("docker", "info")
                && (Shell.succeeds("docker", "image", "inspect", IMAGE)
                        || Shell.succeeds("docker", "pull", "--quiet", IMAGE));
    }

    static ContainerServer start(Leftovers leftovers) throws InterruptedException {
        int port = freePort();
        String name = "buildledger-chaos-%d".formatted(ProcessHandle.current().pid());
        leftovers.add(
                "remove the container " + name,
                () -> {
                    try {
                        Shell.run("docker", "rm", "--force", "--volumes", name);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
        Shell.run(
                "docker",
                "run",
                "--detach",
                "--name",
                name,
                // A fixed port, which a restart keeps.
                "--publish",
                "127.0.0.1:%d:3306".formatted(port),
                "--env",
                "MYSQL_ROOT_PASSWORD=" + PASSWORD,
                IMAGE);
        ContainerServer server = new ContainerServer(name, port);
        Answering.await(server.administration);
        return server;
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("there is no free port on 127.0.0.1", e);
        }
    }

    @Override
    public Database administration() {
        return administration;
    }

    @Override
    public boolean canBeKilled() {
        return true;
    }

    @Override
    public String kill() throws InterruptedException {
        Shell.run("docker", "kill", "--signal", "KILL", name);
        return IMAGE;
    }

    @Override
    public void start() throws InterruptedException {
        Shell.run("docker", "start", name);
        Answering.await(administration);
    }
}
