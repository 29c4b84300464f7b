package io.buildledger.substantiating;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class DockerLatentWorkerTest {

    private record Run(String worker, List<String> commands, List<Map<String, String>> environments)
            implements LatentRun {

        Run(String worker) {
            this(worker, new ArrayList<>(), new ArrayList<>());
        }

        @Override
        public String password() {
            return "hunter2";
        }

        @Override
        public String masterHost() {
            return "b1.example.org";
        }

        @Override
        public int masterPort() {
            return 9989;
        }

        @Override
        public Map<String, String> environment() {
            return Map.of("WORKERNAME", worker, "WORKERPASS", password());
        }

        @Override
        public void command(List<String> words, Map<String, String> env) {
            commands.add(String.join(" ", words));
            environments.add(env);
        }
    }

    @Test
    void a_container_is_run_and_removed_by_its_name() throws IOException {
        Run run = new Run("w1");
        DockerLatentWorker docker =
                new DockerLatentWorker("image:1", "docker", List.of(), Map.of(), null);

        docker.stop(run);
        docker.start(run);

        assertThat(run.commands())
                .containsExactly(
                        "docker rm --force --volumes buildledger-w1",
                        "docker run --detach --rm --name buildledger-w1"
                                + " --env WORKERNAME --env WORKERPASS image:1");
    }

    @Test
    void what_it_is_told_of_the_container_is_on_the_command_line_but_for_values_of_variables()
            throws IOException {
        Run run = new Run("w1");

        new DockerLatentWorker(
                        "image:1",
                        "podman",
                        List.of("/a:/b:ro", "cache:/c"),
                        Map.of("TOKEN", "swordfish"),
                        "host")
                .start(run);

        assertThat(run.commands())
                .containsExactly(
                        "podman run --detach --rm --name buildledger-w1 --env TOKEN"
                                + " --env WORKERNAME --env WORKERPASS --volume /a:/b:ro"
                                + " --volume cache:/c --network host image:1");
        assertThat(run.environments()).containsExactly(Map.of("TOKEN", "swordfish"));
    }

    @Test
    void workers_whose_names_an_engine_does_not_take_have_one_each() throws IOException {
        List<String> commands = new ArrayList<>();
        for (String name : List.of("w 1", "w/1", "w-1")) {
            Run run = new Run(name);
            new DockerLatentWorker("image", "docker", List.of(), Map.of(), null).stop(run);
            commands.addAll(run.commands());
        }

        assertThat(commands)
                .doesNotHaveDuplicates()
                .allSatisfy(command ->
                        assertThat(command)
                                .matches(
                                        "docker rm --force --volumes buildledger-w-1(-[0-9a-f]{8})?"));
    }
}
