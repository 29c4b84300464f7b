package io.buildledger.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class TcpProxyTest {

    private static final int LONG_ENOUGH_MILLIS = 10_000;
    private static final int A_MOMENT_MILLIS = 100;

    private ServerSocket server;
    private TcpProxy proxy;

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        server.setSoTimeout(LONG_ENOUGH_MILLIS);
        proxy = new TcpProxy((InetSocketAddress) server.getLocalSocketAddress());
    }

    @AfterEach
    void close() throws IOException {
        proxy.close();
        server.close();
    }

    private Socket connect() throws IOException {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        client.setSoTimeout(LONG_ENOUGH_MILLIS);
        return client;
    }

    /** The server's end of the next connection. */
    private Socket accept() throws IOException {
        Socket socket = server.accept();
        socket.setSoTimeout(LONG_ENOUGH_MILLIS);
        return socket;
    }

    private static void assertPasses(Socket from, Socket to) throws IOException {
        from.getOutputStream().write(42);
        assertThat(to.getInputStream().read()).isEqualTo(42);
    }

    @Test
    void passes_on_in_both_directions() throws IOException {
        try (Socket client = connect();
                Socket accepted = accept()) {
            assertPasses(client, accepted);
            assertPasses(accepted, client);
        }
    }

    @Test
    void dropped_connections_are_over_at_both_ends_and_new_ones_are_taken() throws IOException {
        try (Socket client = connect();
                Socket accepted = accept()) {
            assertPasses(client, accepted);

            proxy.drop();

            assertThat(accepted.getInputStream().read()).isEqualTo(-1);
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
        try (Socket client = connect();
                Socket accepted = accept()) {
            assertPasses(client, accepted);
        }
    }

    @Test
    void what_a_silence_holds_back_comes_after_it() throws IOException {
        try (Socket client = connect();
                Socket accepted = accept()) {
            assertPasses(client, accepted);
            proxy.beSilent();
            client.getOutputStream().write(42);
            accepted.setSoTimeout(A_MOMENT_MILLIS);
            assertThatThrownBy(() -> accepted.getInputStream().read())
                    .isInstanceOf(SocketTimeoutException.class);

            proxy.heal();

            accepted.setSoTimeout(LONG_ENOUGH_MILLIS);
            assertThat(accepted.getInputStream().read()).isEqualTo(42);
        }
    }

    @Test
    void refused_connections_are_taken_again_on_the_same_port() throws IOException {
        proxy.refuse();
        assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);

        proxy.heal();

        try (Socket client = connect();
                Socket accepted = accept()) {
            assertPasses(client, accepted);
        }
    }
}
