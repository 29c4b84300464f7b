package io.buildledger.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Carries connections to the first of some ports that takes them, until it cuts them. */
public final class LoadBalancer implements AutoCloseable {

    private static final int PIECE = 8192;

    private final ServerSocket listening;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicLong untilCut = new AtomicLong(Long.MAX_VALUE);
    private volatile List<Integer> ports = List.of();

    public LoadBalancer() {
        try {
            listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().name("load-balancer").start(this::accept);
    }

    public int port() {
        return listening.getLocalPort();
    }

    /** Of connections from now on. */
    public void to(Integer... next) {
        ports = List.of(next);
    }

    /** Closes all that are open, in the middle of whatever they carry. */
    public void cut() {
        open.forEach(LoadBalancer::close);
        open.clear();
    }

    /**
     * Cuts those that are open once, when so many more bytes have been carried, both ways together.
     */
    public void cutAfter(long bytes) {
        untilCut.set(bytes);
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                Socket server = connect();
                if (server == null) {
                    close(client);
                    continue;
                }
                open.addAll(Set.of(client, server));
                Thread.ofVirtual().start(() -> carry(client, server));
                Thread.ofVirtual().start(() -> carry(server, client));
            } catch (IOException e) {
                // It was closed.
                return;
            }
        }
    }

    private @Nullable Socket connect() {
        for (int port : ports) {
            try {
                return new Socket(InetAddress.getLoopbackAddress(), port);
            } catch (IOException _) {
                // The next one, then.
            }
        }
        return null;
    }

    private void carry(Socket from, Socket to) {
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            byte[] some = new byte[PIECE];
            for (int length = in.read(some); length >= 0; length = in.read(some)) {
                long left = untilCut.addAndGet(-length);
                if (left <= 0 && left > -length) {
                    untilCut.set(Long.MAX_VALUE);
                    cut();
                    return;
                }
                out.write(some, 0, length);
            }
        } catch (IOException _) {
            // One end is gone, and so is the other.
        } finally {
            close(from);
            close(to);
            open.removeAll(Set.of(from, to));
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        cut();
    }
}
