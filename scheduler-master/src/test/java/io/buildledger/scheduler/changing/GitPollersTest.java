package io.buildledger.scheduler.changing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.log.Author;
import io.buildledger.starting.MasterIdentity;
import io.buildledger.testing.TestLog;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(OutputCaptureExtension.class)
class GitPollersTest {

    @TempDir Path directory;

    @Test
    void a_repository_that_does_not_answer_is_told_once_though_git_says_something_else_each_time(
            CapturedOutput output) throws Exception {
        AtomicInteger polls = new AtomicInteger();
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    exchange.sendResponseHeaders(500 + polls.getAndIncrement() % 5, -1);
                    exchange.close();
                });
        server.start();
        Path file =
                Files.writeString(
                        directory.resolve("cluster.yaml"),
                        """
                        db_url: jdbc:mysql://localhost/none
                        db_user: nobody
                        change_sources:
                          - git_poller: {repourl: "http://127.0.0.1:%d/x.git", poll_interval: 100ms}
                        """
                                .formatted(server.getAddress().getPort()));
        try (TestLog test = new TestLog()) {
            GitPollers pollers =
                    new GitPollers(
                            ConfigurationFile.read(file),
                            new MasterIdentity("s", "scheduler"),
                            test.log,
                            new ChangeIntake(test.log, test.numbers, new Author("s", 1)),
                            () -> Instant.EPOCH);
            pollers.start();
            await().until(() -> polls.get() >= 4);
            pollers.stop();

            assertThat(output.getOut().split("can't poll", -1)).hasSize(2);
            assertThat(output).contains("The requested URL returned error: 500");
        } finally {
            server.stop(0);
        }
    }
}
