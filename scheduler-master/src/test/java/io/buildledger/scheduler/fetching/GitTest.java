package io.buildledger.scheduler.fetching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.buildledger.configuring.RepositoryAddress;
import io.buildledger.scheduler.fetching.Git.GitException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What git does where the other repository does not answer as it should. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class GitTest {

    private static final Duration LONG = Duration.ofMinutes(10);

    private static ServerSocket serverThatSaysNothing() throws Exception {
        return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
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
            GitException failure =
                    catchThrowableOfType(
                            GitException.class,
                            () -> Git.remote(at(silent), Duration.ofSeconds(1)));

            assertThat(failure).hasMessage("git ls-remote took more than 1 s");
            assertThat(failure.isCutShort()).isTrue();
            try (Socket git = silent.accept()) {
                awaitHangUp(git);
            }
        }
    }

    @Test
    void a_thread_that_is_told_to_stop_ends_its_command() throws Exception {
        try (ServerSocket silent = serverThatSaysNothing()) {
            CompletableFuture<GitException> failure = new CompletableFuture<>();
            Thread asking =
                    Thread.ofPlatform()
                            .start(() ->
                                    failure.complete(
                                            catchThrowableOfType(
                                                    GitException.class,
                                                    () -> Git.remote(at(silent), LONG))));
            try (Socket git = silent.accept()) {
                asking.interrupt();

                assertThat(failure.get(30, TimeUnit.SECONDS).isCutShort()).isTrue();
                awaitHangUp(git);
            }
        }
    }

    private static void awaitHangUp(Socket caller) throws Exception {
        assertThat(caller.getInputStream().readAllBytes()).isNotEmpty();
    }
}
