package io.buildledger.configuring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.buildledger.configuring.Configuration.Worker;
import io.buildledger.stepping.Command;
import io.buildledger.substantiating.CommandLatentWorker;
import io.buildledger.substantiating.DockerLatentWorker;
import io.buildledger.substantiating.LatentRun;
import io.buildledger.substantiating.LatentType;
import io.buildledger.substantiating.LatentWorker;
import io.buildledger.testing.DocumentedType;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LatentConfigurationTest {

    private static final DocumentedType DOCUMENTED =
            new DocumentedType("workers.md", "Latent workers");

    @TempDir Path directory;

    @LatentType("sleep")
    record Sleeper(int seconds) implements LatentWorker {
        @Override
        public void start(LatentRun run) {}

        @Override
        public void stop(LatentRun run) {}
    }

    @LatentType("docker")
    record OtherDocker() implements LatentWorker {
        @Override
        public void start(LatentRun run) {}

        @Override
        public void stop(LatentRun run) {}
    }

    private Worker read(String worker) throws IOException {
        return ConfigurationFile.read(
                        Files.writeString(
                                directory.resolve("c.yaml"),
                                "db_url: jdbc:mysql://db/buildledger\ndb_user: buildledger\nworkers:\n"
                                        + ("- " + worker).indent(2)))
                .configuration()
                .workers()
                .getFirst();
    }

    private LatentWorker latent(String text) throws IOException {
        return Objects.requireNonNull(
                        read("{name: w, password: secret, latent: %s}".formatted(text)).latent())
                .how();
    }

    @Test
    void each_type_is_bound() throws IOException {
        assertThat(latent("{command: {start: up, stop: [down, -f], env: {A: b}}}"))
                .isEqualTo(
                        new CommandLatentWorker(
                                new Command(List.of("/bin/sh", "-c", "up")),
                                new Command(List.of("down", "-f")),
                                Map.of("A", "b")));
        assertThat(latent("{docker: {image: 'buildbot/buildbot-worker:v4.0.0'}}"))
                .isEqualTo(
                        new DockerLatentWorker(
                                "buildbot/buildbot-worker:v4.0.0",
                                "docker",
                                List.of(),
                                Map.of(),
                                null));
        assertThat(
                        latent(
                                "{docker: {image: i, docker: podman, volumes: ['/a:/b:ro'], env: {A: b}, network: host}}"))
                .isEqualTo(
                        new DockerLatentWorker(
                                "i", "podman", List.of("/a:/b:ro"), Map.of("A", "b"), "host"));
    }

    @Test
    void it_waits_ten_minutes_for_a_build_and_twenty_for_the_worker_unless_the_file_says()
            throws IOException {
        Worker worker = read("{name: w, password: p, latent: {docker: {image: i}}}");
        assertThat(worker.buildWaitTimeout()).isEqualTo(Duration.ofMinutes(10));
        assertThat(worker.startTimeout()).isEqualTo(Duration.ofMinutes(20));

        worker =
                read(
                        "{name: w, password: p, latent: {docker: {image: i}}, build_wait_timeout: 0s, start_timeout: 5m}");
        assertThat(worker.buildWaitTimeout()).isZero();
        assertThat(worker.startTimeout()).isEqualTo(Duration.ofMinutes(5));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {name: w, latent: {docker: {image: i}}}                                   | worker w is started by masters, and needs a password to attach: add password_file: ...
                    {name: w, password: p, latent: {dokker: {image: i}}}                      | workers[0].latent.dokker: there is no type 'dokker' here: did you mean 'docker'? Known are command, docker
                    {name: w, password: p, latent: docker}                                    | workers[0].latent: this must be a type as the only key, with what belongs to it below: command: {...} or docker: {...}
                    {name: w, password: p, latent: {docker: {}}}                              | worker w: latent: image is missing: name the image that runs the worker
                    {name: w, password: p, latent: {docker: {image: -v}}}                     | worker w: latent: '-v' is not an image: name one
                    {name: w, password: p, latent: {docker: {image: i, volumes: [/a]}}}       | worker w: latent: '/a' is not a volume: write FROM:TO or FROM:TO:ro
                    {name: w, password: p, latent: {docker: {image: i, volume: ['/a:/b']}}}   | workers[0].latent.docker.volume: there is no key 'volume' here: did you mean 'volumes'?
                    {name: w, password: p, latent: {command: {start: up}}}                    | worker w: latent: stop is missing: give the command that stops the worker
                    {name: w, password: p, latent: {command: {start: ' ', stop: down}}}       | worker w: latent: start is empty: give the command that starts the worker
                    {name: w, password: p, latent: {command: {start: up, stop: down, env: {'A=B': c}}}} | worker w: latent: env: 'A=B' can't be the name of a variable: at least a character, and no =
                    {name: w, password: p, latent: {docker: {image: i, env: {'': c}}}}        | worker w: latent: env: '' can't be the name of a variable: at least a character, and no =
                    {name: w, password: p, latent: {docker: {image: i}}, start_timeout: 0s}   | worker w: start_timeout must be more than 0
                    """)
    void what_is_wrong_is_told(String worker, String told) {
        InvalidConfigurationException e =
                catchThrowableOfType(InvalidConfigurationException.class, () -> read(worker));

        assertThat(e.problems()).singleElement().asString().contains(told);
    }

    @Test
    void it_is_written_as_a_person_would_without_what_goes_without_saying() throws IOException {
        String text =
                CanonicalForm.asWritten(
                                ConfigurationFile.read(
                                                Files.writeString(
                                                        directory.resolve("c.yaml"),
                                                        """
                                                        db_url: jdbc:mysql://db/buildledger
                                                        db_user: buildledger
                                                        workers:
                                                          - {name: w, password: p, latent: {docker: {image: i, network: host}}}
                                                        """))
                                        .configuration())
                        .at("/workers/0/latent")
                        .toString();

        assertThat(text).isEqualTo("{\"docker\":{\"image\":\"i\",\"network\":\"host\"}}");
    }

    private FactoryTypes.Found<LatentWorker> found(Class<?> type) throws IOException {
        Path factories =
                Files.createDirectories(directory.resolve("META-INF")).resolve("spring.factories");
        Files.writeString(factories, LatentWorker.class.getName() + "=" + type.getName() + "\n");
        try (URLClassLoader loader =
                new URLClassLoader(
                        new URL[] {directory.toUri().toURL()},
                        LatentConfigurationTest.class.getClassLoader())) {
            return LatentTypes.in(loader);
        }
    }

    @Test
    void a_type_of_another_jar_is_found_beside_our_own() throws IOException {
        FactoryTypes.Found<LatentWorker> found = found(Sleeper.class);

        assertThat(found.problem()).isNull();
        assertThat(found.types()).containsOnlyKeys("command", "docker", "sleep");
    }

    @Test
    void the_type_that_the_documentation_shows_is_one() throws Exception {
        Path source =
                Files.writeString(
                        directory.resolve("LibvirtWorker.java"), DOCUMENTED.block("java"));
        DocumentedType.compile(source, directory);
        Files.writeString(
                Files.createDirectories(directory.resolve("META-INF")).resolve("spring.factories"),
                DOCUMENTED.block(""));

        try (URLClassLoader loader =
                new URLClassLoader(
                        new URL[] {directory.toUri().toURL()},
                        LatentConfigurationTest.class.getClassLoader())) {
            assertThat(LatentTypes.in(loader).types())
                    .containsOnlyKeys("command", "docker", "libvirt");
        }
    }

    @Test
    void the_file_that_the_documentation_shows_is_a_good_one() throws IOException {
        ConfigurationFile file =
                ConfigurationFile.read(
                        Files.writeString(directory.resolve("c.yaml"), DOCUMENTED.block("yaml")));

        assertThat(file.configuration().workers())
                .extracting(it -> it.latent() == null ? "-" : it.latent().type())
                .containsExactly("-", "docker", "docker", "command");
    }

    @Test
    void a_jar_that_can_t_be_used_is_told() throws IOException {
        assertThat(found(OtherDocker.class).problem())
                .contains("are both the type of latent worker 'docker'");
        assertThat(found(String.class).problem())
                .contains("names java.lang.String, which is no class of a latent worker");
    }
}
