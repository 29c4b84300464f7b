package io.buildledger.scheduler.fetching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.buildledger.configuring.RepositoryAddress;
import io.buildledger.scheduler.fetching.Git.GitException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** What git does where the other repository does not answer as it should. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class GitTest {

    private static final int PATIENCE_MILLIS = 30_000;
    private static final Duration LONG = Duration.ofMinutes(10);

    private static ServerSocket serverThatSaysNothing() throws Exception {
        ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        server.setSoTimeout(PATIENCE_MILLIS);
        return server;
    }

    private static RepositoryAddress at(ServerSocket server) {
        return new RepositoryAddress("git://127.0.0.1:%d/x.git".formatted(server.getLocalPort()));
    }

    @Test
    void a_failure_does_not_show_credentials() throws Exception {
        int nobody;
        try (ServerSocket socket = serverThatSaysNothing()) {
            nobody = socket.getLocalPort();
        }
        RepositoryAddress address =
                new RepositoryAddress("http://somebody:secret@127.0.0.1:" + nobody + "/x.git");

        assertThatThrownBy(() -> Git.remote(address, LONG))
                .isInstanceOf(GitException.class)
                .hasMessageContaining("http://127.0.0.1:" + nobody + "/x.git")
                .hasMessageNotContainingAny("somebody", "secret");
    }

    @Test
    void a_command_that_takes_too_long_is_ended() throws Exception {
        try (ServerSocket silent = serverThatSaysNothing()) {
            CompletableFuture<GitException> failure = new CompletableFuture<>();
            ask(silent, Duration.ofSeconds(5), failure);
            try (Socket git = acceptRequest(silent)) {
                assertThat(failure.get(30, TimeUnit.SECONDS))
                        .hasMessage("git ls-remote took more than 5 s")
                        .returns(true, GitException::isCutShort);
                awaitHangUp(git);
            }
        }
    }

    @Test
    void a_thread_that_is_told_to_stop_ends_its_command() throws Exception {
        try (ServerSocket silent = serverThatSaysNothing()) {
            CompletableFuture<GitException> failure = new CompletableFuture<>();
            Thread asking = ask(silent, LONG, failure);
            try (Socket git = acceptRequest(silent)) {
                asking.interrupt();

                assertThat(failure.get(30, TimeUnit.SECONDS))
                        .hasMessage("git ls-remote was interrupted")
                        .returns(true, GitException::isCutShort);
                awaitHangUp(git);
            }
        }
    }

    private static Thread ask(
            ServerSocket server, Duration limit, CompletableFuture<GitException> failure) {
        return Thread.ofPlatform()
                .start(() ->
                        failure.complete(
                                catchThrowableOfType(
                                        GitException.class, () -> Git.remote(at(server), limit))));
    }

    /** A connection on which git has begun to ask. */
    private static Socket acceptRequest(ServerSocket server) throws Exception {
        Socket git = server.accept();
        git.setSoTimeout(PATIENCE_MILLIS);
        assertThat(git.getInputStream().read()).isPositive();
        return git;
    }

    /** Fails with a time-out if git goes on. */
    private static void awaitHangUp(Socket git) throws Exception {
        git.getInputStream().transferTo(OutputStream.nullOutputStream());
    }
}
