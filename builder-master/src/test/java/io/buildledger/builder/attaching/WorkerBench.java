package io.buildledger.builder.attaching;

import io.buildledger.builder.attaching.SimulatedWorker.Script;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A server with simulated workers at it. Limits are set before it listens. */
final class WorkerBench implements AutoCloseable {

    private static final Duration LONG = Duration.ofHours(1);

    final Desk desk = new Desk();
    final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    /** Nobody is refused for being slow, and who is refused hears it at once. */
    HandshakeLimits handshake =
            new HandshakeLimits(LONG, LONG, Duration.ofMillis(10), LONG, 100, 16 * 1024);

    LivenessLimits liveness = new LivenessLimits(Duration.ofSeconds(1), LONG, LONG, LONG);
    Credentials credentials = (_, password) -> password.equals("right");
    private @Nullable WorkerServer server;

    private final Map<String, SimulatedWorker> workers = new ConcurrentHashMap<>();

    void listen() throws IOException {
        listen(desk);
    }

    void listen(Attachments attachments) throws IOException {
        server = listen(0, attachments);
    }

    void listenOn(int port) throws IOException {
        listen(port, desk).close();
    }

    private WorkerServer listen(int port, Attachments attachments) throws IOException {
        return WorkerServer.start(
                new ListenSettings(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                        null,
                        handshake,
                        liveness,
                        MessageLimits.DEFAULT),
                credentials,
                attachments);
    }

    WorkerServer server() {
        return Objects.requireNonNull(server);
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), server().port());
    }

    /** Connects one and waits until it is admitted. */
    WorkerConnection attach(String name, Script script) throws Exception {
        connect(name, script);
        return desk.next();
    }

    SimulatedWorker connect(String name, Script script) throws Exception {
        SimulatedWorker worker =
                SimulatedWorker.connect(loops, address(), name, "right", script)
                        .get(30, TimeUnit.SECONDS);
        workers.put(name, worker);
        return worker;
    }

    SimulatedWorker worker(String name) {
        return Objects.requireNonNull(workers.get(name));
    }

    @Override
    public void close() {
        workers.values().forEach(SimulatedWorker::close);
        if (server != null) {
            server.close();
        }
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
