package io.buildledger.chaos;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Passes connections on from a port of 127.0.0.1 to a server, until it is told otherwise. What is
 * held back by a silence is passed on after it, as a network does that loses packets for a while.
 */
final class TcpProxy implements AutoCloseable {

    private static final int BUFFER = 16 * 1024;
    private static final int CONNECT_WITHIN_MILLIS = 2_000;
    private static final int BACKLOG = 50;

    private final InetSocketAddress server;
    private final int port;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Object silence = new Object();
    private boolean silent;
    private @Nullable ServerSocket listening;
    private volatile boolean closed;

    /** Listens on a free port from now on. */
    TcpProxy(InetSocketAddress server) {
        this.server = server;
        this.port = listen(0);
    }

    int port() {
        return port;
    }

    /** Breaks all connections; new ones are passed on. */
    void drop() {
        open.forEach(TcpProxy::closeQuietly);
    }

    /** Passes nothing on, in neither direction, and tells nobody; until {@link #heal}. */
    void beSilent() {
        synchronized (silence) {
            silent = true;
        }
    }

    /** Breaks all connections and refuses new ones, until {@link #heal}. */
    synchronized void refuse() {
        if (listening != null) {
            closeQuietly(listening);
            listening = null;
        }
        drop();
    }

    /** Passes on again. */
    synchronized void heal() {
        synchronized (silence) {
            silent = false;
            silence.notifyAll();
        }
        if (listening == null && !closed) {
            listen(port);
        }
    }

    private synchronized int listen(int wanted) {
        try {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted), BACKLOG);
            listening = socket;
            Thread.ofPlatform().name("proxy-accept").daemon().start(() -> accept(socket));
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("the proxy can't listen on port " + wanted, e);
        }
    }

    private void accept(ServerSocket socket) {
        try (socket) {
            while (true) {
                Socket client = socket.accept();
                Thread.ofPlatform().name("proxy").daemon().start(() -> connect(client));
            }
        } catch (IOException e) {
            // refuse() or close() has closed it.
        }
    }

    private void connect(Socket client) {
        open.add(client);
        Socket target = new Socket();
        open.add(target);
        try {
            awaitSound();
            client.setTcpNoDelay(true);
            target.setTcpNoDelay(true);
            target.connect(server, CONNECT_WITHIN_MILLIS);
            Thread back =
                    Thread.ofPlatform()
                            .name("proxy-back")
                            .daemon()
                            .start(() -> pass(target, client));
            pass(client, target);
            back.join();
        } catch (IOException e) {
            // The server is away, and so is the connection.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closeQuietly(client);
            closeQuietly(target);
            open.remove(client);
            open.remove(target);
        }
    }

    /** What ends one direction ends the other: the database's protocol has no half connections. */
    private void pass(Socket from, Socket to) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[BUFFER];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                awaitSound();
                out.write(buffer, 0, count);
            }
            awaitSound();
        } catch (IOException e) {
            // One of the ends has gone.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closeQuietly(from);
            closeQuietly(to);
        }
    }

    private void awaitSound() throws InterruptedException {
        synchronized (silence) {
            while (silent && !closed) {
                silence.wait();
            }
        }
    }

    private static void closeQuietly(Closeable socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is closed all the same.
        }
    }

    @Override
    public void close() {
        closed = true;
        heal();
        refuse();
    }
}
