package io.buildledger.builder.substantiating;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.buildledger.domain.attaching.Backoff;
import io.buildledger.domain.attaching.Substantiation.Limits;
import io.buildledger.substantiating.DockerLatentWorker;
import io.buildledger.substantiating.LatentRun;
import io.buildledger.substantiating.LatentWorker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@DisplayNameGeneration(ReplaceUnderscores.class)
class MasterRunTest {

    private static final String PASSWORD = "swordfish-7";

    @TempDir Path directory;

    private LatentRun run(LatentWorker how, Duration limit) {
        return LatentWorkers.onThisMachine(() ->
                        new Place(
                                "b1.example.org",
                                9989,
                                directory,
                                Map.of("PATH", directory + ":/usr/bin:/bin")))
                .of(
                        new Latent(
                                "w1",
                                PASSWORD,
                                how,
                                new Limits(Duration.ZERO, limit),
                                new Backoff(Duration.ZERO, Duration.ZERO)),
                        limit);
    }

    private LatentRun run() {
        return run(
                new DockerLatentWorker("image", "docker", List.of(), Map.of(), null),
                Duration.ofSeconds(30));
    }

    private Path program(String name, String text) throws IOException {
        Path program = Files.writeString(directory.resolve(name), "#!/bin/sh\n" + text);
        return Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void a_container_gets_the_password_by_its_environment_and_by_no_command_line()
            throws IOException {
        Path docker =
                program("docker", "echo \"$@\" >>words\nenv | grep -v ^PWD | sort >environment\n");
        DockerLatentWorker how =
                new DockerLatentWorker(
                        "image:1", docker.toString(), List.of(), Map.of("TOKEN", "t0ken"), "host");
        LatentRun run = run(how, Duration.ofSeconds(30));

        how.stop(run);
        how.start(run);

        assertThat(Files.readAllLines(directory.resolve("words")))
                .containsExactly(
                        "rm --force --volumes buildledger-w1",
                        "run --detach --rm --name buildledger-w1 --env BUILDMASTER"
                                + " --env BUILDMASTER_PORT --env BUILDMASTER_PROTOCOL --env TOKEN"
                                + " --env WORKERNAME --env WORKERPASS --network host image:1");
        assertThat(Files.readAllLines(directory.resolve("environment")))
                .contains(
                        "BUILDMASTER=b1.example.org",
                        "BUILDMASTER_PORT=9989",
                        "BUILDMASTER_PROTOCOL=msgpack_experimental_v7",
                        "TOKEN=t0ken",
                        "WORKERNAME=w1",
                        "WORKERPASS=" + PASSWORD);
    }

    @Test
    void what_a_command_leaves_running_goes_on_and_holds_up_nobody() throws IOException {
        Path program = program("start", "sleep 60 & echo $! >pid\n");

        run().command(List.of(program.toString()), Map.of());

        ProcessHandle left =
                ProcessHandle.of(Long.parseLong(Files.readString(directory.resolve("pid")).strip()))
                        .orElseThrow();
        assertThat(left.isAlive()).isTrue();
        left.destroyForcibly();
    }

    @Test
    void a_command_that_fails_is_told_with_its_output_in_the_log_without_secrets()
            throws IOException {
        assertThat(toldOfFailure("echo no $WORKERPASS and no $TOKEN here >&2; exit 7\n"))
                .endsWith(
                        "ended with status 7; it has printed: no <WORKERPASS> and no <TOKEN> here");
    }

    @Test
    void of_much_output_the_part_that_may_begin_within_a_secret_is_not_shown() throws IOException {
        // 8,192 bytes of it are looked at, and begin in the middle of the password.
        String told =
                toldOfFailure(
                        "printf %s $WORKERPASS; i=0; while [ $i -lt 2728 ]; do printf €; i=$((i + 1)); done; printf end; exit 7\n");

        assertThat(told).doesNotContain("ish-7").endsWith("€end");
    }

    private String toldOfFailure(String text) throws IOException {
        Path program = program("start", text);
        ListAppender<ILoggingEvent> told = new ListAppender<>();
        told.start();
        Logger logger = (Logger) LoggerFactory.getLogger(MasterRun.class);
        logger.addAppender(told);
        try {
            assertThatThrownBy(() ->
                            run().command(
                                            List.of(program.toString()),
                                            Map.of("TOKEN", "t0ken-of-mine")))
                    .isInstanceOf(IOException.class)
                    .hasMessage(program + " ended with status 7");
        } finally {
            logger.detachAppender(told);
        }
        assertThat(told.list).hasSize(1);
        return told.list.getFirst().getFormattedMessage();
    }

    @Test
    void a_command_that_takes_too_long_is_killed() throws IOException {
        Path program = program("start", "echo $$ >pid; sleep 60\n");
        LatentRun run =
                run(
                        new DockerLatentWorker("image", "docker", List.of(), Map.of(), null),
                        Duration.ofSeconds(1));

        assertThatThrownBy(() -> run.command(List.of(program.toString()), Map.of()))
                .isInstanceOf(IOException.class)
                .hasMessage(program + " took longer than 1 s");
        long pid = Long.parseLong(Files.readString(directory.resolve("pid")).strip());
        ProcessHandle.of(pid).ifPresent(it -> it.onExit().orTimeout(10, TimeUnit.SECONDS).join());
    }

    @Test
    void a_program_that_there_is_not_is_told() {
        assertThatThrownBy(() -> run().command(List.of("/no/such/program"), Map.of()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("/no/such/program");
    }
}
