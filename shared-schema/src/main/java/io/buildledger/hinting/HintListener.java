package io.buildledger.hinting;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.buildledger.mastering.MasterRegistry.HintAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Takes hints: {@code POST /hint} with the token of this master's life, and nothing else. A hint
 * says only that others have written something; what, is in the log.
 */
public final class HintListener implements AutoCloseable {

    private static final String PATH = "/hint";
    private static final int NO_CONTENT = 204;
    private static final int FORBIDDEN = 403;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final long WITHOUT_BODY = -1;

    private final HttpServer server;
    private final ExecutorService threads;
    private final HintAddress address;
    private volatile Runnable onHint = () -> {};

    private HintListener(HttpServer server, HintAddress address) {
        this.server = server;
        this.address = address;
        this.threads =
                Executors.newFixedThreadPool(
                        2, Thread.ofPlatform().name("hint-", 0).daemon().factory());
    }

    /**
     * Listens from now on.
     *
     * @param port 0 takes a free one
     * @throws IOException if the address can't be had
     */
    public static HintListener open(String address, int port) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(address, port), 0);
        byte[] token = new byte[16];
        new SecureRandom().nextBytes(token);
        HintListener listener =
                new HintListener(
                        server,
                        new HintAddress(
                                "http://%s:%d%s"
                                        .formatted(
                                                address.contains(":")
                                                        ? "[" + address + "]"
                                                        : address,
                                                server.getAddress().getPort(),
                                                PATH),
                                HexFormat.of().formatHex(token)));
        server.setExecutor(listener.threads);
        server.createContext(PATH, listener::answer);
        server.start();
        return listener;
    }

    /** What the others have to know to reach this listener. */
    public HintAddress address() {
        return address;
    }

    /** What runs at a hint; it must return at once. */
    public void onHint(Runnable look) {
        onHint = look;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(status(exchange), WITHOUT_BODY);
        }
    }

    private int status(HttpExchange exchange) {
        if (!exchange.getRequestMethod().equals("POST")) {
            return METHOD_NOT_ALLOWED;
        }
        String given =
                String.valueOf(exchange.getRequestHeaders().getFirst(HintSender.AUTHORIZATION));
        boolean isMaster =
                MessageDigest.isEqual(
                        given.getBytes(StandardCharsets.UTF_8),
                        HintSender.bearer(address).getBytes(StandardCharsets.UTF_8));
        if (!isMaster) {
            return FORBIDDEN;
        }
        onHint.run();
        return NO_CONTENT;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdown();
    }
}
